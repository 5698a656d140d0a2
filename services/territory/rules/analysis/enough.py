"""What may be told of enterprises of which few may not: so put together that no two answers give it by subtraction.

Whatever is asked for, in whatever place, adds up the same groups, each of enough enterprises or left out whole. A group
is a cell (a chain in a municipality), or in it those who stand at the same links.
"""

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints, added, flags, whole


def of_enough(cell: ArrayLike, known: ArrayLike, *, few: int) -> Bools:
    """Which of the n rows are known, in a `cell` of which at least `few` are."""
    where = whole("cell", cell)
    told = flags("known", known, where.shape)
    return told & (added(where[told], int(where.max(initial=-1)) + 1) >= few)[where]


def levels_of_enough(cell: ArrayLike, levels: ArrayLike, *, few: int, groups: ArrayLike | None = None) -> Ints:
    """The `levels` [n, S] of subjects that are known of `few` in their cell; the others are -1. With `groups` [n] only
    of cells all of whose groups with a known level have `few`: then who knows the cell learns of no group less.
    """
    where, seen = whole("cell", cell), whole("levels", levels, least=UNKNOWN)
    told = [_told(where, column != UNKNOWN, few, groups) for column in seen.T]
    return np.where(np.array(told, dtype=bool).reshape(seen.T.shape).T, seen, UNKNOWN)


def profiles_of_enough(cell: ArrayLike, levels: ArrayLike, used: ArrayLike, *, few: int) -> Ints:
    """Of the levels of enough [n, S] those of cells in which `few` are known in every subject that is `used` [S], and
    in each of these subjects nobody besides, or `few`; the others are -1. So an index of whole profiles says, beside
    the levels by subject, nothing of the few whose profile lacks something.
    """
    where, seen = whole("cell", cell), whole("levels", levels, least=UNKNOWN)
    counting = np.flatnonzero(used)
    complete = (seen[:, counting] != UNKNOWN).all(axis=1)
    cells = int(where.max(initial=-1)) + 1
    full = added(where[complete], cells)
    may = full >= few
    for subject in counting:
        besides = added(where[seen[:, subject] != UNKNOWN], cells) - full
        may &= (besides == 0) | (besides >= few)
    return np.where(may[where][:, None], seen, UNKNOWN)


def _told(cell: Ints, known: Bools, few: int, groups: ArrayLike | None) -> Bools:
    if groups is None:
        return of_enough(cell, known, few=few)
    kinds = whole("groups", groups, rows=len(cell))
    small = known & ~of_enough(cell * (int(kinds.max(initial=0)) + 1) + kinds, known, few=few)
    alone = added(cell[small], int(cell.max(initial=-1)) + 1) > 0
    return known & ~alone[cell]
