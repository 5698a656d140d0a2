"""Vector tiles: what a map program reads out of them is what their reader may see, and a moved point moves."""

import itertools
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.territory.models import CopyCell
from services.territory.rules import vector_tiles as mvt
from services.territory.rules.tiling import (
    BITS,
    MOST_RANGES,
    bounds_of_tile,
    column_row,
    on_grid,
    range_of_tile,
    ranges_of_box,
    separated,
    tile_key,
)
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, Point
from shared.kernel import uuid7
from shared.masking import masked_point
from shared.testing import person
from tests.territory.conftest import facts, register, tell

pytestmark = pytest.mark.both_databases

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
PLANNER = person("planner", scope="HN17")
LONS, LATS = st.floats(-179.9, 179.9), st.floats(-84, 84)


def path(collection: str, zoom: int, lon: float, lat: float) -> str:
    column, row = (part >> (BITS - zoom) for part in column_row(lon, lat))
    return f"/ogc/collections/{collection}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"


def read(answer: Any) -> dict[str, list[dict[str, Any]]]:
    assert answer.status_code in {200, 204}, answer.text
    told = mapbox_vector_tile.decode(answer.data, default_options={"y_coord_down": True}) if answer.data else {}
    return {name: layer["features"] for name, layer in told.items()}


def seen(
    service: SimpleNamespace, caller: Any, zoom: int, lon: float, lat: float, query: str = ""
) -> list[dict[str, Any]]:
    return read(service.get(caller, path("enterprises", zoom, lon, lat) + query)).get("enterprises", [])


@given(LONS, LATS, st.integers(0, 22))
def test_a_place_lies_in_the_range_of_each_of_its_tiles(lon: float, lat: float, zoom: int) -> None:
    key = tile_key(lon, lat)
    column, row = (part >> (BITS - zoom) for part in column_row(lon, lat))
    first, last = range_of_tile(zoom, column, row)
    assert first <= key <= last
    west, south, east, north = bounds_of_tile(zoom, column, row)
    assert west - 1e-5 <= lon <= east + 1e-5
    assert south - 1e-5 <= lat <= north + 1e-5
    assert separated(key) == column_row(lon, lat)
    [x], [y] = on_grid(np.array([key]), zoom, mvt.EXTENT)
    assert 0 <= x < mvt.EXTENT
    assert abs((x + 0.5) / mvt.EXTENT - (lon - west) / (east - west)) < 0.001 + 2.0 ** (zoom - BITS)
    assert 0 <= y < mvt.EXTENT


@given(LONS, LATS, st.floats(0, 5), st.floats(0, 5), st.floats(0, 1), st.floats(0, 1))
def test_the_ranges_of_a_box_hold_every_place_in_it(
    west: float, south: float, wide: float, tall: float, u: float, v: float
) -> None:
    east, north = min(west + wide, 180), min(south + tall, 85)
    ranges = ranges_of_box(west, south, east, north)
    key = tile_key(west + u * (east - west), south + v * (north - south))
    assert any(first <= key <= last for first, last in ranges)
    assert len(ranges) <= MOST_RANGES
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ranges))


VALUES = st.one_of(st.text(max_size=200), st.integers(-(2**60), 2**60), st.booleans(), st.floats(allow_nan=False))
POINTS = st.tuples(st.integers(0, 4095), st.integers(0, 4095), VALUES, st.integers(0, 2**40), st.uuids())


@given(st.lists(POINTS, max_size=8, unique_by=lambda point: point[4]), st.sampled_from([0, 130, 17_000]))
def test_points_and_properties_are_read_as_they_were_written(told: list[Any], before: int) -> None:
    layer = mvt.Layer("points")
    for value in range(before):
        layer.number_of(f"v{value}")
    x, y = (np.array([one[axis] for one in told], dtype=np.int64) for axis in (0, 1))
    layer.add_points(x, y, {
        "a": np.array([layer.number_of(one[2]) for one in told], dtype=np.int64),
        "ñ": layer.numbers_of(np.array([one[3] for one in told], dtype=np.int64)),
        "id": layer.numbers_of_ids("".join(one[4].hex for one in told).encode()),
    })  # fmt: skip
    features = read(SimpleNamespace(status_code=200, data=mvt.encode([layer]))).get("points", [])
    assert [(tuple(one["geometry"]["coordinates"]), one["properties"]) for one in features] == [
        ((x, y), {"a": value, "ñ": number, "id": str(this)}) for x, y, value, number, this in told
    ]


