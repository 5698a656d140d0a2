"""The pages of studies and opportunities."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.kernel import clock
from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of, token_in
from tests.registry.house import open_house
from tests.registry.test_institutions import PDF, made
from tests.registry.test_opportunities import opportunity
from tests.registry.test_outreach_pages import version_in
from tests.registry.test_pages import Pages
from tests.registry.test_studies import study, university

TODAY = clock.today()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def send(browser: Browser, path: str, content: bytes) -> Any:
    form = {"csrf_token": token_in(browser.get(path).text), "file": (io.BytesIO(content), "informe.pdf")}
    return browser.client.post(f"{path}/files", data=form, content_type="multipart/form-data")


def test_an_opportunity_is_written_down_and_nothing_typed_is_lost(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    assert "No hay oportunidades abiertas" in text_of(browser.get("/registry/knowledge"))
    there = "/registry/opportunities/new"
    form = {
        "title": "Capital semilla",
        "kind": "finance",
        "source": "Boletín",
        "link": "https://ejemplo.invalid/bases",
        "deadline": (TODAY + timedelta(days=5)).isoformat(),
        "amount_min": "5,000",
        "currency": "HNL",
        "units": "Honduras\nNunca Jamás",
        "needs": "credit",
        "sections": "C",
        "formal": "no",
        "years_min": "9",
        "years_max": "3",
    }
    refused = browser.post(there, form, page=there)
    assert refused.status_code == 422
    assert "field-units-error" in refused.text
    assert "Nunca Jamás" in refused.text
    assert "no puede ser menos que el mínimo" in text_of(browser.post(there, form | {"units": "Honduras"}, page=there))
    saved = browser.post(there, form | {"units": "Honduras", "years_max": ""}, page=there)
    assert saved.status_code == 303
    path = saved.headers["Location"]
    shown = browser.get(path)
    for told in ("L5,000.00", "Honduras", "9 o más", "Crédito", "C Industrias manufactureras", "ejemplo.invalid"):
        assert told in text_of(shown), told
    assert 'href="https://ejemplo.invalid' not in shown.text
    edit = f"{path}/edit"
    typed = browser.get(edit).text
    assert 'value="5000.00"' in typed
    again = form | {"units": "Valle", "years_max": "", "version": version_in(typed)}
    assert browser.post(edit, again, page=edit).status_code == 303
    assert browser.post(edit, again, page=edit).status_code == 412
    assert "Capital semilla" in text_of(browser.get("/registry/knowledge?q=SEMILLA&state=closing"))
    assert "Ninguna oportunidad" in text_of(browser.get("/registry/knowledge?state=closed"))
    assert browser.get("/registry/knowledge?year=abc").status_code == 200


def test_whom_it_fits_is_told_from_the_list_and_from_the_record(pages: Pages) -> None:
    her = pages.house.register()["id"]
    silent = pages.house.register(name="Sin año", started_year=None)["id"]
    found = made(pages.house, "/opportunities", opportunity(conditions={"years_min": 2}))
    browser = pages.signed_in("technician")
    assert "1 oportunidad vence en menos de dos semanas" in text_of(browser.get("/"))
    record = text_of(browser.get(f"/registry/enterprises/{silent}"))
    assert "Puede servirle" in record
    assert "no se sabe: años de trabajar" in record
    assert "Le sirve" in text_of(browser.get(f"/registry/enterprises/{her}"))
    path = f"/registry/opportunities/{found['id']}"
    shown = text_of(browser.get(path))
    assert "Quesillos «La Esperanza»" in shown
    assert "Sin año" not in shown
    assert "Sin año" in text_of(browser.get(f"{path}?fit=may_fit"))
    told = {"enterprise_id": her, "from_record": "yes"}
    answer = browser.post(f"{path}/tell", told, page=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/registry/enterprises/{her}")
    twice = browser.post(f"{path}/tell", {"enterprise_id": her}, page=f"{path}?fit=may_fit")
    assert (twice.status_code, "ya se le avisó" in text_of(twice)) == (409, True)
    assert "Quesillos" not in text_of(browser.get(f"{path}?told=false"))
    assert "vence en menos de dos semanas" not in text_of(browser.get("/"))
    follow = f"{path}/follow-ups"
    form = {"state": "applied", "on": TODAY.isoformat(), "version": version_in(browser.get(follow).text)}
    early = browser.post(f"{follow}/{her}", form | {"on": "2020-01-01"}, page=follow)
    assert (early.status_code, "Eso no pudo pasar antes" in text_of(early)) == (422, True)
    assert browser.post(f"{follow}/{her}", form, page=follow).status_code == 303
    won = {"state": "won", "on": TODAY.isoformat(), "version": version_in(browser.get(follow).text)}
    assert browser.post(f"{follow}/{her}", won, page=follow).status_code == 303
    assert "Avisadas: 1. Presentaron solicitud: 1. La ganaron: 1." in text_of(browser.get(path))
    assert "Le sirve" in text_of(browser.get(path))
    browser.post(f"{path}/tell", {"enterprise_id": silent}, page=f"{path}?fit=may_fit")
    none = {"state": "none", "version": "1"}
    assert browser.post(f"{follow}/{silent}", none, page=follow).status_code == 303


def test_a_study_is_written_down_found_and_covers_records(pages: Pages) -> None:
    where, enterprise = university(pages.house), pages.house.register()["id"]
    browser = pages.signed_in("coordinator")
    assert "Todavía no hay estudios" in text_of(browser.get("/registry/studies"))
    there = "/registry/studies/new"
    form = {
        "title": "Comercialización del marañón",
        "subject": "Por qué se vende sin procesar",
        "institution_id": where,
        "begins_on": "2025-02-01",
        "municipalities": "San Lorenzo, Valle\nNunca Jamás",
        "team-0-name": "Dra. Supuesta Modelo",
    }
    refused = browser.post(there, form, page=there)
    assert (refused.status_code, "Nunca Jamás" in refused.text) == (422, True)
    form |= {"municipalities": "San Lorenzo, Valle"}
    saved = browser.post(there, form, page=there)
    assert saved.status_code == 303
    path = saved.headers["Location"]
    shown = text_of(browser.get(path))
    for told in ("Universidad de Prueba", "Dra. Supuesta Modelo", "San Lorenzo, Valle", "Por qué se vende"):
        assert told in shown
    for query in ("q=comercializacion", "year=2025", "place=HN17", f"institution_id={where}"):
        assert "Comercialización" in text_of(browser.get(f"/registry/studies?{query}")), query
    assert "Ningún estudio" in text_of(browser.get("/registry/studies?q=nada"))
    found = browser.get(f"{path}?q=quesillos")
    assert enterprise in found.text
    assert browser.post(f"{path}/records", {"enterprise_id": enterprise}).status_code == 303
    assert browser.post(f"{path}/records", {"enterprise_id": enterprise}, page=path).status_code == 409
    taken = {"version": version_in(browser.get(path).text)}
    assert browser.post(f"{path}/records/{enterprise}/uncover", taken).status_code == 303
    assert browser.post(f"{path}/files", {}, page=path).status_code == 422
    assert "Envíe un PDF" in text_of(send(browser, path, b"x"))
    assert send(browser, path, PDF).status_code == 303
    page = browser.get(path)
    kept = re.search(r"/registry/studies/[0-9a-f-]{36}/files/[0-9a-f-]{36}", page.text)
    assert kept
    assert browser.get(kept[0]).get_data() == PDF
    assert browser.post(f"{kept[0]}/erase", {"version": version_in(page.text)}, page=path).status_code == 303
    edit = f"{path}/edit"
    again = form | {"version": version_in(browser.get(edit).text), "findings": "Falta acopio"}
    assert browser.post(edit, again, page=edit).status_code == 303
    assert browser.post(edit, again, page=edit).status_code == 412
    assert "Falta acopio" in text_of(browser.get(path))


def test_who_only_reads_is_offered_nothing_to_write(pages: Pages) -> None:
    found = made(pages.house, "/studies", study(university(pages.house)))
    offered = made(pages.house, "/opportunities", opportunity())
    pages.house.register()
    browser = pages.signed_in("auditor")
    for path in (f"/registry/studies/{found['id']}", f"/registry/opportunities/{offered['id']}"):
        shown = browser.get(path)
        assert shown.status_code == 200
        assert "/edit" not in shown.text
        assert "/tell" not in shown.text
    assert browser.get("/registry/opportunities/new").status_code == 403
