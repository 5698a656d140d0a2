"""The pages on which a committee sees what departs from its regulations and notes why it approves all the same; and
those that tell fees, agreed days, sources and tables to be confirmed.
"""

from typing import Any

from services.credit.models import CopyEnterprise
from services.credit.queries.applications import detail
from tests.credit import test_pages
from tests.credit.house import COORDINATOR, TECHNICIAN, House, product
from tests.credit.test_appraisal_pages import TYPED, fields
from tests.credit.test_body_pages import built
from tests.credit.test_competence import LEVELS
from tests.credit.test_exceptions import closed, excepted
from tests.credit.test_fees import TWO_PERCENT
from tests.credit.test_pages import Town, last_path
from tests.portal.conftest import text_of

town = test_pages.town

REASON = "La ficha se verifica esta semana"


def unverified(house: House) -> Any:
    """A session with an application whose record is not verified any more."""
    application = house.appraised()
    house.session.get_one(CopyEnterprise, application.enterprise_id).replace({"validation": "pending"})
    house.session.flush()
    return house.convened(application)


def test_the_agenda_and_the_room_show_what_is_not_met_and_the_reason_is_noted_there(town: Town):
    _, meeting = built(town, unverified, capacity={"share": 30, "source": "art. 11"})
    carla, item = town.signed_in("carla", "coordinator"), meeting.agenda[0].id
    room = f"/credit/sessions/{meeting.id}"
    for page in (room, f"{room}/agenda"):
        shown = text_of(carla.get(page))
        for words in ("Su ficha todavía no está verificada", "La cuota toma más de lo que queda en el mes"):
            assert words in shown, (page, words)
    assert "Toma 37 %; el límite es 30 %" in text_of(carla.get(room))
    silent = carla.post(f"{room}/items/{item}/exception", {"exception": ""}, page=room)
    assert (silent.status_code, 'href="#field-exception"' in silent.text) == (422, True)
    assert carla.post(f"{room}/items/{item}/exception", {"exception": REASON}, page=room).status_code == 303
    for page in (room, f"{room}/agenda"):
        assert REASON in text_of(carla.get(page))


def test_an_application_that_a_hard_rule_stops_says_so_when_it_is_put_on_an_agenda(town: Town):
    def step(house: House) -> Any:
        meeting, application = house.convened(), house.appraised()
        house.session.get_one(CopyEnterprise, application.enterprise_id).replace({"consent_credit": False})
        house.session.flush()
        return meeting, application

    _, (meeting, application) = built(town, step)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/sessions/{meeting.id}/agenda"
    told = carla.post(page, {"applications": [str(application.id)]}, page=page)
    assert last_path(told) == page
    shown = text_of(carla.get(page))
    assert f"{application.number}: La dueña no ha dado su consentimiento" in shown


def test_the_reason_is_noted_through_the_api_by_who_calls_or_conducts(build_house: Any, client: Any):
    _, meeting = build_house(unverified)
    path = f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/exception"
    assert client.post(TECHNICIAN, path, {"reason": REASON}).status == 403
    told = client.post(COORDINATOR, path, {"reason": REASON})
    assert told.status == 200
    [item] = told.body["agenda"]
    assert (item["exception_reason"], item["exceptions"][0]["excepted"]) == (REASON, True)


def test_the_quote_and_the_edition_tell_the_fee_and_what_has_no_source(town: Town):
    house, _ = built(town, lambda house: None, products=product(fee=TWO_PERCENT), provisioning={"table": "HN"})
    tecla = town.signed_in("tecla", "technician")
    asked = "product=working-capital&amount=10000&instalments=12&grace=0&start=2026-03-05"
    quoted = text_of(tecla.get(f"/credit/quote?fund={house.fund.id}&{asked}"))
    assert "Comisión de apertura: L200.00, se descuenta al desembolsar: ella recibe L9,800.00" in quoted
    carla = town.signed_in("carla", "coordinator")
    regulations = text_of(carla.get(f"/credit/funds/{house.fund.id}/regulations"))
    for words in ("por confirmar localmente", "no dice su fuente; la edición: Acuerdo 1/2025", "Comisión de apertura"):
        assert words in regulations, words
    for page in ("dashboard", "closes"):
        assert "por confirmar localmente" in text_of(carla.get(f"/credit/funds/{house.fund.id}/{page}")), page


def test_days_of_payment_are_agreed_on_the_form_of_the_appraisal(town: Town):
    _, application = built(town, lambda house: house.submitted("9000.00"), products=product(agreed_dates_within=400))
    tecla = town.signed_in("tecla", "technician")
    file = f"/credit/applications/{application.id}"
    assert "Días de pago acordados para este préstamo" in text_of(tecla.get(f"{file}/appraise"))
    typed = TYPED | {"amount": "9000", "instalments": "3", "due_dates": "2027-01-31\n28/2/2027\n2027-03-31"}
    short = tecla.post(f"{file}/appraise/check", typed | {"due_dates": "2027-01-31"})
    assert (short.status_code, 'href="#field-due-dates"' in short.text) == (422, True)
    check = tecla.post(f"{file}/appraise/check", typed)
    assert tecla.post(f"{file}/appraise", fields(check.text)).status_code == 303
    assert "Días de pago acordados" in text_of(tecla.get(file))


def test_the_file_shows_the_needs_and_the_form_begins_with_the_purpose_that_follows(town: Town):
    house, enterprise = built(town, lambda house: house.enterprise(needs=["credit", "market"]))
    with town.database.transaction() as session:
        application = House(session, house.fund, house.committee_id, house.seats).submitted(enterprise_id=enterprise)
        told = detail(session, application)
    assert (told["needs"], told["purpose_of_needs"]) == (["credit", "market"], "marketing")
    shown = text_of(town.signed_in("ofelia", "credit_officer").get(f"/credit/applications/{application.id}"))
    assert "Necesidades en el inventario" in shown


def test_who_gives_the_assent_reads_of_the_exception_and_its_reason(town: Town):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised("20000.00"))
        excepted(house, meeting, REASON)
        house.vote(meeting)
        return closed(house, meeting)

    house, _ = built(town, step, **LEVELS, capacity={"share": 50, "source": "art. 11"})
    shown = text_of(town.signed_in("fidelia", "trust_fund_member").get(f"/credit/funds/{house.fund.id}/assents"))
    for words in ("Excepción al reglamento", "Toma 74 %; el límite es 50 %", REASON):
        assert words in shown, words
