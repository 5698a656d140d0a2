"""The pages of credit, walked without JavaScript by the people whose work it is; only the registry is a toy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response, jsonify, request

from shared.database import Database
from shared.kernel import clock
from shared.service import Service
from shared.testing import database_of, settings_of
from shared.web import Peers
from tests.credit.house import House
from tests.portal.conftest import Browser, Portal, built, text_of

UNITS = ("HN17",)


def toy_registry(enterprises: dict[str, str]) -> Flask:
    """Names of enterprises, as the registry's API gives them."""
    app = Flask("registry")

    def row(enterprise_id: str) -> dict[str, Any]:
        owner = {"given_names": "María Inventada", "surnames": "López", "id_kind": "dni", "id_number": "0801199012345"}
        return {
            "id": enterprise_id,
            "name": enterprises[enterprise_id],
            "municipality": "HN1709",
            "municipality_name": "San Lorenzo, Valle",
            "chain": "food_processing",
            "needs": ["credit"],
            "owners": [owner],
        }

    @app.get("/api/registry/v1/enterprises")
    def listed() -> Response:
        wanted = request.args.get("ids", "").split(",") if "ids" in request.args else list(enterprises)
        return jsonify({"items": [row(one) for one in wanted if one in enterprises]})

    @app.get("/api/registry/v1/enterprises/<enterprise_id>")
    def one(enterprise_id: str) -> Response:
        return jsonify(row(enterprise_id))

    return app


class Town:
    """A portal with credit behind it, and its people."""

    def __init__(self, portal: Portal, credit: Service, database: Database, names: dict[str, str]) -> None:
        self.portal, self.credit, self.database = portal, credit, database
        self.names = names

    def signed_in(self, username: str, *roles: str) -> Browser:
        self.portal.open(username, *roles, units=UNITS)
        browser = self.portal.browser()
        assert browser.sign_in(username).status_code == 303
        return browser


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    from services.credit.app import build

    with built("sqlite", tmp_path) as portal, database_of("credit", tmp_path, "sqlite"):
        settings = settings_of("credit", tmp_path)
        credit = build(settings, portal.keys["credit"], Peers(settings, portal.keys["credit"], portal.apps))
        names: dict[str, str] = {}
        portal.apps.update(credit=credit.web, registry=toy_registry(names))
        yield Town(portal, credit, credit.database, names)
        credit.database.dispose()


def members(town: Town) -> dict[str, Browser]:
    """Three members with accounts and seats, in a fund that has money."""
    seats = {}
    for username, constituency in (("petra", "women_organizations"), ("sonia", "csem"), ("lidia", "leda")):
        account = town.portal.open(username, "committee_member", units=UNITS)
        seats[username] = (account, constituency)
    with town.database.transaction() as session:
        house = House.build(session)
        committee = session.get_one(_committee(), house.committee_id)
        for seat in list(committee.seats):
            seat.end(clock.today())
        session.flush()
        from services.credit.use_cases.form_committee import take_seat
        from tests.credit.house import COORDINATOR

        for username, (account, constituency) in seats.items():
            take_seat(
                session,
                COORDINATOR,
                committee_id=house.committee_id,
                constituency=constituency,
                position="chair" if username == "petra" else "member",
                subject=str(account),
                name=username.title(),
                organization="Organización",
                since=clock.today(),
            )
        enterprise = house.enterprise()
        town.names[str(enterprise)] = "Panadería La Espiga"
    browsers = {}
    for username in seats:
        browsers[username] = town.portal.browser()
        browsers[username].sign_in(username)
    return browsers


def _committee() -> Any:
    from services.credit.models import Committee

    return Committee


