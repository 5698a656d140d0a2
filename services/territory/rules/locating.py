"""In which municipality a point lies, and whether it contradicts the one that was declared."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, pi, radians, sin, sqrt
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, STRtree

from services.territory.rules.label_grid import NOTHING, LabelGrid

APPROXIMATE_RADII = 3.0
"""While a boundary is approximate, a point contradicts it beyond this many equivalent radii from the centroid."""
BORDER_TOLERANCE_M = 100.0
"""Official borders are drawn for maps of 1:50,000 and smaller: a pencil's width is 100 m on the ground."""
GPS_TOLERANCE_M = 500.0
"""A reported accuracy excuses a point outside its municipality up to this distance."""
SNAP_M = 5_000.0
"""A point in no municipality (at sea, across the outer border, where files leave a gap) belongs to the nearest within
this distance: a landing place, an islet that the file does not draw, a house beside a coast drawn for small scales.
"""
EARTH_KM = 6371.0088
_KM_PER_DEGREE = EARTH_KM * pi / 180


@dataclass(frozen=True, slots=True)
class Boundary:
    """A municipality's shape, with the facts of its reference: centroid (degrees) and area."""

    code: str
    official: bool
    lon: float
    lat: float
    area_km2: float
    shape: Geometry

    @property
    def radius_km(self) -> float:
        """Radius of the circle with the municipality's area."""
        return sqrt(self.area_km2 / pi)


@dataclass(frozen=True, slots=True)
class Located:
    """A point to settle: WGS 84 degrees, the declared municipality and the reported accuracy, where known."""

    lon: float
    lat: float
    declared: str | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies. `contradicts` is None when nothing known was declared; `distance_radii` counts from the
    centroid of the declared municipality; `official` tells on which kind of boundary it was judged; `snapped_m` is how
    many metres outside of `municipality` it lies, None where it lies inside.
    """

    municipality: str | None
    contradicts: bool | None
    distance_radii: float | None
    official: bool
    snapped_m: float | None = None


class Municipalities:
    """The boundaries in force, ready to be searched.

    Where polygons overlap (official files of the three countries do, in hundreds of places) a point belongs to the
    declared municipality if that one covers it; otherwise to the first by this order: official before approximate,
    then the smaller area, then the lower code. A point that lies just outside is snapped: to the official shape of the
    declared municipality where the border's or its own accuracy excuses the distance, or, where no shape covers it, to
    the nearest within `SNAP_M` (of equally near ones the first by the same order). The answer depends on nothing else.
    """

    def __init__(self, boundaries: Sequence[Boundary]) -> None:
        self._ordered = sorted(boundaries, key=lambda one: (not one.official, one.area_km2, one.code))
        self._rank = {boundary.code: rank for rank, boundary in enumerate(self._ordered)}
        self._tree = STRtree([boundary.shape for boundary in self._ordered])
        self._shapes = np.array([boundary.shape for boundary in self._ordered], dtype=object)
        self._grid: LabelGrid | None = None
        self._making = Lock()

    def __contains__(self, code: object) -> bool:
        return code in self._rank

    def __getitem__(self, code: str) -> Boundary:
        return self._ordered[self._rank[code]]

    def __len__(self) -> int:
        return len(self._ordered)

    def under(self, *prefixes: str) -> list[Boundary]:
        """The boundaries whose code begins with one of `prefixes`, by code."""
        found = [boundary for boundary in self._ordered if boundary.code.startswith(prefixes)]
        return sorted(found, key=lambda boundary: boundary.code)

    def in_order(self) -> Sequence[Boundary]:
        """The boundaries in the order in which a point in an overlap belongs to them."""
        return self._ordered

    def covering(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.int64]:
        """For each of many points, the place in that order of the first boundary that covers it, -1 where none does:
        what `locate` says without a declared municipality, before it looks beside the shapes. The first who asks waits
        until the grid is made.
        """
        with self._making:
            if self._grid is None:
                self._grid = LabelGrid([boundary.shape for boundary in self._ordered])
        return self._grid.first(lons, lats)

    def locate(self, points: Sequence[Located]) -> list[Place]:
        """The place of each point, in the order given."""
        if not points:
            return []
        lons, lats = np.array([(point.lon, point.lat) for point in points]).T
        declared = np.array([self._rank.get(point.declared or "", NOTHING) for point in points])
        known = np.flatnonzero(declared != NOTHING)
        covered = np.zeros(len(points), dtype=bool)
        covered[known] = shapely.intersects_xy(self._shapes[declared[known]], lons[known], lats[known])
        found = zip(points, self.covering(lons, lats).tolist(), covered.tolist(), strict=True)
        return [self._place(point, rank, covered=in_declared) for point, rank, in_declared in found]

    def _place(self, point: Located, rank: int, *, covered: bool) -> Place:
        lying_in = None if rank == NOTHING else self._ordered[rank]
        known = point.declared in self._rank
        if known and covered:
            lying_in = self[str(point.declared)]
        outside_m = None
        if known and not covered and (excused := _excused_m(point, self[str(point.declared)])) is not None:
            lying_in, outside_m = self[str(point.declared)], excused
        elif lying_in is None:
            lying_in, outside_m = self._nearest(point)
        if not known:
            return Place(_code(lying_in), None, None, lying_in is not None and lying_in.official, _metres(outside_m))
        declared = self[str(point.declared)]
        radii = distance_km(point.lon, point.lat, declared.lon, declared.lat) / declared.radius_km
        contradicts = lying_in is not declared if declared.official else not covered and radii > APPROXIMATE_RADII
        return Place(_code(lying_in), contradicts, round(radii, 3), declared.official, _metres(outside_m))

    def _nearest(self, point: Located) -> tuple[Boundary | None, float | None]:
        """The nearest shape within `SNAP_M`, and how many metres away it is."""
        degrees = SNAP_M / 1000 / _KM_PER_DEGREE / cos(radians(point.lat))
        near = self._tree.query(shapely.Point(point.lon, point.lat), predicate="dwithin", distance=degrees)
        distances = [(_metres_between(point, self._ordered[rank]), rank) for rank in near.tolist()]
        metres, rank = min(distances, default=(SNAP_M + 1, 0))
        return (self._ordered[rank], metres) if metres <= SNAP_M else (None, None)


def _code(boundary: Boundary | None) -> str | None:
    return boundary.code if boundary else None


def _metres(exact: float | None) -> float | None:
    return None if exact is None else round(exact, 1)


def _excused_m(point: Located, declared: Boundary) -> float | None:
    """How many metres outside the official shape of its declared municipality a point lies, where that is near enough
    to belong there.
    """
    if not declared.official:
        return None
    outside = _metres_between(point, declared)
    return outside if outside <= max(BORDER_TOLERANCE_M, min(point.accuracy_m or 0.0, GPS_TOLERANCE_M)) else None


def _metres_between(point: Located, boundary: Boundary) -> float:
    line = shapely.shortest_line(shapely.Point(point.lon, point.lat), boundary.shape)
    (lon, lat), (border_lon, border_lat) = line.coords
    return distance_km(lon, lat, border_lon, border_lat) * 1000


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance (haversine, mean earth radius)."""
    half_lat = sin(radians(lat2 - lat1) / 2)
    half_lon = sin(radians(lon2 - lon1) / 2)
    share = half_lat**2 + cos(radians(lat1)) * cos(radians(lat2)) * half_lon**2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(share)))
