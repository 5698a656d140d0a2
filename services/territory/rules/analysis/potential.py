"""The potential of each chain in each unit: levels by dimension, an index of innovation and scaling, and the gaps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Floats, Ints, added, ratio, whole
from services.territory.rules.analysis.levels import HIGHEST, Means, mean_levels
from services.territory.rules.analysis.ranks import RankOdds, drawn_weights, rank_odds, shares


@dataclass(frozen=True, slots=True)
class Potential:
    """`levels` by unit, chain and subject [U, C, S]; `index` [U, C] from 0 to 100 with its standard error (NaN where
    nobody is profiled), of `profiled` enterprises whose level is known in every subject; `few` marks indices of too few
    to say; `odds` are the chances of the ranks of the chains inside each unit.
    """

    levels: Means
    index: Floats
    error: Floats
    profiled: Ints
    coverage: Floats
    few: Bools
    odds: RankOdds


@dataclass(frozen=True, slots=True)
class Gap:
    """A subject in which enterprises of a chain in a unit are weak: `weak` of `known` whose level is known, of
    `enterprises` altogether; `women` work in the weak ones.
    """

    unit: int
    chain: int
    subject: int
    weak: int
    women: int
    known: int
    enterprises: int

    @property
    def share(self) -> float:
        """Weak among those known."""
        return self.weak / self.known


def potential(
    unit: ArrayLike,
    chain: ArrayLike,
    levels: ArrayLike,
    *,
    shape: tuple[int, int],
    weights: ArrayLike,
    few: int,
    concentration: float,
    draws: int,
    seed: int,
) -> Potential:
    """The potential of C chains in U units (`shape`) from the levels [n, S] of n enterprises (0 … 4, -1: not known).

    The index is 100 · Σ w·m / (4 · Σ w), w the `weights` [S] of the edition in force and m the mean levels of the
    enterprises profiled in every subject that has a weight. Its error is that of a mean of a finite population,
    √(w'Σw · (1 - n/N) / n) (Cochran 1977, Sampling Techniques, 2.4), Σ the covariance of the levels between these
    enterprises; where nothing of the spread is known (n = 1) the widest possible, m·(4 - m) with all subjects alike,
    stands instead. Each draw of the ranking takes weights from a Dirichlet distribution (`ranks.drawn_weights`) and an
    index from the normal distribution of its mean and error under these weights; a chain without an index is not
    ranked. The same seed gives the same. Refused: levels out of range, NaN, weights that are none.
    """
    rows = len(np.asarray(unit))
    cells = shape[0] * shape[1]
    cell = whole("unit", unit, below=shape[0]) * shape[1] + whole("chain", chain, below=shape[1], rows=rows)
    told = mean_levels(cell, cells, levels, few=few)
    seen = whole("levels", levels, least=UNKNOWN, rows=rows)
    share = shares(weights)
    if len(share) != seen.shape[1]:
        raise ValueError("weights: one for each subject is expected")
    used = np.flatnonzero(share)
    whole_profile = (seen[:, used] != UNKNOWN).all(axis=1)
    n, mean, spread = _moments(cell[whole_profile], cells, seen[whole_profile][:, used])
    variance = _of_mean(n, told.of, mean, spread)
    generator = np.random.default_rng(seed)
    drawn = drawn_weights(share[used], concentration, draws, generator)
    known = n > 0
    values = _draws(drawn, mean, variance, known, generator).reshape(draws, *shape)
    return Potential(
        told.shaped(*shape),
        _index(share[used] @ mean.T, known).reshape(shape),
        _index(np.sqrt(_quadratic(share[None, used], variance)[0]), known).reshape(shape),
        n.reshape(shape),
        ratio(n, told.of).reshape(shape),
        (n < few).reshape(shape),
        rank_odds(values, known.reshape(shape)),
    )


def gap_list(
    unit: ArrayLike,
    chain: ArrayLike,
    levels: ArrayLike,
    women: ArrayLike,
    *,
    shape: tuple[int, int],
    weakness_to: int,
) -> list[Gap]:
    """Where levels are at or below `weakness_to`, the most women first, then the most enterprises, then by unit, chain
    and subject: demand for credit where the subject is credit, for training topics elsewhere. `women` are the women who
    work in each enterprise. Unknown levels are no weakness.
    """
    rows = len(np.asarray(unit))
    cell = whole("unit", unit, below=shape[0]) * shape[1] + whole("chain", chain, below=shape[1], rows=rows)
    seen = whole("levels", levels, least=UNKNOWN, below=HIGHEST + 1, rows=rows)
    working = whole("women", women, rows=rows)
    cells, found = shape[0] * shape[1], []
    of = added(cell, cells)
    for subject in range(seen.shape[1]):
        low = (seen[:, subject] != UNKNOWN) & (seen[:, subject] <= weakness_to)
        weak, there = added(cell[low], cells), added(cell[low], cells, working[low])
        known = added(cell[seen[:, subject] != UNKNOWN], cells)
        for one in np.flatnonzero(weak).tolist():
            counts = (int(counted[one]) for counted in (weak, there, known, of))
            found.append(Gap(*divmod(one, shape[1]), subject, *counts))
    return sorted(found, key=lambda gap: (-gap.women, -gap.weak, gap.unit, gap.chain, gap.subject))


def _moments(cell: Ints, cells: int, levels: Ints) -> tuple[Ints, Floats, Floats]:
    """How many, their means [cells, S] and covariances [cells, S, S] (divisor n - 1; NaN where n < 2)."""
    subjects = levels.shape[1]
    n = added(cell, cells)
    total = np.array([added(cell, cells, levels[:, s]) for s in range(subjects)]).reshape(subjects, cells).T
    spread = np.empty((cells, subjects, subjects))
    for a in range(subjects):
        for b in range(a + 1):
            product = n * added(cell, cells, levels[:, a] * levels[:, b]) - total[:, a] * total[:, b]
            spread[:, a, b] = spread[:, b, a] = ratio(product, n * (n - 1))
    return n, ratio(total, n[:, None]), spread


def _of_mean(n: Ints, of: Ints, mean: Floats, spread: Floats) -> Floats:
    """The covariance of the mean levels [cells, S, S], 0 where nobody is known."""
    widest = np.sqrt(np.maximum(mean * (HIGHEST - mean), 0))
    filled = np.where((n > 1)[:, None, None], spread, widest[:, :, None] * widest[:, None, :])
    scale = np.nan_to_num(ratio(1 - ratio(n, of), n))
    return np.nan_to_num(filled) * scale[:, None, None]


def _quadratic(weights: Floats, variance: Floats) -> Floats:
    """The forms w'Vw for every row of weights and every cell: [draws, cells]."""
    pairs = (weights[:, :, None] * weights[:, None, :]).reshape(len(weights), weights.shape[1] ** 2)
    return np.maximum(pairs @ variance.reshape(len(variance), pairs.shape[1]).T, 0)


def _draws(weights: Floats, mean: Floats, variance: Floats, known: Bools, generator: np.random.Generator) -> Floats:
    values = np.zeros((len(weights), len(known)))
    error = np.sqrt(_quadratic(weights, variance[known]))
    values[:, known] = weights @ mean[known].T + error * generator.standard_normal(error.shape)
    return values


def _index(level: Floats, known: Bools) -> Floats:
    return np.where(known, 100 * level / HIGHEST, np.nan)
