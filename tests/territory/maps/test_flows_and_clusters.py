"""Linkages between places and clusters on the map: what is drawn is what the table says, and who may see it."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from services.territory.cli import group
from services.territory.queries import views
from services.territory.queries.introductions import places_of_marked
from services.territory.rules.access import EXACT_FIGURES, PUBLISHED_FIGURES, TECHNICAL_TEAM
from services.territory.use_cases.follow_introduction import mark_introduction
from shared.database import Database
from shared.events.registry import Point
from shared.kernel import clock
from shared.masking import CELL_DEGREES
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_introductions import follow, grower, roaster

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")


@pytest.fixture
def linked(service: SimpleNamespace) -> SimpleNamespace:
    """Three women of San Lorenzo who roast coffee, a grower beside them and two in Nacaome."""
    with service.database.transaction() as session:
        service.buyers = [roaster(session) for _ in range(3)]
        service.here = grower(session, 0.001)
        service.there = [grower(session, 0.02, "HN1701") for _ in range(2)]
    return service


def rows(answer: Any) -> list[tuple[str, str, str, int]]:
    assert answer.status_code == 200, answer.json
    return [
        (row["code"], *(cell["text"] for cell in row["cells"][:2]), row["cells"][2]["value"])
        for row in answer.json["units"]
    ]


def introduced(service: SimpleNamespace, **told: str) -> None:
    assert follow(service, service.buyers[0], service.there[0], **told).status_code == 201


def test_lines_lead_from_who_lacks_to_who_sells(linked: SimpleNamespace) -> None:
    pairs = linked.get(TECHNICIAN, "/introductions").json["pairs"]
    told = linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows")

    assert sum(number for *_, number in rows(told)) == len(pairs) > 0
    between = sum(one["buyer_municipality"] != one["supplier_municipality"] for one in pairs)
    drawn = re.findall(r"<title>San Lorenzo → Nacaome: (\d+)</title>", told.json["drawing"])
    assert list(map(int, drawn)) == ([between] if between else [])
    within = len(pairs) - between
    assert f"<title>San Lorenzo: {within}</title>" in told.json["drawing"]


def test_flows_are_of_one_chain_and_one_input(linked: SimpleNamespace) -> None:
    def of(query: str) -> set[str]:
        return {item for _, _, item, _ in rows(linked.get(TECHNICIAN, f"/map?unit=HN17&kind=flows&{query}"))}

    (cherries,) = of("item=coffee_cherries")
    assert cherries in of("chain=coffee")
    assert of("chain=dairy") == set()
    assert linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&item=gold").status_code == 422


def test_what_became_of_pairs_is_another_map(linked: SimpleNamespace) -> None:
    introduced(linked)

    made = linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&stage=made")
    assert [(code, to, number) for code, to, _, number in rows(made)] == [("HN1709", "Nacaome", 1)]
    assert "Enlaces presentados" in made.json["title"]
    assert rows(linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&stage=declined")) == []
    assert rows(linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&stage=made&chain=dairy")) == []
    assert rows(linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&stage=made&chain=coffee"))


def test_what_leaves_the_drawing_is_said_and_stands_in_the_table(linked: SimpleNamespace) -> None:
    both = person("technician", scope=("HN17", "HN06"))
    with linked.database.transaction() as session:
        abroad = grower(session, 0.03, "HN0601")
    assert follow(linked, linked.buyers[1], abroad, both).status_code == 201

    told = linked.get(both, "/map?unit=HN17&kind=flows&stage=made")
    assert [to for _, to, _, _ in rows(told)] == ["Choluteca"]
    assert any("Pares que salen de lo dibujado: 1" in note for note in told.json["notes"])


@pytest.mark.parametrize("role", sorted((EXACT_FIGURES | PUBLISHED_FIGURES) - TECHNICAL_TEAM - {"service"}))
def test_flows_are_for_the_technical_team_alone(linked: SimpleNamespace, role: str) -> None:
    answer = linked.get(person(role, scope="HN17"), "/map?unit=HN17&kind=flows")

    assert (answer.status_code, answer.json["code"]) == (403, "map.flows_team")


def test_flows_are_never_shown_to_strangers(linked: SimpleNamespace) -> None:
    coordinator = person("coordinator", scope="HN17")
    body = {
        "unit": "HN17",
        "map": {"kind": "flows"},
        "purpose": "x",
        "expires_on": (clock.today() + timedelta(days=30)).isoformat(),
    }

    assert linked.call(coordinator, "POST", "/map-links", json=body).json["code"] == "map.flows_team"
    assert linked.get(TECHNICIAN, "/map?unit=HN17&kind=flows&figures=published").status_code == 403


@pytest.mark.parametrize("query", ["link=production", "tier=strategic", "need=credit", "per=enterprises"])
def test_a_filter_that_flows_do_not_have_is_refused(linked: SimpleNamespace, query: str) -> None:
    answer = linked.get(TECHNICIAN, f"/map?unit=HN17&kind=flows&{query}")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{query.split('=', maxsplit=1)[0]}"


def test_a_whole_country_has_no_flows_at_once(linked: SimpleNamespace) -> None:
    assert linked.get(person("technician"), "/map?unit=HN&kind=flows").json["code"] == "introductions.too_wide"


def test_flows_are_taken_away_in_every_form(linked: SimpleNamespace) -> None:
    introduced(linked)
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b"")):
        answer = linked.get(TECHNICIAN, f"/map/drawing?unit=HN17&kind=flows&stage=made&format={form}")
        assert answer.status_code == 200
        assert answer.data.startswith(begins)
        if form == "csv":
            assert "Nacaome" in answer.data.decode("utf-8-sig")


def crowd(session: Any, count: int, lon: float, **known: Any) -> list[UUID]:
    """So many enterprises a hundred metres apart."""
    made = []
    for place in range(count):
        at = Point(lon=lon + place * 0.0001, lat=13.42, accuracy_m=8.0)
        made += register(session, 1, point=at, **known)
    return made


def hulls(answer: Any) -> list[str]:
    return re.findall(r"<title>(\d+\. [^<]+)</title>", answer.json["drawing"])


def test_each_cluster_is_drawn_and_has_its_card(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        crowd(session, 8, -87.449)
        crowd(session, 6, -87.30, chain="cashew", jobs_women=2)
        crowd(session, 4, -87.60)

    told = service.get(TECHNICIAN, "/map?unit=HN17&kind=clusters")
    assert [[cell["value"] for cell in row["cells"][:2]] for row in told.json["units"]] == [[8, 8], [6, 12]]
    assert [title.split(": ")[1] for title in hulls(told)] == ["8", "6"]
    assert hulls(service.get(TECHNICIAN, "/map?unit=HN17&kind=clusters&chain=cashew"))[0].endswith(": 6")


def test_four_near_each_other_are_no_cluster_for_anybody(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        crowd(session, 4, -87.45)

    for caller in (TECHNICIAN, LEDA):
        told = service.get(caller, "/map?unit=HN17&kind=clusters")
        assert told.json["units"] == hulls(told) == []


def test_a_cluster_s_outline_is_of_cells_and_of_no_home(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        crowd(session, 8, -87.4441)
    moved = CELL_DEGREES / 10

    before = service.get(TECHNICIAN, "/map?unit=HN17&kind=clusters").json["drawing"]
    with service.database.transaction() as session:
        crowd(session, 1, -87.4441 + moved)
    after = service.get(TECHNICIAN, "/map?unit=HN17&kind=clusters").json["drawing"]

    def outline(drawing: str) -> str:
        return re.findall(r'<path d="(M[^"]+)"[^>]*><title>1\. ', drawing)[0]

    assert outline(before) == outline(after)


def test_masked_readers_get_clusters_of_who_agreed(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        crowd(session, 8, -87.449, consent_map=False)
        crowd(session, 30, -87.30)

    told = service.get(LEDA, "/map?unit=HN17&kind=clusters")
    assert sum(row["cells"][0]["value"] for row in told.json["units"]) <= 30
    assert any("aceptaron estar en el mapa" in note for note in told.json["notes"])
    assert len(service.get(TECHNICIAN, "/map?unit=HN17&kind=clusters").json["units"]) == 2


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_who_sees_no_points_sees_no_clusters(service: SimpleNamespace, role: str) -> None:
    assert service.get(person(role, scope="HN17"), "/map?unit=HN17&kind=clusters").json["code"] == "map.no_points"


def test_the_command_draws_flows(linked: SimpleNamespace, tmp_path: Path) -> None:
    introduced(linked)
    house = SimpleNamespace(service=lambda _: linked.built)
    target = tmp_path / "flows.csv"
    told = ["map", "HN17", "-o", str(target), "--kind", "flows", "--stage", "made", "--input", "coffee_cherries"]

    result = CliRunner().invoke(group, told, obj=house)

    assert result.exit_code == 0, result.output
    assert "Nacaome" in target.read_text(encoding="utf-8-sig")


def test_what_became_of_pairs_is_found_by_both_databases(database: Database) -> None:
    technician = person("technician", scope="HN17")
    with database.transaction() as session:
        buyer, supplier = roaster(session), grower(session, 0.02, "HN1701")
        mark_introduction(
            session,
            technician,
            buyer_id=buyer,
            supplier_id=supplier,
            item="coffee_cherries",
            mark="business",
            note=None,
        )
    with database.reading() as session:
        selection = views.selected(technician, ["HN17"])
        found = places_of_marked(session, selection, "business", chain="coffee")

    assert found == [("HN1709", "HN1701", "coffee_cherries")]
