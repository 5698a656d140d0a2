"""The pages of appraisal, guarantees and groups, walked without JavaScript by the people whose work it is."""

import io
import re
from typing import Any

from tests.credit import test_pages
from tests.credit.house import House
from tests.credit.test_appraisal import CARD
from tests.credit.test_body_pages import built
from tests.credit.test_conditions import PDF
from tests.credit.test_groups import GROUPS
from tests.credit.test_guarantees import SECTION
from tests.credit.test_pages import Town, last_path
from tests.portal.conftest import text_of

town = test_pages.town

TYPED = {
    "visited_on": "2026-03-05",
    "rows-sales": "1",
    "sales-0-what": "Pan dulce",
    "sales-0-amount": "12,000",
    "cost_of_goods-0-what": "Harina",
    "cost_of_goods-0-amount": "7000",
    "debts-0-lender": "Banco",
    "debts-0-balance": "3000",
    "debts-0-monthly_payment": "500",
    "assets-cash": "8000",
    "good": "150",
    "bad": "20",
    "recommendation": "approve",
    "amount": "10000",
    "instalments": "12",
    "grace": "0",
    "answers-records": "yes",
}


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a check page, as the browser sends them on."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def test_a_line_is_added_and_nothing_that_was_typed_is_lost(town: Town):
    _, application = built(town, lambda house: house.submitted(), scorecard=CARD)
    tecla = town.signed_in("tecla", "technician")
    page = f"/credit/applications/{application.id}/appraise"
    assert "Lleva cuentas" in text_of(tecla.get(page))
    more = tecla.post(f"{page}/check", TYPED | {"add": "sales"})
    assert more.status_code == 200
    assert 'name="sales-1-amount"' in more.text
    assert 'name="rows-sales" value="2"' in more.text
    for kept in ('value="Pan dulce"', 'value="12,000"', 'value="Banco"', 'value="8000"'):
        assert kept in more.text


def test_the_officer_checks_what_follows_before_it_is_in_the_file(town: Town):
    _, application = built(
        town, lambda house: house.submitted(), scorecard=CARD, capacity={"share": 15, "source": "art. 11"}
    )
    tecla = town.signed_in("tecla", "technician")
    file = f"/credit/applications/{application.id}"
    tecla.get(f"{file}/appraise")
    second = TYPED | {"rows-sales": "2", "sales-1-amount": "500", "month-8": "bad"}
    computed = tecla.post(f"{file}/appraise/check", second | {"compute": "yes"})
    assert "Lo que resulta" in text_of(computed)
    assert 'value="Pan dulce"' in computed.text
    check = tecla.post(f"{file}/appraise/check", second)
    said = text_of(check)
    for words in ("Revisar la evaluación", "puntos de 100", "agosto 2026", "Monto mayor cuya cuota toma"):
        assert words in said
    assert "Recomendar" in said
    offered = re.search(r'name="largest" value="([0-9.]+)"', check.text)
    assert offered
    less = tecla.post(f"{file}/appraise/check", fields(check.text) | {"largest": offered[1]})
    assert f'name="amount" value="{offered[1]}"' in less.text
    back = tecla.post(f"{file}/appraise/check", fields(check.text) | {"back": "yes"})
    assert 'value="Pan dulce"' in back.text
    assert tecla.post(f"{file}/appraise", fields(less.text)).status_code == 303
    shown = text_of(tecla.get(file))
    for words in ("Pan dulce", "Banco", "Puntaje", "1 mes no cubre su cuota"):
        assert words in shown


def test_what_is_wrong_is_said_beside_its_line(town: Town):
    _, application = built(town, lambda house: house.submitted(), scorecard=CARD)
    tecla = town.signed_in("tecla", "technician")
    page = f"/credit/applications/{application.id}/appraise"
    tecla.get(page)
    for wrong, words in (
        ({"sales-0-amount": ""}, 'href="#field-sales-0-amount"'),
        ({"sales-0-amount": "1.2.3"}, 'href="#field-sales-0-amount"'),
        ({"debts-0-balance": ""}, 'href="#field-debts-0-balance"'),
        ({"monthly_income": "1"}, 'href="#field-monthly-income"'),
        ({"visited_on": "2026-03-06"}, 'href="#field-visited-on"'),
        ({"answers-records": ""}, 'href="#field-answers-records"'),
    ):
        told = tecla.post(f"{page}/check", TYPED | wrong)
        assert told.status_code == 422, wrong
        assert words in told.text, wrong
    bare = {name: value for name, value in TYPED.items() if not name.startswith(("sales", "cost"))}
    assert 'href="#field-sales-0-amount"' in tecla.post(f"{page}/check", bare).text


