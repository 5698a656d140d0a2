"""Points that are to be clustered within capacities, and a first way of doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

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

    @property
    def step(self) -> float:
        """By how much one clustering is better than another at least."""
        return 1.0 if np.array_equal(self.distances, np.floor(self.distances)) else 1e-9

    def total(self, median_of: Numbers) -> float:
        """The sum of the distances when each point goes to its median."""
        return float(self.distances[np.arange(len(median_of)), median_of].sum())


def first_clustering(points: Points, medians: int, chance: Random) -> Numbers:
    """A clustering around medians that are drawn far from each other. Raises ValueError when the points do not fit."""
    chosen = [chance.randrange(len(points.demand))]
    while len(chosen) < medians:
        nearest = points.distances[:, chosen].min(axis=1)
        chosen.append(chance.choices(range(len(nearest)), (nearest**2).tolist())[0])
    found = clustering_around(points, chosen)
    if found is None:
        raise ValueError("the points do not fit the medians that were tried")
    return found


def clustering_around(points: Points, chosen: Sequence[int]) -> Numbers | None:
    """Points assigned to medians, medians moved into the middle, until nothing moves; None when the points do not fit
    these medians.
    """
    best: Numbers | None = None
    for _ in range(_ALTERNATIONS):
        median_of = _assigned(points, sorted(chosen))
        if median_of is None:
            break
        moved = [_middle(points, np.flatnonzero(median_of == one)) for one in np.unique(median_of)]
        best = median_of
        if sorted(moved) == sorted(chosen):
            break
        chosen = moved
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
        integrality=np.ones(n * p, dtype=np.int64),
        options={"node_limit": _NODES, "mip_rel_gap": 0.01},
    )
    if found.x is None:
        return None
    goes: Numbers = np.array(medians, dtype=np.int64)[found.x.reshape(n, p).argmax(axis=1)]
    return goes


def _middle(points: Points, members: Numbers) -> int:
    """The member that is nearest to all and can hold them."""
    sums = points.distances[np.ix_(members, members)].sum(axis=0)
    holds = points.capacity[members] >= points.demand[members].sum()
    return int(members[np.argmin(np.where(holds, sums, np.inf))])
