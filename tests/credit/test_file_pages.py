"""The pages of the file and of what waits, walked without JavaScript by the people whose work it is."""

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import jsonify, request

from shared.kernel import clock
from tests.credit import test_pages
from tests.credit.house import House
from tests.credit.test_body_pages import built
from tests.credit.test_conditions import PDF
from tests.credit.test_eligibility import COHERENT, STRATEGIC, TWELVE_MONTHS, plan
from tests.credit.test_file import FILE
from tests.credit.test_pages import Town, last_path
from tests.credit.test_pipeline import PATIENCE
from tests.portal.conftest import Browser, text_of

town = test_pages.town


def put_in(browser: Browser, page: str, **form: Any) -> Any:
    """Send a paper with the other fields of its form."""
    browser.get(page)
    form["paper"] = (io.BytesIO(form.pop("content", PDF)), "cotizacion.pdf")
    return browser.post(f"{page}/papers", form, content_type="multipart/form-data")


def test_papers_are_put_in_until_nothing_is_missing(town: Town):
    house, application = built(town, lambda house: house.appraised(), file=FILE)
    page = f"/credit/applications/{application.id}"
    technician, carla = town.signed_in("tecla", "technician"), town.signed_in("carla", "coordinator")
    shown = text_of(technician.get(page))
    assert "Identidad de la solicitante: 0 de 1" in shown
    assert "Cotizaciones: 0 de 2" in shown
    with town.database.transaction() as session:
        meeting = House(session, house.fund, house.committee_id, house.seats).convened()
    carla.get(page)
    refused = carla.post(f"{page}/agenda", {"session": str(meeting.id)})
    assert refused.status_code == 409
    assert "está incompleto: Identidad de la solicitante (0/1); Cotizaciones (0/2)" in text_of(refused)
    assert put_in(technician, page, kind="quotation", content=b"MZ").status_code == 422
    technician.get(page)
    empty = technician.post(f"{page}/papers", {"kind": "quotation"}, content_type="multipart/form-data")
    assert (empty.status_code, "Elija el archivo." in text_of(empty)) == (422, True)
    for kind in ("quotation", "quotation", "identity"):
        assert put_in(technician, page, kind=kind).status_code == 303
    shown = technician.get(page)
    assert "Completo" in text_of(shown)
    papers = re.findall(rf'href="({page}/papers/[0-9a-f-]{{36}})"', shown.text)
    assert len(papers) == 3
    assert technician.get(papers[0]).data == PDF
    carla.get(page)
    assert last_path(carla.post(f"{page}/agenda", {"session": str(meeting.id)})) == f"/credit/sessions/{meeting.id}"
    assert "Quitar" not in text_of(technician.get(page))


def test_a_paper_that_is_wrong_is_taken_out(town: Town):
    _, application = built(town, lambda house: house.submitted())
    page, technician = f"/credit/applications/{application.id}", town.signed_in("tecla", "technician")
    put_in(technician, page, kind="photo")
    found = re.search(rf'action="({page}/papers/[0-9a-f-]{{36}}/remove)"', technician.get(page).text)
    assert found
    assert technician.post(found[1], {}).status_code == 303
    assert "Todavía no hay documentos en el expediente" in text_of(technician.get(page))
    assert technician.post(found[1], {}, page=page).status_code == 404


def test_a_business_plan_of_the_inventory_is_chosen_and_linked(town: Town):
    _, application = built(town, lambda house: house.submitted())
    registry, plan_id = town.portal.apps["registry"], str(uuid4())
    told = {"id": plan_id, "enterprise_id": str(application.enterprise_id), "state": "ready", "label": "PN-0007 v2"}

    @registry.get("/api/registry/v1/business-plans")
    def plans_of() -> Any:
        assert request.args["state"] == "ready"
        return jsonify({"items": [told]})

    @registry.get("/api/registry/v1/business-plans/<one>")
    def plan_of(one: str) -> Any:
        return jsonify(told) if one == plan_id else (jsonify({"code": "plan.unknown"}), 404)

    page, technician = f"/credit/applications/{application.id}", town.signed_in("tecla", "technician")
    assert "PN-0007 v2" in technician.get(page).text
    unknown = technician.post(f"{page}/papers", {"plan": str(uuid4())})
    assert (unknown.status_code, "No hay tal plan de negocio" in text_of(unknown)) == (404, True)
    assert technician.post(f"{page}/papers", {"plan": plan_id}, page=page).status_code == 303
    shown = technician.get(page)
    assert f'href="/registry/plans/{plan_id}"' in shown.text
    assert "Vincular el plan" not in shown.text, "it is in the file already"


def test_the_file_shows_each_rule_and_the_plan_it_serves(town: Town):
    def step(house: House) -> Any:
        application = house.submitted(enterprise_id=house.enterprise(started_year=2020, tier="strategic"))
        plan(house)
        return application

    _, application = built(town, step, eligibility=["active", TWELVE_MONTHS, STRATEGIC])
    officer = town.signed_in("ofelia", "credit_officer")
    shown = text_of(officer.get(f"/credit/applications/{application.id}"))
    assert "Planes del territorio Plan de San Lorenzo" in shown
    assert "al menos 12 meses" in shown
    assert "desde 2020: 62 meses seguros, 74 a lo más" in shown


def test_who_cannot_be_lent_to_is_told_what_is_asked_and_what_is_known(town: Town):
    _, enterprise = built(town, lambda house: house.enterprise(), eligibility=[TWELVE_MONTHS, STRATEGIC, COHERENT])
    page = text_of(town.signed_in("tecla", "technician").get(f"/credit/applications/new?enterprise={enterprise}"))
    assert "Se pide: al menos 12 meses; se sabe: el inventario no sabe desde cuándo trabaja." in page
    assert "todavía no tiene perfil" in page
    assert "No se conoce ningún plan de su territorio" in page


def test_the_board_shows_what_waits_by_age_and_marks_what_is_late(town: Town):
    def step(house: House) -> Any:
        return house.submitted("1000.00"), house.appraised("2000.00")

    house, (old, _) = built(town, step, pipeline=PATIENCE)
    with clock.frozen(clock.now() + timedelta(days=11)):
        with town.database.transaction() as session:
            young = House(session, house.fund, house.committee_id, house.seats).submitted("3000.00")
            town.names[str(young.enterprise_id)] = "Dulces del Golfo"
        officer = town.signed_in("ofelia", "credit_officer")
        page = officer.get("/credit")
        shown = text_of(page)
        assert page.text.index(old.number) < page.text.index(young.number)
        assert "11 días, atrasada" in shown
        assert "2 solicitudes, L4,000.00" in shown
        assert "desde hoy" in shown
        assert old.number in officer.get(f"/credit?fund={house.fund.id}").text
        assert old.number in officer.get("/credit?state=submitted").text, "the list is still there"
        assert "atrasada" not in text_of(officer.get("/credit?state=submitted"))
    for role in ("leda_viewer", "auditor", "cashier"):
        assert town.signed_in(role.replace("_", ""), role).get("/credit").status_code == 200


def test_a_board_where_everything_is_done_says_so(town: Town):
    built(town, lambda house: house.disbursed())
    assert "No hay nada en espera" in text_of(town.signed_in("ofelia", "credit_officer").get("/credit"))
