"""A territory against its country: what may be told of the country to who may not see all of it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.specialisation import table_of


def comparable(rest: ArrayLike, departments: ArrayLike, *, few: int, least: int) -> NDArray[np.bool_]:
    """Of which chains the share of the country may be told, `(c,)`. `rest` (units x chains) is what lies outside of the
    reader's territory, `departments` the department of each of its rows.

    Who knows her own territory learns the rest by subtraction. So a chain is told where the rest of it is nothing, or
    at least `few` in all and found in at least `least` departments. The same holds for the rest of all chains together,
    or else none is told; and for those withheld together, or else the smallest of the told ones are withheld with them.
    """
    table = table_of(rest)
    names = np.asarray(departments, dtype=np.str_)
    by_department = np.array([table[names == one].sum(axis=0) for one in np.unique(names)]).reshape(-1, table.shape[1])

    def may(counts: NDArray[np.float64]) -> bool:
        return bool(counts.sum() >= few and np.count_nonzero(counts) >= least)

    total = by_department.sum(axis=0)
    told = np.array([not total[chain] or may(by_department[:, chain]) for chain in range(len(total))], bool)
    if total.any() and not may(by_department.sum(axis=1)):
        return np.zeros_like(told)
    while not told.all() and not may(by_department[:, ~told].sum(axis=1)):
        left = np.flatnonzero(told & (total > 0))
        if not len(left):
            return np.zeros_like(told)
        told[left[np.argmin(total[left])]] = False
    return told