def test_a_low_score_is_recommended_only_with_a_reason(town: Town):
    _, application = built(town, lambda house: house.submitted(), scorecard=CARD | {"minimum": 90})
    tecla = town.signed_in("tecla", "technician")
    page = f"/credit/applications/{application.id}/appraise"
    tecla.get(page)
    low = TYPED | {"answers-records": "no"}
    check = tecla.post(f"{page}/check", low)
    assert "El puntaje es menor que el que pide el reglamento" in text_of(check)
    told = tecla.post(page, low)
    assert told.status_code == 422
    assert 'href="#field-score-reason"' in told.text
    assert tecla.post(page, low | {"score_reason": "Pedidos firmes"}).status_code == 303
    assert "Pedidos firmes" in text_of(tecla.get(f"/credit/applications/{application.id}"))


def test_guarantees_are_added_shown_and_taken_out(town: Town):
    _, application = built(town, lambda house: house.appraised(), guarantees=SECTION)
    tecla = town.signed_in("tecla", "technician")
    file = f"/credit/applications/{application.id}"
    page = f"{file}/guarantees"
    assert "faltan L10,000.00" in text_of(tecla.get(file))
    tecla.get(page)
    missing = {"kind": "guarantor", "value": "4000"}
    told = tecla.post(page, missing)
    assert (told.status_code, 'href="#field-q"' in told.text) == (422, True)
    assert tecla.post(page, missing | {"find": "yes"}).status_code == 422
    assert tecla.post(page, missing | {"find": "yes", "q": "espiga"}).status_code == 200
    person = {"name": "Fiador Inventado", "document": "0801-1970-55555"}
    assert tecla.post(page, missing | person).status_code == 303
    pledge = {"kind": "pledge", "value": "10000", "description": "Congelador"}
    assert tecla.post(page, pledge, page=page).status_code == 303
    shown = tecla.get(page)
    for words in ("Fiador Inventado", "555", "Congelador", "Está cubierto el 100 % de L10,000.00"):
        assert words in text_of(shown)
    assert "1970" not in shown.text
    row = re.findall(rf"{page}/([0-9a-f-]{{36}})/remove", shown.text)[1]
    assert tecla.post(f"{page}/{row}/paper", {}, content_type="multipart/form-data").status_code == 422
    tecla.get(page)
    form: dict[str, Any] = {"file": (io.BytesIO(PDF), "factura.pdf")}
    assert tecla.post(f"{page}/{row}/paper", form, content_type="multipart/form-data").status_code == 303
    assert tecla.get(f"{page}/{row}/paper").data == PDF
    tecla.get(page)
    assert tecla.post(f"{page}/{row}/remove", {}).status_code == 303
    assert "Congelador" not in text_of(tecla.get(page))


def test_a_group_is_formed_goes_to_a_session_and_shows_how_each_stands(town: Town):
    def step(house: House) -> Any:
        asked = [house.appraised("1000.00"), house.appraised("2000.00"), house.appraised("1500.00")]
        return asked, house.convened()

    house, ((one, other, third), meeting) = built(town, step, groups=GROUPS)
    ofelia = town.signed_in("ofelia", "credit_officer")
    assert "Todavía no hay grupos" in text_of(ofelia.get("/credit/groups"))
    ofelia.get("/credit/groups/new")
    typed = {"fund": str(house.fund.id), "name": "Las Madrugadoras", "applications": [str(one.id)]}
    few = ofelia.post("/credit/groups/new", typed)
    assert (few.status_code, 'value="Las Madrugadoras"' in few.text) == (422, True)
    done = ofelia.post("/credit/groups/new", typed | {"applications": [str(one.id), str(other.id)]})
    group = last_path(done)
    assert "FON-G-2026-0001" in ofelia.get("/credit/groups").text
    assert ofelia.post(f"{group}/join", {"application": str(third.id)}, page=group).status_code == 303
    assert ofelia.post(f"{group}/leave", {"application": str(third.id)}, page=group).status_code == 303
    assert ofelia.post(f"{group}/leave", {"application": str(third.id)}, page=group).status_code == 404
    refused = ofelia.post(f"/credit/applications/{one.id}/agenda", {"session": str(meeting.id)}, page=group)
    assert "va completo a una sesión" in text_of(refused)
    assert ofelia.post(f"{group}/agenda", {"session": ""}, page=group).status_code == 422
    placed = ofelia.post(f"{group}/agenda", {"session": str(meeting.id)}, page=group)
    assert last_path(placed) == f"/credit/sessions/{meeting.id}"
    shown = text_of(ofelia.get(f"/credit/applications/{one.id}"))
    assert "Grupo Las Madrugadoras" in shown
    assert text_of(ofelia.get(group)).count("En la agenda") >= 2
