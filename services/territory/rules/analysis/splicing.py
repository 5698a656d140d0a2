"""Some rows of a table taken out and others put in, in the order of their ids, and where each row stands then."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints


@dataclass(frozen=True, slots=True)
class Splice:
    """`ids` are those of the rows there are then; `keep` [n] says which of the rows before stay, `at` before which of
    these each new one is put, `place` [n] where each row of before stands then, -1 where its id is no more.
    """

    ids: tuple[Any, ...]
    keep: Bools
    at: Ints
    place: Ints

    @classmethod
    def of(cls, before: Sequence[Any], new: Sequence[Any], gone: Sequence[Any]) -> "Splice":
        """The ids in `gone` are taken out of `before`, those in `new` are put in, some of them in their place again;
        each sequence but `gone` is in ascending order.
        """
        keep = np.ones(len(before), dtype=bool)
        for one in gone:
            row = bisect_left(before, one)
            if row < len(before) and before[row] == one:
                keep[row] = False
        taken = np.flatnonzero(~keep)
        at = np.array([bisect_left(before, one) for one in new], dtype=np.int64)
        at -= np.searchsorted(taken, at)
        ids = list(before)
        for row in taken[::-1].tolist():
            del ids[row]
        for row, one in zip(reversed(at.tolist()), reversed(new), strict=True):
            ids.insert(row, one)
        kept = np.cumsum(keep) - 1
        stands = dict(zip(new, (at + np.arange(len(at))).tolist(), strict=True))
        place = np.where(keep, kept + np.searchsorted(at, kept, side="right"), UNKNOWN)
        place[taken] = [stands.get(before[row], UNKNOWN) for row in taken.tolist()]
        return cls(tuple(ids), keep, at, place.astype(np.int64))

    def joined(self, before: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """A column of the rows of before and of the new ones, as the rows stand then."""
        return np.insert(before[self.keep], self.at, new, axis=0)

    def standing(self, rows: Ints) -> Bools:
        """Which of these rows of before stay."""
        return np.asarray(self.keep[rows])

    def moved(self, rows: Ints) -> Ints:
        """Where these rows of before stand then; -1 stays -1, and stands for those that are no more."""
        return np.where(rows == UNKNOWN, UNKNOWN, self.place[rows] if len(self.place) else UNKNOWN)
