"""Which places are neighbours: spatial weights of municipal shapes and of points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import Geometry, STRtree

from services.territory.rules.analysis.metres import Plane, arc_m, chord_m, on_sphere
from services.territory.rules.locating import BORDER_TOLERANCE_M

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Kind = Literal["binary", "row"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Spatial weights: `matrix[i, j] > 0` where unit `j` is a neighbour of unit `i`, in the order of `ids`.

    `kind` is `binary` (every neighbour weighs 1) or `row` (those of a unit weigh 1 together). Made by the functions of
    this module, which refuse ids that repeat (ValueError). A unit without neighbours is an island: its row is empty.
    """

    ids: tuple[str, ...]
    matrix: "csr_array[Any, tuple[int, int]]"
    kind: Kind = "binary"

    @property
    def n(self) -> int:
        return len(self.ids)

    @property
    def neighbours(self) -> NDArray[np.int64]:
        """`(n,)`: how many neighbours each unit has besides itself."""
        return np.asarray(np.diff(self.matrix.indptr) - (self.matrix.diagonal() != 0), np.int64)

    @property
    def islands(self) -> tuple[str, ...]:
        """The units without any neighbour but themselves."""
        return tuple(self.ids[place] for place in np.flatnonzero(self.neighbours == 0))

    @property
    def coverage(self) -> float:
        """The share of the units that have a neighbour; of no units, 0."""
        return float(np.mean(self.neighbours > 0)) if self.ids else 0.0


def queen(ids: Sequence[str], shapes: Sequence[Geometry], *, tolerance_m: float = BORDER_TOLERANCE_M) -> Weights:
    """Binary, symmetric weights of shapes (WGS 84 degrees): neighbours are those that touch, overlap, or lie within
    `tolerance_m` of each other, be it at a corner alone ("queen").

    Official boundaries overlap and leave gaps, and a border drawn twice has its vertices at different places, so that
    contiguity by shared vertices loses neighbours; hence a distance, measured in the local equal-area plane (`Plane`).
    With 0 only what truly meets after projection counts: enough where neighbours share their vertices. An empty shape
    is an island. Refuses a tolerance that is negative or not finite, and as many ids as shapes do not have.
    Source: Cliff and Ord, Spatial Processes, 1981, ch. 1 (contiguity).
    """
    if not 0 <= tolerance_m < np.inf:
        raise ValueError("a tolerance is a finite number of metres, not negative")
    whole = shapely.total_bounds(list(shapes)) if len(shapes) else np.full(4, np.nan)
    west, south, east, north = whole if np.all(np.isfinite(whole)) else (0.0, 0.0, 0.0, 0.0)
    plane = Plane.around([west, east], [south, north])
    flat = shapely.transform(np.array(shapes, dtype=object), lambda xy: plane.metres(xy[:, 0], xy[:, 1]))
    tree = STRtree(flat)
    if tolerance_m > 0:
        one, other = tree.query(flat, predicate="dwithin", distance=tolerance_m)
    else:
        one, other = tree.query(flat, predicate="intersects")
    apart = one != other
    return _binary(ids, one[apart], other[apart], len(shapes))


def nearest(ids: Sequence[str], lon: ArrayLike, lat: ArrayLike, k: int) -> Weights:
    """Binary weights of points (WGS 84 degrees): the `k` others at the least great-circle distance. Not symmetric.

    Equally far ones (to the millimetre) are taken in the order given; points at one place are neighbours at distance 0.
    Refuses `k` below 1 or so large that there are not `k` others, and coordinates that are not on earth.
    """
    places = on_sphere(lon, lat)
    n = len(places)
    if not 1 <= k < n:
        raise ValueError(f"{k} neighbours of {n} points")
    from scipy.spatial import KDTree

    asked = min(k + 2, n)
    distance, found = KDTree(places).query(places, k=asked)
    distance = np.round(arc_m(distance), 3)
    # The last one fetched is no farther than the last one wanted: others may be as near that were not fetched.
    tied = np.flatnonzero(distance[:, -1] <= distance[:, k]) if asked < n else np.arange(0)
    order = np.lexsort((found, distance, found == np.arange(n)[:, None]), axis=1)
    wanted = np.take_along_axis(found, order, axis=1)[:, :k]
    for one in tied:
        away = np.round(arc_m(np.linalg.norm(places - places[one], axis=1)), 3)
        away[one] = np.inf
        wanted[one] = np.argsort(away, kind="stable")[:k]
    return _binary(ids, np.repeat(np.arange(n), k), wanted.ravel(), n)


