"""Territory's API: maps, points, chains and reports by role and scope; a planner never learns a small count."""

import gzip
import io
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from services.territory.rules.access import PUBLISHED_FIGURES
from shared.events.registry import EnterpriseChanged, EnterpriseRegistered
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock
from shared.testing import person
from tests.territory.conftest import facts, form_group, lend, register, tell

TECHNICIAN = person("technician", scope="HN17")
PLANNER = person("planner", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
COORDINATOR = person("coordinator", scope=("HN17", "HN06"))


def the_gulf(session: Session) -> None:
    """San Lorenzo with twelve enterprises, of which three do not agree to appear in public, Nacaome with seven, Amapala
    with two and Alianza with three.
    """
    many = register(session, 9, links=["production"]) + register(session, 3, chain="cashew", consent_map=False)
    register(session, 7, "HN1701", links=["marketing"], jobs_women=2)
    register(session, 2, "HN1703")
    register(session, 3, "HN1702")
    for enterprise in many[:6]:
        lend(session, enterprise)
    form_group(session, many[:5])


@pytest.fixture
def gulf(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(the_gulf)


def units(answer: Any) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {row["code"]: row for row in answer.json["units"]}


def test_points_are_located_in_batches(service: SimpleNamespace) -> None:
    points = [
        {"lon": -87.41, "lat": 13.44, "municipality": "HN1709"},
        {"lon": -87.41, "lat": 13.44, "municipality": "GT0101"},
        {"lon": -30.0, "lat": 0.0},
    ]

    told = service.call(Caller.service("registry"), "POST", "/locations", json={"points": points}).json

    assert told["boundaries"] == "approximate"
    assert [place["contradicts"] for place in told["places"]] == [False, True, None]
    assert told["places"][2]["municipality"] is None


@pytest.mark.parametrize(
    "points",
    [[{"lon": 500, "lat": 140}], [{"lon": "-87", "lat": 13}], [{"lon": -87}], [{"lon": -87, "lat": 13, "x": 1}], "HN", None,
     [{"lon": -87, "lat": 13, "municipality": "hn1709"}], [{"lon": 0, "lat": 0}] * 1001],
)  # fmt: skip
def test_points_that_cannot_be_are_refused(service: SimpleNamespace, points: Any) -> None:
    assert service.call(Caller.service("registry"), "POST", "/locations", json={"points": points}).status_code == 422


def test_units_are_listed_by_level_and_page_by_page(service: SimpleNamespace) -> None:
    departments = service.get(TECHNICIAN, "/units?level=department&inside=HN&limit=200").json["items"]
    assert len(departments) == 18
    first = service.get(TECHNICIAN, "/units?level=municipality&limit=200")
    assert len(first.json["items"]) == 200
    assert "after=" in first.headers["Link"]
    codes, after = [], ""
    while True:
        page = service.get(TECHNICIAN, f"/units?level=municipality&limit=200{after}")
        codes += [row["code"] for row in page.json["items"]]
        if "Link" not in page.headers:
            break
        after = "&after=" + re.findall(r"after=(\w+)", page.headers["Link"])[0]
    assert len(codes) == len(set(codes)) == 900


def test_the_map_tells_counts_a_legend_and_a_drawing(gulf: SimpleNamespace) -> None:
    answer = gulf.get(TECHNICIAN, "/map?unit=HN17&points=true")

    rows = units(answer)
    assert (rows["HN1709"]["enterprises"], rows["HN1709"]["loans"], rows["HN1709"]["trained"]) == (12, 6, 5)
    assert rows["HN1703"]["enterprises"] == 2
    assert answer.json["total"]["enterprises"] == 24
    assert answer.json["boundaries"] == "approximate"
    assert answer.json["as_of"]
    assert answer.json["points_drawn"] == 24
    drawing = answer.json["drawing"]
    assert "<title>San Lorenzo: 12</title>" in drawing
    assert drawing.count("<path") >= 9
    assert not re.search(r"<script|style=|onload|href", drawing)


def test_a_country_is_drawn_in_less_than_25_kilobytes(service: SimpleNamespace) -> None:
    everywhere = person("technician")
    for country in ("GT", "SV", "HN"):
        drawing = service.get(everywhere, f"/map?unit={country}").json["drawing"]
        assert len(gzip.compress(drawing.encode())) < 25_000


def test_the_whole_network_is_shown_by_departments(gulf: SimpleNamespace) -> None:
    answer = gulf.get(person("network_coordinator"), "/map")

    assert answer.json["level"] == "department"
    assert units(answer)["HN17"]["enterprises"] == 24


def test_a_planner_sees_no_small_count_no_total_and_no_points(gulf: SimpleNamespace) -> None:
    answer = gulf.get(PLANNER, "/map?unit=HN17&points=true")

    rows = units(answer)
    assert rows["HN1709"]["enterprises"] == 9
    assert rows["HN1703"]["enterprises"] is None
    assert all(
        count is None or count == 0 or count >= 5
        for row in rows.values()
        for count in (*row.values(), *(cell["value"] for cell in row["cells"]))
        if not isinstance(count, str | list)
    )
    assert answer.json["total"] is None
    assert answer.json["points_seen"] is None
    assert answer.json["points_drawn"] == 0
    assert answer.json["published"]
    assert "url(#few)" in answer.json["drawing"]


def test_what_was_published_stays_the_same_for_the_month(gulf: SimpleNamespace) -> None:
    before = gulf.get(PLANNER, "/map?unit=HN17").json
    with gulf.database.transaction() as session:
        register(session, 1)

    assert gulf.get(PLANNER, "/map?unit=HN17").json["units"] == before["units"]
    assert units(gulf.get(TECHNICIAN, "/map?unit=HN17"))["HN1709"]["enterprises"] == 13


def test_a_coordinator_may_publish_anew(gulf: SimpleNamespace) -> None:
    gulf.get(PLANNER, "/map?unit=HN17")
    with gulf.database.transaction() as session:
        register(session, 5)

    made = gulf.call(COORDINATOR, "POST", "/publications", json={"department": "HN17"})

    assert made.status_code == 201
    assert units(gulf.get(PLANNER, "/map?unit=HN17"))["HN1709"]["enterprises"] == 14


def test_what_is_published_counts_only_who_agreed_to_appear_in_public(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        for enterprise in register(session, 5, "HN1701", chain="honey", consent_map=False):
            lend(session, enterprise, "HN1701")

    seen, told = gulf.get(PLANNER, "/map?unit=HN17"), gulf.get(PLANNER, "/reports/municipal/HN1701").json
    inside = units(gulf.get(TECHNICIAN, "/map?unit=HN17"))["HN1701"]

    assert (inside["enterprises"], inside["loans"]) == (12, 5)
    assert (units(seen)["HN1701"]["enterprises"], units(seen)["HN1701"]["loans"]) == (7, 0)
    assert (told["inventory"]["enterprises"], told["credit"]["loans"], told["credit"]["applications"]) == (7, 0, 0)
    assert [row["chain"] for row in told["chains"]] == ["fishing"]
    assert told["credit"]["accompaniments"] == 0


def test_who_changes_her_mind_is_counted_no_more_in_the_next_publication(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        hers = facts("HN1701")
        tell(session, EnterpriseRegistered(facts=hers))
        gulf.call(COORDINATOR, "POST", "/publications", json={"department": "HN17"})
    assert units(gulf.get(PLANNER, "/map?unit=HN17"))["HN1701"]["enterprises"] == 8
    with gulf.database.transaction() as session:
        tell(session, EnterpriseChanged(facts=replace(hers, consent_map=False)))

    gulf.call(COORDINATOR, "POST", "/publications", json={"department": "HN17"})

    assert units(gulf.get(PLANNER, "/map?unit=HN17"))["HN1701"]["enterprises"] == 7


@pytest.mark.parametrize("who", [TECHNICIAN, COORDINATOR, LEDA])
def test_a_report_is_the_same_whoever_asks(gulf: SimpleNamespace, who: Caller) -> None:
    """Two papers with other counts could be taken from one another."""
    planners = gulf.get(PLANNER, "/reports/municipal/HN1709").json
    with gulf.database.transaction() as session:
        register(session, 1)

    assert gulf.get(who, "/reports/municipal/HN1709").json == planners


@pytest.mark.parametrize(("who", "status"), [(PLANNER, 403), (LEDA, 403), (person("coordinator", scope="GT01"), 403)])
def test_others_may_not_publish(gulf: SimpleNamespace, who: Caller, status: int) -> None:
    assert gulf.call(who, "POST", "/publications", json={"department": "HN17"}).status_code == status


@pytest.mark.parametrize(
    "path",
    ["/map?unit=HN06", "/chains?unit=GT", "/points?unit=HN", "/reports/municipal/HN0801", "/map/drawing?unit=SV"],
)
@pytest.mark.parametrize("who", [TECHNICIAN, LEDA])
def test_outside_her_territory_nothing_is_told(gulf: SimpleNamespace, who: Caller, path: str) -> None:
    answer = gulf.get(who, path)

    assert answer.status_code == 403
    assert answer.json["code"] == "permission.outside_scope"


@pytest.mark.parametrize(
    "path", ["/map?unit=XX", "/map?unit=HN99", "/map?measure=sales", "/map?unit=hn17", "/points?chain=gold", "/map?x=1"]
)
def test_units_and_measures_that_do_not_exist_are_refused(gulf: SimpleNamespace, path: str) -> None:
    assert gulf.get(person("technician"), path).status_code == 422


def test_the_technical_team_sees_exact_points(gulf: SimpleNamespace) -> None:
    items = gulf.get(TECHNICIAN, "/points?unit=HN1709&limit=200").json["items"]

    assert len(items) == 12
    assert {(item["lon"], item["lat"], item["precision"]) for item in items} == {(-87.44, 13.42, "exact")}


def test_a_leda_viewer_sees_masked_points_of_women_who_agreed(gulf: SimpleNamespace) -> None:
    items = gulf.get(LEDA, "/points?unit=HN1709&limit=200").json["items"]

    assert len(items) == 9
    assert all(item["precision"] == "masked" and item["accuracy_m"] is None for item in items)
    assert all((item["lon"], item["lat"]) != (-87.44, 13.42) for item in items)
    again = gulf.get(LEDA, "/points?unit=HN1709&limit=200").json["items"]
    assert again == items


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_who_plans_or_decides_sees_no_points(gulf: SimpleNamespace, role: str) -> None:
    assert gulf.get(person(role, scope="HN17"), "/points?unit=HN17").status_code == 403


def test_points_are_filtered_and_paged(gulf: SimpleNamespace) -> None:
    assert len(gulf.get(TECHNICIAN, "/points?chain=cashew").json["items"]) == 3
    first = gulf.get(TECHNICIAN, "/points?limit=10")
    assert len(first.json["items"]) == 10
    assert "after=" in first.headers["Link"]


def test_chains_tell_women_at_each_link_and_what_is_missing(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/chains?unit=HN1709").json

    fishing = next(row for row in told["chains"] if row["chain"] == "fishing")
    assert (fishing["enterprises"], fishing["women"]) == (9, 9)
    assert {link["link"]: link["women"] for link in fishing["links"]}["production"] == 9
    assert fishing["missing"] == ["inputs", "processing", "marketing"]
    assert fishing["name"] == "Pesca y acuicultura"


def test_a_planner_sees_the_chains_of_one_department_without_small_ones(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        register(session, 3, chain="cashew")

    told = gulf.get(PLANNER, "/chains?unit=HN17").json

    cashew = next(row for row in told["chains"] if row["chain"] == "cashew")
    assert cashew["women"] is None
    whole = gulf.get(person("planner", scope="HN"), "/chains?unit=HN")
    assert whole.status_code == 409


def test_the_municipal_report_is_a_tagged_pdf_and_the_same_twice(gulf: SimpleNamespace) -> None:
    first = gulf.get(PLANNER, "/reports/municipal/HN1709/document")
    second = gulf.get(PLANNER, "/reports/municipal/HN1709/document")

    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert first.get_data().startswith(b"%PDF")
    assert first.get_data() == second.get_data()
    assert b"informe-HN1709.pdf" in first.headers["Content-Disposition"].encode()


def test_whoever_holds_a_report_can_verify_it(gulf: SimpleNamespace) -> None:
    pdf = gulf.get(PLANNER, "/reports/municipal/HN1709/document").get_data()
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    (code,) = set(re.findall(r"/verify/([0-9a-f]{64})", printed.replace("\n", "")))
    portal = Caller.service("portal")

    told = gulf.get(portal, f"/documents/{code}/verification")

    assert told.status_code == 200
    today = clock.now().astimezone(LOCAL_TIME)
    assert told.json == {
        "kind": "municipal_report",
        "title": "Informe municipal: San Lorenzo, Valle",
        "number": f"HN1709-{today:%Y-%m}",
        "issued_on": f"{today:%Y-%m-%d}",
        "issuer": "Red CSEM",
    }
    assert told.json["number"] in printed
    assert gulf.get(portal, f"/documents/{code[:16]}/verification").json == told.json
    assert gulf.get(PLANNER, f"/documents/{code}/verification").status_code == 403


@pytest.mark.parametrize("code", ["ab" * 32, "ab" * 8, "%" * 16, "_" * 16, "ab"])
def test_a_code_that_no_report_has_is_unknown(gulf: SimpleNamespace, code: str) -> None:
    gulf.get(PLANNER, "/reports/municipal/HN1709/document")

    assert gulf.get(Caller.service("portal"), f"/documents/{quote(code)}/verification").status_code == 404


@pytest.mark.parametrize("who", [PLANNER, TECHNICIAN, COORDINATOR, LEDA])
def test_no_report_tells_a_small_count(gulf: SimpleNamespace, who: Caller) -> None:
    told = gulf.get(who, "/reports/municipal/HN1703").json

    assert told["inventory"]["enterprises"] is None
    assert all(value is None or value == 0 or value >= 5 for value in _numbers(told["inventory"]))
    assert all(value is None or value == 0 or value >= 5 for value in _numbers(told["chains"]))


def _numbers(value: Any) -> list[int | None]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if value is None or type(value) is int else []


def test_a_report_speaks_english_when_asked_to(gulf: SimpleNamespace) -> None:
    pdf = gulf.get(TECHNICIAN, "/reports/municipal/HN1709/document?language=en")

    assert "report-HN1709.pdf" in pdf.headers["Content-Disposition"]


def test_an_empty_territory_has_a_map_a_chain_table_and_a_report(service: SimpleNamespace) -> None:
    assert units(service.get(TECHNICIAN, "/map"))["HN1709"]["enterprises"] == 0
    assert service.get(TECHNICIAN, "/chains").json["chains"] == []
    assert service.get(TECHNICIAN, "/chains").json["as_of"] is None
    assert service.get(PLANNER, "/reports/municipal/HN1709/document").status_code == 200


def test_an_account_without_territory_is_told_so(service: SimpleNamespace) -> None:
    answer = service.get(person("technician", scope=()), "/map")

    assert (answer.status_code, answer.json["code"]) == (409, "territory.no_scope")


def test_an_unknown_municipality_has_no_report(service: SimpleNamespace) -> None:
    assert service.get(person("technician"), "/reports/municipal/HN9999").status_code == 404


def test_without_a_token_nothing_is_told(service: SimpleNamespace) -> None:
    assert service.built.web.test_client().get("/api/territory/v1/map").status_code == 401