def last_path(response: Any) -> str:
    return str(response.headers["Location"])


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def test_a_credit_walks_through_the_pages_from_the_search_to_the_receipt(town: Town):
    committee = members(town)
    technician = town.signed_in("tecla", "technician")
    found = technician.get("/credit/applications/new?q=espiga")
    enterprise = re.search(r"enterprise=([0-9a-f-]{36})", found.text).group(1)  # type: ignore[union-attr]
    page = technician.get(f"/credit/applications/new?enterprise={enterprise}")
    assert "Capital de trabajo" in page.text
    request_ = {
        "enterprise": enterprise,
        "fund": hidden(page.text, "fund"),
        "product": "working-capital",
        "amount": "20,000.01",
        "instalments": "12",
        "grace": "0",
        "purpose": "equipment",
        "project": "Un horno <b>nuevo</b>",
    }
    refused = technician.post("/credit/applications/new", request_)
    assert refused.status_code == 422
    assert "presta hasta 20000.00" in refused.text
    assert 'value="20,000.01"' in refused.text, "what was typed is kept"
    assert "&lt;b&gt;nuevo" in refused.text
    done = technician.post("/credit/applications/new", request_ | {"amount": "10,000.00"})
    file = last_path(done)
    assert "FON-S-2026-0001" in technician.get(file).text

    officer = town.signed_in("ofelia", "credit_officer")
    officer.get(f"{file}/appraise")
    appraisal = {
        "visited_on": "2026-03-05",
        "monthly_income": "9000",
        "monthly_expense": "6000",
        "monthly_debts": "500",
        "recommendation": "approve",
        "amount": "10000",
        "instalments": "12",
        "grace": "0",
        "assistance_needs": ["market", "quality"],
    }
    assert officer.post(f"{file}/appraise", appraisal | {"visited_on": "2026-03-06"}).status_code == 422
    assert officer.post(f"{file}/appraise", appraisal).status_code == 303
    assert "La cuota toma el 37 % de lo que queda" in text_of(officer.get(file))

    page = officer.get("/credit/sessions/new")
    called = {
        "committee": re.search(r'<option value="([0-9a-f-]{36})"', page.text).group(1),  # type: ignore[union-attr]
        "held_on": "2026-03-05",
        "held_at": "10:00",
        "place": "San Lorenzo",
        "applications": file.rpartition("/")[2],
    }
    room = last_path(officer.post("/credit/sessions/new", called))
    chair = committee["petra"]
    seats = re.findall(r'name="present" value="([0-9a-f-]{36})"', chair.get(room).text)
    assert len(seats) == 3
    assert chair.post(f"{room}/opening", {"present": seats}).status_code == 303
    item = re.search(r"/items/([0-9a-f-]{36})/check", chair.get(room).text).group(1)  # type: ignore[union-attr]
    unsaid = chair.post(f"{room}/items/{item}/check", {"choice": "refuse"})
    assert unsaid.status_code == 422
    assert "Escriba la razón" in unsaid.text
    for browser in committee.values():
        browser.get(room)
        checked = browser.post(f"{room}/items/{item}/check", {"choice": "approve", "reason": ""})
        assert "Revise su voto" in checked.text
        assert browser.post(f"{room}/items/{item}/vote", {"choice": "approve", "reason": ""}).status_code == 303
    assert "Usted votó: aprobar" in text_of(chair.get(room))
    chair.post(f"{room}/items/{item}/close")
    assert "Resolución FON-R-2026-0001: aprobada." in text_of(chair.get(room))
    chair.get(f"{room}/close")
    chair.post(f"{room}/close")
    assert "FON-A-0001" in chair.get(room).text
    acta = chair.get(f"{room}/acta")
    assert acta.data.startswith(b"%PDF")

    assert "Desembolsar" in officer.get(file).text
    page = officer.get(f"{file}/disburse")
    paying = {"disbursed_on": "2026-03-05", "key": hidden(page.text, "key")}
    assert officer.post(f"{file}/disburse", paying).status_code == 422
    loan = last_path(officer.post(f"{file}/disburse", paying | {"handed_over": "yes"}))
    again = last_path(officer.post(f"{file}/disburse", paying | {"handed_over": "yes"}, page=loan))
    assert again == loan, "sent twice, paid out once"
    assert "FON-P-2026-0001" in officer.get(loan).text
    assert officer.get(f"{loan}/note").data.startswith(b"%PDF")

    cashier = town.signed_in("casilda", "cashier")
    assert "916.80" in cashier.get(f"{loan}/repay").text, "the next instalment is already in the form"
    payment = {"amount": "916.80", "paid_on": "2026-03-05", "channel": "cash"}
    page = cashier.post(f"{loan}/repay/check", payment)
    posted = cashier.post(f"{loan}/repay", payment | {"key": hidden(page.text, "key")})
    receipt = last_path(posted)
    assert "FON-RC-2026-0001" in cashier.get(receipt).text
    assert cashier.get(f"{receipt}/pdf").data.startswith(b"%PDF")
    assert cashier.get(file).status_code == 403, "the file of an application is not the cashier's"


READABLE = (
    "/credit",
    "/credit/loans",
    "/credit/funds",
    "/credit/sessions",
    "/credit?state=approved",
    "/credit/loans?overdue=true",
)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_reader_finds_the_lists(town: Town, language):
    members(town)
    roles = ("coordinator", "trust_fund_member", "leda_viewer", "auditor", "network_coordinator", "cashier")
    for role in roles:
        browser = town.signed_in(f"{role}-x".replace("_", "-"), role)
        browser.client.set_cookie("language", language)
        for path in READABLE:
            page = browser.get(path)
            assert page.status_code == 200, (role, path)
            assert "Handed in" not in page.text or language == "en"


def test_the_fund_page_shows_what_is_available_and_who_sits_on_the_committee(town: Town):
    members(town)
    browser = town.signed_in("coralia", "coordinator")
    fund = re.search(r"/credit/funds/[0-9a-f-]{36}", browser.get("/credit/funds").text).group(0)  # type: ignore[union-attr]
    page = text_of(browser.get(fund))
    for words in ("L100,000.00", "Petra", "Organizaciones de mujeres", "Acuerdo 1/2025", "18 %"):
        assert words in page, words


def test_who_has_no_business_here_is_told_so(town: Town):
    trainer = town.signed_in("gardenia", "trainer")
    for path in ("/credit", "/credit/loans", f"/credit/loans/{UUID(int=7)}"):
        assert trainer.get(path).status_code == 403
    technician = town.signed_in("tecla", "technician")
    for path in (
        f"/credit/loans/{UUID(int=7)}",
        f"/credit/applications/{UUID(int=7)}",
        f"/credit/sessions/{UUID(int=7)}",
    ):
        assert technician.get(path).status_code == 404


def test_the_pages_stand_when_the_registry_is_away(town: Town):
    del town.portal.apps["registry"]
    members(town)
    with town.database.transaction() as session:
        from services.credit.models import CopyEnterprise, TrustFund

        fund = session.query(TrustFund).one()
        house = House(session, fund, None, {})  # type: ignore[arg-type]
        house.submitted(enterprise_id=session.query(CopyEnterprise).first().enterprise_id)  # type: ignore[union-attr]
    browser = town.signed_in("coralia", "coordinator")
    page = browser.get("/credit")
    assert page.status_code == 200
    assert "FON-S-2026-0001" in page.text
