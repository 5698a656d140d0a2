"""OGC API - Features: standard pages and items by role and scope, page by page, filtered by nothing that is not seen."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from services.territory import reference
from services.territory.models import CopyEnterprise
from services.territory.queries import features
from services.territory.queries.figures import inside
from services.territory.rules.access import PUBLISHED_FIGURES
from shared import places
from shared.database import Database
from shared.events.registry import Point
from shared.masking import masked_point
from shared.testing import person
from tests.territory.conftest import register

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
PLANNER = person("planner", scope="HN17")
STRANGER = person("technician", scope="GT01")
ITEMS = "/ogc/collections/enterprises/items"
UNITS = "/ogc/collections/units/items"


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    """Forty enterprises along a coast, every fourth of a woman who does not agree to be on the map."""
    service.ids = []
    with service.database.transaction() as session:
        for number in range(40):
            [one] = register(
                session, 1, "HN1709" if number % 2 else "HN1701", chain="cashew" if number % 5 == 0 else "fishing",
                point=Point(lon=-87.5 + number / 100, lat=13.3 + number / 200, accuracy_m=5.0),
                jobs_women=number % 7, consent_map=number % 4 != 0, recorded_on=date(2026, 3, 1 + number % 20),
                formal=number % 2 == 0, links=["production"] if number % 3 else ["inputs"],
            )  # fmt: skip
            service.ids.append(one)
    return service


def pages(service: SimpleNamespace, caller: Any, path: str) -> Iterator[dict[str, Any]]:
    """Every feature of every page, as one follows the links."""
    while path:
        answer = service.get(caller, path)
        assert answer.status_code == 200, answer.text
        assert "numberMatched" not in answer.json
        yield from answer.json["features"]
        following = [one["href"] for one in answer.json["links"] if one["rel"] == "next"]
        path = following[0].partition("/api/territory/v1")[2] if following else ""


def ids(service: SimpleNamespace, caller: Any, query: str = "") -> list[str]:
    return [one["id"] for one in pages(service, caller, f"{ITEMS}?limit=25{query}")]


def test_the_doors_are_found_from_the_landing_page(service: SimpleNamespace) -> None:
    landing = service.get(TECHNICIAN, "/ogc").json
    rels = {one["rel"] for one in landing["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= rels
    assert any(one.endswith("cql2-text") for one in service.get(TECHNICIAN, "/ogc/conformance").json["conformsTo"])
    listed = service.get(TECHNICIAN, "/ogc/collections").json["collections"]
    assert [one["id"] for one in listed] == ["enterprises", "units", "clusters"]
    for one in listed:
        assert service.get(TECHNICIAN, f"/ogc/collections/{one['id']}").json["id"] == one["id"]
    assert [one["id"] for one in service.get(PLANNER, "/ogc/collections").json["collections"]] == ["units"]
    assert service.get(TECHNICIAN, "/ogc/collections/women").status_code == 404


@pytest.mark.parametrize("path", ["", "/conformance", "/collections", "/collections/enterprises", "/collections/units/queryables",
                                  "/collections/enterprises/items", "/collections/units/items?limit=2"])  # fmt: skip
def test_every_page_is_there_for_people_too(gulf: SimpleNamespace, path: str) -> None:
    answer = gulf.get(TECHNICIAN, f"/ogc{path}{'&' if '?' in path else '?'}f=html")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "<h1>" in answer.text
    assert "<script" not in answer.text
    by_browser = gulf.get(TECHNICIAN, f"/ogc{path}", headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert by_browser.mimetype == "text/html"


@pytest.mark.both_databases
def test_every_enterprise_comes_once_page_by_page(gulf: SimpleNamespace) -> None:
    found = ids(gulf, TECHNICIAN)
    assert sorted(found) == sorted(map(str, gulf.ids))
    one = gulf.get(TECHNICIAN, f"{ITEMS}/{found[0]}").json
    assert one["properties"]["precision"] == "exact"
    assert one["geometry"]["type"] == "Point"


@pytest.mark.both_databases
def test_who_may_not_know_exact_places_gets_masked_ones_of_those_who_agreed(gulf: SimpleNamespace) -> None:
    exact = {one["id"]: one["geometry"]["coordinates"] for one in pages(gulf, TECHNICIAN, f"{ITEMS}?limit=100")}
    masked = list(pages(gulf, LEDA, f"{ITEMS}?limit=7"))
    assert len(masked) == 30
    for one in masked:
        assert one["geometry"]["coordinates"] == list(masked_point(UUID(one["id"]), *exact[one["id"]]))
        assert set(one["properties"]) == {
            "municipality", "place_state", "chain", "validation", "jobs_women", "recorded_on", "precision",
        }  # fmt: skip
    assert gulf.get(LEDA, f"{ITEMS}/{gulf.ids[0]}").status_code == 404, "she did not agree"
    assert gulf.get(LEDA, f"{ITEMS}/{gulf.ids[1]}").status_code == 200


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_who_gets_published_figures_gets_no_enterprise_and_no_filter_of_them(gulf: SimpleNamespace, role: str) -> None:
    caller = person(role, scope="HN17")
    for path in (ITEMS, f"{ITEMS}?filter=true", f"{ITEMS}/{gulf.ids[1]}", "/ogc/collections/enterprises/queryables"):
        assert gulf.get(caller, path).status_code == 403


@pytest.mark.both_databases
def test_nobody_sees_beyond_her_territory(gulf: SimpleNamespace) -> None:
    assert ids(gulf, STRANGER) == []
    assert gulf.get(STRANGER, f"{ITEMS}/{gulf.ids[0]}").status_code == 404
    assert gulf.get(STRANGER, f"{ITEMS}?unit=HN17").status_code == 403
    assert gulf.get(STRANGER, f"{UNITS}/HN1709").status_code == 404
    assert ids(gulf, STRANGER, f"&filter={quote('true OR jobs_women >= 0')}") == []


@pytest.mark.both_databases
def test_a_box_and_a_filter_of_masked_places_say_nothing_of_the_true_ones(gulf: SimpleNamespace) -> None:
    """Cutting the territory in ever finer boxes finds the masked place and no other."""
    masked = {one["id"]: one["geometry"]["coordinates"] for one in pages(gulf, LEDA, f"{ITEMS}?limit=100")}
    for west in range(-8760, -8700, 6):
        box = (west / 100, 13.0, west / 100 + 0.06, 14.0)
        inside = sorted(key for key, (lon, lat) in masked.items() if box[0] <= lon <= box[2] and 13.0 <= lat <= 14.0)
        text = ",".join(map(str, box))
        assert sorted(ids(gulf, LEDA, f"&bbox={text}")) == inside
        assert sorted(ids(gulf, LEDA, f"&filter={quote(f'S_INTERSECTS(geometry, BBOX({text}))')}")) == inside
        corners = f"{box[0]} 13,{box[2]} 13,{box[2]} 14,{box[0]} 14,{box[0]} 13"
        polygon = quote(f"S_INTERSECTS(geometry, POLYGON(({corners})))")
        assert sorted(ids(gulf, LEDA, f"&filter={polygon}")) == inside


@pytest.mark.parametrize(
    "hidden", ["formal = TRUE", "accuracy_m < 10", "home_based = TRUE", "lon > -87", "place_key > 1", "id = 'x'"]
)
def test_a_filter_may_not_name_what_its_caller_may_not_read(gulf: SimpleNamespace, hidden: str) -> None:
    answer = gulf.get(LEDA, f"{ITEMS}?filter={quote('jobs_women > 1 AND ' + hidden)}")
    assert (answer.status_code, answer.json["code"]) == (400, "filter.property")
    assert "20" in answer.json["detail"]
    assert "jobs_women" in answer.json["detail"]
    queryables = gulf.get(LEDA, "/ogc/collections/enterprises/queryables").json["properties"]
    assert hidden.split(maxsplit=1)[0] not in queryables


@pytest.mark.both_databases
def test_filters_boxes_and_times_choose(gulf: SimpleNamespace) -> None:
    numbers = {str(one): number for number, one in enumerate(gulf.ids)}

    def found(query: str) -> list[int]:
        return sorted(numbers[one] for one in ids(gulf, TECHNICIAN, query))

    assert found("&chain=cashew") == [*range(0, 40, 5)]
    assert found("&link=inputs") == [*range(0, 40, 3)]
    assert found("&unit=HN1709") == [*range(1, 40, 2)]
    assert found("&datetime=2026-03-20/..") == [19, 39]
    assert found("&datetime=2026-03-01T00:00:00Z") == [0, 20]
    assert found("&bbox=-87.5,13.3,-87.45,13.4") == [*range(6)]
    assert found(f"&filter={quote('formal = TRUE AND chain LIKE ' + chr(39) + 'ca%' + chr(39))}") == [0, 10, 20, 30]
    json_filter = '{"op":"=","args":[{"op":"+","args":[{"property":"jobs_women"},1]},7]}'
    assert found(f"&filter={quote(json_filter)}&filter-lang=cql2-json") == [6, 13, 20, 27, 34]
    triangle = "S_WITHIN(geometry, POLYGON((-87.51 13.29,-87.4 13.29,-87.51 13.4,-87.51 13.29)))"
    inside = [number for number in range(40) if (number + 1) / 100 + (number + 2) / 200 < 0.11]
    assert found(f"&filter={quote(triangle)}") == inside


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("bbox=-87,14,-88,13", 400, "features.box"), ("bbox=-87,14", 400, "body.invalid_fields"),
        ("bbox=-187,13,-87,14", 400, "features.box"), ("datetime=yesterday", 400, "features.time"),
        ("datetime=2026-03-02/2026-03-01", 400, "features.time"),
        ("datetime=2026-03-01/2026-03-02/2026-03-03", 400, "features.time"), ("datetime=2026-W10-1", 400, "features.time"),
        ("datetime=..", 400, "features.time"), ("datetime=2026-03-01T99:00:00Z", 400, "features.time"),
        ("chain=fishing&chain=dairy", 400, "body.invalid_fields"), ("limit=0", 400, "body.invalid_fields"),
        ("limit=many", 400, "body.invalid_fields"), ("colour=red", 400, "body.invalid_fields"),
        ("after=xyz", 400, "query.cursor"), ("filter=chain%20%3D", 400, "filter.syntax"),
        ("filter={&filter-lang=cql2-json", 400, "filter.not_json"), ("filter=[]&filter-lang=cql2-json", 400, "filter.not_json"),
        ("filter=true&filter-lang=ecql", 400, "body.invalid_fields"),
        ("filter=" + quote("jobs_women * 1e12 * jobs_women * 1e12 ^ 4 * 1e12 ^ 4 * 1e12 ^ 4 * 1e12 ^ 4 * 1e12 ^ 4 * 1e12 ^ 4 > 1"), None, None),
        ("filter=" + quote("(" * 400 + "true"), 400, "filter.too_deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(
    gulf: SimpleNamespace, query: str, status: int | None, code: str | None
) -> None:
    answer = gulf.get(TECHNICIAN, f"{ITEMS}?{query}")
    if status is None:
        assert answer.status_code in {200, 400}
    else:
        assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.both_databases
def test_units_carry_the_figures_that_their_reader_may_see(gulf: SimpleNamespace) -> None:
    live = {one["id"]: one["properties"] for one in pages(gulf, TECHNICIAN, f"{UNITS}?limit=4")}
    assert (live["HN1709"]["enterprises"], live["HN1701"]["enterprises"]) == (20, 20)
    assert {code[:4] for code in live} == {"HN17"}
    assert live["HN1709"]["published"] is None
    public = {one["id"]: one["properties"] for one in pages(gulf, PLANNER, f"{UNITS}?limit=200")}
    assert public["HN1709"]["published"]
    assert public["HN1709"]["enterprises"] == 20
    assert public["HN1701"]["enterprises"] == 10, "of those who agreed"
    [department] = pages(gulf, PLANNER, f"{UNITS}?level=department")
    assert (department["id"], department["geometry"]["type"][-7:]) == ("HN17", "Polygon")


@pytest.mark.both_databases
def test_units_are_chosen_by_box_and_filter_of_their_facts(service: SimpleNamespace) -> None:
    everywhere = person("network_coordinator", scope="*")

    def names(query: str) -> list[str]:
        return [one["properties"]["name"] for one in pages(service, everywhere, f"{UNITS}?limit=50&{query}")]

    assert names(f"inside=HN17&filter={quote('ACCENTI(CASEI(name)) LIKE ' + chr(39) + 'naca%' + chr(39))}") == [
        "Nacaome"
    ]
    assert names(f"level=department&filter={quote('S_INTERSECTS(geometry, POINT(-87.4 13.45))')}") == ["Valle"]
    assert len(names("bbox=-87.8,13.2,-87.2,13.8&inside=HN17")) > 3
    answer = service.get(PLANNER, f"{UNITS}?filter={quote('enterprises < 5')}")
    assert (answer.status_code, answer.json["code"]) == (400, "filter.property")


def test_the_municipalities_of_today_are_the_sums_of_their_districts(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 7, "SV0101")
        register(session, 6, "SV0102")
    hers, planner = person("technician", scope="SV01"), person("planner", scope="SV01")
    level = f"{UNITS}?level=municipality_2024&limit=50"

    told = {one["id"]: one for one in pages(service, hers, level)}
    centre, districts = told["SV01-CENTRO"], places.districts_of("SV01-CENTRO")
    assert (centre["properties"]["name"], centre["properties"]["enterprises"]) == ("Ahuachapán Centro", 13)
    assert (centre["properties"]["level"], centre["properties"]["inside"]) == ("municipality_2024", "SV01")
    areas = [
        one["properties"]["area_km2"] for one in pages(service, hers, f"{UNITS}?limit=50") if one["id"] in districts
    ]
    assert centre["properties"]["area_km2"] == pytest.approx(sum(areas), abs=0.5)
    public = {one["id"]: one["properties"] for one in pages(service, planner, level)}
    parts = {one["id"]: one["properties"]["enterprises"] for one in pages(service, planner, f"{UNITS}?limit=50")}
    assert public["SV01-CENTRO"]["enterprises"] == (
        None if None in (own := [parts[code] for code in districts]) else sum(own)
    )
    assert service.get(hers, f"{UNITS}/SV01-CENTRO").json["id"] == "SV01-CENTRO"
    one_district = person("technician", scope="SV0101")
    assert list(pages(service, one_district, level)) == []
    assert service.get(one_district, f"{UNITS}/SV01-CENTRO").status_code == 404
    filtered = pages(service, hers, f"{level}&filter={quote('name LIKE ' + chr(39) + '%Centro' + chr(39))}")
    assert [one["id"] for one in filtered] == ["SV01-CENTRO"]
    saved = service.get(hers, "/ogc/collections/units/download?level=municipality_2024&format=csv").data.decode(
        "utf-8-sig"
    )
    assert "Ahuachapán Centro" in saved


@pytest.mark.both_databases
def test_numbers_too_large_are_unknown_and_no_error(gulf: SimpleNamespace) -> None:
    huge = "((((area_km2 ^ 4) ^ 4) ^ 4) ^ 4) ^ 4 div 1 > 0"
    answer = gulf.get(TECHNICIAN, f"{UNITS}?filter={quote(huge)}")
    assert (answer.status_code, answer.json["features"]) == (200, [])
    assert ids(gulf, TECHNICIAN, f"&filter={quote(huge.replace('area_km2', '(jobs_women * 1e12)'))}") == []


@pytest.mark.both_databases
def test_a_long_filter_looks_at_fewer_rows_a_page_and_still_finds_them_all(
    gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    coast = "S_INTERSECTS(geometry, POLYGON((-87.6 13.2,-87 13.2,-87 13.6,-87.6 13.2)))"
    long = " AND ".join([coast, *["jobs_women < 100"] * 70])
    alike = ids(gulf, TECHNICIAN, f"&filter={quote(coast)}")
    monkeypatch.setattr(features, "MOST_DECIDED", 7 * 214)

    assert sorted(ids(gulf, TECHNICIAN, f"&filter={quote(long)}")) == sorted(alike)
    assert sorted(ids(gulf, TECHNICIAN, f"&bbox=-87.5,13.2,-87.1,13.6&filter={quote(long)}")) == sorted(alike)
    first = gulf.get(TECHNICIAN, f"{ITEMS}?limit=25&filter={quote(long)}").json
    assert first["numberReturned"] <= 7 < len(alike)


def test_all_municipalities_are_asked_for_in_one_condition(database: Database) -> None:
    everywhere = sorted(reference.municipalities())
    assert " LIKE " not in str(inside(CopyEnterprise.municipality, everywhere))
    with database.transaction() as session:
        for code in ("HN1709", "HN1701", "GT0101"):
            register(session, 1, code)

    def found(*units: str) -> set[str]:
        with database.reading() as session:
            asked = inside(CopyEnterprise.municipality, units)
            return set(session.scalars(select(CopyEnterprise.municipality).where(asked)))

    assert found(*everywhere) == {"HN1709", "HN1701", "GT0101"}
    assert found("HN1709") == {"HN1709"}
    assert found("HN17", "GT0101") == {"HN1709", "HN1701", "GT0101"}
    assert found("HN") == {"HN1709", "HN1701"}
    assert found() == set()


def test_a_page_of_features_reads_no_more_than_the_page(gulf: SimpleNamespace) -> None:
    first = gulf.get(TECHNICIAN, f"{ITEMS}?limit=3").json
    [following] = [one["href"] for one in first["links"] if one["rel"] == "next"]
    assert parse_qs(urlsplit(following).query)["limit"] == ["3"]
    assert first["numberReturned"] == len(first["features"]) == 3
