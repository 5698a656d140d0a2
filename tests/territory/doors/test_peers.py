"""The requests that QGIS 3.22 and GDAL 3.6 make of the doors, as they were recorded (docs/territory/doors-in-qgis.md)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.events.registry import Point
from shared.testing import person
from tests.territory.conftest import register

pytestmark = pytest.mark.both_databases

TECHNICIAN = person("technician", scope="HN17")
PLANNER = person("planner", scope="HN17")
QGIS_VIEW = "-87.59999999999999432,13.19999999999999929,-87.40000000000000568,13.5"
"""The edges of the map on screen, with every digit of a double."""
OPENAPI = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json"
FEATURES = "application/geo+json, application/json"


def the_gulf(session: Session) -> None:
    """Thirty enterprises in sight, five out of it."""
    for number in range(35):
        register(session, 1, point=Point(lon=-87.58 + number / 165, lat=13.4, accuracy_m=5.0),
                 chain="fishing" if number < 9 else "cashew")  # fmt: skip


@pytest.fixture
def gulf(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(the_gulf)


def asked(service: SimpleNamespace, path: str, accept: str = "application/json", caller: Any = TECHNICIAN) -> Any:
    answer = service.get(caller, path, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return answer


def test_qgis_opens_a_layer(gulf: SimpleNamespace) -> None:
    landing = asked(gulf, "/ogc").json
    [description] = [one["href"] for one in landing["links"] if one["rel"] == "service-desc"]
    assert asked(gulf, description.partition("/api/territory/v1")[2], OPENAPI).is_json
    [data] = [one["href"] for one in landing["links"] if one["rel"] == "data"]
    path = data.partition("/api/territory/v1")[2]
    for name in ("enterprises", "units"):
        told = asked(gulf, f"{path}/{name}").json
        [west, south, east, north] = told["extent"]["spatial"]["bbox"][0]
        assert west < east
        assert south < north
        sample = asked(gulf, f"{path}/{name}/items?limit=10", FEATURES)
        assert sample.mimetype == "application/geo+json"
        assert sample.json["features"][0]["geometry"]["type"] in {"Point", "Polygon", "MultiPolygon"}
        assert len({tuple(one["properties"]) for one in sample.json["features"]}) == 1, "columns are guessed from these"


def test_qgis_follows_the_pages_of_what_is_in_sight(gulf: SimpleNamespace) -> None:
    path, seen = f"/ogc/collections/enterprises/items?limit=25&bbox={QGIS_VIEW}", []
    while path:
        page = asked(gulf, path, FEATURES).json
        seen += [one["id"] for one in page["features"]]
        path = next((one["href"] for one in page["links"] if one["rel"] == "next"), "").partition("/api/territory/v1")[
            2
        ]
    assert len(seen) == len(set(seen)) == 30
    assert asked(gulf, f"/ogc/collections/units/items?limit=25&bbox={QGIS_VIEW}", FEATURES).json["features"]


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("(\"chain\" = 'fishing')", 9), ("(\"jobs_women\" >= 1) AND (\"chain\" <> 'cashew')", 9),
        ("CASEI(\"chain\") LIKE CASEI('FISH%')", 9), ("(\"recorded_on\" = DATE('2026-03-01'))", 35),
        ("(\"recorded_on\" < TIMESTAMP('2026-03-01T00:00:00.000Z'))", 0), ('("formal" = TRUE)', 0),
        ("(\"chain\" IN ('fishing','dairy')) AND NOT (\"jobs_men\" IS NULL)", 9),
    ],
)  # fmt: skip
def test_a_newer_qgis_sends_its_expression_as_cql2(gulf: SimpleNamespace, expression: str, number: int) -> None:
    """It does so where the classes are declared and the layer names its queryables: see the same document."""
    assert any(one.endswith("/features-filter") for one in asked(gulf, "/ogc/conformance").json["conformsTo"])
    queryables = asked(gulf, "/ogc/collections/enterprises/queryables", "application/schema+json").json["properties"]
    assert {"chain", "jobs_women", "recorded_on", "formal"} <= set(queryables)
    query = {"limit": 1000, "filter-lang": "cql2-text", "filter": expression}
    answer = gulf.call(TECHNICIAN, "GET", "/ogc/collections/enterprises/items", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.json["numberReturned"] == number


def test_gdal_asks_for_a_day_as_a_time_without_an_hour(gulf: SimpleNamespace) -> None:
    at = "/ogc/collections/enterprises/items?limit=10&datetime="
    assert len(asked(gulf, f"{at}2026-03-01T%2F..", FEATURES).json["features"]) == 10
    assert asked(gulf, f"{at}2026-03-02T%2F..", FEATURES).json["features"] == []


def test_a_planner_opens_her_units_and_no_enterprise(gulf: SimpleNamespace) -> None:
    listed = asked(gulf, "/ogc/collections", caller=PLANNER).json["collections"]
    assert [one["id"] for one in listed] == ["units"]
    assert asked(gulf, f"/ogc/collections/units/items?limit=25&bbox={QGIS_VIEW}", FEATURES, PLANNER).json["features"]
    assert gulf.get(PLANNER, f"/ogc/collections/enterprises/items?limit=25&bbox={QGIS_VIEW}").status_code == 403


def test_qgis_draws_vector_tiles(gulf: SimpleNamespace) -> None:
    for name in ("enterprises", "units"):
        for column in (65, 66):
            answer = gulf.get(TECHNICIAN, f"/ogc/collections/{name}/tiles/WebMercatorQuad/8/118/{column}")
            assert answer.status_code in {200, 204}
            assert answer.mimetype == "application/vnd.mapbox-vector-tile"
