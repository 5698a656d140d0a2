"""What OGC API - Features (17-069r4), its filters (19-079r2) and OGC API - Tiles (20-057) require of the doors."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from services.territory.api.ogc.collections import CONFORMS
from services.territory.queries import unit_features as units
from services.territory.rules.filtering import BadFilter, read_filter
from shared.events.registry import Point
from shared.testing import person
from tests.territory.conftest import register

TECHNICIAN = person("technician", scope="HN17")
PLANNER = person("planner", scope="HN17")
ITEMS = "/ogc/collections/enterprises/items"
UNITS = "/ogc/collections/units/items"
PAGES = ["", "/collections", "/collections/enterprises/items?limit=2", "/collections/units/items?limit=2",
         "/collections/units/items/HN1709", "/collections/units/tiles"]  # fmt: skip


@pytest.fixture
def coast(service: SimpleNamespace) -> SimpleNamespace:
    """Six enterprises a tenth of a degree apart, one more each day."""
    with service.database.transaction() as session:
        service.ids = [
            str(register(session, 1, point=Point(lon=-87.5 + number / 10, lat=13.4, accuracy_m=5.0),
                         recorded_on=date(2026, 3, 1 + number))[0])
            for number in range(6)
        ]  # fmt: skip
    return service


def found(service: SimpleNamespace, query: str) -> list[int]:
    """Which of the six come, by their numbers."""
    answer = service.get(TECHNICIAN, f"{ITEMS}?{query}")
    assert answer.status_code == 200, answer.text
    return sorted(service.ids.index(one["id"]) for one in answer.json["features"])


def links(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["rel"]: one for one in value["links"]}


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_leads_to_itself_and_to_its_other_form(coast: SimpleNamespace, path: str) -> None:
    plain = coast.get(TECHNICIAN, f"/ogc{path}")
    told = links(plain.json)
    assert told["self"]["type"] == plain.mimetype
    assert told["alternate"]["type"].startswith("text/html")
    for rel in ("self", "alternate"):
        again = coast.get(TECHNICIAN, told[rel]["href"].partition("/api/territory/v1")[2])
        assert (again.status_code, again.mimetype) == (200, told[rel]["type"].partition(";")[0])


def test_as_html_an_answer_is_itself_html_and_leads_to_the_data(coast: SimpleNamespace) -> None:
    page = coast.get(TECHNICIAN, f"{ITEMS}?limit=2&f=html").text
    assert "/items?limit=2&amp;f=json" in page
    assert coast.get(TECHNICIAN, f"{ITEMS}?limit=2&f=json", headers={"Accept": "text/html"}).mimetype == (
        "application/geo+json"
    )


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/geo+json", "application/geo+json"), ("application/json", "application/geo+json"), ("*/*", "application/geo+json"),
        ("application/geo+json, application/json", "application/geo+json"), ("text/html", "text/html"),
        ("text/html;q=0.2, application/geo+json", "application/geo+json"), ("image/png", "application/geo+json"),
    ],
)  # fmt: skip
def test_the_form_is_the_one_accepted_best(coast: SimpleNamespace, accept: str, expected: str) -> None:
    assert coast.get(TECHNICIAN, ITEMS, headers={"Accept": accept}).mimetype == expected


def test_the_description_of_the_service_is_where_the_landing_page_says(service: SimpleNamespace) -> None:
    told = links(service.get(TECHNICIAN, "/ogc").json)["service-desc"]
    document = service.get(TECHNICIAN, told["href"].partition("/api/territory/v1")[2])
    assert document.json["openapi"].startswith("3.1")
    assert told["type"].endswith("version=3.1")
    assert "/api/territory/v1/ogc/collections/{collection}/items" not in document.json["paths"]
    [path] = [one for one in document.json["paths"] if one.endswith("/ogc/collections/enterprises/items")]
    parameters = {one["name"]: one for one in document.json["paths"][path]["get"]["parameters"]}
    assert {"bbox", "datetime", "limit", "filter", "filter-lang", "filter-crs"} <= set(parameters)
    assert parameters["limit"]["schema"]["maximum"] == 10_000


def test_only_what_holds_is_declared() -> None:
    """The description is OpenAPI 3.1, not 3.0; queryables are named in a filter, not each as a parameter; TileJSON has
    no class of its own; a comparison of two geometries that stand in the filter is refused.
    """
    declared = {one.removeprefix("http://www.opengis.net/spec/") for one in CONFORMS}
    assert not declared & {
        "ogcapi-features-1/1.0/conf/oas30", "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "ogcapi-tiles-1/1.0/conf/tilejson", "cql2/1.0/conf/property-property", "cql2/1.0/conf/array-functions",
        "cql2/1.0/conf/functions",
    }  # fmt: skip


TRIANGLE = "POLYGON((-87.55 13.3,-87.35 13.3,-87.35 13.5,-87.55 13.5,-87.55 13.3))"
CLASSES = {
    "basic-cql2": ("chain = 'fishing' AND NOT (jobs_women <> 1 OR chain IS NULL) AND recorded_on < DATE('2026-03-03')", [0, 1]),
    "advanced-comparison-operators": ("chain LIKE 'fi%' AND jobs_women BETWEEN 1 AND 2 AND chain IN ('fishing')", [*range(6)]),
    "case-insensitive-comparison": ("CASEI(chain) = CASEI('FISHING')", [*range(6)]),
    "accent-insensitive-comparison": ("ACCENTI(chain) = ACCENTI('físhing')", [*range(6)]),
    "basic-spatial-functions": ("S_INTERSECTS(geometry, BBOX(-87.45,13,-87.25,14))", [1, 2]),
    "basic-spatial-functions-plus": (f"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(-87 13.4),{TRIANGLE}))", [0, 1, 5]),
    "spatial-functions": (f"S_WITHIN(geometry, {TRIANGLE}) OR S_TOUCHES(geometry, POINT(0 0))", [0, 1]),
    "temporal-functions": ("T_AFTER(recorded_on, DATE('2026-03-04')) OR T_DURING(recorded_on, INTERVAL('2026-02-28','2026-03-02'))", [0, 4, 5]),
    "arithmetic": ("jobs_women * 2 + 1 = 3", [*range(6)]),
}  # fmt: skip


@pytest.mark.parametrize("declared", [one.rpartition("/")[2] for one in CONFORMS if "/cql2/" in one])
@pytest.mark.both_databases
def test_every_class_of_filters_that_is_declared_is_followed(coast: SimpleNamespace, declared: str) -> None:
    if declared == "cql2-json":
        text, expected = '{"op":"=","args":[{"property":"chain"},"fishing"]}&filter-lang=cql2-json', [*range(6)]
    else:
        text, expected = CLASSES["basic-cql2" if declared == "cql2-text" else declared]
        text = quote(text)
    assert found(coast, f"filter={text}") == expected


POINT = {"type": "Point", "coordinates": [-87, 13]}
LINE = {"type": "LineString", "coordinates": [[-87, 13], [-86, 13]] * 150}


@pytest.mark.parametrize(
    "shape",
    [
        *({"geometries": one} for one in (
            [], [{"type": "GeometryCollection", "geometries": [POINT]}], [POINT] * 501, "point", [{"type": "Point"}], [None],
            [LINE] * 7, [POINT, {"type": "Point", "coordinates": [-187, 13]}])),
        {"coordinates": [-87, 13]},
    ],
)  # fmt: skip
def test_a_collection_of_geometries_is_bounded_and_flat(shape: dict[str, Any]) -> None:
    def told(**members: Any) -> dict[str, Any]:
        return {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "GeometryCollection", **members}]}

    read_filter(told(geometries=[POINT] * 500), units.FACTS)
    read_filter(told(geometries=[LINE] * 6), units.FACTS)
    with pytest.raises(BadFilter, match=r"filter\.geometry"):
        read_filter(told(**shape), units.FACTS)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-03-02", [1]), ("2026-03-02T23:59:59Z", [1]), ("2026-03-02T10:00:00.25-06:00", [1]),
        ("2026-03-05/..", [4, 5]), ("2026-03-05/", [4, 5]), ("../2026-03-02", [0, 1]), ("/2026-03-02", [0, 1]),
        ("2026-03-02/2026-03-03T00:00:00Z", [1, 2]), ("../..", [*range(6)]), ("2026-03-05T/..", [4, 5]),
    ],
)  # fmt: skip
def test_time_is_a_moment_or_an_interval_that_may_be_open(
    coast: SimpleNamespace, time: str, expected: list[int]
) -> None:
    assert found(coast, f"datetime={quote(time)}") == expected


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("-87.45,13,-87.25,14", [1, 2]), ("-87.45,13,-100,-87.25,14,2500.5", [1, 2]), ("-87.4,13.4,-87.4,13.4", [1]),
        ("170,-90,-87.45,90", [0]), ("-87.05,-90,-170,90", [5]), ("-87.15,13,-87.35,14", [0, 1, 4, 5]),
        ("-180,-90,180,90", [*range(6)]),
    ],
)  # fmt: skip
@pytest.mark.both_databases
def test_a_box_may_have_heights_and_cross_the_date_line(coast: SimpleNamespace, box: str, expected: list[int]) -> None:
    assert found(coast, f"bbox={box}&limit=100") == expected


def test_a_box_across_the_date_line_chooses_units_too(service: SimpleNamespace) -> None:
    def codes(box: str) -> list[str]:
        return [one["id"] for one in service.get(TECHNICIAN, f"{UNITS}?limit=200&bbox={box}").json["features"]]

    everything = codes("-180,-90,180,90")
    assert codes("170,-90,-80,90") == everything
    assert codes("170,-90,-120,90") == []
    assert len(everything) > 3


def test_more_than_a_page_may_have_is_as_much_as_it_may_have(
    coast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(coast, "limit=10001") == [*range(6)]
    assert found(coast, "limit=4000000") == [*range(6)]
    monkeypatch.setattr("services.territory.api.ogc.asking.MOST_FEATURES", 2)
    answer = coast.get(TECHNICIAN, f"{ITEMS}?limit=3").json
    assert (answer["numberReturned"], "next" in links(answer)) == (2, True)


@pytest.mark.parametrize("path", [*(f"/ogc{one}" for one in PAGES), "/ogc/conformance", "/ogc/collections/enterprises",
                                  "/ogc/collections/units/queryables", "/ogc/collections/units/tiles/WebMercatorQuad/7/59/33",
                                  "/ogc/collections/enterprises/tiles/WebMercatorQuad/7/59/33"])  # fmt: skip
def test_a_parameter_that_nobody_knows_is_a_bad_request(coast: SimpleNamespace, path: str) -> None:
    answer = coast.get(TECHNICIAN, f"{path}{'&' if '?' in path else '?'}colour=red")
    assert answer.status_code == 400
    [error] = answer.json["errors"]
    assert (error["pointer"], error["code"]) == ("/colour", "field.unknown")


def test_another_system_of_coordinates_is_refused(coast: SimpleNamespace) -> None:
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert coast.get(TECHNICIAN, "/ogc/collections/enterprises").json["crs"] == [crs84]
    assert found(coast, f"crs={crs84}&filter=true&filter-crs={crs84}") == [*range(6)]
    for name in ("crs", "filter-crs"):
        assert coast.get(TECHNICIAN, f"{ITEMS}?{name}=http://www.opengis.net/def/crs/EPSG/0/4326").status_code == 400


def test_units_have_no_time_so_that_every_time_is_met(service: SimpleNamespace) -> None:
    every = service.get(PLANNER, f"{UNITS}?limit=200").json["features"]
    assert service.get(PLANNER, f"{UNITS}?limit=200&datetime=1999-01-01/..").json["features"] == every
    assert service.get(PLANNER, f"{UNITS}?datetime=tomorrow").status_code == 400


def test_a_tileset_says_by_what_scheme_it_is_cut(service: SimpleNamespace) -> None:
    [one] = service.get(TECHNICIAN, "/ogc/collections/units/tiles").json["tilesets"]
    told = service.get(TECHNICIAN, links(one)["self"]["href"].partition("/api/territory/v1")[2]).json
    assert links(told)["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]["href"] == told["tileMatrixSetURI"]
    assert {"{tileMatrix}", "{tileRow}", "{tileCol}"} <= set(links(told)["item"]["href"].split("/"))
    for one in ("dataType", "crs", "layers"):
        assert told[one]
