"""The pages of credit, walked without JavaScript by the people whose work it is; only the registry is a toy."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response, jsonify, request

from services.credit.use_cases.cast_vote import declare_conflict
from services.credit.use_cases.close_item import close_item
from shared.database import Database
from shared.kernel import clock
from shared.service import Service
from shared.testing import database_of, settings_of
from shared.web import Peers
from tests.credit.house import CHAIR, LEDA, SECRETARY, WOMAN, House, product
from tests.credit.test_printed import code_of
from tests.credit.test_printed import text_of as paper_text
from tests.portal.conftest import Browser, Portal, built, text_of

UNITS = ("HN17",)
SAN_LORENZO = ("HN1709",)


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

    @app.get("/api/registry/v1/enterprises/count")
    def count() -> Response:
        return jsonify({"count": len(enterprises)})

    @app.get("/api/registry/v1/enterprises/<enterprise_id>")
    def one(enterprise_id: str) -> Response:
        return jsonify(row(enterprise_id))

    return app


class Town:
    """A portal with credit behind it, and its people."""

    def __init__(self, portal: Portal, credit: Service, database: Database, names: dict[str, str]) -> None:
        self.portal, self.credit, self.database = portal, credit, database
        self.names = names

    def signed_in(self, username: str, *roles: str, units: tuple[str, ...] = UNITS) -> Browser:
        self.portal.open(username, *roles, units=units)
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
    assert "presta hasta L20,000.00" in refused.text
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
    nobody = chair.post(f"{room}/opening", {})
    assert "Todavía no hay quórum" in nobody.text
    chair.get(room)
    checked = chair.post(f"{room}/opening", {"present": seats})
    assert "Todavía no hay quórum" not in checked.text
    assert chair.post(f"{room}/opening", {"present": seats, "checked": "yes"}).status_code == 303
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
    for paper in ("note", "statement"):
        assert f"{loan}/{paper}" in officer.get(loan).text
        assert officer.get(f"{loan}/{paper}").data.startswith(b"%PDF")

    cashier = town.signed_in("casilda", "cashier")
    assert "916.80" in cashier.get(f"{loan}/repay").text, "the next instalment is already in the form"
    payment = {"amount": "916.80", "paid_on": "2026-03-05", "channel": "cash"}
    page = cashier.post(f"{loan}/repay/check", payment)
    posted = cashier.post(f"{loan}/repay", payment | {"key": hidden(page.text, "key")})
    receipt = last_path(posted)
    assert "FON-RC-2026-0001" in cashier.get(receipt).text
    code = code_of(paper_text(cashier.get(f"{receipt}/pdf").data))
    verified = text_of(town.portal.browser().get(f"/verify/{code}"))
    for words in ("Recibo de pago", "FON-RC-2026-0001", "5 de marzo de 2026"):
        assert words in verified, "anybody who holds the receipt may verify it"
    assert cashier.get(file).status_code == 403, "the file of an application is not the cashier's"


def test_who_only_looks_at_the_territory_holds_no_paper_of_a_loan(town: Town):
    loan = housed(town, lambda house: house.disbursed())
    viewer = town.signed_in("sol", "leda_viewer")
    assert "PDF" not in viewer.get(f"/credit/loans/{loan.id}").text
    for paper in ("note", "statement"):
        assert viewer.get(f"/credit/loans/{loan.id}/{paper}").status_code == 403


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


def housed(town: Town, step: Callable[[House], Any]) -> Any:
    """What `step` gave in a house of its own; its enterprises are known to the registry."""
    with town.database.transaction() as session:
        house = House.build(session)
        given = step(house)
        town.names.update({str(enterprise): "Panadería La Espiga" for enterprise in house.owners})
        return given


@pytest.mark.parametrize("enterprise", ["count", "../funds", "0"])
def test_an_enterprise_that_is_no_id_is_not_found(town: Town, enterprise: str):
    housed(town, lambda house: house.enterprise())
    technician = town.signed_in("tecla", "technician")
    new = "/credit/applications/new"
    assert technician.get(new, query_string={"enterprise": enterprise}).status_code == 404
    assert technician.post(new, {"enterprise": enterprise, "amount": "1000"}, page=new).status_code == 404


def test_a_session_that_is_no_id_is_asked_for_again(town: Town):
    application = housed(town, lambda house: house.appraised())
    officer, file = town.signed_in("ofelia", "credit_officer"), f"/credit/applications/{application.id}"
    answer = officer.post(f"{file}/agenda", {"session": "../funds"}, page=file)
    assert (answer.status_code, "Elija una sesión" in answer.text) == (422, True)


def test_an_application_changed_meanwhile_is_shown_as_it_is_now_and_saved_when_she_confirms(town: Town):
    application = housed(town, lambda house: house.submitted())
    technician, other = town.signed_in("tecla", "technician"), town.signed_in("ofelia", "credit_officer")
    form = f"/credit/applications/{application.id}/change"
    asked = {"product": "working-capital", "instalments": "12", "grace": "0", "purpose": "equipment"}
    typed = asked | {
        "amount": "9,000.00",
        "project": "Una mesa",
        "version": hidden(technician.get(form).text, "version"),
    }
    theirs = asked | {"amount": "4000", "project": "Un horno", "version": hidden(other.get(form).text, "version")}
    assert other.post(form, theirs).status_code == 303
    stale = technician.post(form, typed)
    assert stale.status_code == 412
    for words in (
        "Alguien cambió esta solicitud mientras tanto",
        "Monto: L4,000.00",
        "en sus propias palabras: Un horno",
    ):
        assert words in text_of(stale), words
    assert "Para qué: " not in text_of(stale), "what is the same is not told"
    assert 'value="9,000.00"' in stale.text, "what was typed is kept"
    assert technician.post(form, typed | {"version": hidden(stale.text, "version")}).status_code == 303
    assert "L9,000.00" in text_of(technician.get(f"/credit/applications/{application.id}"))


def test_a_mistake_does_not_hide_that_somebody_else_changed_the_application(town: Town):
    application = housed(town, lambda house: house.submitted())
    technician, other = town.signed_in("tecla", "technician"), town.signed_in("ofelia", "credit_officer")
    form = f"/credit/applications/{application.id}/change"
    asked = {"product": "working-capital", "instalments": "12", "grace": "0", "purpose": "equipment", "project": "Mesa"}
    mine = hidden(technician.get(form).text, "version")
    other.post(form, asked | {"amount": "4000", "version": hidden(other.get(form).text, "version")})
    wrong = technician.post(form, asked | {"amount": "x", "version": mine})
    assert (wrong.status_code, hidden(wrong.text, "version")) == (422, mine)


def test_a_kind_of_credit_that_is_no_longer_lent_is_chosen_anew(town: Town):
    def step(house: House) -> Any:
        application = house.submitted()
        house.adopt(products=product(code="new-capital", name="Capital nuevo"))
        return application

    application = housed(town, step)
    officer, file = town.signed_in("ofelia", "credit_officer"), f"/credit/applications/{application.id}"
    page = officer.get(f"{file}/change")
    assert "Capital nuevo" in page.text
    asked = {"amount": "9000", "instalments": "12", "grace": "0", "purpose": "equipment", "project": "Una mesa"}
    asked["version"] = hidden(page.text, "version")
    assert officer.post(f"{file}/change", asked | {"product": "new-capital"}).status_code == 303
    assert "Capital nuevo, 18 %, reglamento, edición 2" in text_of(officer.get(file))


def test_the_pages_of_credit_ask_for_the_one_stylesheet_of_the_house(town: Town):
    application, meeting, _ = housed(town, deferred)
    coordinator = town.signed_in("coralia", "coordinator")
    for path in ("", f"/applications/{application.id}", f"/sessions/{meeting.id}", f"/funds/{application.fund_id}"):
        asked = re.findall(r'rel="stylesheet" href="/static/([^?]+)', coordinator.get(f"/credit{path}").text)
        assert asked == ["csem.css"]


def test_the_room_says_under_which_edition_the_money_would_be_lent(town: Town):
    def step(house: House) -> Any:
        application = house.appraised()
        house.adopt(products=product(code="new-capital"))
        return house.opened(application)

    meeting = housed(town, step)
    room = text_of(town.signed_in("coralia", "coordinator").get(f"/credit/sessions/{meeting.id}"))
    assert "se decide con la edición 2 y se presta con la edición 1" in room


def deferred(house: House) -> Any:
    """An application that its session deferred, and another session that is called."""
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting, choice="defer")
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application, meeting, house.convened()


def test_the_session_that_deferred_an_application_is_not_offered_again(town: Town):
    application, meeting, another = housed(town, deferred)
    page = town.signed_in("coralia", "coordinator").get(f"/credit/applications/{application.id}")
    assert f'value="{another.id}"' in page.text
    assert f'value="{meeting.id}"' not in page.text


def test_a_technician_sees_in_the_room_neither_votes_nor_what_comes_from_elsewhere(town: Town):
    def step(house: House) -> Any:
        there = house.appraised(enterprise_id=house.enterprise("HN1701"))
        here = house.appraised(project="Un molino de maíz")
        meeting = house.opened(here, there)
        declare_conflict(
            house.session, WOMAN, session_id=meeting.id, item_id=meeting.agenda[0].id, reason="Es mi prima"
        )
        house.vote(meeting, choice="refuse", by=(CHAIR, SECRETARY, LEDA))
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        return meeting

    meeting = housed(town, step)
    room = f"/credit/sessions/{meeting.id}"
    technician = town.signed_in("tecla", "technician", units=SAN_LORENZO)
    coordinator = town.signed_in("coralia", "coordinator", units=SAN_LORENZO)
    shown = [text_of(each.get(f"{room}?item={meeting.agenda[0].id}")) for each in (technician, coordinator)]
    assert ["No hay capacidad" in page for page in shown] == [False, True]
    elsewhere = technician.get(f"{room}?item={meeting.agenda[1].id}")
    assert elsewhere.status_code == 200
    assert "2. Solicitud de fuera de su territorio" in text_of(elsewhere)
    assert "Un horno nuevo" not in elsewhere.text
    assert "Solicitud de fuera de su territorio" in text_of(coordinator.get(f"{room}/close"))


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
