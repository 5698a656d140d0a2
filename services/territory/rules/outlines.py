"""The shapes of a map as short SVG paths: projected, generalised together, on a grid of whole numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, MultiPolygon, Polygon

from services.territory.rules.approximate import multi_polygon

WIDTH = 1000
MARGIN = 8
TALLEST = 1.4
"""A tall country is drawn narrower instead of running off the page."""
TOLERANCE = 1.6
"""Side, in grid units, of the triangles that generalising may cut off (Visvalingam-Whyatt on the whole coverage)."""
SMALLEST_ISLE = 12.0
"""Square grid units below which an isle of a larger unit is left out."""


@dataclass(frozen=True)
class Projection:
    """Degrees to grid units: equirectangular at the latitude of the middle, north up."""

    west: float
    north: float
    across: float
    down: float

    def __call__(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        flat: NDArray[np.float64] = (lonlat - (self.west, self.north)) * (self.across, -self.down) + MARGIN
        return flat

    def point(self, lon: float, lat: float) -> tuple[int, int]:
        x, y = self(np.array([[lon, lat]]))[0]
        return round(float(x)), round(float(y))


@dataclass(frozen=True)
class Outlines:
    """What is drawn: the path of each unit, the lines between the larger units, and how points are placed."""

    width: int
    height: int
    units: Mapping[str, str]
    groups: str
    projection: Projection
    km_per_unit: float
    centres: Mapping[str, tuple[int, int]]
    """A place inside each unit, in grid units: where its circle stands and its lines begin."""


def outlines(shapes: Mapping[str, Geometry], *, group: int = 4, tolerance: float = TOLERANCE) -> Outlines:
    """Paths for `shapes` (degrees, by official code); units that share the first `group` characters of their code are
    framed together. Every unit keeps a path, however small it is. A larger `tolerance` makes coarser, lighter paths.
    """
    codes = sorted(shapes)
    projection, width, height = _fit(*_bounds([shapes[code] for code in codes]))
    projection, width, height = _fit(*_bounds([_visible(shapes[code], projection) for code in codes]))
    flat = [multi_polygon(shapely.transform(shapes[code], projection)) for code in codes]
    simple = [multi_polygon(shape) for shape in shapely.coverage_simplify(flat, tolerance)]
    framed: dict[str, list[Geometry]] = {}
    for code, shape in zip(codes, simple, strict=True):
        framed.setdefault(code[:group], []).append(shape)
    frames = [_path(multi_polygon(_merged(parts))) for _, parts in sorted(framed.items())]
    return Outlines(
        width=width,
        height=height,
        units={code: _path(shape) for code, shape in zip(codes, simple, strict=True)},
        groups="".join(frames),
        projection=projection,
        km_per_unit=111.195 / projection.down,
        centres={code: _centre(shape) for code, shape in zip(codes, flat, strict=True)},
    )


def _bounds(shapes: Sequence[Geometry]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(list(shapes)))
    return west, south, east, north


def _visible(shape: Geometry, projection: Projection) -> Geometry:
    """The shape without the isles that are too small to be drawn: a far one would make everything else small."""
    parts = shapely.get_parts(shape)
    areas = shapely.area(parts) * projection.across * projection.down
    return MultiPolygon(list(parts[(areas >= SMALLEST_ISLE) | (areas == areas.max(initial=0.0))]))


def _fit(west: float, south: float, east: float, north: float) -> tuple[Projection, int, int]:
    narrowing = cos(radians((south + north) / 2))
    wide, tall = max((east - west) * narrowing, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * MARGIN) / wide, (WIDTH * TALLEST - 2 * MARGIN) / tall)
    projection = Projection(west, north, scale * narrowing, scale)
    return projection, round(wide * scale) + 2 * MARGIN, round(tall * scale) + 2 * MARGIN


def _merged(parts: list[Geometry]) -> Geometry:
    """One shape; the hair cracks that overlapping sources leave between neighbours are closed."""
    return shapely.buffer(shapely.union_all(shapely.buffer(parts, 0.6, join_style="mitre")), -0.6, join_style="mitre")


def _path(shape: MultiPolygon) -> str:
    largest = max((part.area for part in shape.geoms), default=0.0)
    drawn = [_rings(part) for part in shape.geoms if part.area >= min(SMALLEST_ISLE, largest)]
    return "".join(ring for rings in drawn for ring in rings) or _dot(shape)


def _rings(polygon: Polygon) -> list[str]:
    rings = [_ring(polygon.exterior.coords)]
    return rings + [_ring(hole.coords) for hole in polygon.interiors if Polygon(hole).area >= SMALLEST_ISLE]


def _ring(coordinates: object) -> str:
    grid = np.rint(np.asarray(coordinates)[:-1]).astype(int)
    steps = np.diff(grid, axis=0)
    moved = steps[np.any(steps != 0, axis=1)]
    if len(moved) < 2:
        return ""
    lines = "".join(_number(x, first=index == 0) + _number(y) for index, (x, y) in enumerate(moved.tolist()))
    return f"M{grid[0][0]} {grid[0][1]}l{lines}z"


def _number(value: int, *, first: bool = False) -> str:
    """A number in a path; a minus sign separates by itself."""
    return str(value) if first or value < 0 else f" {value}"


def _centre(shape: MultiPolygon) -> tuple[int, int]:
    """The centroid of the largest part, or a place inside it where that lies outside."""
    largest = max(shape.geoms, key=lambda part: part.area)
    centre = largest.centroid if largest.contains(largest.centroid) else largest.point_on_surface()
    return round(centre.x), round(centre.y)


def _dot(shape: MultiPolygon) -> str:
    centre = shape.centroid
    x, y = (round(centre.x), round(centre.y)) if not shape.is_empty else (MARGIN, MARGIN)
    return f"M{x - 1} {y}l1-1 1 1-1 1z"