@given(st.dictionaries(st.sampled_from(["a", "b", "ñ"]), st.one_of(VALUES, st.none())))
def test_properties_of_a_shape_are_read_as_they_were_written(properties: dict[str, Any]) -> None:
    layer = mvt.Layer("shapes")
    layer.add(mvt.polygon_commands(shapely.box(0, 0, 9, 9)), layer.tags(properties))
    [feature] = read(SimpleNamespace(status_code=200, data=mvt.encode([layer])))["shapes"]
    assert feature["properties"] == {name: value for name, value in properties.items() if value is not None}


@given(st.lists(st.tuples(st.integers(-60, 4150), st.integers(-60, 4150)), min_size=3, max_size=12, unique=True))
def test_polygons_are_read_as_they_were_drawn(corners: list[tuple[int, int]]) -> None:
    hull = shapely.MultiPoint(corners).convex_hull
    if not isinstance(hull, shapely.Polygon):
        assert mvt.polygon_commands(hull) == b""
        return
    shape = shapely.set_precision(hull.difference(shapely.affinity.scale(hull, 0.4, 0.4)), 1.0)
    layer = mvt.Layer("shapes")
    layer.add(mvt.polygon_commands(shape), b"")
    [feature] = read(SimpleNamespace(status_code=200, data=mvt.encode([layer])))["shapes"]
    assert shapely.geometry.shape(feature["geometry"]).symmetric_difference(shape).area == 0


