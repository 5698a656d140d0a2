"""Introductions: who lacks an input, who sells it near her, and what became of bringing them together."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html import unescape
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import func, select

from deploy.house import House
from services.portal.clients import Away
from services.portal.pages.territory import introductions
from services.territory.cli import group
from services.territory.models import Introduction
from services.territory.queries import introductions as queries
from services.territory.queries import traders, views
from services.territory.queries.gaps import list_gaps
from services.territory.use_cases.announce_gaps import announce_gaps
from services.territory.use_cases.follow_introduction import mark_introduction
from shared import history
from shared.bus.tables import event_log
from shared.database import Database
from shared.events.registry import EnterpriseChanged, EnterpriseMerged, EntrepreneurWithdrawn, Point, SalesOfYear, Trade
from shared.identity import Caller
from shared.kernel import Money
from shared.testing import person
from shared.tokens import Keyring
from tests.house import opened_house
from tests.portal.conftest import text_of
from tests.registry.house import enterprise
from tests.territory.conftest import facts, register, tell
from tests.territory.test_pages import browser, house

pytestmark = pytest.mark.both_databases

__all__ = ["house"]

TECHNICIAN = person("technician", scope="HN17", name="Tecla Técnica")
ELSEWHERE = person("technician", scope="HN06")
OFFICER = person("credit_officer", scope="HN17")
SALES = SalesOfYear(low=Money.parse("10000.00", "HNL"), high=Money.parse("30000.00", "HNL"))


def roaster(session: Any, **known: Any) -> UUID:
    """Somebody who roasts coffee: she buys cherries and packaging."""
    told = {"chain": "coffee", "links": ["processing"], "activity": "1079", "sales": SALES} | known
    return register(session, 1, **told)[0]


def grower(session: Any, far: float = 0.05, municipality: str = "HN1709", **known: Any) -> UUID:
    """Somebody who grows coffee, so many degrees farther east."""
    at = Point(lon=-87.44 + far, lat=13.42, accuracy_m=8.0)
    told = {"chain": "coffee", "links": ["production"], "activity": "0127", "sales": SALES, "point": at} | known
    return register(session, 1, municipality, **told)[0]


def pairs(service: Any, caller: Caller = TECHNICIAN, query: str = "") -> list[tuple[str, str, str]]:
    told = service.get(caller, f"/introductions{query}").json["pairs"]
    return [(row["buyer_id"], row["supplier_id"], row["item"]) for row in told]


def reasons(service: Any, item: str) -> list[str]:
    told = service.get(TECHNICIAN, "/introductions").json["left"]
    return [row["reason"] for row in told if row["item"] == item]


def follow(service: Any, buyer: UUID, supplier: UUID, caller: Caller = TECHNICIAN, **told: Any) -> Any:
    body = {"buyer_id": str(buyer), "supplier_id": str(supplier), "item": "coffee_cherries", "mark": "made"} | told
    return service.call(caller, "POST", "/introductions/followed", json=body)


def test_who_lacks_an_input_is_introduced_to_who_sells_it_nearest(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        buyer, near, _far = roaster(session), grower(session), grower(session, 0.1)

    told = service.get(TECHNICIAN, "/introductions").json

    row = next(row for row in told["pairs"] if row["item"] == "coffee_cherries")
    assert (row["buyer_id"], row["supplier_id"]) == (str(buyer), str(near))
    assert row["item_name"] == "café uva o pergamino"
    assert row["value"] == {"amount": "5000.00", "currency": "HNL"}, "half of 20,000 for two inputs"
    assert (row["estimated"], row["exact"], row["why"]) == (False, True, "untold")
    assert 5_000 < row["metres"] < 6_000
    assert (told["pairs_in_all"], told["reach_m"]) == (1, 30_000)
    assert told["matched"] == [{"amount": "5000.00", "currency": "HNL"}]
    assert [row["reason"] for row in told["left"] if row["buyer_id"] == str(buyer)] == ["nobody_sells"]


def test_both_databases_find_the_same_pair_and_pass_over_the_declined_one(database: Database) -> None:
    with database.transaction() as session:
        buyer, near, far = roaster(session), grower(session), grower(session, 0.1)
        for expected in ([(buyer, near)], [(buyer, far)]):
            whole = views.selected(TECHNICIAN, None)
            told = queries.introductions(session, TECHNICIAN, whole, chain=None, language="es")
            assert [(row["buyer_id"], row["supplier_id"]) for row in told.pairs] == expected
            declined = {"buyer_id": buyer, "supplier_id": near, "item": "coffee_cherries", "note": None}
            if expected == [(buyer, near)]:
                mark_introduction(session, TECHNICIAN, **declined, mark="declined")
        assert [row["mark"] for row in queries.list_marked(session, TECHNICIAN, {}, limit=9, after=None).rows] == [
            "declined"
        ]
        announce_gaps(session, TECHNICIAN)
        assert list_gaps(session, TECHNICIAN, None, limit=9, after=None).rows == []


def test_who_is_left_is_told_the_one_reason(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        roaster(session)
        grower(session, 0.9)
    assert reasons(service, "coffee_cherries") == ["nobody_near"]
    with service.database.transaction() as session:
        grower(session, 0.1, sales=SalesOfYear(low=Money.parse("2.00", "HNL"), high=Money.parse("4.00", "HNL")))
    assert reasons(service, "coffee_cherries") == ["all_taken"]


def test_what_she_buys_in_the_inventory_already_is_not_proposed_again(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        seller, other = grower(session), grower(session)
        buys = [Trade(side="supplier", kind="enterprise", enterprise_id=seller, share=40)]
        roaster(session, trade=buys)
        told_by_seller = roaster(session)
        sells = [Trade(side="buyer", kind="enterprise", enterprise_id=told_by_seller, share=10)]
        tell(session, EnterpriseChanged(facts=facts(chain="coffee", links=["production"], activity="0127",
                                                    enterprise_id=other, trade=sells)))  # fmt: skip
        outside = roaster(session, trade=[Trade(side="supplier", kind="intermediary", share=100)])

    found = service.get(TECHNICIAN, "/introductions").json["pairs"]

    cherries = [row for row in found if row["item"] == "coffee_cherries"]
    assert {row["buyer_id"] for row in cherries} == {str(outside)}
    assert {row["why"] for row in cherries} == {"elsewhere"}


def test_unknown_sales_are_those_of_others_and_a_missing_point_is_the_centre_and_both_are_said(
    service: SimpleNamespace,
) -> None:
    with service.database.transaction() as session:
        roaster(session, sales=None)
        grower(session, point=None, needs=["market"])

    told = service.get(TECHNICIAN, "/introductions").json

    row = told["pairs"][0]
    assert (row["estimated"], row["exact"], row["seeks_market"]) == (True, False, True)
    lacking = [row["value"] for row in told["left"] if row["item"] == "packaging"]
    assert lacking == [{"amount": "18000.00", "currency": "HNL"}], "half of what the criteria assume, for two inputs"
    assert row["value"] == {"amount": "10000.00", "currency": "HNL"}, "as much as the grower has"


def test_buyers_are_of_the_units_and_the_chain_asked_for_and_sellers_of_the_whole_territory(
    service: SimpleNamespace,
) -> None:
    with service.database.transaction() as session:
        buyer, seller = roaster(session), grower(session, municipality="HN1701")
    cherries = (str(buyer), str(seller), "coffee_cherries")
    assert cherries in pairs(service, query="?unit=HN1709&chain=coffee")
    assert pairs(service, query="?unit=HN1701") == []
    assert pairs(service, query="?chain=dairy") == []
    assert pairs(service, person("technician", scope="HN1709")) == []


def test_of_a_whole_country_only_the_departments_within_reach_are_read(service: SimpleNamespace) -> None:
    network, far = person("network_coordinator", scope="HN"), Point(lon=-88.02, lat=15.5, accuracy_m=8.0)
    with service.database.transaction() as session:
        buyer, across = roaster(session), grower(session, 0.2, municipality="HN0615")
        grower(session, municipality="HN0501", point=far)
    with service.database.reading() as session:
        selection = views.selected(network, ["HN1709"])
        read = traders.territory_of(session, network, selection, 30_000)
        local = person("technician", scope="HN1709", name="Tecla Técnica")
        everywhere = person("admin", scope="*")
        assert read == ("HN06", "HN17")
        assert traders.territory_of(session, local, views.selected(local, None), 30_000) == ("HN1709",)
        assert traders.territory_of(session, everywhere, selection, 30_000) == ("HN06", "HN17")
    assert (str(buyer), str(across), "coffee_cherries") in pairs(service, network, "?unit=HN1709")
    assert pairs(service, query="?unit=HN1709") == [], "the technician of HN17 may not open who lives across"


def test_who_has_no_point_is_within_reach_where_her_municipality_is(service: SimpleNamespace) -> None:
    network = person("network_coordinator", scope="HN")
    with service.database.transaction() as session:
        roaster(session, point=None)
        grower(session, municipality="HN0611", point=None)
        grower(session, municipality="HN0501", point=None)
    with service.database.reading() as session:
        read = traders.territory_of(session, network, views.selected(network, ["HN1709"]), 30_000)
    assert read == ("HN06", "HN17")


def test_nothing_is_proposed_where_nobody_is(service: SimpleNamespace) -> None:
    told = service.get(TECHNICIAN, "/introductions").json
    assert (told["pairs"], told["left"], told["wanted"], told["as_of"]) == ([], [], [], None)


@pytest.mark.parametrize(
    ("caller", "query", "status", "code"),
    [
        (OFFICER, "", 403, "permission.role_missing"),
        (TECHNICIAN, "?unit=HN06", 403, "permission.outside_scope"),
        (TECHNICIAN, "?unit=HN1799", 422, "unit.unknown"),
        (person("network_coordinator", scope="HN"), "", 409, "introductions.too_wide"),
        (TECHNICIAN, "?chain=gold", 422, None),
    ],
)
def test_who_may_not_and_what_cannot_be_is_refused(
    service: SimpleNamespace, caller: Caller, query: str, status: int, code: str | None
) -> None:
    answer = service.get(caller, f"/introductions{query}")
    found = [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]
    assert answer.status_code == status, answer.text
    assert code is None or code in found


def test_as_many_as_a_country_has_are_refused_whatever_units_they_are_asked_by(
    service: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service.database.transaction() as session:
        roaster(session)
        grower(session)
    monkeypatch.setattr(queries, "MOST_TRADERS", 1)
    answer = service.get(TECHNICIAN, "/introductions?unit=HN17")
    assert (answer.status_code, answer.json["code"]) == (409, "introductions.too_many")
    assert service.get(TECHNICIAN, "/introductions?unit=HN1701").status_code == 200


def test_what_was_followed_up_is_not_proposed_again_and_what_was_declined_gives_way_to_the_next(
    service: SimpleNamespace,
) -> None:
    with service.database.transaction() as session:
        buyer, near, far = roaster(session), grower(session), grower(session, 0.1)
    cherries = "coffee_cherries"

    declined = follow(service, buyer, near, mark="declined", note="Paga tarde")
    assert declined.status_code == 201, declined.text
    assert pairs(service) == [(str(buyer), str(far), cherries)]
    assert follow(service, buyer, far, mark="declined").status_code == 201
    assert pairs(service) == []
    assert reasons(service, cherries) == ["declined"]

    match = {"If-Match": f'"{declined.json["version"]}"'}
    path = f"/introductions/followed/{declined.json['id']}"
    assert service.call(TECHNICIAN, "PUT", path, json={"mark": "business"}).status_code == 428
    assert service.call(ELSEWHERE, "PUT", path, json={"mark": "business"}, headers=match).status_code == 403
    done = service.call(TECHNICIAN, "PUT", path, json={"mark": "business", "note": "Compran juntas"}, headers=match)
    assert (done.status_code, done.json["mark"], done.json["note"]) == (200, "business", "Compran juntas")
    assert service.call(TECHNICIAN, "PUT", path, json={"mark": "made"}, headers=match).status_code == 412
    assert reasons(service, cherries) == [], "she has a supplier now"

    with service.database.reading() as session:
        entries = history.of(session, UUID(declined.json["id"]))
    assert [(entry["after"]["mark"], entry["caller"]) for entry in entries] == [
        ("declined", TECHNICIAN.subject),
        ("business", TECHNICIAN.subject),
    ]
    assert entries[1]["before"] == {"mark": "declined", "note": "Paga tarde"}
    assert service.get(TECHNICIAN, path).json["note"] == "Compran juntas"
    assert service.get(ELSEWHERE, path).status_code == 403
    assert service.get(TECHNICIAN, f"/introductions/followed/{uuid4()}").status_code == 404
    listed = service.get(TECHNICIAN, "/introductions/followed").json["items"]
    assert [row["mark"] for row in listed] == ["declined", "business"]
    assert service.get(TECHNICIAN, "/introductions/followed?mark=business&unit=HN1709").json["items"][0]["note"]
    assert service.get(ELSEWHERE, "/introductions/followed").json["items"] == []


@pytest.mark.parametrize(
    ("told", "caller", "status", "code"),
    [
        ({"item": "gold"}, TECHNICIAN, 422, "introduction.input_unknown"),
        ({"mark": "married"}, TECHNICIAN, 422, None),
        ({"note": "x" * 501}, TECHNICIAN, 422, None),
        ({"supplier_id": str(uuid4())}, TECHNICIAN, 404, "introduction.enterprise_unknown"),
        ({}, ELSEWHERE, 403, "permission.outside_scope"),
        ({}, OFFICER, 403, "permission.role_missing"),
    ],
)
def test_what_is_no_introduction_of_hers_is_refused(
    service: SimpleNamespace, told: Any, caller: Caller, status: int, code: str | None
) -> None:
    with service.database.transaction() as session:
        buyer, seller = roaster(session), grower(session)
    answer = follow(service, buyer, seller, caller, **told)
    found = [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]
    assert answer.status_code == status, answer.text
    assert code is None or code in found
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Introduction)) == 0


def test_nobody_is_introduced_twice_or_to_herself(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        buyer, seller, double = roaster(session), grower(session), grower(session)
        tell(session, EnterpriseMerged(survivor_id=seller, absorbed_id=double))
    assert follow(service, buyer, buyer).json["errors"][0]["code"] == "introduction.with_herself"
    assert follow(service, buyer, seller).status_code == 201
    assert follow(service, buyer, seller).json["code"] == "introduction.marked_already"
    assert follow(service, buyer, double).json["code"] == "introduction.marked_already", "she is the same seller"


def test_who_withdraws_takes_her_introductions_with_her_and_what_was_said_of_them(database: Database) -> None:
    with database.transaction() as session:
        buyer, seller, other = roaster(session), grower(session), grower(session)
        kept = Introduction.of(TECHNICIAN, unit="HN1709", buyer_id=buyer, supplier_id=other, item="packaging")
        hers = Introduction.of(TECHNICIAN, unit="HN1709", buyer_id=buyer, supplier_id=seller, item="coffee_cherries")
        session.add_all([kept, hers])
        session.flush()
        about = hers.id
        said = {"mark": "made", "note": "Vende a Rosa"}
        history.record(session, TECHNICIAN, subject=about, kind="introduction", action="mark", after=said)
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[seller]))
    with database.reading() as session:
        assert list(session.scalars(select(Introduction.item))) == ["packaging"]
        assert [entry["after"] for entry in history.of(session, about)] == [None]
        report = session.execute(select(event_log.c.data).order_by(event_log.c.seq.desc()).limit(1)).scalar_one()
    assert report["erased"]["introductions"] == 1


def test_who_withdraws_while_something_is_said_of_her_takes_it_with_her_too(database: Database) -> None:
    with database.transaction() as session:
        buyer, seller = roaster(session), grower(session)

    def withdraw() -> None:
        with database.transaction() as session:
            tell(session, EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[seller]))

    with ThreadPoolExecutor(1) as thread:
        with database.transaction() as session:
            about = {"buyer_id": buyer, "supplier_id": seller, "item": "coffee_cherries"}
            mark_introduction(session, TECHNICIAN, **about, mark="made", note="Vende a Rosa")
            gone = thread.submit(withdraw)
            with suppress(TimeoutError):
                gone.result(timeout=1)
        gone.result()
    with database.reading() as session:
        assert list(session.scalars(select(Introduction.item))) == []


def test_the_commands_list_and_mark(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        buyer, seller = roaster(session), grower(session)
    place = SimpleNamespace(service=lambda _name: service.built)

    def run(*words: str) -> str:
        done = CliRunner().invoke(group, ("introductions", *words), obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert f"{buyer} <- {seller}" in run("list", "HN17")
    assert "1 / 1 pairs, 4 / 4 left" in run("list", "HN17")
    head, pair = (line.split(";") for line in run("list", "HN17", "--csv").splitlines()[1:])
    told = dict(zip(head, pair, strict=True))
    assert (told["item"], told["exact"], told["estimated"]) == ("coffee_cherries", "True", "False")
    assert UUID(run("mark", str(buyer), str(seller), "coffee_cherries", "made").strip())
    assert f"{buyer} <- {seller}" not in run("list", "HN17")
    assert "nobody_sells" in run("list", "HN17", "--chain", "coffee")


def test_the_command_says_what_is_estimated_and_of_how_many_it_tells(
    service: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service.database.transaction() as session:
        roaster(session)
        roaster(session)
        grower(session, point=None, sales=None)
    monkeypatch.setattr(queries, "MOST", 1)
    place = SimpleNamespace(service=lambda _name: service.built)

    told = CliRunner().invoke(group, ("introductions", "list", "HN17"), obj=place, catch_exceptions=False).output

    assert "1 / 2 pairs" in told
    assert re.search(r"~[0-9.]+ ~[0-9.]+ km", told)


@pytest.fixture
def neighbours(tmp_path: Path) -> Iterator[House]:
    """A house whose registry and territory know the same two women: one roasts, the other grows."""
    with opened_house(tmp_path, "portal", "territory", "registry") as opened:
        registry, keys = opened.service("registry"), Keyring(opened.settings("portal").keys, "portal")
        ids = []
        for name, phone, links, code in (("Tostaduría Ficticia", "99990001", ["processing"], "1079"),
                                         ("Finca Ficticia", "99990002", ["production"], "0127")):  # fmt: skip
            body = enterprise(name=name, chain="coffee", links=links, activity=code)
            body["owner"] |= {"phone": phone, "id_kind": None, "id_number": None, "given_names": f"Dueña de {name}"}
            made = registry.web.test_client().post(
                "/api/registry/v1/enterprises", json=body,
                headers={"Authorization": f"Bearer {keys.sign(TECHNICIAN, seconds=60)}"},
            )  # fmt: skip
            assert made.status_code == 201, made.text
            ids.append(UUID(made.json["id"]))
        with opened.service("territory").database.transaction() as session:
            roaster(session, enterprise_id=ids[0])
            grower(session, enterprise_id=ids[1])
        yield opened


def test_a_technician_gets_the_list_with_both_sides_contacts_and_says_what_became_of_it(neighbours: House) -> None:
    technician = browser(neighbours, "technician")
    page = "/territory/introductions"

    shown = text_of(technician.get(page))
    for words in ("Tostaduría Ficticia", "Finca Ficticia", "9999-0001", "9999-0002", "Café uva o pergamino", "5.4 km"):
        assert words in shown
    assert "Nadie lo vende en este territorio" in shown
    file = technician.get(f"{page}.csv").data.decode("utf-8-sig")
    head, pair = (line.split(";") for line in file.splitlines()[:2])
    assert pair[0] == "Tostaduría Ficticia"
    sides = dict(zip(head, pair, strict=True))
    assert (sides["El valor es estimado"], sides["Kilómetros desde el centro del municipio"]) == ("no", "no")
    assert "9999-0002" in file
    book = load_workbook(BytesIO(technician.get(f"{page}.xlsx?unit=HN1709&chain=coffee").data))
    whom, left = ([[cell.value for cell in row] for row in sheet] for sheet in book)
    assert [*map(str, whom[1][:4])] == pair[:4], "the same rows as the table of text"
    assert whom[1][7] == 5000
    assert len(left) == 5
    assert left[1][0] == "Finca Ficticia"
    assert len(list(load_workbook(BytesIO(technician.get(f"{page}.xlsx?chain=dairy").data)).worksheets[0])) == 1

    link = unescape(re.findall(r'href="(/territory/introductions/follow\?[^"]+)"', technician.get(page).text)[0])
    asked = technician.get(link)
    assert "Finca Ficticia" in text_of(asked)
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', asked.text)[0] for name in ("buyer_id", "supplier_id",
                                                                                          "item")}  # fmt: skip
    wrong = technician.post(f"{page}/follow", fields | {"note": "Se llamaron"})
    assert (wrong.status_code, "Se llamaron" in wrong.text) == (422, True), "nothing typed is lost"
    assert technician.post(f"{page}/follow", fields | {"mark": "made", "note": "Se llamaron"}).status_code == 303
    listed = technician.get(f"{page}/followed")
    assert "Presentadas" in text_of(listed)
    assert "Café uva" not in text_of(technician.get(page)).partition("Quiénes quedan")[0]
    where = re.findall(rf'href="({page}/followed/[^"]+)"', listed.text)[0]
    version = re.findall(r'name="version" value="(\d+)"', technician.get(where).text)[0]
    assert technician.post(where, {"mark": "business", "version": version}).status_code == 303
    assert "Llegaron a negocio" in text_of(technician.get(f"{page}/followed?mark=business"))


def test_introductions_are_for_the_technical_team_and_a_wide_territory_is_asked_for_a_place(house: House) -> None:
    officer = browser(house, "credit_officer")
    assert officer.get("/territory/introductions").status_code == 403
    assert officer.get("/territory/introductions.csv").status_code == 403
    assert "Enlaces" not in officer.get("/territory").text
    network = browser(house, "network_coordinator", units=("*",))
    assert "Elija un departamento o un municipio" in text_of(network.get("/territory/introductions"))
    assert "Aquí todavía a nadie le falta" in text_of(network.get("/territory/introductions?unit=HN17"))


def test_the_list_stays_when_the_registry_is_away(neighbours: House, monkeypatch: pytest.MonkeyPatch) -> None:
    technician = browser(neighbours, "technician")
    real = introductions.api

    def api(service: str) -> Any:
        if service == "registry":
            raise Away(service)
        return real(service)

    monkeypatch.setattr(introductions, "api", api)
    shown = text_of(technician.get("/territory/introductions"))
    assert "no se pueden leer los nombres" in shown
    assert "Café uva o pergamino" in shown
