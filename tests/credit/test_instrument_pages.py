"""The pages of the instruments, walked without JavaScript by the people whose work it is."""

import html
import io
import json
import re
from dataclasses import make_dataclass
from typing import Any

import pytest

from services.credit.use_cases.close_item import close_item
from tests.credit import test_pages
from tests.credit.house import CHAIR, PARAMETERS, House, product
from tests.credit.test_adopting import PDF
from tests.credit.test_body_pages import built
from tests.credit.test_carried import deferred
from tests.credit.test_competence import LEVELS
from tests.credit.test_pages import Town, last_path
from tests.portal.conftest import Browser, text_of

town = test_pages.town


def sends(browser: Browser, path: str, page: str, content: bytes = PDF, **form: Any) -> Any:
    form["file"] = (io.BytesIO(content), form.pop("name", "firmado.pdf"))
    return browser.post(path, form, page=page, content_type="multipart/form-data")


def carried(page: Any) -> str:
    """The parameters that a page carries on."""
    found = re.search(r'name="parameters" value="([^"]*)"', page.text)
    assert found
    return html.unescape(found[1])


def typed(page: Any) -> dict[str, Any]:
    """What the form of an edition would send, as it stands."""
    values: dict[str, Any] = {}
    form = re.split(r'<form[^>]*regulations/new"', page.text, maxsplit=1)[-1].partition("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {attribute}="([^"]*)"', tag) for attribute in ("name", "value"))
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        values.setdefault(html.unescape(name[1]), []).append(html.unescape(value[1]) if value else "")
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = [html.unescape(text)]
    for name, options in re.findall(r'<select[^>]* name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = [chosen[1] if chosen else ""]
    return values


ADOPTED = {
    "title": "Reglamento renovado",
    "source": "Acuerdo 4/2026",
    "valid_from": "2026-03-05",
    "name-0": "Ana Firmante",
    "office-0": "Dirección de la ADEL",
}


def test_the_regulations_are_read_in_plain_words(town: Town):
    house, _ = built(town, lambda house: None, notice={"days": 3, "source": "art. 11"}, **LEVELS)
    page = f"/credit/funds/{house.fund.id}/regulations"
    shown = text_of(town.signed_in("tecla", "technician").get(page))
    for words in (
        "Reglamento de Crédito, edición 1",
        "L20,000.00",
        "18 %",
        "art. 11",
        "Montos pequeños Hasta L2,000.00, desde 1 ene 2025",
        "Necesita el visto bueno del Comité del Fideicomiso",
        "Ana Firmante, ADEL",
        "Esta edición no dice nada de",
        "Límites de concentración",
    ):
        assert words in shown, words
    assert "Preparar una edición nueva" not in shown, "she adopts none"


def test_what_the_pages_do_not_know_is_shown_as_it_stands(town: Town, monkeypatch: pytest.MonkeyPatch):
    from services.credit.rules import regulations

    more = make_dataclass("More", [("rainfall", Any, None)], bases=(regulations.Parameters,), frozen=True)
    monkeypatch.setattr(regulations, "Parameters", more)
    monkeypatch.setitem(regulations._SECTIONS, "rainfall", lambda section: section)
    house, _ = built(town, lambda house: None)
    from services.credit.models import CreditRegulations

    with town.database.transaction() as session:
        row = session.query(CreditRegulations).one()
        row.parameters = PARAMETERS | {"rainfall": {"weights": [{"code": "age", "points": 3}], "strict": True}}
    fund = f"/credit/funds/{house.fund.id}"
    carla = town.signed_in("carla", "coordinator")
    shown = text_of(carla.get(f"{fund}/regulations"))
    for words in ("rainfall", "weights: age", "Puntos 3, desde", "strict Sí"):
        assert words in shown, words
    form = typed(carla.get(f"{fund}/regulations/new"))
    checked = carla.post(f"{fund}/regulations/new", form | {"quorum-seats": "4"}, page=f"{fund}/regulations/new")
    assert checked.status_code == 200
    assert json.loads(carried(checked))["rainfall"]["strict"] is True, "and is kept by the form"


def test_an_edition_is_prepared_in_a_form_checked_and_adopted_with_its_signed_file(town: Town):
    house, _ = built(town, lambda house: None)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    form = typed(carla.get(f"{page}/new"))
    assert form["products-0-maximum"] == ["20000.00"]
    same = carla.post(f"{page}/new", form, page=f"{page}/new")
    assert "No cambia nada" in text_of(same), text_of(same)
    wrong = form | {"products-0-maximum": "1.00", "notice-days": "mucho", "late_charge-fixed": "x"}
    told = carla.post(f"{page}/new", wrong, page=f"{page}/new")
    assert told.status_code == 422
    told = carla.post(f"{page}/new", wrong | {"late_charge-fixed": ""}, page=f"{page}/new")
    assert (told.status_code, 'href="#field-products-0-maximum"' in told.text) == (422, True)
    assert 'href="#field-notice-days"' in told.text
    assert 'value="mucho"' in told.text, "nothing typed is lost"
    change = form | {
        "products-0-annual_rate": "16.5",
        "products-1-code": "equipo",
        "products-1-name": "Equipo",
        "products-1-minimum": "1,000.00",
        "products-1-maximum": "15,000.00",
        "products-1-shortest": "6",
        "products-1-longest": "36",
        "products-1-annual_rate": "15",
        "concentration-borrower": "10",
        "concentration-source": "art. 20",
        "competence-levels-0-name": "Comité",
        "competence-levels-0-up_to": "8000",
        "competence-levels-1-name": "Con visto bueno",
        "competence-levels-1-assent": "yes",
        "competence-source": "art. 12",
    }
    checked = carla.post(f"{page}/new", change, page=f"{page}/new")
    shown = text_of(checked)
    assert checked.status_code == 200, shown
    for words in (
        "working-capital: Tasa anual",
        "18 % 16.5 %",
        "equipo: Hasta",
        "L15,000.00",
        "10 %",
        "Con visto bueno",
    ):
        assert words in shown, words
    parameters = carried(checked)
    edited = carla.post(f"{page}/edit", {"parameters": parameters}, page=f"{page}/new")
    assert typed(edited)["products-1-maximum"] == ["15000.00"]
    unsigned = carla.post(f"{page}/adopt", ADOPTED | {"parameters": parameters}, page=f"{page}/new")
    assert (unsigned.status_code, "Elija el archivo firmado" in unsigned.text) == (422, True)
    picture = sends(carla, f"{page}/adopt", f"{page}/new", b"GIF89a", **ADOPTED, parameters=parameters)
    assert (picture.status_code, "debe ser un PDF" in picture.text) == (422, True)
    late = ADOPTED | {"valid_from": "2026-03-04"}
    refused = sends(carla, f"{page}/adopt", f"{page}/new", **late, parameters=parameters)
    assert (refused.status_code, 'href="#field-valid-from"' in refused.text) == (422, True)
    done = sends(carla, f"{page}/adopt", f"{page}/new", **ADOPTED, parameters=parameters)
    assert done.status_code == 303
    shown = text_of(carla.get(last_path(done)))
    for words in ("Reglamento renovado, edición 2", "16.5 %", "lo guardado es lo que se firmó", "Ana Firmante"):
        assert words in shown, words
    assert carla.get(f"{last_path(done)}/file").data == PDF
    from services.credit.rules.regulations import read

    rules = read(json.loads(parameters))
    assert (rules.competence.assents_for("equipo", 9_000_00), rules.concentration.borrower) == (2, 10)


FEE = {"share": "2", "amount": 50_00, "paid": "first_instalment", "source": "art. 12"}
REST = {"days": ["08-05", "12-24"], "shift": "previous", "source": "art. 7"}


def test_the_fee_of_a_product_and_the_days_of_rest_are_typed_in_the_form(town: Town):
    house, _ = built(town, lambda house: None)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    form = typed(carla.get(f"{page}/new"))
    change = form | {
        "products-0-fee-share": "2",
        "products-0-fee-amount": "50.00",
        "products-0-fee-paid": "first_instalment",
        "holidays-days": "24/12\n 5/8 ",
        "holidays-shift": "previous",
    }
    told = carla.post(f"{page}/new", change, page=f"{page}/new")
    assert told.status_code == 422, "neither says where it comes from"
    for name in ("products-0-fee-source", "holidays-source"):
        assert f'href="#field-{name}"' in told.text, name
        assert f'id="field-{name}-error"' in told.text, name
    assert typed(told)["holidays-days"] == ["24/12\n 5/8"], "what was typed is kept"
    change |= {"products-0-fee-source": "art. 12", "holidays-source": "art. 7"}
    for name, wrong in (("holidays-days", "31/04"), ("holidays-days", "en mayo"), ("products-0-fee-share", "100")):
        told = carla.post(f"{page}/new", change | {name: wrong}, page=f"{page}/new")
        assert (told.status_code, f'href="#field-{name}"' in told.text) == (422, True), wrong
        assert typed(told)[name] == [wrong]
    checked = carla.post(f"{page}/new", change, page=f"{page}/new")
    parameters = json.loads(carried(checked))
    assert (parameters["products"], parameters["holidays"]) == (product(fee=FEE), REST), text_of(checked)
    for words in ("Comisión de apertura", "05/08, 24/12", "L50.00"):
        assert words in text_of(checked), words
    again = typed(carla.post(f"{page}/edit", {"parameters": carried(checked)}, page=f"{page}/new"))
    assert (again["products-0-fee-amount"], again["holidays-days"]) == (["50.00"], ["05/08\n24/12"])
    gone = {name: "" for name in again if name.startswith(("products-0-fee", "holidays"))}
    checked = carla.post(f"{page}/new", again | gone, page=f"{page}/new")
    assert json.loads(carried(checked)) == PARAMETERS, "emptied, they are left out"


@pytest.mark.parametrize(
    "rules",
    [
        {"products": product(fee=FEE), "holidays": REST},
        {"products": product(fee={"share": 2.5, "source": "art. 12"}), "holidays": {"days": [], "source": "art. 7"}},
        {"products": product(fee={"amount": 75_00, "source": "art. 12"}, rest=["sunday"], shift="next")},
        {"holidays": {"days": ["2027-01-02", "2027-08-05"], "source": "art. 7"}},
        {"holidays": {"days": [], "shift": "none", "source": "art. 7"}},
    ],
)
def test_parameters_that_go_through_the_form_untouched_come_back_the_same(town: Town, rules: dict[str, Any]):
    house, _ = built(town, lambda house: None, **rules)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    checked = carla.post(f"{page}/new", typed(carla.get(f"{page}/new")), page=f"{page}/new")
    assert json.loads(carried(checked)) == PARAMETERS | rules
    assert "No cambia nada" in text_of(checked)


def test_a_fee_that_a_product_in_parts_cannot_have_is_told_at_its_field(town: Town):
    house, _ = built(town, lambda house: None, products=product(tranches=2))
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    fee = {"products-0-fee-share": "2", "products-0-fee-source": "art. 12"}
    told = carla.post(f"{page}/new", typed(carla.get(f"{page}/new")) | fee, page=f"{page}/new")
    assert (told.status_code, 'href="#field-products-0-fee-share"' in told.text) == (422, True)


def test_the_hash_of_the_signed_file_leads_to_what_it_is(town: Town):
    house, _ = built(town, lambda house: None)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    shown = carla.get(page)
    assert "falta" in text_of(shown)
    here = re.search(rf'action="({page}/[0-9a-f-]+/file)"', shown.text)
    assert here
    assert carla.post(here[1], {}, page=page).status_code == 422
    assert sends(carla, here[1], page).status_code == 303
    digest = re.search(r"/verify/([0-9a-f]{64})", carla.get(page).text)
    assert digest
    verified = text_of(carla.get(f"/verify/{digest[1]}"))
    assert "Reglamento de Crédito firmado" in verified


def test_parameters_go_out_as_a_file_and_come_back_changed_each_error_at_its_place(town: Town):
    house, _ = built(town, lambda house: None)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/regulations"
    link = re.search(rf'href="({page}/[0-9a-f-]+/json)"', carla.get(page).text)
    assert link
    file = json.loads(carla.get(link[1]).data)
    assert file == PARAMETERS
    carla.get(f"{page}/new")
    upload = f"{page}/upload"
    for content, words in ((b"{", "no es JSON"), (b"[1]", "un solo objeto JSON")):
        told = sends(carla, upload, f"{page}/new", content, name="p.json")
        assert (told.status_code, words in text_of(told)) == (422, True)
    wrong = json.dumps(file | {"notice": {"days": -1, "source": "art. 1"}, "colour": 1}).encode()
    told = sends(carla, upload, f"{page}/new", wrong, name="p.json")
    shown = text_of(told)
    assert told.status_code == 422
    for words in ("Aviso de una sesión: days", "No se conoce la sección colour", "/parameters/notice/days"):
        assert words in shown, words
    assert "Adoptar la edición" not in shown
    right = json.dumps(file | {"products": product(annual_rate="12")}).encode()
    checked = sends(carla, upload, f"{page}/new", right, name="p.json")
    assert checked.status_code == 200
    assert "18 % 12 %" in text_of(checked)
    assert sends(carla, f"{page}/adopt", f"{page}/new", **ADOPTED, parameters=carried(checked)).status_code == 303
    rows = re.findall(rf'href="{page}/([0-9a-f-]+)"', carla.get(page).text)
    second, first = dict.fromkeys(rows)
    compared = text_of(carla.get(f"{page}/compare?before={first}&after={second}"))
    assert "working-capital: Tasa anual" in compared
    assert "No cambia nada" in text_of(carla.get(f"{page}/compare?before={first}&after={first}"))
    assert carla.get(f"{page}/compare?before={first}&after=x").status_code == 404


LETTER = {
    "title": "Carta Convenio",
    "source": "Firmada en San Lorenzo",
    "valid_from": "2026-03-05",
    "trustee": "Banco Nuevo",
    "trustee_account": "222-333",
    "party-0": "ADEL Valle",
    "role-0": "host",
    "party-1": "Banco Nuevo",
    "role-1": "trustee",
    "reserve_floor": "5,000.00",
    "statement_due_day": "10",
    "withdrawal_signatures": "Dirección, Contabilidad",
    "name-0": "Ana Firmante",
    "office-0": "ADEL",
    "sure": "yes",
}


def test_a_signed_letter_is_recorded_and_the_fund_has_its_trustee(town: Town):
    house, _ = built(town, lambda house: None)
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/funds/{house.fund.id}/agreements"
    assert "Todavía no hay ninguna carta registrada" in text_of(carla.get(page))
    assert 'value="Banco Fiduciario de Prueba"' in carla.get(f"{page}/new").text
    missing = carla.post(f"{page}/new", {"trustee": "Banco Nuevo"})
    assert (missing.status_code, 'value="Banco Nuevo"' in missing.text) == (422, True)
    wrong = sends(carla, f"{page}/new", f"{page}/new", **(LETTER | {"statement_due_day": "40"}))
    assert (wrong.status_code, 'href="#field-statement-due-day"' in wrong.text) == (422, True), text_of(wrong)
    done = sends(carla, f"{page}/new", f"{page}/new", **LETTER)
    assert done.status_code == 303, text_of(done)
    shown = text_of(carla.get(page))
    for words in ("Banco Nuevo, 222-333", "L5,000.00", "Dirección, Contabilidad", "Vigente", "El fiduciario"):
        assert words in shown, words
    file = re.search(rf'href="({page}/[0-9a-f-]+/file)"', carla.get(page).text)
    assert file
    assert town.signed_in("casilda", "cashier").get(file[1]).data == PDF
    assert "Banco Nuevo, 222-333" in text_of(carla.get(f"/credit/funds/{house.fund.id}"))


def test_members_of_the_trust_fund_committee_give_their_assent_and_then_it_is_paid_out(town: Town):
    house, application = built(town, lambda house: house.approved("9000.00"), **LEVELS)
    page = f"/credit/funds/{house.fund.id}/assents"
    payout = f"/credit/applications/{application.id}/disburse"
    officer = town.signed_in("ofelia", "credit_officer")
    waits = officer.get(payout)
    assert "Espera el visto bueno del Comité del Fideicomiso" in text_of(waits)
    assert "disbursed_on" not in waits.text
    for number, username in enumerate(("fidelia", "federica"), start=1):
        member = town.signed_in(username, "trust_fund_member")
        shown = text_of(member.get(page))
        assert "Comité con visto bueno" in shown
        assert "L9,000.00" in shown
        silent = member.post(f"{page}/{application.id}", {}, page=page)
        assert (silent.status_code, "Elija qué dice" in silent.text) == (422, True)
        unreasoned = member.post(f"{page}/{application.id}", {f"gives-{application.id}": "no"}, page=page)
        assert (unreasoned.status_code, "Escriba por qué" in unreasoned.text) == (422, True)
        yes = {f"gives-{application.id}": "yes"}
        for said, status, words in (({}, 422, "Elija qué dice"), ({f"gives-{application.id}": "no"}, 422, "Escriba")):
            checked = member.post(f"{page}/{application.id}/check", said, page=page)
            assert (checked.status_code, words in text_of(checked)) == (status, True)
        follows = "falta 1 más" if number == 1 else "el visto bueno queda dado"
        assert follows in text_of(member.post(f"{page}/{application.id}/check", yes, page=page))
        against = yes | {f"gives-{application.id}": "no", f"reason-{application.id}": "Sin garantía"}
        follows = "Después de su «no», 1 más terminaría la aprobación"
        assert follows in text_of(member.post(f"{page}/{application.id}/check", against, page=page))
        assert member.post(f"{page}/{application.id}", yes | {"back": "yes"}, page=page).status_code == 200
        said = member.post(f"{page}/{application.id}", yes, page=page)
        assert said.status_code == 303
        assert f"Han dicho sí {number} de 2" in text_of(officer.get(f"/credit/applications/{application.id}"))
    assert "disbursed_on" in officer.get(payout).text


def test_the_room_shows_the_level_and_what_goes_beyond_a_limit(town: Town):
    rules = LEVELS | {"concentration": {"borrower": "5", "source": "art. 20"}}
    house, meeting = built(town, lambda house: house.convened(house.appraised("9000.00")), **rules)
    carla = town.signed_in("carla", "coordinator")
    for page in (f"/credit/sessions/{meeting.id}", f"/credit/sessions/{meeting.id}/agenda"):
        shown = text_of(carla.get(page))
        assert "Comité con visto bueno" in shown
        assert "9.0 %" in shown
    application = meeting.agenda[0].application_id
    assert "Pasa de un límite de concentración" in text_of(carla.get(f"/credit/applications/{application}"))
    assert house.fund.id


def test_the_conditions_of_what_was_deferred_are_carried_with_one_button(town: Town):
    _house, meeting = built(town, lambda house: house.convened(deferred(house)))
    carla = town.signed_in("carla", "coordinator")
    page = f"/credit/sessions/{meeting.id}/agenda"
    assert "Lo que se pedía cuando se aplazó" in text_of(carla.get(page))
    carry = f"/credit/sessions/{meeting.id}/items/{meeting.agenda[0].id}/conditions/carry"
    done = carla.post(carry, {"agenda": "yes"}, page=page)
    assert last_path(done) == page
    shown = text_of(carla.get(page))
    assert "Lo que se pedía cuando se aplazó" not in shown
    assert "Traer el contrato del local" in shown


def test_the_fund_shows_where_its_money_lies(town: Town):
    rules = {"concentration": {"borrower": "10", "source": "art. 20"}}
    house, _ = built(town, lambda house: house.disbursed("6000.00"), **rules)
    shown = text_of(town.signed_in("carla", "coordinator").get(f"/credit/funds/{house.fund.id}"))
    for words in ("Concentración de la cartera", "6.0 %", "10 %, L10,000.00"):
        assert words in shown, words
    assert "Concentración" not in text_of(town.signed_in("tecla", "technician").get(f"/credit/funds/{house.fund.id}"))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_of_the_instruments_stands_in_both_languages(town: Town, language: str):
    def step(house: House) -> None:
        house.adopt(products=product(annual_rate="12"))
        meeting = house.opened(house.appraised("9000.00"))
        house.vote(meeting)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)

    house, _ = built(town, step, **LEVELS)
    carla = town.signed_in("carla", "coordinator")
    carla.client.set_cookie("language", language)
    fund = f"/credit/funds/{house.fund.id}"
    for page in ("regulations", "regulations/new", "agreements", "agreements/new", "assents"):
        shown = carla.get(f"{fund}/{page}")
        assert shown.status_code == 200, page
        assert ("Carta Convenio" in shown.text or "Visto bueno" in shown.text) == (language == "es"), page