def test_large_areas_show_numbers_and_small_ones_enterprises(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        ids = register(session, 5, jobs_women=2)
        register(session, 3, "GT0101", point=Point(lon=-90.5, lat=14.6, accuracy_m=3.0))

    for zoom in (0, 3, 5, 6, 8, 10):
        assert [one["properties"] for one in seen(service, TECHNICIAN, zoom, -87.44, 13.42)] == [
            {"number": 5, "women": 10}
        ]
    [number] = seen(service, TECHNICIAN, 0, -87.44, 13.42, "?chain=fishing")
    assert number["properties"]["number"] == 5
    assert seen(service, TECHNICIAN, 0, -87.44, 13.42, "?chain=coffee") == []
    for zoom in (11, 12, 14, 22):
        found = seen(service, TECHNICIAN, zoom, -87.44, 13.42)
        assert [one["properties"]["chain"] for one in found] == ["fishing"] * 5
        if zoom >= 12:
            assert {one["properties"]["id"] for one in found} == set(map(str, ids))
    assert seen(service, TECHNICIAN, 12, -90.5, 14.6) == [], "outside her territory"
    everywhere = person("network_coordinator", scope="*")
    assert sum(one["properties"]["number"] for one in seen(service, everywhere, 0, 0, 0)) == 8


def test_masked_readers_see_masked_places_at_every_zoom(service: SimpleNamespace) -> None:
    shown = facts(enterprise_id=UUID(int=5), point=Point(lon=-87.44, lat=13.42, accuracy_m=3.0))
    with service.database.transaction() as session:
        tell(session, EnterpriseChanged(facts=shown))
        register(session, 2, consent_map=False)
    lon, lat = masked_point(shown.enterprise_id, -87.44, 13.42)
    assert (lon, lat) == (-87.4241, 13.4295), "two kilometres away: in another tile"

    for zoom in (0, 6, 10):
        assert [one["properties"]["number"] for one in seen(service, LEDA, zoom, lon, lat)] == [1]
    [one] = seen(service, LEDA, 14, lon, lat)
    west, _, east, _ = bounds_of_tile(14, *(part >> (BITS - 14) for part in column_row(lon, lat)))
    assert abs(west + (one["geometry"]["coordinates"][0] + 0.5) / 4096 * (east - west) - lon) < 1e-5
    assert seen(service, LEDA, 16, -87.44, 13.42) == []


@pytest.mark.parametrize("role", ["planner", "organization", "cashier", "admin"])
def test_who_sees_no_points_gets_no_tile_of_them(service: SimpleNamespace, role: str) -> None:
    for tail in ("tiles", "tiles/WebMercatorQuad", "tiles/WebMercatorQuad/tilejson", "tiles/WebMercatorQuad/0/0/0"):
        assert service.get(person(role, scope="HN17"), f"/ogc/collections/enterprises/{tail}").status_code == 403


def test_a_moved_point_shows_in_its_new_tile_and_not_in_the_old(service: SimpleNamespace) -> None:
    one = facts(point=Point(lon=-87.44, lat=13.42, accuracy_m=3.0))
    here, there = (-87.44, 13.42), (-87.3, 13.5)
    with service.database.transaction() as session:
        tell(session, EnterpriseChanged(facts=one))
    before = service.get(TECHNICIAN, path("enterprises", 10, *here))
    assert before.headers["Cache-Control"] == "private, no-cache"
    again = service.get(TECHNICIAN, path("enterprises", 10, *here), headers={"If-None-Match": before.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with service.database.transaction() as session:
        moved = facts(enterprise_id=one.enterprise_id, point=Point(lon=there[0], lat=there[1], accuracy_m=3.0))
        tell(session, EnterpriseChanged(facts=moved))

    for zoom in (10, 13):
        assert len(seen(service, TECHNICIAN, zoom, *there)) == 1
    after = service.get(TECHNICIAN, path("enterprises", 10, *here), headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code in {200, 204}
    assert seen(service, TECHNICIAN, 13, *here) == []
    numbers = [one["properties"]["number"] for one in seen(service, TECHNICIAN, 3, *here)]
    assert sum(numbers) == 1


def test_cells_that_count_nothing_are_gone(database: Database) -> None:
    def cells(session: Any) -> int:
        return sum(number for number in session.scalars(select(CopyCell.number)))

    with database.transaction() as session:
        one = facts()
        for change in ({}, {"jobs_women": 4}, {"validation": "rejected"}, {"point": None}, {"consent_map": False}, {}):
            tell(session, EnterpriseChanged(facts=facts(enterprise_id=one.enterprise_id, **change)))
            rows = session.scalars(select(CopyCell)).all()
            assert all(row.number == 1 for row in rows), change
            expected = {"rejected": 0}.get(
                str(change.get("validation")), 1 if "point" in change else 6 if "consent_map" in change else 11
            )
            assert cells(session) == expected, change
            session.expire_all()
        tell(
            session,
            EntrepreneurWithdrawn(entrepreneur_id=uuid7(), enterprise_ids=[one.enterprise_id]),
        )
        assert session.scalars(select(CopyCell)).all() == []


def test_units_are_drawn_with_live_or_published_figures(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 7, jobs_women=2)
        register(session, 2, "HN1701", consent_map=False)
        register(session, 1, "HN1703", point=None)

    def figures(caller: Any, zoom: int) -> dict[str, dict[str, Any]]:
        layers = read(service.get(caller, path("units", zoom, -87.44, 13.42)))
        return {one["properties"]["code"]: one["properties"] for layer in layers.values() for one in layer}

    live = figures(TECHNICIAN, 8)
    assert (live["HN1709"]["enterprises"], live["HN1709"]["women"]) == (7, 14)
    assert (live["HN1701"]["enterprises"], live["HN1703"]["enterprises"], live["HN17"]["enterprises"]) == (2, 1, 10)
    assert {code[:4] for code in live} == {"HN17"}
    assert set(figures(TECHNICIAN, 6)) == {"HN17"}
    public = figures(PLANNER, 8)
    told = [public[code].get("enterprises") for code in ("HN1701", "HN1703", "HN1709")]
    assert told == [0, None, None], "of the seven the one beside them would be seen by the sum"


def test_tiles_are_described(service: SimpleNamespace) -> None:
    for collection, layers in (("enterprises", ["enterprises"]), ("units", ["departments", "municipalities"])):
        base = f"/ogc/collections/{collection}/tiles"
        assert service.get(TECHNICIAN, base).json["tilesets"][0]["dataType"] == "vector"
        told = service.get(TECHNICIAN, f"{base}/WebMercatorQuad").json
        assert told["tileMatrixSetURI"].endswith("WebMercatorQuad")
        described = service.get(TECHNICIAN, f"{base}/WebMercatorQuad/tilejson").json
        assert [one["id"] for one in described["vector_layers"]] == layers
        assert described["tiles"][0].endswith("/{z}/{y}/{x}")


@pytest.mark.parametrize("tail", ["23/0/0", "2/4/0", "2/0/4", "0/0/1"])
def test_a_tile_off_the_map_is_refused(service: SimpleNamespace, tail: str) -> None:
    answer = service.get(TECHNICIAN, f"/ogc/collections/units/tiles/WebMercatorQuad/{tail}")
    assert (answer.status_code, answer.json["code"]) == (404, "tiles.off_the_map")
    assert service.get(TECHNICIAN, "/ogc/collections/units/tiles/WebMercatorQuad/a/0/0").status_code == 404
