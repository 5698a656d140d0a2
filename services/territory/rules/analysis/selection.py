"""Which value chain to promote: a matrix of chains and weighted criteria, and how sure its answer is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import Bools, Floats, flags
from services.territory.rules.analysis.ranks import RankOdds, drawn_weights, rank_odds, shares

GROUPS = ("economic", "environmental", "social", "institutional")


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something a chain is judged by: one of the `GROUPS` and its weight among all criteria (of any sum)."""

    code: str
    group: str
    weight: float


@dataclass(frozen=True, slots=True)
class Selection:
    """C chains by M criteria, scores as given. `score` [C] is the weighted mean, NaN where evidence is missing: then it
    lies between `least` and `most` (the missing scores at the ends of the scale). `contributions` [C, M] add up to the
    score, `by_group` [C, 4] adds them up by group; what is missing contributes NaN. `missing` [C, M]; `coverage` [C] is
    the weight that has evidence. `dominates` [C, C]: the row is certainly at least as good in each criterion that has a
    weight, and better in one. `odds`: chances of the ranks among the chains whose evidence is complete.
    """

    score: Floats
    least: Floats
    most: Floats
    contributions: Floats
    by_group: Floats
    missing: Bools
    coverage: Floats
    dominates: Bools
    odds: RankOdds


def select(
    criteria: Sequence[Criterion],
    scores: ArrayLike,
    evidence: ArrayLike,
    doubt: ArrayLike,
    *,
    scale: tuple[float, float],
    concentration: float,
    draws: int,
    seed: int,
) -> Selection:
    """The selection matrix of Schneemann & Vredeveld 2015, Guidelines for Value Chain Selection (GIZ/ILO): criteria of
    four groups, each with a weight and a score for which there is evidence; a chain's score is Σ w·s / Σ w.

    `scores` [C, M] on the `scale`, read only where there is `evidence` [C, M]; `doubt` [C, M] is by how much one may
    be wrong. The odds draw weights from a Dirichlet distribution around the given ones and each score evenly from
    score ± doubt, cut at the scale. What has no evidence is never guessed: the chain is not ranked. Refused: scores
    off the scale, negative doubt, NaN where there is evidence, unknown groups, weights that are none.
    """
    low, high = scale
    weights = shares([criterion.weight for criterion in criteria])
    if any(criterion.group not in GROUPS for criterion in criteria):
        raise ValueError(f"criteria: the groups are {', '.join(GROUPS)}")
    told, about = np.asarray(scores, dtype=float), np.asarray(doubt, dtype=float)
    if told.ndim != 2 or told.shape[1] != len(criteria) or about.shape != told.shape:
        raise ValueError("scores, doubt: a row for each chain and a column for each criterion are expected")
    known = flags("evidence", evidence, told.shape)
    if not ((told[known] >= low) & (told[known] <= high)).all() or not (about[known] >= 0).all():
        raise ValueError("scores, doubt: a score on the scale is expected, and by how much it may be wrong")
    worst, best = np.where(known, told, low), np.where(known, told, high)
    parts = np.where(known, told, np.nan) * np.where(weights > 0, weights, 0)
    parts = np.where(weights > 0, parts, 0.0)
    complete = (known | (weights == 0)).all(axis=1)
    generator = np.random.default_rng(seed)
    drawn = drawn_weights(weights, concentration, draws, generator)
    return Selection(
        parts.sum(axis=1),
        worst @ weights,
        best @ weights,
        parts,
        _by_group(parts, criteria),
        ~known,
        known @ weights,
        _dominates(worst[:, weights > 0], best[:, weights > 0]),
        rank_odds(_draws(worst, np.where(known, about, 0), drawn, scale, generator)[:, None, :], complete[None, :]),
    )


def _by_group(parts: Floats, criteria: Sequence[Criterion]) -> Floats:
    group = np.array([GROUPS.index(criterion.group) for criterion in criteria])
    return np.column_stack([parts[:, group == number].sum(axis=1) for number in range(len(GROUPS))])


def _dominates(worst: Floats, best: Floats) -> Bools:
    """Pareto dominance that holds whatever the missing scores are."""
    row, column = worst[:, None, :], best[None, :, :]
    certain = (row >= column).all(axis=2) & (row > column).any(axis=2)
    return np.asarray(certain)


def _draws(
    scores: Floats, doubt: Floats, weights: Floats, scale: tuple[float, float], generator: np.random.Generator
) -> Floats:
    from_scores, to_scores = np.maximum(scores - doubt, scale[0]), np.minimum(scores + doubt, scale[1])
    evenly = generator.random((len(weights), *scores.shape))
    return np.asarray(np.einsum("dm,dcm->dc", weights, from_scores + evenly * (to_scores - from_scores)))
