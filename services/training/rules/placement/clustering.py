"""Capacitated clustering: placement without its side conditions, for which proven optima are published.

Every point goes to one of `medians` points, within what these can hold, such that the distances sum to least. It is
searched as rounds are: some neighbouring clusters are dissolved and formed anew as well as can be, again and again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, coo_array, csr_array

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

_POINTS = 42
"""So many points are dissolved at once, more or less."""
_NODES = 40
_ALTERNATIONS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Distances between all points (a square matrix), what each can hold as a median, and what each asks for."""

    distances: Array
    capacity: Array
    demand: Array

    def of(self, some: Numbers) -> "Points":
        return Points(self.distances[np.ix_(some, some)], self.capacity[some], self.demand[some])

    def total(self, median_of: Numbers) -> float:
        """The sum of the distances when each point goes to its median."""
        return float(self.distances[np.arange(len(median_of)), median_of].sum())


def clustered(points: Points, medians: int, *, seed: int, budget: int) -> Iterator[Numbers]:
    """The best medians found after each of `budget` iterations: for each point the number of its median.

    Raises ValueError when no first clustering within the capacities is found.
    """
    chance = Random(seed)  # noqa: S311 - not a secret
    best = _first(points, medians, chance)
    total = points.total(best)
    futile: set[tuple[int, ...]] = set()
    for _ in range(budget):
        some = _neighbours(points, best, chance)
        if tuple(some) not in futile:
            futile.add(tuple(some))
            found = _formed(points, best, some)
            if found is not None and points.total(found) < total - 1e-9:
                best, total = found, points.total(found)
                futile.clear()
        yield best


def _neighbours(points: Points, median_of: Numbers, chance: Random) -> list[int]:
    """The medians of some clusters beside each other."""
    medians = np.unique(median_of)
    centre = chance.choice(medians.tolist())
    far = points.distances[centre, medians] * np.array([chance.uniform(1.0, 1.8) for _ in medians])
    far[medians == centre] = -1.0
    chosen: list[int] = []
    size = 0
    for median in medians[np.argsort(far, kind="stable")].tolist():
        size += int((median_of == median).sum())
        if len(chosen) >= 2 and size > _POINTS:
            break
        chosen.append(median)
    return sorted(chosen)


def _formed(points: Points, median_of: Numbers, some: Sequence[int]) -> Numbers | None:
    """The clustering with the clusters of some medians formed anew, as many as before."""
    free = np.flatnonzero(np.isin(median_of, some))
    inside = points.of(free)
    found = _best_of(inside, len(some))
    if found is None:
        return None
    formed = median_of.copy()
    formed[free] = free[found]
    return formed


def _best_of(points: Points, medians: int) -> Numbers | None:
    """Points and their medians as a mixed-integer programme: who goes where, and which are medians."""
    n = len(points.demand)
    who, where = np.divmod(np.arange(n * n), n)
    entry = np.arange(n * n)
    once = csr_array((np.ones(n * n), (who, entry)), shape=(n, n * n))
    load = csr_array((points.demand[who], (where, entry)), shape=(n, n * n))
    opened = coo_array((-np.ones(n * n), (entry, where)), shape=(n * n, n))
    rows = block_array(
        [
            [once, csr_array((n, n))],
            [load, csr_array((-points.capacity, (np.arange(n), np.arange(n))), shape=(n, n))],
            [csr_array((np.ones(n * n), (entry, entry)), shape=(n * n, n * n)), opened],
            [csr_array((1, n * n)), csr_array(np.ones((1, n)))],
        ],
        format="csr",
    )
    low = np.concatenate([np.ones(n), np.full(n + n * n, -np.inf), [medians]])
    high = np.concatenate([np.ones(n), np.zeros(n + n * n), [medians]])
    found = milp(
        np.concatenate([points.distances.ravel(), np.zeros(n)]),
        constraints=LinearConstraint(rows, low, high),
        bounds=Bounds(0, 1),
        integrality=np.ones(n * n + n),
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    return None if found.x is None else np.asarray(found.x[: n * n].reshape(n, n).argmax(axis=1), dtype=np.int64)


def _first(points: Points, medians: int, chance: Random) -> Numbers:
    """Medians far from each other, points assigned to them, medians moved into the middle, until nothing moves."""
    chosen = [chance.randrange(len(points.demand))]
    while len(chosen) < medians:
        nearest = points.distances[:, chosen].min(axis=1)
        chosen.append(chance.choices(range(len(nearest)), (nearest**2).tolist())[0])
    best: Numbers | None = None
    for _ in range(_ALTERNATIONS):
        median_of = _assigned(points, sorted(chosen))
        if median_of is None:
            break
        moved = [_middle(points, np.flatnonzero(median_of == one)) for one in sorted(chosen)]
        best = median_of
        if sorted(moved) == sorted(chosen):
            break
        chosen = moved
    if best is None:
        raise ValueError("the points do not fit the medians that were tried")
    return best


def _assigned(points: Points, medians: Sequence[int]) -> Numbers | None:
    """Each point to one of these medians, within their capacities."""
    n, p = len(points.demand), len(medians)
    who, where = np.divmod(np.arange(n * p), p)
    entry = np.arange(n * p)
    once = csr_array((np.ones(n * p), (who, entry)), shape=(n, n * p))
    load = csr_array((points.demand[who], (where, entry)), shape=(p, n * p))
    found = milp(
        points.distances[:, medians].ravel(),
        constraints=[LinearConstraint(once, 1, 1), LinearConstraint(load, -np.inf, points.capacity[list(medians)])],
        bounds=Bounds(0, 1),
        integrality=np.ones(n * p),
        options={"node_limit": _NODES, "mip_rel_gap": 0.01},
    )
    if found.x is None:
        return None
    return np.array(medians, dtype=np.int64)[found.x.reshape(n, p).argmax(axis=1)]


def _middle(points: Points, members: Numbers) -> int:
    """The member that is nearest to all and can hold them."""
    sums = points.distances[np.ix_(members, members)].sum(axis=0)
    holds = points.capacity[members] >= points.demand[members].sum()
    return int(members[np.argmin(np.where(holds, sums, np.inf))])
