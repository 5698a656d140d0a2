"""Other departments that would publish the same: the doubt in which the reader of the tables is left.

A change puts enterprises of one woman each into some cells and takes them out of others, so that everything a reader
knows still holds. Linear programming (HiGHS) finds the cheapest one: a cell that is withheld already moves for next to
nothing, one that is shown moves at the price of withholding it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import highspy

Key: TypeAlias = tuple[str, ...]
Change: TypeAlias = dict[Key, int]
Measures: TypeAlias = Sequence[Mapping[Key, int]]

FARTHEST = 3
"""By how much a change moves a cell at most: near doubles are doubles enough, and the search stays small."""
_STEPS = (1, -1, 2, -2, 3)
_MULTIPLES = (1, -1, 2, -2)
_FREE = 1.0
_SPREAD = 0.6180339887
"""Makes equal prices differ a little, so that one change is the cheapest and not a blend of several."""
_WHOLE = 1e-6


@dataclass(frozen=True)
class Sum:
    """A figure that is published beside the parts it is the sum of."""

    total: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True)
class AtLeast:
    """Figures that together are at least another one, by a rule that may have exceptions: it is believed as long as no
    figure belies it.
    """

    rule: str
    many: tuple[Key, ...]
    one: Key

    def spare(self, cells: Mapping[Key, int]) -> float:
        """How much they could lose; infinite where the tables are others."""
        if not cells.keys() >= {*self.many, self.one}:
            return inf
        return sum(cells[key] for key in self.many) - cells[self.one]


@dataclass(frozen=True)
class _Row:
    """What a change must keep: the sum of its steps in these cells, each with its sign, inside [low, high]."""

    signs: Mapping[int, int]
    low: float
    high: float


class Tables:
    """The cells that count somebody, what holds between them, and what it costs to move each. A withheld cell counts
    one at least.
    """

    def __init__(self, measures: Measures, relations: Sequence[Sum | AtLeast]) -> None:
        self.keys = sorted({key for cells in measures for key, count in cells.items() if count})
        self._cell = {key: cell for cell, key in enumerate(self.keys)}
        self._rows = [*self._sums(relations), *self._bounds(relations, measures)]
        self._rows_of: list[list[int]] = [[] for _ in self.keys]
        for number, row in enumerate(self._rows):
            for cell in row.signs:
                self._rows_of[cell].append(number)
        self._down = [max(0, min(FARTHEST, *(cells.get(key, inf) - 1 for cells in measures))) for key in self.keys]
        self._price = np.full(len(self.keys), _FREE)
        self._solver = _solver(self._rows, self._down)

    def price(self, key: Key, price: float = _FREE) -> None:
        """What it costs from now on to move this cell by one; next to nothing unless a price is named."""
        cell = self._cell[key]
        self._price[cell] = price + cell * _SPREAD % 1
        for column in (cell, cell + len(self.keys)):
            self._solver.changeColCost(column, self._price[cell])

    def change(self, key: Key, besides: Collection[int]) -> Change:
        """The cheapest change that moves this cell, by a step that is not among `besides`."""
        for whole in (False, True):
            found: list[Change] = []
            for step in _STEPS:
                change = None if step in besides else self._cheapest(self._cell[key], step, whole=whole)
                if change is not None:
                    found.append(change)
                    if self._is_free(change):
                        return change
            if found:
                return min(found, key=self._cost)
        raise ArithmeticError(f"nothing can be published beside {key}")

    def multiples(self, change: Change) -> list[Change]:
        """The change itself, its opposite and their doubles, as far as everything still holds with them."""
        found = [{key: step * times for key, step in change.items()} for times in _MULTIPLES]
        return [one for one in found if self._holds(one)]

    def _sums(self, relations: Iterable[Sum | AtLeast]) -> Iterator[_Row]:
        for one in relations:
            if isinstance(one, Sum) and one.total in self._cell:
                parts = [self._cell[part] for part in one.parts if part in self._cell]
                yield _Row({self._cell[one.total]: 1} | dict.fromkeys(parts, -1), 0, 0)

    def _bounds(self, relations: Iterable[Sum | AtLeast], measures: Measures) -> Iterator[_Row]:
        """The rows of what is believed and could be broken by a change."""
        rules = [one for one in relations if isinstance(one, AtLeast) and one.one in self._cell]
        belied = [{one.rule for one in rules if one.spare(cells) < 0} for cells in measures]
        for one in rules:
            spare = [one.spare(cells) for cells, not_so in zip(measures, belied, strict=True) if one.rule not in not_so]
            many = [self._cell[key] for key in one.many if key in self._cell]
            least = min(spare, default=inf)
            if least < FARTHEST * (len(many) + 1):
                yield _Row(dict.fromkeys(many, 1) | {self._cell[one.one]: -1}, -least, inf)

    def _cheapest(self, cell: int, step: int, *, whole: bool) -> Change | None:
        """The cheapest change with this step; None where there is none, or none in whole numbers at the first attempt
        and `whole` does not insist.
        """
        import highspy

        if self._down[cell] + step < 0:
            return None
        up, down = cell, cell + len(self.keys)
        self._solver.changeColBounds(up, max(step, 0), max(step, 0))
        self._solver.changeColBounds(down, max(-step, 0), max(-step, 0))
        made_whole: set[int] = set()
        steps = self._solved()
        while whole and steps is not None and (broken := _broken(steps) - made_whole):
            made_whole |= broken
            self._set_kind(broken, highspy.HighsVarType.kInteger)
            steps = self._solved()
        self._set_kind(made_whole, highspy.HighsVarType.kContinuous)
        self._solver.changeColBounds(up, 0, FARTHEST)
        self._solver.changeColBounds(down, 0, self._down[cell])
        if steps is None or _broken(steps):
            return None
        return {self.keys[moved]: round(steps[moved]) for moved in np.flatnonzero(np.abs(steps) > _WHOLE)}

    def _solved(self) -> NDArray[np.float64] | None:
        """The step of each cell in the cheapest solution, None where there is none."""
        import highspy

        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(self._solver.getSolution().col_value)
        steps: NDArray[np.float64] = values[: len(self.keys)] - values[len(self.keys) :]
        return steps

    def _set_kind(self, cells: Iterable[int], kind: "highspy.HighsVarType") -> None:
        for cell in cells:
            self._solver.changeColIntegrality(cell, kind)
            self._solver.changeColIntegrality(cell + len(self.keys), kind)

    def _is_free(self, change: Change) -> bool:
        return all(self._price[self._cell[key]] < _FREE + 1 for key in change)

    def _cost(self, change: Change) -> float:
        return float(sum(self._price[self._cell[key]] for key in change))

    def _holds(self, change: Change) -> bool:
        steps = {self._cell[key]: step for key, step in change.items()}
        if any(not -self._down[cell] <= step <= FARTHEST for cell, step in steps.items()):
            return False
        touched = {number for cell in steps for number in self._rows_of[cell]}
        return all(self._keeps(self._rows[number], steps) for number in touched)

    @staticmethod
    def _keeps(row: _Row, steps: Mapping[int, int]) -> bool:
        return row.low <= sum(sign * steps.get(cell, 0) for cell, sign in row.signs.items()) <= row.high


def _broken(steps: NDArray[np.float64]) -> set[int]:
    """The cells that would move by a fraction."""
    return {int(cell) for cell in np.flatnonzero(np.abs(steps - np.round(steps)) > _WHOLE)}


def _solver(rows: Sequence[_Row], down: Sequence[float]) -> "highspy.Highs":
    """A linear programme with two columns for each cell, its way up and its way down, both to be kept short."""
    import highspy

    cells = len(down)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * cells, len(rows)
    model.col_cost_ = np.full(2 * cells, _FREE)
    model.col_lower_ = np.zeros(2 * cells)
    model.col_upper_ = np.array([FARTHEST] * cells + list(down), dtype=float)
    model.row_lower_ = np.array([row.low for row in rows], dtype=float)
    model.row_upper_ = np.array([row.high for row in rows], dtype=float)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *(2 * len(row.signs) for row in rows)])
    matrix.index_ = np.array([column for row in rows for cell in row.signs for column in (cell, cell + cells)])
    matrix.value_ = np.array([way for row in rows for sign in row.signs.values() for way in (sign, -sign)], dtype=float)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)
    solver.passModel(model)
    return solver
