"""The pages of centres, institutions and agreements."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.kernel import clock
from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of, token_in
from tests.registry.house import open_house
from tests.registry.test_institutions import PDF, institution, made
from tests.registry.test_pages import Pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def signed(browser: Browser, path: str, content: bytes, **form: str) -> Any:
    until = (clock.today() + timedelta(days=20)).isoformat()
    body = {"purpose": "Visitas conjuntas", "signed_on": "2026-01-02", "valid_from": "2026-01-02", "valid_until": until}
    there = f"{path}/agreements/new"
    sent = (
        body | form | {"csrf_token": token_in(browser.get(there).text), "file": (io.BytesIO(content), "convenio.pdf")}
    )
    return browser.client.post(there, data=sent, content_type="multipart/form-data")


def test_an_institution_is_written_down_with_its_offices_and_put_right(pages: Pages) -> None:
    browser = pages.signed_in("coordinator")
    form = {"name": "Municipalidad de prueba", "kind": "municipality", "unit": "san lorenzo, valle"}
    offices = {"contacts-0-office": "Unidad de la Mujer", "contacts-0-phone": "+504 2780-0000"}
    there = "/registry/institutions/new"
    assert browser.post(there, form | {"unit": "Nunca Jamás"}, page=there).status_code == 422
    saved = browser.post(there, form | offices, page=there)
    assert saved.status_code == 303
    path = saved.headers["Location"]
    shown = text_of(browser.get(path))
    assert "San Lorenzo" in shown
    assert "Unidad de la Mujer" in shown
    edit = browser.get(f"{path}/edit").text
    assert 'value="San Lorenzo, Valle"' in edit
    version = edit.partition('name="version" value="')[2].partition('"')[0]
    again = form | offices | {"version": version, "unit": "Honduras", "kind": "ministry"}
    assert browser.post(f"{path}/edit", again, page=f"{path}/edit").status_code == 303
    late = browser.post(f"{path}/edit", again, page=f"{path}/edit")
    assert late.status_code == 412
    assert "Ministerio" in text_of(browser.get("/registry/institutions?kind=ministry"))


def test_an_agreement_that_expires_soon_is_said_and_its_paper_is_kept(pages: Pages) -> None:
    browser = pages.signed_in("coordinator")
    path = f"/registry/institutions/{made(pages.house, '/institutions', institution())['id']}"
    refused = signed(browser, path, b"<html>")
    assert refused.status_code == 422
    assert "no es un PDF completo" in text_of(refused)
    assert signed(browser, path, PDF, purpose="Con papel").status_code == 303
    shown = browser.get(path)
    assert "Vence pronto" in text_of(shown)
    paper = shown.text.partition('href="/registry/agreements/')[2][:36]
    assert browser.get(f"/registry/agreements/{paper}/file").get_data() == PDF
    assert "Convenios que vencen en menos de 60 días" in text_of(browser.get("/registry/institutions"))


def test_a_centre_is_opened_with_its_coverage_and_its_team(pages: Pages) -> None:
    account = pages.portal.open("berta", "technician", name="Berta Técnica")
    browser = pages.signed_in("coordinator")
    form = {"name": "CSEM de prueba", "country": "HN", "municipalities": "San Lorenzo, Valle\nNunca Jamás"}
    there = "/registry/centres/new"
    refused = browser.post(there, form, page=there)
    assert refused.status_code == 422
    assert "Nunca Jamás" in refused.text
    form |= {"municipalities": "San Lorenzo, Valle\nHN1706", "team-0-subject": str(account), "team-0-task": "Visitas"}
    saved = browser.post(there, form, page=there)
    assert saved.status_code == 303
    shown = text_of(browser.get(saved.headers["Location"]))
    for told in ("San Lorenzo, Valle", "Berta Técnica", "Visitas", "HNL"):
        assert told in shown
    assert "Berta Técnica" in browser.get(f"{saved.headers['Location']}/edit").text
    assert "2 municipios" in text_of(browser.get("/registry/institutions"))


def test_a_technician_reads_and_is_offered_nothing_to_write(pages: Pages) -> None:
    found = made(pages.house, "/institutions", institution())
    browser = pages.signed_in("technician")
    page = browser.get(f"/registry/institutions/{found['id']}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert browser.get("/registry/institutions/new").status_code == 403
