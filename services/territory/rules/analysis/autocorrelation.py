"""Whether like lies beside like: spatial autocorrelation of a whole territory, and where its hot and cold spots are.

Figures come as `(n, c)`: `n` units in the order of the weights, `c` subjects (value chains) side by side. Infinite and
missing ones are refused (ValueError): leave out units whose figure is withheld with `neighbours.restricted`. A subject
that is the same everywhere has no pattern: its statistics and p-values are NaN, as are those of an island, and so are
moments that too few units do not allow. All p-values are two-sided. Islands count in means and variances, not in lags.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.neighbours import Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
SMALL = 30
"""Below as many units the normal approximations say little (Cliff and Ord 1981, p. 53), and patterns are few."""
QUADRANTS = ("none", "high_high", "low_high", "low_low", "high_low")
"""What `quadrant` numbers: the unit itself, then its neighbours, against the mean. `none`: an island, or no pattern."""
_TIE = 1e-9
"""Sums of the same values in another order count as equal: as a share of the standard deviation."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of how many units a statistic is, and how many of them are `connected`: have a neighbour."""

    n: int
    connected: int

    @property
    def coverage(self) -> float:
        return self.connected / self.n if self.n else 0.0

    @property
    def small(self) -> bool:
        return self.n < SMALL


@dataclass(frozen=True, slots=True)
class Moran(Statistics):
    """Moran's I of each subject, `(c,)` arrays: `z` and `p` under normality and under randomisation, and `pseudo_p`
    from permutations (NaN where there were none).
    """

    permutations: int
    statistic: Floats
    expected: float
    variance_normal: float
    variance_random: Floats
    z_normal: Floats
    z_random: Floats
    p_normal: Floats
    p_random: Floats
    pseudo_p: Floats


@dataclass(frozen=True, slots=True)
class LocalMoran(Statistics):
    """Local Moran's I of each unit and subject, `(n, c)` arrays: `quadrant` numbers `QUADRANTS`; `z` and `p_normal`
    come from the exact moments of the conditional permutations, `pseudo_p` from as many of them as were drawn.
    """

    permutations: int
    statistic: Floats
    quadrant: NDArray[np.int8]
    z: Floats
    p_normal: Floats
    pseudo_p: Floats

    def significant(self, q: float = 0.05) -> NDArray[np.int8]:
        """`(n, c)`: the quadrants where the pattern stands out, 0 elsewhere, so that of those named an expected share
        of at most `q` is chance (`false_discovery` over the units of each subject).

        With `m` units and `P` permutations it takes at least `2 * m / (q * (P + 1))` units that stand out together:
        draw more permutations for fewer, or ask `false_discovery(p_normal)`.
        """
        with np.errstate(invalid="ignore"):
            return np.where(false_discovery(self.pseudo_p) <= q, self.quadrant, 0).astype(np.int8)


@dataclass(frozen=True, slots=True)
class GetisOrd(Statistics):
    """Getis and Ord's G of each unit and subject as standard scores, `(n, c)`: above 0 in a hot spot, below in a cold
    one. `star`: the unit itself counts as its neighbour (Gi*).
    """

    star: bool
    z: Floats
    p: Floats


