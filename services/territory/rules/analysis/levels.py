"""The mean level of many enterprises in a subject, and between which limits it lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Floats, Ints, added, ratio, whole

HIGHEST = 4
"""Levels go from 0 to this one."""


@dataclass(frozen=True, slots=True)
class Means:
    """By cell and subject. `mean`, `low` and `high` are levels (NaN where nobody is known), `n` says of how many, `of`
    how many enterprises there are, `coverage` is n / of; `few` marks means of fewer than were asked for.
    """

    of: Ints
    n: Ints
    mean: Floats
    low: Floats
    high: Floats
    few: Bools

    @property
    def coverage(self) -> Floats:
        return ratio(self.n, self.of[..., None])

    def shaped(self, *shape: int) -> "Means":
        """The same with the cells in rows and columns."""
        rows = (*shape, self.n.shape[-1])
        mean, low, high = (part.reshape(rows) for part in (self.mean, self.low, self.high))
        return Means(self.of.reshape(shape), self.n.reshape(rows), mean, low, high, self.few.reshape(rows))


def mean_levels(
    cell: ArrayLike, cells: int, levels: ArrayLike, *, few: int, confidence: float = 0.95, highest: int = HIGHEST
) -> Means:
    """Mean levels [cells, S] of enterprises [n] in their `cell`, from `levels` [n, S] (0 … `highest`; -1: not known).

    The interval is Student's for the mean of a finite population, m ± t(n-1) · s/√n · √(1 - n/N) (Cochran 1977,
    Sampling Techniques, 2.8): those whose level is known are taken for a random part of the N enterprises of the cell.
    Where all of them have the same level (one alone always has) s says nothing of the spread, and Wilson's interval
    (1927, JASA 22) of m/highest with n/(1 - n/N) observations stands instead: no level can spread wider. Both are
    cut at what is possible whatever the unknown levels are, [Σ/N, (Σ + highest·(N-n))/N], so that a cell known whole
    has an interval of no width. Refused: levels outside their range, NaN, a confidence outside (0, 1).
    """
    where = whole("cell", cell, below=cells)
    seen = whole("levels", levels, least=UNKNOWN, below=highest + 1, rows=len(where))
    if seen.ndim != 2:
        raise ValueError("levels: a row for each enterprise and a column for each subject are expected")
    if not 0 < confidence < 1:
        raise ValueError("confidence: a share between 0 and 1 is expected")
    columns = [_sums(where, cells, seen[:, subject]) for subject in range(seen.shape[1])]
    n, total, squares = np.array(columns).reshape(-1, 3, cells).transpose(1, 2, 0)
    of = added(where, cells)
    low, high = _limits(n, total, squares, of[:, None], highest, confidence)
    return Means(of, n, ratio(total, n), low, high, n < few)


def _sums(cell: Ints, cells: int, level: Ints) -> tuple[Ints, Ints, Ints]:
    known = level != UNKNOWN
    at, value = cell[known], level[known]
    return added(at, cells), added(at, cells, value), added(at, cells, value * value)


def _limits(n: Ints, total: Ints, squares: Ints, of: Ints, highest: int, confidence: float) -> tuple[Floats, Floats]:
    mean = ratio(total, n)
    unseen = 1 - ratio(n, of)
    spread = n * squares - total * total
    """n² times the variance of those seen, exactly."""
    variance = ratio(spread, n * np.maximum(n - 1, 1))
    half = _student(n - 1, (1 + confidence) / 2) * np.sqrt(np.maximum(variance, 0) / np.maximum(n, 1) * unseen)
    lower, upper = wilson(mean / highest, ratio(n, unseen), confidence)
    low = np.where(spread > 0, mean - half, lower * highest)
    high = np.where(spread > 0, mean + half, upper * highest)
    low = np.where(n == of, mean, np.maximum(low, ratio(total, of)))
    high = np.where(n == of, mean, np.minimum(high, ratio(total + highest * (of - n), of)))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def _student(freedom: Ints, quantile: float) -> Floats:
    from scipy.special import stdtrit

    different, back = np.unique(np.maximum(freedom, 1), return_inverse=True)
    values = np.asarray(stdtrit(different.astype(float), quantile), dtype=float)
    return values[back].reshape(freedom.shape)


def wilson(share: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's limits of a share of `n` (Wilson 1927): those p with |share - p| = z·√(p(1-p)/n); NaN where n is 0 or
    not known.
    """
    from scipy.special import ndtri

    p, z2 = np.asarray(share, dtype=float), float(ndtri((1 + confidence) / 2)) ** 2
    size = np.where(np.asarray(n) > 0, n, np.nan).astype(float)
    centre = (p + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 * (p * (1 - p) / size + z2 / (4 * size**2))) / (1 + z2 / size)
    return centre - half, centre + half
