"""Clusters of enterprises in space: where many work close together, what they make, and which links they lack."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.metres import Floats, Plane
from services.territory.rules.disclosure import THRESHOLD
from shared.masking import CELL_DEGREES

NOISE = -1
"""The number of what lies in no cluster."""
HDBSCAN_MOST = 20_000
"""HDBSCAN compares every place with every other; more distinct places than these are refused."""

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ChainInCluster:
    """One value chain inside a cluster. `links` counts its enterprises at each link, an enterprise at two links twice;
    `missing` names the links that the chain needs and where nobody of the cluster stands.
    """

    chain: str
    enterprises: int
    women: int
    links: Mapping[str, int]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as a card: counts, and where it lies.

    Where it lies is told in cells of `CELL_DEGREES`, as masked points are, for corners of a hull are homes: `centre`
    (longitude, latitude) is the middle of the cell of the medoid, `hull` the convex hull of all cells in which it has
    enterprises. `radius_m` is the standard distance (the root of the mean squared distance to the mean centre),
    `density` enterprises per km² of the hull. Of fewer than `THRESHOLD` enterprises nothing of this is drawn: None, and
    `drawn` is false. The counts are true ones: who publishes them withholds small ones (`rules.disclosure`).
    """

    number: int
    enterprises: int
    women: int
    chains: tuple[ChainInCluster, ...]
    centre: tuple[float, float] | None
    radius_m: float | None
    hull: shapely.Polygon | None
    density: float | None

    @property
    def drawn(self) -> bool:
        return self.hull is not None


@dataclass(frozen=True, slots=True)
class Clusters:
    """`labels`: the cluster's number of each enterprise, `(n,)`, `NOISE` where it lies in none; `cards` by number."""

    n: int
    labels: Numbers
    cards: tuple[Cluster, ...]

    @property
    def noise(self) -> int:
        """How many enterprises lie in no cluster."""
        return int(np.sum(self.labels == NOISE))

    @property
    def coverage(self) -> float:
        """The share of the enterprises that lie in a cluster; of none, 0."""
        return 1 - self.noise / self.n if self.n else 0.0


def dbscan(lon: ArrayLike, lat: ArrayLike, *, radius_m: float, least: int) -> Numbers:
    """`(n,)`: the cluster of each point (WGS 84 degrees, in the local equal-area plane of metres), `NOISE` for those
    in none. A point with `least` points within `radius_m`, itself among them, is a core; cores within `radius_m` of
    each other are one cluster, with all that lies that near to one of them (Ester, Kriegel, Sander and Xu, A
    density-based algorithm for discovering clusters, 1996).

    Numbers begin with 0, the largest cluster first, of equally large ones the one whose westernmost (then southernmost)
    point lies farther west. The order of the points changes nothing: one within reach of two clusters goes to the one
    whose core comes first from the west. Refuses a radius that is not a positive number, `least` below 1, and
    coordinates that are not on earth.
    """
    if not 0 < radius_m < np.inf or least < 1:
        raise ValueError("a cluster has a radius above 0 and at least one point")
    places, which, times = _places(lon, lat)
    if not len(places):
        return np.empty(0, np.int64)
    from sklearn.cluster import DBSCAN

    found = DBSCAN(eps=radius_m, min_samples=least, algorithm="kd_tree").fit(places, sample_weight=times).labels_
    return _numbered(np.asarray(found, np.int64), which, times)


def pairs_within(lon: ArrayLike, lat: ArrayLike, radius_m: float) -> int:
    """How many pairs of places lie within the radius of each other, each with itself and both ways round: what `dbscan`
    has to keep in memory. Refuses what `dbscan` refuses.
    """
    places, _, _ = _places(lon, lat)
    if not 0 < radius_m < np.inf:
        raise ValueError("a radius is above 0")
    if not len(places):
        return 0
    from scipy.spatial import KDTree

    tree = KDTree(places)
    return int(tree.count_neighbors(tree, radius_m))


def hdbscan(lon: ArrayLike, lat: ArrayLike, *, least: int) -> Numbers:
    """As `dbscan`, without a radius: of the clusters of every density those of at least `least` points that last
    longest as the density grows (Campello, Moulavi and Sander, Density-based clustering based on hierarchical density
    estimates, 2013). Never one cluster of everything; enterprises at one place count one by one.

    Refuses `least` below 2, more than `HDBSCAN_MOST` points, and coordinates that are not on earth; of fewer points
    than `least` all are noise.
    """
    if least < 2:
        raise ValueError("a cluster has at least two points")
    places, which, times = _places(lon, lat)
    if len(which) > HDBSCAN_MOST:
        raise ValueError(f"more than {HDBSCAN_MOST} points")
    if len(which) < least:
        return np.full(len(which), NOISE)
    from sklearn.cluster import HDBSCAN

    one_by_one = np.repeat(places, times, axis=0)
    found = HDBSCAN(min_cluster_size=least, algorithm="kd_tree", copy=True).fit(one_by_one).labels_
    starts = np.cumsum(times) - times
    return _numbered(np.asarray(found, np.int64)[starts], which, times)


