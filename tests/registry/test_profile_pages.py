"""The pages of profiles, of what waits to be checked, and of rubrics, as people use them."""

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
from tests.registry.test_institutions import PDF, centre, made
from tests.registry.test_pages import Pages
from tests.registry.test_profiles import STRONG, TODAY, WEAK, profiled

SUBJECTS = tuple(STRONG)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form of a page, its token left out."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: value for name, value in found if name != "csrf_token"}


def answer(browser: Browser, there: str, **typed: str) -> Any:
    """Fill in the page that is open, and go on."""
    assert browser.last is not None
    return browser.post(there, fields_of(browser.last.text) | {"go": "next"} | typed)


def test_a_profile_is_made_a_question_to_a_page_and_nothing_typed_is_lost(pages: Pages) -> None:
    record = f"/registry/enterprises/{pages.house.register()['id']}"
    browser = pages.signed_in("technician")
    assert "Hacer su perfil" in browser.get(record).text
    assert "Todavía no tiene perfil" in text_of(browser.get(f"{record}/profile"))
    there = f"{record}/profile/new"
    browser.get(there)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert answer(browser, there, assessed_on=tomorrow).status_code == 422
    assert "Pregunta 1 de 7" in answer(browser, there, assessed_on=TODAY).text
    empty = answer(browser, there)
    assert empty.status_code == 422
    assert "Elija una de las cinco frases" in text_of(empty)
    assert "Escriba lo que vio" in text_of(empty)
    for subject in SUBJECTS:
        typed = {f"{subject}-level": "2", f"{subject}-evidence": f"Vi «{subject}»"}
        shown = answer(browser, there, **typed)
        assert shown.status_code == 200, text_of(shown)
    assert "Revise el perfil" in shown.text
    assert all(f"Vi «{subject}»" in shown.text for subject in SUBJECTS)
    assert 'value="2" checked' in answer(browser, there, go="quality").text
    assert "Revise el perfil" in answer(browser, there, **{"quality-level": "4", "quality-evidence": "Otra tanda"}).text
    back = answer(browser, there, go="day")
    assert "Otra tanda" in back.text
    answer(browser, there, assessed_on=TODAY)
    saved = answer(browser, there, go="save")
    assert saved.status_code == 303, text_of(saved)
    profile = text_of(browser.get(saved.headers["Location"]))
    for told in (
        "Emergente",
        "Condiciones mínimas por trabajar primero",
        "Otra tanda",
        "Fortaleza",
        "rúbrica de la red",
    ):
        assert told in profile
    assert "58" in profile
    assert "Ver su perfil" in browser.get(record).text


def test_what_the_registry_refuses_leads_back_to_its_question(pages: Pages) -> None:
    record = pages.house.register()["id"]
    browser = pages.signed_in("technician")
    there = f"/registry/enterprises/{record}/profile/new"
    typed = {f"{s}-level": "2" for s in SUBJECTS} | {f"{s}-evidence": "Visto" for s in SUBJECTS}
    form = typed | {"step": "check", "go": "save", "assessed_on": TODAY, "market-level": "9"}
    refused = browser.post(there, form, page=there)
    assert refused.status_code == 422
    assert "Acceso a mercados" in text_of(refused)
    assert 'name="quality-evidence" value="Visto"' in refused.text
    assert browser.post(there, {"step": "kitchen"}, page=there).status_code == 400


def test_a_profile_shows_how_it_came_about_and_what_changed_since_the_last_one(pages: Pages) -> None:
    record = pages.house.register()["id"]
    before = profiled(pages.house, record, WEAK, assessed_on=(clock.today() - timedelta(days=90)).isoformat())
    profiled(pages.house, record, STRONG)
    browser = pages.signed_in("auditor")
    page = browser.get(f"/registry/enterprises/{record}/profile")
    shown = text_of(page)
    assert "profile/new" not in page.text
    for told in ("Estratégico", "alcanzados", "grado × peso = puntos", "+50", "Potencial de crecimiento +2"):
        assert told in shown
    earlier = text_of(browser.get(f"/registry/enterprises/{record}/profile?of={before['id']}"))
    assert "Este perfil es anterior" in earlier
    assert "faltan 30 puntos" in earlier
    assert browser.get(f"/registry/enterprises/{record}/profile?of={record}").status_code == 404


def test_evidence_is_added_to_a_profile_and_read_again(pages: Pages) -> None:
    record = pages.house.register()["id"]
    profile = profiled(pages.house, record)
    browser = pages.signed_in("technician")
    there = f"/registry/enterprises/{record}/profile/{profile['id']}/quality"

    def sent(content: bytes, name: str = "norma.pdf") -> Any:
        form = {"csrf_token": token_in(browser.get(f"{there}/add").text), "file": (io.BytesIO(content), name)}
        return browser.client.post(f"{there}/add", data=form, content_type="multipart/form-data")

    assert "Elija una foto o un documento" in text_of(sent(b"", ""))
    assert "no es una foto" in text_of(sent(b"<html>"))
    assert sent(PDF).status_code == 303
    assert browser.get(f"{there}/file").get_data() == PDF
    assert browser.get(there.replace("quality", "kitchen") + "/add").status_code == 404