def moran(values: ArrayLike, weights: Weights, *, permutations: int = 999, seed: int = 0) -> Moran:
    """Moran's I of each subject: `n / S0 * z'Wz / z'z`, `z` from the mean, `S0` the sum of all weights. Near
    `-1 / (n - 1)` without a pattern, above where like lies beside like.

    Moments: Cliff and Ord, Spatial Processes, 1981, p. 21 and 46; randomisation asks 4 units. `pseudo_p` is twice
    `(tail + 1) / (permutations + 1)`, at most 1, where `tail` is how many of the permutations of all values over all
    units lie as far out as the observed one, on the side where fewer do. The same seed draws the same permutations for
    every subject. Weights where units are their own neighbours are refused, as is a shape that does not fit.
    """
    x, matrix = _checked(values, weights), _without_self(weights)
    z, spread = _centred(x)
    n, total = len(z), float(matrix.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(spread > 0, n / total / np.where(spread > 0, spread, 1), np.nan) if total else np.nan * spread
        statistic = np.sum(z * (matrix @ z), axis=0) * scale
        expected, normal, random = _moments(z, spread, matrix)
        # Where all are neighbours of all, I is the same however the values lie: rounding is no variance.
        z_normal, z_random = (
            (statistic - expected) / np.sqrt(np.where(variance > 1e-12 * expected**2, variance, np.nan))
            for variance in (normal, random)
        )
    pseudo_p = np.full(z.shape[1], np.nan)
    if permutations and n:
        shuffled = np.random.default_rng(seed).permuted(np.tile(np.arange(n), (permutations, 1)), axis=1).T
        for subject in np.flatnonzero(np.isfinite(statistic)):
            drawn = z[:, subject][shuffled]
            simulated = np.sum(drawn * (matrix @ drawn), axis=0) * scale[subject]
            pseudo_p[subject] = _pseudo_p(statistic[subject], simulated[:, None], np.array([_TIE]))[0]
    return Moran(
        n, int(np.sum(weights.neighbours > 0)), permutations, statistic, expected, normal, random,
        z_normal, z_random, _two_sided(z_normal), _two_sided(z_random), pseudo_p,
    )  # fmt: skip


def local_moran(values: ArrayLike, weights: Weights, *, permutations: int = 999, seed: int = 0) -> LocalMoran:
    """Local Moran's I of each unit and subject: `(n - 1) * z_i * sum_j(w_ij z_j) / z'z` (Anselin, Local indicators of
    spatial association, 1995); over all units they add up to `S0 * (n - 1) / n` times Moran's I.

    `quadrant`: a unit and its neighbours are high above the mean, low otherwise. The null hypothesis keeps the unit's
    own value and permutes the others over the other units; its moments are Sokal, Oden and Thomson's, Local spatial
    autocorrelation, 1998, eq. A7 and A8. `pseudo_p` is as in `moran`, from `conditional_draws`; a unit that lies at the
    mean has 1. Refused is what `moran` refuses.
    """
    x, matrix = _checked(values, weights), _without_self(weights)
    z, spread = _centred(x)
    n, lag = len(z), matrix @ z
    known = (spread > 0) & (np.diff(matrix.indptr) > 0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(known, (n - 1) * z * lag / np.where(spread > 0, spread, 1), np.nan)
        lagging = lag > _TIE * np.sqrt(spread / n)
        score = _scores(z, spread, matrix, lag, star=False) * np.sign(z)
    quadrant = np.where(z > 0, np.where(lagging, 1, 4), np.where(lagging, 2, 3)) * known
    pseudo_p = np.full(z.shape, np.nan)
    if permutations and n > 1:
        draws = conditional_draws(n, int(np.diff(matrix.indptr).max(initial=0)), permutations, seed)
        pseudo_p[known] = _conditional(z, spread, matrix, lag, draws)[known]
    return LocalMoran(
        n, int(np.sum(weights.neighbours > 0)), permutations, statistic, quadrant.astype(np.int8),
        score, _two_sided(score), pseudo_p,
    )  # fmt: skip


def getis_ord(values: ArrayLike, weights: Weights) -> GetisOrd:
    """Gi of each unit and subject as a standard score, or Gi* where every unit is its own neighbour (`with_self`):
    `(sum_j w_ij x_j - W_i m) / (s * sqrt((N * S1_i - W_i**2) / (N - 1)))`, where `W_i` and `S1_i` are the sums of the
    weights and of their squares; for Gi* `m`, `s` and `N` are of all units, for Gi of all but `i` (Ord and Getis, Local
    spatial autocorrelation statistics, 1995). Row-standardising changes nothing.

    NaN where the others are all the same, and where a unit has no neighbour or no other than neighbours. Weights where
    some units are their own neighbours and others are not are refused.
    """
    x = _checked(values, weights)
    own = weights.matrix.diagonal() > 0
    if own.any() and not own.all():
        raise ValueError("either every unit is its own neighbour or none is")
    star = bool(own.any())
    z, spread = _centred(x)
    score = _scores(z, spread, weights.matrix, weights.matrix @ z, star=star)
    score[weights.neighbours == 0] = np.nan
    return GetisOrd(len(z), int(np.sum(weights.neighbours > 0)), star, score, _two_sided(score))


def false_discovery(p: ArrayLike) -> Floats:
    """The p-values, `(n,)` or `(n, c)`, adjusted over the `m` units of each column so that naming those at most `q`
    keeps the expected share of false ones at most `q`: the least `p * m / rank` of those that are no smaller.

    NaN is no test: it stays NaN and does not count in `m`. Holds for independent and positively dependent tests, as
    those of neighbours are (Benjamini and Hochberg, Controlling the false discovery rate, 1995; Caldas de Castro and
    Singer, Controlling the false discovery rate: a new application to account for multiple and dependent tests in
    local statistics of spatial association, 2006). Refuses what is not between 0 and 1.
    """
    given = np.asarray(p, float)
    if np.any((given < 0) | (given > 1)):
        raise ValueError("a p-value lies between 0 and 1")
    columns = given[:, None] if given.ndim == 1 else given
    order = np.argsort(columns, axis=0, kind="stable")
    ranked = np.take_along_axis(columns, order, axis=0)
    steps = ranked * np.sum(~np.isnan(columns), axis=0) / np.arange(1, len(columns) + 1)[:, None]
    least = np.fmin.accumulate(steps[::-1], axis=0)[::-1]
    adjusted = np.empty_like(columns)
    np.put_along_axis(adjusted, order, np.where(np.isnan(ranked), np.nan, np.minimum(least, 1)), axis=0)
    return adjusted.reshape(given.shape)


def conditional_draws(n: int, longest: int, permutations: int, seed: int) -> NDArray[np.int64]:
    """`(permutations, longest)`: in each row that many of the numbers 0 to `n - 2`, none twice, in random order: the
    beginning of a permutation of a unit's `n - 1` others. All units and subjects share these draws: unit `i`, with `k`
    neighbours, reads the first `k` of a row, and numbers from `i` on mean the unit after.
    """
    others = np.tile(np.arange(max(n - 1, 0)), (permutations, 1))
    return np.random.default_rng(seed).permuted(others, axis=1)[:, :longest]


def _conditional(
    z: Floats, spread: Floats, matrix: "csr_array[Any, tuple[int, int]]", lag: Floats, draws: NDArray[np.int64]
) -> Floats:
    """Pseudo p-values: as the unit's own value is kept, those of its lag, but for the units at the mean."""
    from scipy.sparse import csr_array

    n, permutations = len(z), len(draws)
    found, tie = np.ones(z.shape), _TIE * np.sqrt(spread / n)
    for unit in range(n):
        own = matrix.data[matrix.indptr[unit] : matrix.indptr[unit + 1]]
        drawn = draws[:, : len(own)]
        columns = (drawn + (drawn >= unit)).ravel()
        rows = np.arange(permutations + 1) * len(own)
        simulated = csr_array((np.tile(own, permutations), columns, rows), shape=(permutations, n)) @ z
        found[unit] = _pseudo_p(lag[unit], simulated, tie)
    found[z == 0] = 1.0
    return found


def _pseudo_p(observed: Floats, simulated: Floats, tie: Floats) -> Floats:
    above, below = np.sum(simulated >= observed - tie, axis=0), np.sum(simulated <= observed + tie, axis=0)
    return np.asarray(np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (len(simulated) + 1)))


def _scores(z: Floats, spread: Floats, matrix: "csr_array[Any, tuple[int, int]]", lag: Floats, *, star: bool) -> Floats:
    """How many standard deviations each lag lies from its mean, were the values (of the others) dealt at random."""
    size = len(z) if star else len(z) - 1
    sums, squares = (np.asarray(one.sum(axis=1)).reshape(-1, 1) for one in (matrix, matrix.multiply(matrix)))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.zeros_like(z) if star else -z / size
        variance = (spread - (0 if star else z**2)) / size - mean**2
        dealt = (size * squares - sums**2) / (size - 1)
        possible = (variance > 1e-12 * spread / max(len(z), 1)) & (dealt > 1e-12 * squares)
        return np.where(possible, (lag - sums * mean) / np.sqrt(np.where(possible, variance * dealt, 1)), np.nan)


def _moments(z: Floats, spread: Floats, matrix: "csr_array[Any, tuple[int, int]]") -> tuple[float, float, Floats]:
    """Expectation of Moran's I, and its variance under normality and under randomisation."""
    n, s0 = len(z), float(matrix.sum())
    if n < 2 or not s0:
        return np.nan, np.nan, np.full(z.shape[1], np.nan)
    both = matrix + matrix.T
    s1 = float(both.multiply(both).sum()) / 2
    s2 = float(np.sum((np.asarray(matrix.sum(axis=1)) + np.asarray(matrix.sum(axis=0))) ** 2))
    expected = -1 / (n - 1)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - expected**2
    if n < 4:
        return expected, normal, np.full(z.shape[1], np.nan)
    kurtosis = n * np.sum(z**4, axis=0) / spread**2
    flat = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    peaked = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return expected, normal, (flat - peaked) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2


def _two_sided(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)))


def _centred(x: Floats) -> tuple[Floats, Floats]:
    """The values less their mean, 0 where they lie at it, and the sum of their squares, 0 where all are the same."""
    if not len(x):
        return x, np.zeros(x.shape[1])
    z = np.where(np.ptp(x, axis=0) == 0, 0.0, x - x.mean(axis=0))
    z[np.abs(z) <= _TIE * z.std(axis=0)] = 0.0
    return z, np.sum(z**2, axis=0)


def _checked(values: ArrayLike, weights: Weights) -> Floats:
    x = np.asarray(values, float)
    if x.ndim != 2 or len(x) != weights.n:
        raise ValueError("figures are a table with a row for every unit of the weights")
    if not np.all(np.isfinite(x)):
        raise ValueError("figures are finite numbers; units without one are left out beforehand")
    return x


def _without_self(weights: Weights) -> "csr_array[Any, tuple[int, int]]":
    if weights.matrix.diagonal().any():
        raise ValueError("no unit is its own neighbour here")
    return weights.matrix
