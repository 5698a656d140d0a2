"""What a chain is judged by when one is chosen to be promoted, and how what is measured becomes a score."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import Floats, ratio
from services.territory.rules.analysis.selection import Criterion
from services.territory.rules.templates import UNCLASSED
from shared.events.vocabulary import CHAINS

GROUP_OF: Mapping[str, str] = {
    "demand": "economic",
    "sales": "economic",
    "beginnings": "economic",
    "specialisation": "economic",
    "completeness": "economic",
    "water": "environmental",
    "climate": "environmental",
    "women_jobs": "social",
    "women_share": "social",
    "conditions": "social",
    "plans": "institutional",
    "support": "institutional",
    "partners": "institutional",
}
"""The criteria in the order of the matrix, each with its group."""
CRITERIA = tuple(GROUP_OF)
MEASURED = (
    *("sales", "beginnings", "specialisation", "completeness", "women_jobs", "women_share", "plans", "support"),
)
"""Those that the data of the house may tell; where they do not, and of the others, a person scores."""
CANDIDATES = tuple(chain for chain in CHAINS if chain != UNCLASSED)
"""The chains that one may choose."""
HIGHEST = 4


def weighted(weights: Mapping[str, float]) -> list[Criterion]:
    """The criteria with these weights, in order."""
    return [Criterion(code, group, weights[code]) for code, group in GROUP_OF.items()]


def score_of(values: ArrayLike, steps: Sequence[float]) -> Floats:
    """The score from 0 to 4 of each value: how many of the four `steps` it reaches; NaN where there is no value."""
    told = np.asarray(values, dtype=float)
    reached = np.zeros(told.shape)
    for step in steps:
        reached += told >= step
    return np.asarray(np.where(np.isfinite(told), reached, np.nan))


def relative(sums: ArrayLike, numbers: ArrayLike) -> Floats:
    """What each chain has, by what it would have if each of its enterprises had the mean of all: `sums` [C, K] of
    money by chain and currency, and of how many they are (`numbers`). A ratio of 1 is the mean; NaN of none.
    """
    told, of = np.asarray(sums, dtype=float), np.asarray(numbers, dtype=float)
    mean = np.nan_to_num(ratio(told.sum(axis=0), of.sum(axis=0)))
    expected = of * mean
    whole, usual = told[:, mean > 0] / mean[mean > 0], expected[:, mean > 0] / mean[mean > 0]
    weight = usual.sum(axis=1)
    return ratio(whole.sum(axis=1), weight)