def cards(
    labels: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    women: ArrayLike,
    chain: ArrayLike,
    at_link: ArrayLike,
    chains: Sequence[str],
    links: Sequence[str],
    needs: Mapping[str, AbstractSet[str]],
) -> Clusters:
    """The card of every cluster. `labels` are numbers from 0 and `NOISE`; of each of the `n` enterprises `women` counts
    who works there, `chain` is its place in `chains`, and `at_link`, `(n, len(links))` booleans, tells where it stands.
    `needs`: the links a chain cannot do without (`ChainTemplate.needs`). A card lists the chains by women, then
    enterprises, then code. Refuses figures that do not fit together or are negative, and no links.
    """
    label, count, which = (np.asarray(one, np.int64) for one in (labels, women, chain))
    stands = np.asarray(at_link, bool)
    plane = Plane.around(lon, lat)
    metres = plane.metres(lon, lat)
    if not len(metres) == len(label) == len(count) == len(which) or stands.shape != (len(label), len(links)):
        raise ValueError("each enterprise has a place, a label, women, a chain and its links")
    if np.any(count < 0) or np.any(label < NOISE) or np.any((which < 0) | (which >= len(chains))):
        raise ValueError("women and labels are not negative, and every chain is one of the chains")
    numbers = int(label.max(initial=NOISE)) + 1
    inside = label >= 0
    cell = (label * len(chains) + which)[inside]

    def counted(of: Numbers | NDArray[np.bool_] | None = None) -> Numbers:
        found = np.bincount(cell, of, minlength=numbers * len(chains))
        return found.reshape(numbers, len(chains)).astype(np.int64)

    enterprises, employed = counted(), counted(count[inside])
    at = np.stack([counted(one) for one in stands[inside].T], axis=-1)
    members = np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label + 1, minlength=numbers + 1)))[1:-1]
    degrees = np.column_stack((np.asarray(lon, float), np.asarray(lat, float)))
    made = []
    for number, own in enumerate(members):
        rows = _chains(enterprises[number], employed[number], at[number], chains, links, needs)
        women_in, place = int(employed[number].sum()), _drawn(degrees[own], metres[own], plane)
        made.append(Cluster(number, len(own), women_in, rows, *place))
    return Clusters(len(label), label, tuple(made))


def _chains(
    enterprises: Numbers,
    women: Numbers,
    at: Numbers,
    chains: Sequence[str],
    links: Sequence[str],
    needs: Mapping[str, AbstractSet[str]],
) -> tuple[ChainInCluster, ...]:
    rows = []
    for place in np.flatnonzero(enterprises).tolist():
        code, counted = chains[place], dict(zip(links, at[place].tolist(), strict=True))
        missing = tuple(link for link in links if link in needs.get(code, ()) and not counted[link])
        rows.append(ChainInCluster(code, int(enterprises[place]), int(women[place]), counted, missing))
    return tuple(sorted(rows, key=lambda row: (-row.women, -row.enterprises, row.chain)))


def _drawn(
    degrees: Floats, metres: Floats, plane: Plane
) -> tuple[tuple[float, float] | None, float | None, shapely.Polygon | None, float | None]:
    """Centre, radius, hull and density, as far as the privacy of few allows."""
    if len(degrees) < THRESHOLD:
        return None, None, None, None
    # A tiny push keeps a point on the border of two cells where masking puts it.
    cells = np.floor(degrees / CELL_DEGREES + 1e-9)
    far = np.sum((metres - metres.mean(axis=0)) ** 2, axis=1)
    nearest = np.flatnonzero(far <= far.min() + 1e-6)
    west, south = min(cells[nearest].tolist())
    centre = (round((west + 0.5) * CELL_DEGREES, 4), round((south + 0.5) * CELL_DEGREES, 4))
    filled = np.unique(cells, axis=0)
    corners = np.concatenate([filled + corner for corner in ((0, 0), (0, 1), (1, 0), (1, 1))]) * CELL_DEGREES
    outline = shapely.normalize(shapely.MultiPoint(np.round(corners, 4)).convex_hull)
    hull = shapely.Polygon(shapely.get_coordinates(outline))
    area_km2 = shapely.area(shapely.transform(hull, lambda xy: plane.metres(xy[:, 0], xy[:, 1]))) / 1e6
    return centre, float(np.sqrt(far.mean())), hull, float(len(degrees) / area_km2)


def _places(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Numbers, Numbers]:
    """The distinct places in metres, from west to east, the place of each point, and how many points lie at each."""
    plane = Plane.around(lon, lat)
    plane.metres(lon, lat)  # refuses what is not on earth before anything is compared
    degrees = np.column_stack((np.asarray(lon, float), np.asarray(lat, float)))
    places, which, times = np.unique(degrees, axis=0, return_inverse=True, return_counts=True)
    return plane.metres(places[:, 0], places[:, 1]), which.ravel().astype(np.int64), times.astype(np.int64)


def _numbered(found: Numbers, which: Numbers, times: Numbers) -> Numbers:
    """Labels of places, which stand from west to east, as labels of points, renumbered from the largest cluster on."""
    kinds, first, label = np.unique(found, return_index=True, return_inverse=True)
    sizes = np.bincount(label.ravel(), times)
    order = [place for place in np.lexsort((first, -sizes)).tolist() if kinds[place] >= 0]
    number = np.full(len(kinds), NOISE, np.int64)
    number[order] = np.arange(len(order))
    return np.asarray(number[label.ravel()][which])
