"""A reader who works on a published table with linear programmes: of everything withheld, the least and the most it can be.

It shares nothing with the rule that withholds, and knows less of the table: what is told, and what adds up to what.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, hstack

PICK = 0.35
ONE_BY_ONE = 30
NEAR = 1e-6


class Attack:
    """What a reader knows: `told` of each cell (a number, a range, None); the totals that a cell is a part of, one for
    each dimension (`totals_of`); that in each of the `leaves` at least one is counted; what she `knows` beside it.
    """

    def __init__(self, told: Mapping, leaves: Collection, totals_of: Callable, knows: Mapping | None = None) -> None:
        told = dict(told) | dict(knows or {})
        self.column = {cell: number for number, cell in enumerate(c for c in told if not isinstance(told[c], float))}
        self.low = np.zeros(len(self.column))
        self.high = np.full(len(self.column), np.inf)
        for cell, number in self.column.items():
            self.low[number], self.high[number] = told[cell] or (float(cell in leaves), np.inf)
        sums: dict = defaultdict(list)
        for cell in told:
            for axis, total in totals_of(cell):
                sums[axis, total].append(cell)
        rows, columns, values, self.right = [], [], [], []
        for (_, total), parts in sums.items():
            signs = [(total, 1.0), *((part, -1.0) for part in parts)]
            if any(cell in self.column for cell, _ in signs):
                row = len(self.right)
                self.right.append(-sum(sign * told[cell] for cell, sign in signs if cell not in self.column))
                for cell, sign in signs:
                    if cell in self.column:
                        rows.append(row)
                        columns.append(self.column[cell])
                        values.append(sign)
        same = [parts[0] if len(parts) == 1 else None for parts in sums.values()]
        self.first = {total: part for (_, total), part in zip(sums, same, strict=True) if part is not None}
        self.matrix = csc_array((values, (rows, columns)), shape=(len(self.right), len(self.column)))

    def bound(self, cell: tuple, sign: int) -> float:
        """The most (sign 1) or the least (-1) that a cell can be."""
        aim = np.zeros(len(self.column))
        aim[self.column[cell]] = -sign
        found = linprog(aim, A_eq=self.matrix, b_eq=self.right, bounds=np.c_[self.low, self.high])
        if found.status == 3:
            return sign * np.inf
        assert found.status == 0, found.message
        return -sign * found.fun

    def tries(self, true: np.ndarray, wanted: Mapping, rng: np.random.Generator) -> set:
        """Of (cell, sign): how far from its true value, those that one other table allows to be that far off at once."""
        side: dict = {}
        for cell, sign in sorted(wanted, key=lambda one: (one[0], one[1] * rng.choice((1, -1)))):
            if cell not in side and rng.random() < PICK:
                side[cell] = sign
        asked = list(side.items())
        places = np.array([self.column[cell] for cell, _ in asked])
        signs = np.array([sign for _, sign in asked], dtype=float)
        far = np.array([wanted[one] for one in asked])
        low, high = self.low.copy(), self.high.copy()
        up, down = places[signs > 0], places[signs < 0]
        low[up], high[down] = true[up], true[down]
        low[down] += far[signs < 0]
        beside = self.matrix[:, places].multiply(signs)
        found = linprog(
            np.r_[np.zeros(len(true)), -1 / far],
            A_eq=hstack([self.matrix, beside]).tocsc(),
            b_eq=self.right,
            bounds=np.c_[np.r_[low, np.zeros(len(far))], np.r_[high, far]],
        )
        assert found.status == 0, found.message
        off = signs * (found.x[places] - true[places]) + found.x[len(true) :]
        return {one for one, reached, needed in zip(asked, off, far, strict=True) if reached >= needed - NEAR}

    def recovered(
        self,
        truth: Mapping,
        least: Mapping,
        primary: Iterable,
        share: float,
        left: Callable[[Mapping], None] = lambda _wanted: None,
        begun: Collection | None = None,
    ) -> list:
        """The withheld cells that she learns to within `share` of the truth: primary ones on either side, others on both.
        `least` is what she knows of each cell before she reckons. What other tables show for many cells at once need not
        be asked of one. `left` is told of (cell, sign) that no table was found for yet, with which another attack may
        have `begun`.
        """
        true = np.array([truth[cell] for cell in self.column])
        primary, rng = set(primary), np.random.default_rng(0)
        wanted = {}
        for cell, number in self.column.items():
            if self.high[number] == np.inf and cell not in self.first:
                wanted[cell, 1] = share * truth[cell]
                if least[cell] <= (1 - share) * truth[cell]:
                    wanted[cell, -1] = share * truth[cell]
        if begun is not None:
            wanted = {one: far for one, far in wanted.items() if one in begun}
        found: set = {None}
        while found and len(wanted) > ONE_BY_ONE:
            found = self.tries(true, wanted, rng) or self.tries(true, wanted, rng)
            for cell, sign in found:
                wanted.pop((cell, sign))
                if cell not in primary:
                    wanted.pop((cell, -sign), None)
            left(wanted)
        lost = {one for one, far in wanted.items() if one[1] * (self.bound(*one) - truth[one[0]]) < far - NEAR}
        return sorted(
            {cell for cell, sign in lost if cell in primary or (cell, -sign) in lost or (cell, -sign) not in wanted}
        )
