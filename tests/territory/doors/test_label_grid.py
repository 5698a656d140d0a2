"""Many points are placed at once as each would be by itself."""

from typing import Any

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import STRtree

from services.territory.queries.boundaries import _with_cells
from services.territory.rules.label_grid import LabelGrid
from services.territory.rules.locating import Located

CORNERS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=6)


@given(
    st.lists(CORNERS, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(-2, 26), st.integers(-2, 26)), max_size=40),
    st.integers(1, 300),
)
def test_the_first_shape_that_covers_a_point_is_found(drawn: Any, halves: Any, cells: int) -> None:
    shapes = [shapely.MultiPoint(corners).convex_hull.buffer(0) for corners in drawn]
    shapes = [shape for shape in shapes if not shape.is_empty]
    if not shapes:
        return
    lons, lats = np.array([x / 2 for x, _ in halves]), np.array([y / 2 for _, y in halves])
    expected = [
        next((rank for rank, shape in enumerate(shapes) if shape.intersects(shapely.Point(*place))), -1)
        for place in zip(lons, lats, strict=True)
    ]
    found = LabelGrid(shapes, STRtree(shapes), cells=cells).first(lons, lats)
    assert found.tolist() == expected


def test_the_municipality_is_the_one_that_locating_gives() -> None:
    municipalities = _with_cells({})
    dice = np.random.default_rng(4)
    lons, lats = dice.uniform(-92.5, -83, 3_000), dice.uniform(12.8, 18, 3_000)
    found = municipalities.covering(lons, lats)
    placed = municipalities.locate([Located(lon, lat) for lon, lat in zip(lons, lats, strict=True)])
    ordered = municipalities.in_order()
    for rank, place in zip(found.tolist(), placed, strict=True):
        inside = place.municipality if place.snapped_m is None else None
        assert (ordered[rank].code if rank >= 0 else None) == inside
