"""How far it is to the nearest market, bank, school or centre, along the roads where they are known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.metres import Floats, arc_m, on_sphere
from services.territory.rules.analysis.roads import (
    MINUTES,
    WALKING_KMH,
    By,
    Divided,
    Numbers,
    Roads,
    Snapped,
    divided,
    snapped,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True)
class Reach:
    """The nearest facility of each of `n` points: its place in the list (-1 where there are none), the `cost` of going
    there in metres or minutes (infinite where there are none), and whether it was measured along roads (`by_road`) or
    as a straight line. `off_road`: the facilities that no road leads to, which count in straight lines only.
    """

    by: By
    facility: Numbers
    cost: Floats
    by_road: NDArray[np.bool_]
    off_road: tuple[int, ...]

    @property
    def n(self) -> int:
        return len(self.facility)

    @property
    def coverage(self) -> float:
        """The share of the points whose way was measured along roads; of no points, 0."""
        return float(np.mean(self.by_road)) if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Catchments:
    """Whom each facility serves, `(f,)` arrays: points, their weight (women, for example), mean and greatest cost (NaN
    where it serves nobody); and, of all, how many points and how much weight have none within the limit.
    """

    n: int
    points: Numbers
    weight: Floats
    mean: Floats
    farthest: Floats
    beyond: int
    weight_beyond: float


def nearest(
    lon: ArrayLike,
    lat: ArrayLike,
    facility_lon: ArrayLike,
    facility_lat: ArrayLike,
    *,
    network: Roads | None = None,
    points: Snapped | None = None,
    by: By = "metres",
    most_m: float = 2_000.0,
    walking_kmh: float = WALKING_KMH,
    straight_kmh: float = WALKING_KMH,
) -> Reach:
    """The nearest facility of each point, all in WGS 84 degrees: by road the way to the nearest road, along the roads
    by the shortest (quickest) way, and from the road to the facility (Dijkstra, A note on two problems in connexion
    with graphs, 1959, from all facilities at once); off the road on foot.

    A point more than `most_m` from a road, or on roads that lead to no facility, and every point where there is no
    `network`, is measured in a straight line (great circle), in minutes at `straight_kmh`, and `by_road` is false:
    straight lines are shorter than any way, and the two should not be compared. Everybody takes the nearest road, be
    it one that leads nowhere. `points` are the same points as `snapped` found them, for those who ask for several kinds
    of facility. Of equally near facilities one is named, the same at every call. Refuses speeds that are not above 0
    and coordinates that are not on earth.
    """
    if not (walking_kmh > 0 and straight_kmh > 0):
        raise ValueError("speeds are above 0")
    facility, cost = _straight(lon, lat, facility_lon, facility_lat)
    cost = cost if by == "metres" else cost * MINUTES / straight_kmh
    if network is None:
        return Reach(by, facility, cost, np.zeros(len(cost), bool), ())
    points = snapped(network, lon, lat, most_m=most_m) if points is None else points
    if len(points.piece) != len(cost):
        raise ValueError("the snapped points are not these points")
    targets = snapped(network, facility_lon, facility_lat, most_m=most_m)
    walk = 1.0 if by == "metres" else MINUTES / walking_kmh
    road_facility, road_cost = _by_road(network, points, targets, by, walk)
    by_road = np.isfinite(road_cost)
    off_road = tuple(np.flatnonzero(targets.piece < 0).tolist())
    return Reach(
        by, np.where(by_road, road_facility, facility), np.where(by_road, road_cost, cost), by_road, off_road
    )  # fmt: skip


def catchments(reach: Reach, facilities: int, *, limit: float, weight: ArrayLike | None = None) -> Catchments:
    """Whom each of the `facilities` serves as the nearest one, and who has none within `limit` (metres or minutes, as
    `reach` was measured; at the limit is within). Each point weighs 1 unless `weight` tells otherwise. Refuses weights
    that are negative, not finite, or not one for each point.
    """
    weighs = np.ones(reach.n) if weight is None else np.asarray(weight, float)
    if weighs.shape != (reach.n,) or not np.all((weighs >= 0) & (weighs < np.inf)):
        raise ValueError("weights are finite numbers, not negative, one for each point")
    served = reach.facility >= 0
    whose, cost = reach.facility[served], reach.cost[served]
    points = np.bincount(whose, minlength=facilities).astype(np.int64)
    weighed = np.bincount(whose, weighs[served], minlength=facilities).astype(float)
    total = np.bincount(whose, weighs[served] * cost, minlength=facilities)
    mean = np.divide(total, weighed, out=np.full(facilities, np.nan), where=weighed > 0)
    farthest = np.full(facilities, -np.inf)
    np.maximum.at(farthest, whose, cost)
    beyond = reach.cost > limit
    return Catchments(
        reach.n, points, weighed, mean, np.where(points > 0, farthest, np.nan),
        int(beyond.sum()), float(weighs[beyond].sum()),
    )  # fmt: skip


def _by_road(network: Roads, points: Snapped, targets: Snapped, by: By, walk: float) -> tuple[Numbers, Floats]:
    """The nearest facility of each point along the roads and what it costs to go there; infinite where no road leads
    to one.
    """
    facility, cost = np.full(len(points.piece), -1), np.full(len(points.piece), np.inf)
    goals, here = np.flatnonzero(targets.piece >= 0), np.flatnonzero(points.piece >= 0)
    if not len(goals) or not len(here):
        return facility, cost
    from scipy.sparse.csgraph import dijkstra

    joined = _joined(network, targets, goals, by, walk)
    far, _, source = dijkstra(
        joined.graph, directed=False, indices=joined.sources, min_only=True, return_predecessors=True
    )
    ends = _ends(network, points, here, joined, by)
    back, on = ends.along + far[ends.start], ends.ahead + far[ends.end]
    chosen = source[np.where(back <= on, ends.start, ends.end)]
    cost[here] = np.minimum(back, on) + points.gap_m[here] * walk
    facility[here] = np.where(chosen >= 0, goals[np.clip(chosen - joined.sources[0], 0, None)], -1)
    return facility, cost


class _Joined(NamedTuple):
    """The network divided at the facilities, which are its last nodes (`sources`), as a graph."""

    parts: Divided
    graph: "csr_array[Any, tuple[int, int]]"
    sources: Numbers


class _Ends(NamedTuple):
    """Of each point the two nodes between which it lies, and how far it is `along` to the first and `ahead` to the
    other.
    """

    start: Numbers
    end: Numbers
    along: Floats
    ahead: Floats


def _joined(network: Roads, targets: Snapped, goals: Numbers, by: By, walk: float) -> _Joined:
    parts = divided(network, targets.piece[goals], targets.share[goals])
    whole, size = parts.network, len(parts.network.nodes)
    sources = size + np.arange(len(goals))
    graph = _graph(
        np.r_[whole.start, parts.node], np.r_[whole.end, sources],
        np.r_[whole.cost(by), targets.gap_m[goals] * walk], size + len(goals),
    )  # fmt: skip
    return _Joined(parts, graph, sources)


def _ends(network: Roads, points: Snapped, here: Numbers, joined: _Joined, by: By) -> _Ends:
    parts, whole = joined.parts, joined.parts.network
    piece, share = points.piece[here], points.share[here]
    # The part on which a point lies: the last one of its piece that begins before it.
    part = np.searchsorted(parts.owner * 2 + parts.begins, piece * 2 + share, side="right") - 1
    along = np.clip((share - parts.begins[part]) * network.cost(by)[piece], 0, whole.cost(by)[part])
    return _Ends(whole.start[part], whole.end[part], along, whole.cost(by)[part] - along)


def ways(
    lon: ArrayLike, lat: ArrayLike, goal_lon: ArrayLike, goal_lat: ArrayLike, network: Roads, *, most_m: float = 2_000.0
) -> Floats:
    """`(n, k)`: the metres from each point to each goal as `nearest` measures them along roads; infinite where no road
    leads from the one to the other. The time goes with goals times nodes of the network.
    """
    points = snapped(network, lon, lat, most_m=most_m)
    targets = snapped(network, goal_lon, goal_lat, most_m=most_m)
    metres = np.full((len(points.piece), len(targets.piece)), np.inf)
    goals, here = np.flatnonzero(targets.piece >= 0), np.flatnonzero(points.piece >= 0)
    if not len(goals) or not len(here):
        return metres
    from scipy.sparse.csgraph import dijkstra

    joined = _joined(network, targets, goals, "metres", 1.0)
    ends = _ends(network, points, here, joined, "metres")
    for goal, source in zip(goals.tolist(), joined.sources.tolist(), strict=True):
        far = dijkstra(joined.graph, directed=False, indices=source)
        least = np.minimum(ends.along + far[ends.start], ends.ahead + far[ends.end])
        metres[here, goal] = least + points.gap_m[here]
    return metres


def _graph(start: Numbers, end: Numbers, cost: Floats, size: int) -> "csr_array[Any, tuple[int, int]]":
    """As a sparse matrix; of several ways between the same two nodes the cheapest."""
    from scipy.sparse import coo_array, csr_array

    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((cost, high, low))
    low, high, cost = low[order], high[order], cost[order]
    first = np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])]
    return csr_array(coo_array((cost[first], (low[first], high[first])), shape=(size, size)))


def _straight(lon: ArrayLike, lat: ArrayLike, goal_lon: ArrayLike, goal_lat: ArrayLike) -> tuple[Numbers, Floats]:
    """The nearest facility of each point in a straight line, and how many metres away it is."""
    here, goals = on_sphere(lon, lat), on_sphere(goal_lon, goal_lat)
    if not len(goals) or not len(here):
        return np.full(len(here), -1), np.full(len(here), np.inf)
    from scipy.spatial import KDTree

    chord, facility = KDTree(goals).query(here)
    return np.asarray(facility, np.int64), arc_m(chord)
