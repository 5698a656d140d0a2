"""Capacitated clustering: placement without its side conditions, for which proven optima are published.

Every point goes to one of `medians` points, within what these can hold, such that the distances sum to least. It is
searched as rounds are: some neighbouring clusters are dissolved and formed anew as well as can be, again and again.
Prices (`clustering_prices.py`) tell which points may go where at all, so that many clusters can be dissolved at once.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, csr_array

from services.training.rules.placement.clustering_points import Numbers, Points, clustering_around, first_clustering
from services.training.rules.placement.clustering_prices import Prices, prices

_POINTS, _SHARE = 90, (0.6, 0.85)
"""So many points are dissolved at once, more or less, and of few points such a share."""
_PAIRS = 10
"""So many ways for each point to go to a median are open then: those that cost least more than the bound."""
_NODES = 10
_PATIENCE = 2
"""After so many futile attempts for each median the search begins from another first clustering."""


def clustered(points: Points, medians: int, *, seed: int, budget: int) -> Iterator[Numbers]:
    """The best medians found after each of `budget` iterations, fewer when nothing better can exist: for each point the
    number of its median.

    Raises ValueError when no first clustering within the capacities is found.
    """
    chance = Random(seed)  # noqa: S311 - not a secret
    drawn = first_clustering(points, medians, chance)
    cost = prices(points, medians, points.total(drawn))
    priced = clustering_around(points, cost.medians.tolist())
    best = here = drawn if priced is None else min(drawn, priced, key=points.total)
    futile: set[tuple[int, ...]] = set()
    idle = 0
    for _ in range(budget):
        some = _neighbours(points, here, chance)
        found = None if tuple(some) in futile else _formed(points, here, some, cost)
        futile.add(tuple(some))
        idle += 1
        if found is not None and points.total(found) < points.total(here) - 1e-9:
            here, idle = found, 0
            futile.clear()
        best = min(best, here, key=points.total)
        yield best
        if points.total(best) - points.step < cost.bound:
            return
        if idle > _PATIENCE * medians:
            here, idle = first_clustering(points, medians, chance), 0
            futile.clear()


def _neighbours(points: Points, median_of: Numbers, chance: Random) -> list[int]:
    """The medians of some clusters beside each other."""
    medians = np.unique(median_of)
    centre = chance.choice(medians.tolist())
    far = points.distances[centre, medians] * np.array([chance.uniform(1.0, 1.8) for _ in medians])
    far[medians == centre] = -1.0
    most = min(_POINTS, int(len(median_of) * chance.uniform(*_SHARE)))
    chosen: list[int] = []
    size = 0
    for median in medians[np.argsort(far, kind="stable")].tolist():
        size += int((median_of == median).sum())
        if len(chosen) >= 2 and size > most:
            break
        chosen.append(median)
    return sorted(chosen)


def _formed(points: Points, median_of: Numbers, some: Sequence[int], cost: Prices) -> Numbers | None:
    """The clustering with the clusters of some medians formed anew, as many as before."""
    free = np.flatnonzero(np.isin(median_of, some))
    inside = points.of(free)
    regret = cost.regret[np.ix_(free, free)]
    regret[np.arange(len(free)), np.searchsorted(free, median_of[free])] = -1.0
    least = min(_PAIRS * len(free), regret.size) - 1
    beyond = points.total(median_of) - points.step - cost.bound
    hopeful = regret <= min(np.partition(regret.ravel(), least)[least], max(beyond, -1.0) + 1e-9)
    found = _best_of(inside, len(some), hopeful)
    if found is None:
        return None
    formed = median_of.copy()
    formed[free] = free[found]
    return formed


def _best_of(points: Points, medians: int, hopeful: NDArray[np.bool_]) -> Numbers | None:
    """Points and their medians as a mixed-integer programme: who goes where (pairs that are hopeful), and which are
    medians.
    """
    who, where = np.nonzero(hopeful)
    possible, at = np.unique(where, return_inverse=True)
    n, m, pairs = len(points.demand), len(possible), len(who)
    pair, median = np.arange(pairs), np.arange(m)
    once = csr_array((np.ones(pairs), (who, pair)), shape=(n, pairs))
    load = csr_array((points.demand[who], (at, pair)), shape=(m, pairs))
    goes = csr_array((np.ones(pairs), (pair, pair)), shape=(pairs, pairs))
    rows: Any = block_array(
        [
            [once, csr_array((n, m))],
            [load, csr_array((-points.capacity[possible], (median, median)), shape=(m, m))],
            [goes, csr_array((-np.ones(pairs), (pair, at)), shape=(pairs, m))],
            [csr_array((1, pairs)), csr_array(np.ones((1, m)))],
        ],
        format="csr",
    )
    low = np.concatenate([np.ones(n), np.full(m + pairs, -np.inf), [medians]])
    high = np.concatenate([np.ones(n), np.zeros(m + pairs), [medians]])
    found = milp(
        np.concatenate([points.distances[who, where], np.zeros(m)]),
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(0, 1),
        integrality=np.ones(pairs + m, dtype=np.int64),
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    formed = np.empty(n, dtype=np.int64)
    chosen = found.x[:pairs] > 0.5
    formed[who[chosen]] = where[chosen]
    return formed
