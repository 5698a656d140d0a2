"""How many can be placed at most, proven piece by piece (no party and no venue belongs to two pieces).

The linear relaxation is solved for its prices; the bound is then recomputed from the prices in whole numbers (any
prices give a valid one: weak duality), so that it does not rest on the tolerances of the solver. Small pieces are
searched besides, and what the search has excluded is taken off.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from services.training.rules.placement.cells import Field
from services.training.rules.placement.model import Model, model_of

_SCALE = 1 << 20
_SEARCHED = 1500
"""Pieces of up to so many entries (a party in a spot) are searched."""


def most_placed(known: Field, nodes: int) -> int:
    """Priorities that no answer surpasses; small pieces are searched up to so many `nodes` of the tree each."""
    return sum(_most(known, piece, nodes) for piece in pieces(known))


def pieces(known: Field) -> Iterator[list[int]]:
    """The spots in sets that have no party and no block in common: each can be answered by itself."""
    spots = len(known.spots)
    if not spots:
        return
    spot_of = np.repeat(np.arange(spots), np.diff(known.start))
    block_of = np.array([spot.block for spot in known.spots], dtype=np.int64)
    rows = np.concatenate([spot_of, np.arange(spots)])
    columns = np.concatenate([spots + known.who, spots + len(known.parties) + block_of])
    size = spots + len(known.parties) + len(known.blocks)
    links = csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    for one in np.unique(label[:spots]).tolist():
        yield np.flatnonzero(label[:spots] == one).tolist()


def _most(known: Field, spots: list[int], nodes: int) -> int:
    model = model_of(known, spots, np.ones(len(known.parties), dtype=bool), apart=False)
    gain = np.zeros(model.variables, dtype=np.int64)
    gain[: model.entries] = known.priority[model.entry_party]
    relaxed = _relaxed(model, gain)
    return min(relaxed, _searched(model, gain, nodes)) if model.entries <= _SEARCHED and nodes else relaxed


def _relaxed(model: Model, gain: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    rows: Any = model.rows  # the published types of linprog leave sparse matrices out
    found = linprog(-gain.astype(np.float64), A_ub=rows, b_ub=model.limit, bounds=(0, 1), method="highs")
    prices = np.rint(np.maximum(-found.ineqlin.marginals, 0) * _SCALE).astype(np.int64)
    left = np.maximum(gain * _SCALE - model.rows.astype(np.int64).T @ prices, 0)
    return int((int(prices @ model.limit) + int(left.sum())) // _SCALE)


def _searched(model: Model, gain: np.ndarray[tuple[int], np.dtype[np.int64]], nodes: int) -> int:
    found = milp(
        -gain.astype(np.float64),
        constraints=LinearConstraint(model.rows, -np.inf, model.limit),
        bounds=Bounds(0, 1),
        integrality=np.ones(model.variables, dtype=np.int64),
        options={"node_limit": nodes},
    )
    excluded = found.mip_dual_bound
    return int(gain.sum()) if excluded is None else int(np.floor(1e-6 - excluded))