def within(ids: Sequence[str], lon: ArrayLike, lat: ArrayLike, distance_m: float) -> Weights:
    """Binary, symmetric weights of points (WGS 84 degrees): all others at a great-circle distance of `distance_m` or
    less. Refuses a distance that is negative or not finite, and coordinates that are not on earth.
    """
    if not 0 <= distance_m < np.inf:
        raise ValueError("a distance is a finite number of metres, not negative")
    places = on_sphere(lon, lat)
    from scipy.spatial import KDTree

    reach = float(chord_m(distance_m)) * (1 + 1e-12)
    pairs = KDTree(places).query_pairs(reach, output_type="ndarray") if len(places) else np.empty((0, 2), int)
    return _binary(ids, np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]], len(places))


def with_self(weights: Weights) -> Weights:
    """The same binary weights with every unit its own neighbour, as Gi* asks. Row-standardised ones are refused:
    standardise afterwards.
    """
    if weights.kind != "binary":
        raise ValueError("a unit is made its own neighbour before rows are standardised")
    from scipy.sparse import csr_array, eye_array

    alone = weights.matrix - csr_array(_diagonal(weights.matrix))
    return replace(weights, matrix=csr_array(alone + eye_array(weights.n)))


def row_standardised(weights: Weights) -> Weights:
    """The same weights divided by the sum of their row: a unit's weigh 1 together, an island's nothing."""
    from scipy.sparse import csr_array, diags_array

    sums = np.asarray(weights.matrix.sum(axis=1)).ravel()
    matrix = csr_array(diags_array(1 / np.where(sums > 0, sums, 1)) @ weights.matrix)
    return Weights(weights.ids, matrix, "row")


def restricted(weights: Weights, known: ArrayLike) -> Weights:
    """The weights among the units where `known` (`(n,)` booleans) is true, row-standardised again where they were: for
    figures that are withheld or missing elsewhere. Units that lose all their neighbours become islands.
    """
    keep = np.asarray(known)
    if keep.dtype != bool or keep.shape != (weights.n,):
        raise ValueError("which units are known is told by one boolean each")
    ids = tuple(one for one, kept in zip(weights.ids, keep.tolist(), strict=True) if kept)
    less = Weights(ids, weights.matrix[keep][:, keep], weights.kind)
    return row_standardised(less) if weights.kind == "row" else less


def components(weights: Weights) -> NDArray[np.int32]:
    """`(n,)`: the number, from 0, of the connected part in which each unit lies; neighbours in either direction lie
    in one. An island is a part of its own.
    """
    from scipy.sparse.csgraph import connected_components

    return np.asarray(connected_components(weights.matrix, directed=False)[1], np.int32)


def _diagonal(matrix: "csr_array[Any, tuple[int, int]]") -> Any:
    from scipy.sparse import diags_array

    return diags_array(matrix.diagonal())


def _binary(ids: Sequence[str], one: NDArray[np.int64], other: NDArray[np.int64], n: int) -> Weights:
    from scipy.sparse import coo_array, csr_array

    if len(ids) != n or len(set(ids)) != n:
        raise ValueError("every unit has one id of its own")
    matrix = csr_array(coo_array((np.ones(len(one)), (one, other)), shape=(n, n)))
    matrix.sort_indices()
    return Weights(tuple(ids), matrix)
