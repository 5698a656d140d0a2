"""Which figures of a department's earlier publications may stand beside those of the later ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import lsqr

from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.doubles import Key
from services.territory.rules.figures import PUBLIC, Count, Figures, sums

Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_EXACT, _MOVES = 1e-12, 1e-6
"""How exactly the equations are solved, and what is no movement in their solution."""


@dataclass(frozen=True)
class Beside:
    """A department's publications as they may be read together, from the first to the newest: a row for each, a column
    for each figure that one of them has. Counts alone, no amounts: where one loan was paid out between two
    publications, the difference is its amount.
    """

    keys: tuple[Key, ...]
    numbers: Numbers
    women: Numbers
    hidden: Flags

    def __len__(self) -> int:
        return len(self.numbers)

    def figures(self, place: int, tables: Collection[str] | None = None) -> Figures:
        """One publication with what is withheld beside the others, of some tables only where they are named."""
        every: Sequence[int] = range(len(self.keys))
        if tables is not None:
            every = [column for table in tables for column in self._columns.get(table, ())]
        numbers, women, hidden = self.numbers[place], self.women[place], self.hidden[place]
        counts = {
            self.keys[column]: Count(int(numbers[column]), int(women[column]), None)
            for column in every
            if not hidden[column] and (numbers[column] or women[column])
        }
        return Figures(counts, frozenset(self.keys[column] for column in every if hidden[column]))

    @cached_property
    def _columns(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for column, key in enumerate(self.keys):
            found.setdefault(key[1], []).append(column)
        return found


def beside_each_other(publications: Sequence[Figures], department: str) -> Beside:
    """A department's publications, from the first to the newest, as they may be read together: of an earlier one is
    withheld what differs from a later one by 1 to 4 (enterprises or women), and with it what would give one such figure
    away, to whoever adds and subtracts all that is shown of that publication. The newest stays as it is.

    The same figures are withheld whatever is asked of them, so that two tables, maps or reports tell no more than one.
    """
    told = _read(publications)
    if len(told) < 2:
        return told
    secret = np.array([key[1] not in PUBLIC for key in told.keys], dtype=bool)
    lines = _Lines.among(told.keys, department)
    for place in reversed(range(len(told) - 1)):
        near = _near(told, place) & secret
        if near.any():
            told.hidden[place] |= near
            lines.close(told, place, near)
    return told


def _read(publications: Sequence[Figures]) -> Beside:
    keys = tuple(sorted({key for one in publications for some in (one.counts, one.hidden) for key in some}))
    column = {key: number for number, key in enumerate(keys)}
    shape = (len(publications), len(keys))
    told = Beside(keys, np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.bool_))
    for place, one in enumerate(publications):
        for key, count in one.counts.items():
            told.numbers[place, column[key]], told.women[place, column[key]] = count.number, count.women
        told.hidden[place, [column[key] for key in one.hidden]] = True
    return told


def _near(told: Beside, place: int) -> Flags:
    """The figures of a publication of which one of the later ones tells by subtraction how many few there are between
    them.
    """
    later = slice(place + 1, None)
    few = _small(told.numbers[later] - told.numbers[place]) | _small(told.women[later] - told.women[place])
    found: Flags = (few & ~told.hidden[later]).any(axis=0) & ~told.hidden[place]
    return found


def _small(differences: Numbers) -> Flags:
    size = np.abs(differences)
    small: Flags = (size > 0) & (size < THRESHOLD)
    return small


@dataclass(frozen=True)
class _Lines:
    """How figures add up: of each sum the columns, its total among them; of each column its sums; and all of it as
    equations, a row for each sum.
    """

    cells: Sequence[NDArray[np.intp]]
    of: Mapping[int, Sequence[int]]
    equations: csc_array

    @classmethod
    def among(cls, keys: Sequence[Key], department: str) -> "_Lines":
        column = {key: number for number, key in enumerate(keys)}
        cells: list[NDArray[np.intp]] = []
        of: dict[int, list[int]] = {}
        signs: list[int] = []
        for one in sums(department, keys):
            line = [column[key] for key in (one.total, *one.parts) if key in column]
            signs += [-1 if keys[cell] == one.total else 1 for cell in line]
            for cell in line:
                of.setdefault(cell, []).append(len(cells))
            cells.append(np.array(line, dtype=np.intp))
        rows = np.repeat(np.arange(len(cells)), [len(line) for line in cells])
        where = (rows, np.concatenate([*cells, np.zeros(0, dtype=np.intp)]))
        return cls(cells, of, csc_array((np.array(signs, dtype=float), where), shape=(len(cells), len(keys))))

    def close(self, told: Beside, place: int, secret: Flags) -> None:
        """Withhold of a publication what adding up would give the `secret` figures away by: of each sum with a single
        withheld figure a second one, and where several sums together still tell one, another figure beside it.
        """
        hidden = told.hidden[place]
        self._pair(told, place, range(len(self.cells)))
        while True:
            given_away = np.flatnonzero(self._worked_out(hidden) & secret)
            more = {cell: self._beside(told, place, int(cell)) for cell in given_away}
            found = sorted({one for one in more.values() if one is not None})
            if not found:
                return
            hidden[found] = True
            self._pair(told, place, [line for one in found for line in self.of[one]])

    def _pair(self, told: Beside, place: int, lines: Iterable[int]) -> None:
        hidden, waiting = told.hidden[place], list(lines)
        while waiting:
            line = self.cells[waiting.pop()]
            if hidden[line].sum() == 1 and (second := _smallest(told, place, line)) is not None:
                hidden[second] = True
                waiting += self.of[second]

    def _beside(self, told: Beside, place: int, cell: int) -> int | None:
        """The smallest shown figure of the sums of a withheld one, or of the sums of what is withheld with it."""
        seen, around = {cell}, {cell}
        while around:
            lines = sorted({line for one in around for line in self.of.get(one, ())})
            every = np.unique(np.concatenate([self.cells[line] for line in lines])) if lines else np.zeros(0, np.intp)
            found = _smallest(told, place, every)
            if found is not None:
                return found
            around = {int(one) for one in every[told.hidden[place][every]]} - seen
            seen |= around
        return None

    def _worked_out(self, hidden: Flags) -> Flags:
        """The withheld figures that all sums together leave one value: those that do not move in a random solution of
        the homogeneous equations (what is left of a random vector without its part in the space of their rows).
        """
        unknown = np.flatnonzero(hidden)
        found = np.zeros_like(hidden)
        if len(unknown):
            among = self.equations[:, unknown]
            some = np.random.default_rng(len(unknown)).standard_normal(len(unknown))
            fixed = lsqr(among, among @ some, atol=_EXACT, btol=_EXACT, iter_lim=10 * len(unknown))[0]
            found[unknown] = np.abs(some - fixed) < _MOVES
        return found


def _smallest(told: Beside, place: int, cells: NDArray[np.intp]) -> int | None:
    """Of some figures the smallest that is shown and counts anybody."""
    numbers, women = told.numbers[place], told.women[place]
    shown = [int(cell) for cell in cells if not told.hidden[place, cell] and (numbers[cell] or women[cell])]
    return min(shown, key=lambda cell: (numbers[cell], women[cell], told.keys[cell]), default=None)
