"""The pages, the API and the command of seed capital."""

import io
import re

from services.credit.models import Application, SeedAward
from services.credit.use_cases.close_item import close_item
from tests.credit.closing import on
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, TECHNICIAN, House
from tests.credit.seeding import PDF, applied, approved, awarded, pay, planned, seed_house
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_pages import hidden, town  # noqa: F401 - a fixture
from tests.portal.conftest import text_of


def decided(town, application_id) -> str:  # noqa: F811
    """The committee approves what lies before it; comes back with the address of the session."""
    with town.database.transaction() as session:
        application = session.get_one(Application, application_id)
        house = House(session, town.fund, town.committee, town.seats)
        meeting = house.opened(application)
        house.vote(meeting)
        close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        return f"/credit/sessions/{meeting.id}?item={meeting.agenda[0].id}"


def settled(town):  # noqa: F811
    """A fund of seed capital with an application that is handed in."""
    with town.database.transaction() as session:
        house = seed_house(session)
        application = applied(house)
        town.fund, town.committee, town.seats = house.fund, house.committee_id, house.seats
        town.names[str(application.enterprise_id)] = "Panadería por Nacer"
        return house.fund.id, application.id


def test_seed_capital_walks_through_the_pages_from_the_parts_to_the_close(town):  # noqa: F811
    fund_id, application_id = settled(town)
    officer = town.signed_in("ofelia", "credit_officer")
    coordinator = town.signed_in("coralia", "coordinator")
    cashier = town.signed_in("casilda", "cashier")
    file = f"/credit/applications/{application_id}"
    shown = text_of(coordinator.get(f"/credit/funds/{fund_id}"))
    assert "Capital de arranque" in shown
    assert "Lo que da el fondo" in shown
    body = {
        "visited_on": "2026-03-05",
        "monthly_income": "0",
        "monthly_expense": "0",
        "monthly_debts": "0",
        "recommendation": "approve",
        "amount": "10000.00",
        "instalments": "1",
    }
    assert officer.post(f"{file}/appraise", body, page=f"{file}/appraise").status_code == 303
    shown = text_of(officer.get(file))
    assert "Todavía no hay entregas propuestas" in shown
    assert "alcanza para la cuota" not in shown, "what is given has no instalments"
    form = officer.get(f"{file}/parts")
    assert "al menos 20 %" in text_of(form)
    rows = {
        "own_contribution": "2,500.00",
        "text_1": "Comprar el horno",
        "amount_1": "6000",
        "evidence_1": "Factura",
        "due_on_1": "2026-04-05",
        "text_2": "Comprar harina",
        "amount_2": "3000",
        "evidence_2": "Fotografía",
        "due_on_2": "2026-05-05",
    }
    refused = officer.post(f"{file}/parts", rows)
    assert refused.status_code == 422
    assert "9,000.00" in text_of(refused)
    wrong = officer.post(f"{file}/parts", rows | {"amount_2": "mucho"})
    assert "Monto" in text_of(wrong)
    assert "1,250.00" in text_of(wrong)
    assert officer.post(f"{file}/parts", rows | {"amount_2": "4000"}).status_code == 303
    assert "Comprar el horno" in text_of(coordinator.get(file))
    assert 'value="Comprar harina"' in officer.get(f"{file}/parts").text
    room = coordinator.get(decided(town, application_id))
    for words in ("Las entregas en que se paga", "Comprar harina", "su propio aporte: L2,500.00"):
        assert words in text_of(room), words
    assert " · 2026-" not in text_of(room), "the parts stand in their table alone"
    assert f"{file}/award" in officer.get(file).text
    check = officer.get(f"{file}/award")
    assert "Comprar harina" in text_of(check)
    made = officer.post(f"{file}/award", {"key": hidden(check.text, "key")}, page=f"{file}/award")
    there = made.headers["Location"]
    assert there.startswith("/credit/seed/")
    assert officer.get(f"{file}/award").status_code == 409
    assert officer.get(f"{there}/agreement").headers["Content-Type"] == "application/pdf"
    pay_part(cashier, there)
    early = cashier.get(there)
    assert "payment_paid_on" not in early.text
    follow(officer, there, "evidence")
    assert officer.get(re.search(rf"{there}/parts/[0-9a-f-]+", officer.get(there).text).group()).status_code == 200
    page = officer.get(there).text
    same = officer.post(f"{there}/verification", {"part": hidden(page, "part"), "note": ""})
    assert same.status_code == 409
    assert "Usted mostró la entrega 1" in text_of(same)
    follow(coordinator, there, "verification", note="Visto")
    pay_part(cashier, there)
    follow(officer, there, "evidence")
    follow(coordinator, there, "verification")
    follow(officer, there, "report")
    assert officer.get(f"{there}/report").status_code == 200
    follow(coordinator, there, "closing")
    assert "Adjudicación cerrada" in text_of(coordinator.get(there))
    listed = text_of(coordinator.get("/credit/seed?state=closed"))
    assert "SEM-D-2026-0001" in listed
    assert "Panadería por Nacer" in listed
    assert "SEM-D-2026-0001" not in text_of(coordinator.get("/credit/seed?state=active"))
    assert coordinator.get("/credit/seed?state=wrong").status_code == 200
    told = text_of(coordinator.get(f"/credit/funds/{fund_id}/books"))
    assert "10,000.00" in told
    assert "No cuadra" not in told


