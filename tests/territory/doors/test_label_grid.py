"""Many points are placed at once as each would be by itself."""

from typing import Any

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.territory.queries.boundaries import _with_cells
from services.territory.rules.label_grid import LabelGrid

RINGS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=6)
SMALL = st.tuples(st.integers(1, 11), st.integers(1, 11), st.sampled_from([0.25, 0.5, 1.0]))
HALVES = st.lists(st.tuples(st.integers(-2, 26), st.integers(-2, 26)), max_size=40)


def _drawn(rings: list[Any], holes: list[Any]) -> list[shapely.Geometry]:
    """Convex shapes that lie over each other, with the same square holes in each, and beside them one of two parts."""
    gone = shapely.union_all([shapely.box(x - half, y - half, x + half, y + half) for x, y, half in holes])
    shapes = [shapely.MultiPoint(corners).convex_hull.buffer(0).difference(gone) for corners in rings]
    apart = [shapely.union(shapes[0], shapely.box(20, 20, 21, 21))] if len(shapes) > 1 else []
    return [shape for shape in shapes[1:] + apart + shapes[:1] if not shape.is_empty]


def _by_each(shapes: list[shapely.Geometry], lons: Any, lats: Any) -> list[int]:
    """Each point asked of each shape."""
    points = [shapely.Point(*place) for place in zip(lons, lats, strict=True)]
    return [next((rank for rank, shape in enumerate(shapes) if shape.intersects(point)), -1) for point in points]


@given(st.lists(RINGS, min_size=1, max_size=6), st.lists(SMALL, max_size=3), HALVES, st.integers(1, 300))
def test_the_first_shape_that_covers_a_point_is_found(rings: Any, holes: Any, halves: Any, cells: int) -> None:
    shapes = _drawn(rings, holes)
    lons, lats = np.array([x / 2 for x, _ in halves]), np.array([y / 2 for _, y in halves])

    assert LabelGrid(shapes, cells=cells).first(lons, lats).tolist() == _by_each(shapes, lons, lats)


@given(
    st.lists(RINGS, min_size=1, max_size=4), st.lists(SMALL, max_size=2), st.integers(0, 2**32), st.integers(1, 3000)
)
def test_corners_borders_and_what_lies_a_hair_beside_them_are_found_too(
    rings: Any, holes: Any, seed: int, cells: int
) -> None:
    shapes = _drawn(rings, holes)
    corners = shapely.get_coordinates(shapes) if shapes else np.zeros((1, 2))
    dice = np.random.default_rng(seed)
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    at = np.concatenate([corners, middles, corners + dice.choice([-1e-12, 1e-12, -1e-9, 1e-9], corners.shape)])

    assert LabelGrid(shapes, cells=cells).first(*at.T).tolist() == _by_each(shapes, *at.T)


def test_nothing_covers_a_point_where_there_is_no_shape() -> None:
    for shapes in ([], [shapely.Polygon()]):
        assert LabelGrid(shapes).first(np.array([0.0, -88.0]), np.array([0.0, 14.0])).tolist() == [-1, -1]


def test_shapes_in_a_long_thin_row_are_told_apart() -> None:
    row = [shapely.box(west, 0, west + 1, 1e-7) for west in range(500)]

    assert LabelGrid(row).first(np.arange(500) + 0.5, np.full(500, 5e-8)).tolist() == list(range(500))


def test_points_anywhere_on_earth_may_be_asked() -> None:
    lons, lats = np.array([-180.0, 180, 0.5, 1e300]), np.array([-90.0, 90, 0.5, -1e300])

    assert LabelGrid([shapely.box(0, 0, 1, 1)]).first(lons, lats).tolist() == [-1, -1, 0, -1]


def test_the_municipality_is_the_one_that_a_search_of_all_shapes_gives() -> None:
    municipalities = _with_cells({})
    shapes = [boundary.shape for boundary in municipalities.in_order()]
    dice = np.random.default_rng(4)
    lons, lats = dice.uniform(-92.5, -83, 30_000), dice.uniform(12.8, 18, 30_000)

    found = municipalities.covering(lons, lats)

    first = np.full(len(lons), len(shapes))
    np.minimum.at(first, *shapely.STRtree(shapes).query(shapely.points(lons, lats), predicate="intersects"))
    assert found.tolist() == np.where(first == len(shapes), -1, first).tolist()
    assert {-1} < set(found.tolist())
