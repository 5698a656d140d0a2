"""The pages of the follow-up: a firm answers alone through its link; the team and the reviewer do their part."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from deploy.catalogues import COGNATES
from services.portal.app import HERE
from services.portal.pages.training import follow_up_words
from services.training.models.diagnoses import DIAGNOSIS_STATES, SME_LINK_STATES
from services.training.models.smes import SECTORS, SIZES
from services.training.rules import action_plans as rules
from shared.i18n import Catalogue
from shared.kernel import clock
from shared.service import Service
from tests.portal.conftest import Browser, Portal, text_of
from tests.training.csr_firms import ACTION, csr_portal, link_of
from tests.training.house import number


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Portal, Service]]:
    with csr_portal(tmp_path) as made:
        yield made


@pytest.fixture
def portal(house: tuple[Portal, Service]) -> Portal:
    return house[0]


@pytest.fixture
def service(house: tuple[Portal, Service]) -> Service:
    return house[1]


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def firm(place: int) -> str:
    return f"/training/follow-up/{number(70_000 + place)}"


def version(page: TestResponse) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, text_of(page)
    return found[1]


def answered(browser: Browser, base: str, area: str, level: str, **more: str) -> TestResponse:
    """The page of an area, sent with the same answer to every question."""
    page = browser.get(f"{base}/areas/{area}")
    names = set(re.findall(r'name="(answer-[A-Z]\d+)"', page.text))
    assert len(names) == 3, "the short form"
    return browser.post(f"{base}/areas/{area}", {"version": version(page), **dict.fromkeys(names, level), **more})


def test_a_firm_answers_alone_through_its_link_area_by_area(portal: Portal, service: Service) -> None:
    base, owner = link_of(service, portal, 2), portal.browser()
    begin = owner.get(base)
    assert "Comenzar el diagnóstico" in text_of(begin)
    assert begin.headers["Cache-Control"] == "no-store"
    assert owner.post(f"{base}/diagnosis", {"form": "short"}).status_code == 303
    page = owner.get(f"{base}/diagnosis")
    assert "0 de 21" in text_of(page)
    areas = re.findall(rf'href="{re.escape(base)}/areas/([a-z_]+)"', page.text)
    assert len(areas) == 7
    early = owner.post(f"{base}/submission", {"version": version(page)})
    assert (early.status_code, "Hay 0 de 21 preguntas respondidas" in text_of(early)) == (409, True)
    for area in areas:
        saved = answered(
            owner, base, area, "2", next="yes", **{"evidence-G1": "Cartel"} if area == "governance" else {}
        )
        assert saved.status_code == 303
    assert saved.headers["Location"].endswith("/diagnosis"), "the last one leads back"
    assert "3 de 3" in text_of(owner.get(f"{base}/diagnosis"))
    assert 'value="Cartel"' in owner.get(f"{base}/areas/governance").text, "what was saved is there to come back to"
    owner.get(f"{base}/diagnosis")
    done = owner.post(f"{base}/submission", {"version": version(owner.last or page)})
    assert done.status_code == 303
    result = owner.get(f"{base}/diagnosis")
    assert "50 %" in text_of(result)
    assert "Práctica" in text_of(result)
    assert "<svg" in result.text
    assert "Verificarlo" not in text_of(result)


def test_what_somebody_else_saved_meanwhile_is_told_and_nothing_typed_is_lost(portal: Portal, service: Service) -> None:
    base, owner = link_of(service, portal, 2), portal.browser()
    owner.get(base)
    owner.post(f"{base}/diagnosis", {"form": "short"})
    page = owner.get(f"{base}/areas/community")
    old = version(page)
    answered(owner, base, "community", "3")
    typed = {"version": old, "answer-C1": "4", "evidence-C1": "Mi lista"}
    stale = owner.post(f"{base}/areas/community", typed, page=f"{base}/areas/community")
    assert stale.status_code == 412
    assert 'value="Mi lista"' in stale.text
    assert version(stale) != old
    again = owner.post(f"{base}/areas/community", {"version": version(stale), "answer-C1": "9"})
    assert (again.status_code, "Elija un nivel de 0 a 4" in text_of(again)) == (422, True)
    assert 'href="#field-answer-C1"' in again.text


def test_stakeholders_are_added_and_removed(portal: Portal, service: Service) -> None:
    base, owner = link_of(service, portal, 2), portal.browser()
    owner.get(base)
    owner.post(f"{base}/diagnosis", {"form": "short"})
    page = owner.get(f"{base}/stakeholders")
    row = {"name": "Vecindad", "kind": "community", "influence": "2", "interest": "3"}
    wrong = owner.post(f"{base}/stakeholders", row | {"version": version(page), "kind": ""})
    assert wrong.status_code == 422
    assert 'value="Vecindad"' in wrong.text
    assert owner.post(f"{base}/stakeholders", row | {"version": version(page)}).status_code == 303
    shown = owner.get(f"{base}/stakeholders")
    assert "Vecindad · Comunidad" in text_of(shown)
    owner.post(f"{base}/stakeholders", {"version": version(shown), "remove": "0"})
    assert "Todavía no hay nadie en el mapa" in text_of(owner.get(f"{base}/stakeholders"))


@pytest.mark.parametrize("token", ["x", "A" * 48, "A" * 47 + "é"])
def test_an_address_that_is_no_link_opens_nothing(portal: Portal, token: str) -> None:
    browser = portal.browser()
    assert browser.get(f"/sme/{token}").status_code == 404
    browser.get("/sign-in")
    assert browser.post(f"/sme/{token}/diagnosis", {"form": "short"}, page="/sign-in").status_code == 404


def test_a_link_that_was_taken_back_says_what_to_do(portal: Portal, service: Service, trainer: Browser) -> None:
    page = trainer.get(firm(2))
    made = trainer.post(f"{firm(2)}/links", {"expires_on": clock.today().isoformat()})
    assert made.status_code == 303
    page = trainer.get(firm(2))
    (address,) = set(re.findall(r'href="http://[^/]+(/sme/[A-Za-z0-9_-]{48})"', page.text))
    owner = portal.browser()
    assert owner.get(address).status_code == 200
    (link,) = re.findall(r"/links/([0-9a-f-]{36})/revocation", page.text)
    assert trainer.post(f"{firm(2)}/links/{link}/revocation", {"version": "1"}).status_code == 303
    closed = owner.get(address)
    assert closed.status_code == 404
    assert "Pida uno nuevo a su centro" in text_of(closed)
    assert owner.post(f"{address}/diagnosis", {"form": "short"}, page="/sign-in").status_code == 404


def test_a_form_of_another_site_does_not_answer_for_a_firm(portal: Portal, service: Service) -> None:
    base, owner = link_of(service, portal, 2), portal.browser()
    assert owner.client.post(f"{base}/diagnosis", data={"form": "short"}).status_code == 400
    assert "Comenzar el diagnóstico" in text_of(owner.get(base))


def write_plan(browser: Browser, base: str) -> None:
    browser.get(base)
    assert browser.post(f"{base}/plan").status_code == 303
    page = browser.get(f"{base}/plan/text")
    told = {
        "mission": "Vender bien",
        "vision": "Ser ejemplo",
        "values": "Honradez\r\n\r\nCuidado",
        "committee": "Bodega",
    }
    told |= {"lines": "Cuidar el agua", "communication": "Cartel"}
    assert browser.post(f"{base}/plan/text", told | {"version": version(page)}).status_code == 303
    page = browser.get(f"{base}/plan/action")
    assert '<option value="E2">' in page.text
    act: dict[str, Any] = ACTION | {"quick_win": "yes", "version": version(page)}
    wrong = browser.post(f"{base}/plan/action", act | {"ends_on": "2026-01-01"})
    assert (wrong.status_code, "termina antes de comenzar" in text_of(wrong)) == (422, True)
    assert 'href="#field-ends-on"' in wrong.text
    assert browser.post(f"{base}/plan/action", act).status_code == 303
    page = browser.get(f"{base}/plan")
    assert "Honradez, Cuidado" in text_of(page)
    assert browser.post(f"{base}/plan/submission", {"version": version(page)}).status_code == 303


def test_a_plan_goes_from_the_firm_through_its_review_to_its_reports(
    portal: Portal, service: Service, trainer: Browser
) -> None:
    base, owner = link_of(service, portal, 0), portal.browser()
    write_plan(owner, base)
    reviewer = portal.signed_in("csr_reviewer", username="rosa", units=("HN",))
    assert "Espera revisión" in text_of(reviewer.get("/training/follow-up"))
    plan = f"{firm(0)}/plan"
    page = reviewer.get(plan)
    assert reviewer.post(f"{plan}/review", {"version": version(page)}).status_code == 303
    page = reviewer.get(plan)
    empty = reviewer.post(f"{plan}/conclusion", {"version": version(page), "outcome": "accepted"})
    assert empty.status_code == 422
    told = {"version": version(page), "outcome": "accepted", "recommendations": "Anote los kilos <b>cada</b> semana"}
    assert reviewer.post(f"{plan}/conclusion", told).status_code == 303
    page = owner.get(f"{base}/plan")
    assert "Anote los kilos <b>cada</b> semana" in text_of(page).replace("&lt;", "<")
    assert "<b>cada</b>" not in page.text
    none = owner.post(f"{base}/plan/key-aspects", {"version": version(page)})
    assert (none.status_code, "Elija de una a 5 acciones clave" in text_of(none)) == (422, True)
    owner.post(f"{base}/plan/key-aspects", {"version": version(page), "actions": "1"})
    page = owner.get(f"{base}/plan")
    begun = owner.post(f"{base}/plan/execution", {"version": version(page), "begins_on": clock.today().isoformat()})
    assert begun.status_code == 303
    owner.get(f"{base}/plan/check-in")
    sent = {"month": "1", "state-1": "under_way", "value-1": "12", "evidence": "Recibos"}
    early = owner.post(f"{base}/plan/check-in", sent)
    assert (early.status_code, 'value="12"' in early.text) == (422, True)
    assert "Verde" in text_of(trainer.get("/training/follow-up"))


def test_each_role_finds_its_own(portal: Portal, trainer: Browser) -> None:
    assert "Empresa 0 de prueba" in text_of(trainer.get("/training/follow-up"))
    auditor = portal.signed_in("auditor", username="aurora")
    assert auditor.get(firm(0)).status_code == 200
    assert "Su propio enlace" not in text_of(auditor.get(firm(0)))
    auditor.get(f"{firm(0)}/diagnosis")
    viewer = portal.signed_in("leda_viewer", username="sol", units=("HN17",))
    assert viewer.get("/training/follow-up").status_code == 303
    assert "Todavía no hay comparación" in text_of(viewer.get("/training/benchmark"))
    assert viewer.get(firm(0)).status_code == 403
    assert portal.signed_in("planner", username="estrella").get("/training/benchmark").status_code == 403
    far = portal.signed_in("trainer", username="lejana", units=("SV14",))
    assert far.get(firm(0)).status_code == 403
    assert 'class="empty"' in far.get("/training/follow-up").text


def test_every_code_has_its_word_in_both_languages() -> None:
    assert set(follow_up_words.SECTORS) == set(SECTORS)
    assert set(follow_up_words.SIZES) == set(SIZES)
    assert set(follow_up_words.PLAN_STATES) == set(rules.STATES)
    assert set(follow_up_words.LIGHTS) == set(rules.LIGHTS)
    assert set(follow_up_words.PROGRESS) == set(rules.PROGRESS)
    assert set(follow_up_words.DIAGNOSIS_STATES) == set(DIAGNOSIS_STATES)
    assert set(follow_up_words.LINK_STATES) == set(SME_LINK_STATES)
    catalogue = Catalogue([HERE / "locale"])
    for name, codes in vars(follow_up_words).items():
        if name.isupper() and isinstance(codes, dict) and name != "COUNTRIES":
            for word in codes.values():
                text = word if isinstance(word, str) else word[0]
                assert catalogue.knows(text, "es") or text in COGNATES.read_text().splitlines(), text