def test_who_sees_the_tier_alone_is_shown_no_way_to_the_profile(pages: Pages) -> None:
    record = pages.house.register()["id"]
    profiled(pages.house, record)
    browser = pages.signed_in("leda_viewer")
    page = browser.get(f"/registry/enterprises/{record}")
    assert "Estratégico" in page.text
    assert "/profile" not in page.text
    assert browser.get(f"/registry/enterprises/{record}/profile").status_code == 403
    assert browser.get("/registry/review").status_code == 403


def test_a_record_is_verified_and_validated_from_the_queue(pages: Pages) -> None:
    record = pages.house.register()["id"]
    technician = pages.signed_in("technician")
    assert "1 emprendimiento capturado por verificar" in text_of(technician.get("/"))
    queue = technician.get("/registry/review")
    assert "Quesillos «La Esperanza»" in text_of(queue)
    there = f"/registry/enterprises/{record}/review"
    form = technician.get(there)
    assert 'value="validated"' not in form.text
    typed = {"state": "verified", "on": TODAY, "words": "Vi el puesto"}
    refused = technician.post(there, fields_of(form.text) | typed)
    assert refused.status_code == 422
    assert "Diga con qué lo comprobó" in text_of(refused)
    assert "Vi el puesto" in refused.text
    done = technician.post(there, fields_of(refused.text) | typed | {"evidence": "visit"})
    assert done.headers["Location"] == "/registry/review?waits=verify"
    assert "Aquí no espera nada" in text_of(technician.get(done.headers["Location"]))
    coordinator = pages.signed_in("coordinator", username="berta")
    assert "1 ficha verificada por validar" in text_of(coordinator.get("/"))
    assert "Quesillos" in text_of(coordinator.get("/registry/review?municipality=HN1709"))
    shown = coordinator.get(there)
    assert "Vi el puesto" in shown.text
    judged = coordinator.post(
        there, fields_of(shown.text) | {"state": "validated", "on": TODAY, "evidence": "document"}
    )
    assert judged.status_code == 303
    assert "lo da solo la coordinadora" in text_of(technician.get(there))
    assert "Validado" in text_of(technician.get(f"/registry/enterprises/{record}"))


def test_a_record_that_changed_meanwhile_is_shown_again_with_what_was_typed(pages: Pages) -> None:
    record = pages.house.register()
    browser = pages.signed_in("technician")
    there = f"/registry/enterprises/{record['id']}/review"
    form = fields_of(browser.get(there).text) | {"state": "verified", "evidence": "visit", "on": TODAY, "words": "Fui"}
    pages.house.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json={"jobs_men": 4})
    late = browser.post(there, form)
    assert late.status_code == 412
    assert "Alguien cambió esta ficha" in text_of(late)
    assert "Fui" in late.text
    again = form | fields_of(late.text)
    assert browser.post(there, again).status_code == 303


def test_a_coordinator_adopts_a_rubric_for_her_centre(pages: Pages) -> None:
    browser = pages.signed_in("coordinator")
    assert "Anote primero su centro" in text_of(browser.get("/registry/rubrics"))
    assert "Todavía no hay ningún centro" in text_of(browser.get("/registry/rubrics/new"))
    made(pages.house, "/centres", centre())
    there = "/registry/rubrics/new"
    page = browser.get(there).text
    assert "CSEM de prueba" in page
    typed = fields_of(page) | {
        "valid_from": TODAY,
        "source": "Acta 12",
        "strategic_from": "60",
        "stale_after_months": "12",
    }
    typed |= {f"minimums-{s}": "1" for s in SUBJECTS} | {f"weights-{s}": "3" for s in SUBJECTS}
    words = dict(re.findall(r'<textarea[^>]* name="(words-[^"]+)"[^>]*>([^<]*)</textarea>', page))
    assert len(words) == 70
    typed |= words | {"words-market-4-es": "Tiene compradores fijos"}
    empty = browser.post(there, typed | {"go": "check", "source": " ", "weights-quality": "mucho"})
    assert empty.status_code == 422
    assert "Escriba un número entero" in text_of(empty)
    check = browser.post(there, typed | {"go": "check"})
    assert "Suma 21" in text_of(check)
    refused = browser.post(there, fields_of(check.text) | {"go": "adopt"})
    assert refused.status_code == 422
    assert "Los pesos suman 21" in text_of(refused)
    assert "Tiene compradores fijos" in refused.text
    right = typed | {"weights-scaling": "7"}
    check = browser.post(there, right | {"go": "check"})
    assert "Acta 12" in browser.post(there, fields_of(check.text) | {"go": "change"}).text
    adopted = browser.post(there, fields_of(check.text) | {"go": "adopt"})
    assert adopted.status_code == 303, text_of(adopted)
    shown = text_of(browser.get("/registry/rubrics"))
    assert "CSEM de prueba Vigente" in shown
    assert "Tiene compradores fijos" in shown
    assert "vale 12 meses" in shown


def test_only_coordinators_adopt_and_the_others_read(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    assert "La red Vigente" in text_of(browser.get("/registry/rubrics"))
    assert "/registry/rubrics/new" not in browser.get("/registry/rubrics").text
    assert browser.get("/registry/rubrics/new").status_code == 403
