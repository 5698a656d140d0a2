"""Approximate municipalities, drawn from their centroids until official boundaries are loaded."""

from collections.abc import Sequence
from math import cos, radians
from typing import NamedTuple

import shapely
from shapely import Geometry, MultiPolygon, Polygon
from shapely.ops import nearest_points


class Seed(NamedTuple):
    """A municipality's code and the centroid (WGS 84 degrees) it grows from."""

    code: str
    lon: float
    lat: float


def approximate_cells(department: Geometry, seeds: Sequence[Seed]) -> dict[str, MultiPolygon]:
    """The Voronoi cell of each seed clipped to its department: together the cells are the department.

    A seed that falls outside (the shoreline of the departments is generalised) is first moved to the nearest place
    inside, so that no municipality is left without a cell.
    """
    if len(seeds) == 1:
        return {seeds[0].code: multi_polygon(department)}
    narrowing = cos(radians(shapely.get_y(shapely.centroid(department))))
    flat = _stretched(department, narrowing)
    points = [_inside(flat, shapely.Point(seed.lon * narrowing, seed.lat)) for seed in seeds]
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=shapely.buffer(flat, 1), ordered=True)
    clipped = [_stretched(cell.intersection(flat), 1 / narrowing) for cell in cells.geoms]
    return {seed.code: multi_polygon(cell) for seed, cell in zip(seeds, clipped, strict=True)}


def multi_polygon(geometry: Geometry) -> MultiPolygon:
    """The polygons of a geometry; lines and points that an operation left behind are dropped."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)]
    nested = [part for part in shapely.get_parts(geometry) if isinstance(part, MultiPolygon)]
    return MultiPolygon(parts + [polygon for part in nested for polygon in part.geoms])


def _inside(area: Geometry, point: shapely.Point) -> shapely.Point:
    if shapely.contains(area, point):
        return point
    onto_border: shapely.Point = nearest_points(area, point)[0]
    return onto_border


def _stretched(geometry: Geometry, factor: float) -> Geometry:
    stretched: Geometry = shapely.transform(geometry, lambda xy: xy * (factor, 1.0))
    return stretched