def pay_part(browser, there: str) -> None:
    """Pay the next part: the amount and what follows are shown once more before the money leaves."""
    sent = fields_of(browser.get(there).text, f"{there}/payment/check") | {"payment_paid_on": "2026-03-05"}
    missing = browser.post(f"{there}/payment/check", sent | {"payment_paid_on": ""})
    assert (missing.status_code, "Escriba el día" in text_of(missing)) == (422, True)
    assert browser.post(f"{there}/payment/check", sent | {"part": "x"}).status_code == 404
    unread = browser.post(f"{there}/payment/check", sent | {"payment_paid_on": "mañana"})
    assert "mañana" in text_of(unread)
    check = browser.post(f"{there}/payment/check", sent)
    assert "no se puede echar atrás" in text_of(check)
    told = fields_of(check.text, f"{there}/payment")
    assert "Revisar y pagar" in text_of(browser.post(f"{there}/payment", told | {"back": "yes"}))
    assert browser.post(f"{there}/payment", told).status_code == 303


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that a page sends to `action`."""
    form = page.split(f'action="{action}"')[1].split("</form>", maxsplit=1)[0]
    sent = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form))
    sent.pop("csrf_token", None)
    return sent


def follow(browser, there: str, what: str, **fields: str) -> None:
    """Send one of the forms of an award as its page shows it."""
    page = browser.get(there).text
    form = page.split(f'action="{there}/{what}"')[1].split("</form>")[0]
    sent = fields_of(page, f"{there}/{what}") | fields
    if 'type="file"' in form:
        sent["file"] = (io.BytesIO(PDF), "factura.pdf")
    answer = browser.post(f"{there}/{what}", sent)
    assert answer.status_code == 303, text_of(answer)


def test_a_contribution_comes_back_and_what_is_late_lapses_on_its_page(town):  # noqa: F811
    with town.database.transaction() as session:
        house = seed_house(session)
        found = awarded(house, "aporte", "6000.00", "4000.00")
        pay(house, found)
    there = f"/credit/seed/{found.id}"
    coordinator, officer = town.signed_in("coralia", "coordinator"), town.signed_in("ofelia", "credit_officer")
    assert "lapse" not in coordinator.get(there).text
    follow(officer, there, "returns", amount="1,000.00", returns_paid_on="2026-03-05", channel="cash")
    assert "5,000.00" in text_of(officer.get(there))
    assert "SEM-RD-2026-0001" in text_of(officer.get(there))
    with on(40):
        coordinator = town.signed_in("coralia2", "coordinator")
        assert "Hay una entrega atrasada" in text_of(coordinator.get("/credit/seed"))
        follow(coordinator, there, "lapse", reason="No mostró la factura")
        assert "Entrega caducada" in text_of(coordinator.get(there))
    viewer = town.signed_in("leda", "leda_viewer")
    assert "SEM-D-2026-0001" in text_of(viewer.get("/credit/seed"))
    assert viewer.get(there).status_code == 403


def test_a_request_for_seed_capital_asks_for_no_instalments(town):  # noqa: F811
    with town.database.transaction() as session:
        house = seed_house(session)
        enterprise = house.enterprise()
        other = applied(house)
        town.names |= {str(enterprise): "Panadería por Nacer", str(other.enterprise_id): "Tortillería"}
    technician = town.signed_in("tecla", "technician")
    page = technician.get(f"/credit/applications/new?enterprise={enterprise}")
    assert 'name="instalments" value="1"' in page.text
    assert "sin intereses" in text_of(page)
    asked = {
        "enterprise": str(enterprise),
        "fund": str(house.fund.id),
        "product": "arranque",
        "amount": "8000",
        "instalments": "1",
        "purpose": "equipment",
        "project": "Empezar a vender pan",
    }
    done = technician.post("/credit/applications/new", asked)
    assert done.status_code == 303
    assert 'name="instalments" value="1"' in technician.get(f"{done.headers['Location']}/change").text
    assert 'name="instalments" value="1"' in technician.get(f"{done.headers['Location']}/appraise").text


def test_the_api_walks_an_award(client, build_house, database):
    with database.transaction() as session:
        house = seed_house(session)
        application = approved(house)
    offered = client.get(COORDINATOR, f"/funds/{house.fund.id}/seed-products").body["items"]
    assert [one["kind"] for one in offered] == ["grant", "contribution"]
    assert client.get(COORDINATOR, f"/funds/{house.fund.id}/products").body["items"][0]["seed"] is True
    plan = client.get(TECHNICIAN, f"/applications/{application.id}/milestones").body
    assert [part["amount"]["amount"] for part in plan["milestones"]] == ["6000.00", "4000.00"]
    made = client.post(OFFICER, f"/applications/{application.id}/award", key="award-key-1")
    assert made.status == 201
    assert client.post(OFFICER, f"/applications/{application.id}/award", key="award-key-1").body == made.body
    assert client.post(OFFICER, f"/applications/{application.id}/award").code == "application.is_disbursed"
    here = f"/seed-awards/{made.body['id']}"
    first = made.body["milestones"][0]["id"]
    paid = client.post(CASHIER, f"{here}/milestones/{first}/payment", {"paid_on": "2026-03-05"}, key="payment-key-1")
    again = client.post(CASHIER, f"{here}/milestones/{first}/payment", {"paid_on": "2026-03-05"}, key="payment-key-1")
    assert paid.body == again.body
    assert paid.body["paid"]["amount"] == "6000.00"
    assert client.get(OFFICER, f"{here}/milestones/{first}/evidence").code == "seed.nothing_shown"
    assert client.get(OFFICER, f"{here}/report").code == "seed.no_report"
    assert client.get(OFFICER, f"/seed-awards/{application.id}").code == "seed.unknown"
    stale = client.send("POST", COORDINATOR, f"{here}/closing", **{"If-Match": '"9"'})
    assert stale.status == 412
    assert client.send("POST", COORDINATOR, f"{here}/closing").status == 428
    listed = client.get(COORDINATOR, f"/seed-awards?fund={house.fund.id}&state=active").body["items"]
    assert [row["next_due"] for row in listed] == ["2026-04-04"]
    assert client.get(COORDINATOR, f"/seed-awards?fund={made.body['id']}").body["items"] == []
    quote = client.get(COORDINATOR, f"/funds/{house.fund.id}/quote?product=arranque&amount=5000.00&instalments=1")
    assert quote.code == "fund.gives_no_loans"


def test_a_fund_whose_regulations_have_not_begun_gives_nothing_yet(client, database):
    with database.transaction() as session:
        house = seed_house(session)
        lending = House.build(session)
    with on(-800):
        assert client.get(COORDINATOR, f"/funds/{house.fund.id}/seed-products").body["items"] == []
    assert client.get(COORDINATOR, f"/funds/{lending.fund.id}/seed-products").code == "fund.gives_no_seed"


def test_an_operator_lists_the_awards(database, run):  # noqa: F811
    with database.transaction() as session:
        house = seed_house(session)
        awarded(house)
        planned(house)
    told = run("awards", "--fund", "SEM")
    assert "SEM-D-2026-0001" in told
    assert "2026-04-04" in told
    with on(60):
        assert "late" in run("awards")
    assert "SEM-D" not in run("awards", "--state", "closed")


def test_an_award_is_seen_in_its_territory_alone(client, database):
    with database.transaction() as session:
        house = seed_house(session)
        found = awarded(house)
        assert session.get_one(SeedAward, found.id)
    from shared.testing import person

    elsewhere = person("coordinator", scope="HN06", subject="otra", name="Otra")
    assert client.get(elsewhere, f"/seed-awards/{found.id}").status in {403, 404}
    assert client.get(elsewhere, "/seed-awards").body["items"] == []


def test_a_member_of_another_committee_is_not_led_to_a_file_that_is_closed_to_her(town):  # noqa: F811
    with town.database.transaction() as session:
        award = awarded(seed_house(session))
    page, file = f"/credit/seed/{award.id}", f"/credit/applications/{award.application_id}"
    petra, officer = town.signed_in("petra", "committee_member"), town.signed_in("ofelia", "credit_officer")
    shown = petra.get(page)
    assert (shown.status_code, file in shown.text, petra.get(file).status_code) == (200, False, 403)
    assert f'href="{file}"' in officer.get(page).text
