"""How sure a ranking is: the chance of each rank when weights and figures are not known exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.cells import Bools, Floats, Ints

SAME = 9
"""Decimals in which two values must differ to be ranked apart."""
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class RankOdds:
    """By group and item: `chance` [G, K, K] of rank 1 … K, the `median` rank and the ranks `low` and `high` between
    which nine of ten draws lie; NaN and 0 where an item is not ranked.
    """

    chance: Floats
    median: Ints
    low: Ints
    high: Ints


def drawn_weights(weights: ArrayLike, concentration: float, draws: int, generator: np.random.Generator) -> Floats:
    """Uncertain weights [draws, S] that add up to 1: Dirichlet with parameters `concentration` · weights, so that the
    weights given are the mean and a larger concentration means surer. A weight of 0 stays 0.
    """
    share = shares(weights)
    if not (np.isfinite(concentration) and concentration > 0) or draws < 1:
        raise ValueError("concentration, draws: more than nothing is expected")
    drawn = np.zeros((draws, len(share)))
    drawn[:, share > 0] = generator.dirichlet(concentration * share[share > 0], size=draws)
    return drawn


def shares(weights: ArrayLike) -> Floats:
    """The weights as parts of one; refused where one is negative or NaN, or all are zero."""
    told = np.asarray(weights, dtype=float)
    if told.ndim != 1 or not np.isfinite(told).all() or (told < 0).any() or not told.sum() > 0:
        raise ValueError("weights: numbers from 0 on are expected, and not only zeros")
    return np.asarray(told / told.sum())


def rank_odds(values: Floats, ranked: Bools) -> RankOdds:
    """What draws of values [draws, G, K] say of ranks inside each group; `ranked` [G, K] says which items take part.

    The largest value has rank 1; equal ones share the better rank (1, 2, 2, 4), so that only the chances of one item
    add up to 1. Monte Carlo analysis of composite indicators: Saisana, Saltelli & Tarantola 2005, J. R. Stat. Soc. A
    168; OECD & JRC 2008, Handbook on Constructing Composite Indicators, step 7.
    """
    draws, groups, items = values.shape
    counts = np.zeros((groups, items, items), dtype=np.int64)
    rounded = np.where(ranked, np.round(values, SAME), -np.inf)
    step = max(1, CELLS_AT_ONCE // max(1, groups * items * items))
    for start in range(0, draws, step):
        counts += _tally(rounded[start : start + step])
    counts[~ranked] = 0
    return RankOdds(
        np.where(ranked[..., None], counts / max(draws, 1), np.nan),
        *(np.where(ranked, _quantile(counts, share, draws), 0) for share in (0.5, 0.05, 0.95)),
    )


def _tally(values: Floats) -> Ints:
    _, groups, items = values.shape
    better = np.zeros(values.shape, dtype=np.int64)
    for other in range(items):
        better += values[..., other : other + 1] > values
    cell = (np.arange(groups * items).reshape(groups, items) * items + better).ravel()
    return np.bincount(cell, minlength=groups * items * items).reshape(groups, items, items).astype(np.int64)


def _quantile(counts: Ints, share: float, draws: int) -> NDArray[np.int64]:
    """The first rank up to which at least this share of the draws lies."""
    if not counts.shape[2]:
        return np.zeros(counts.shape[:2], dtype=np.int64)
    return np.asarray((counts.cumsum(axis=2) >= share * draws).argmax(axis=2) + 1, dtype=np.int64)
