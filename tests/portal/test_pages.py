"""The frame: navigation by role, languages, colours, errors, help, and services that are away."""

from collections.abc import Callable

import pytest
from flask import Flask, abort

from services.portal import waiting
from services.portal.models import PERSON_ROLES
from services.portal.waiting import Question
from shared.kernel import Invalid
from tests.portal.conftest import Portal, text_of

OWN_PAGES = {
    "/": set(PERSON_ROLES),
    "/account": set(PERSON_ROLES),
    "/account/password": set(PERSON_ROLES),
    "/accounts": {"admin"},
    "/accounts/new": {"admin"},
    "/parked-events": {"admin", "auditor"},
    "/help": set(PERSON_ROLES),
    "/verify": set(PERSON_ROLES),
}


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_each_role_opens_its_pages_and_no_others(portal: Portal, role: str) -> None:
    browser = portal.signed_in(role)
    for path, roles in OWN_PAGES.items():
        assert browser.get(path).status_code == (200 if role in roles else 403), path


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_every_link_of_a_roles_navigation_opens(portal: Portal, role: str) -> None:
    """What the navigation shows, the page allows; a service that is away says so and is still hers."""
    browser = portal.signed_in(role)
    page = browser.get("/").text
    links = [part.split('"')[0] for part in page.split('class="areas"')[1].split("</nav>")[0].split('href="')[1:]]
    assert links[0] == "/"
    for link in links:
        assert browser.get(link).status_code in {200, 503}, link


def test_a_visitor_sees_no_navigation_and_no_private_page(portal: Portal) -> None:
    browser = portal.browser()
    assert 'class="areas"' not in browser.get("/help").text
    for path in ("/", "/account", "/accounts", "/accounts/new", "/parked-events"):
        assert browser.get(path).status_code == 303


def test_the_present_page_is_marked_in_the_navigation(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    assert '<a href="/accounts" aria-current="page">' in browser.get("/accounts").text
    assert '<a href="/accounts" aria-current="true">' in browser.get("/accounts/new").text


def test_a_visitor_reads_in_the_language_of_her_browser(portal: Portal) -> None:
    client = portal.web.test_client()
    for header, language in (("en-GB,en;q=0.9,es;q=0.5", "en"), ("es-GT", "es"), ("fr", "es"), ("", "es")):
        assert f'<html lang="{language}"' in client.get("/sign-in", headers={"Accept-Language": header}).text


def test_the_language_she_chooses_stays_hers(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    answer = browser.post("/language", {"language": "en", "next": "/account?x=1"}, page="/account")
    assert answer.location == "/account?x=1"
    assert "Your account" in browser.get("/account").text
    browser.post("/sign-out", page="/")
    assert 'lang="es"' in browser.get("/sign-in").text.split(">")[1]
    again = portal.browser(language="")
    again.sign_in("maria")
    assert 'lang="en"' in again.get("/").text.split(">")[1]


def test_an_unknown_language_changes_nothing(portal: Portal) -> None:
    browser = portal.signed_in("coordinator")
    browser.post("/language", {"language": "xx"}, page="/")
    assert '<html lang="es"' in browser.get("/").text


def test_the_colours_go_round_from_the_device_to_dark_to_light_and_back(portal: Portal) -> None:
    browser = portal.browser()
    seen = []
    for wanted in ("dark", "light", "auto"):
        browser.post("/appearance", {"theme": wanted}, page="/help")
        page = browser.get("/help").text
        seen.append('data-theme="dark"' in page or ('data-theme="light"' in page and "light"))
    assert seen == [True, "light", False]


@pytest.mark.parametrize(
    ("language", "said"), [("es", "No hay nada en esta dirección"), ("en", "There is nothing at this address")]
)
def test_an_unknown_address_gets_a_page(portal: Portal, language: str, said: str) -> None:
    answer = portal.browser(language).get("/no/such/page")
    assert answer.status_code == 404
    assert said in text_of(answer)


def test_programs_get_problem_documents_and_people_get_pages(portal: Portal) -> None:
    client = portal.web.test_client()
    assert client.get("/api/portal/v1/nothing").content_type == "application/problem+json"
    assert client.get("/nothing").content_type.startswith("text/html")
    assert client.put("/sign-in").status_code in {400, 405}


def test_a_page_outside_her_roles_says_whom_to_ask(portal: Portal) -> None:
    answer = portal.signed_in("technician").get("/accounts")
    assert answer.status_code == 403
    assert "administradora de su centro" in text_of(answer)


def test_a_defect_gives_a_page_with_a_number_and_nothing_else(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_person: object) -> None:
        raise RuntimeError("secret detail")

    browser = portal.signed_in("coordinator")
    monkeypatch.setattr(waiting, "board_of", broken)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "La falla es nuestra" in text_of(answer)
    assert "secret detail" not in answer.text
    assert answer.headers["X-Trace-Id"][:12] in answer.text


def _toy_credit(behaviour: str) -> Flask:
    app = Flask("toy")

    @app.get("/api/credit/v1/applications")
    def applications() -> object:
        if behaviour == "broken":
            abort(500)
        return {"items": [{"id": 1}, {"id": 2}]}

    return app


TOY = Question(
    "credit",
    frozenset({"coordinator"}),
    "/applications",
    ("%(num)s solicitud espera", "%(num)s solicitudes esperan"),
    "/credit",
)


def test_home_shows_what_waits_for_her_role_only(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "QUESTIONS", (TOY,))
    portal.apps["credit"] = _toy_credit("well")
    assert "2 solicitudes esperan" in text_of(portal.signed_in("coordinator").get("/"))
    assert "solicitudes" not in text_of(portal.signed_in("planner", username="pedro").get("/"))


@pytest.mark.parametrize("behaviour", ["away", "broken"])
def test_a_service_that_is_away_does_not_break_home(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    monkeypatch.setattr(waiting, "QUESTIONS", (TOY,))
    if behaviour == "broken":
        portal.apps["credit"] = _toy_credit(behaviour)
    answer = portal.signed_in("coordinator").get("/")
    assert answer.status_code == 200
    assert "No disponible por ahora" in text_of(answer)


def test_verification_says_genuine_unknown_or_away(portal: Portal) -> None:
    browser = portal.browser()
    assert browser.get("/verify").status_code == 200
    assert browser.get("/verify?code=AB-CD%2012").location == "/verify/abcd12"
    assert browser.get("/verify/not-a-code").status_code == 404
    assert browser.get("/verify/" + "ab" * 16).status_code == 503
    portal.apps["territory"] = _toy_issuer("territory")
    unknown = browser.get("/verify/" + "cd" * 16)
    assert unknown.status_code == 404
    assert "Sin consultar, porque no responde ahora: Crédito" in text_of(unknown)
    portal.apps["credit"] = _toy_issuer("credit")
    portal.apps["registry"] = _toy_issuer("registry")
    portal.apps["training"] = _toy_issuer("training")
    genuine = browser.get("/verify/" + "ab" * 16)
    assert genuine.status_code == 200
    assert "GF-2026-014" in text_of(genuine)
    assert "2 de noviembre de 2026" in text_of(genuine)
    forged = browser.get("/verify/" + "cd" * 16)
    assert forged.status_code == 404
    assert "el papel no es auténtico" in text_of(forged)


def _toy_issuer(name: str) -> Flask:
    app = Flask(name)

    @app.get(f"/api/{name}/v1/documents/<code>/verification")
    def verification(code: str) -> object:
        if name != "credit" or code != "ab" * 16:
            return {"code": "documents.unknown", "status": 404}, 404
        return {"title": "Acta", "number": "GF-2026-014", "issued_on": "2026-11-02", "issuer": "ADEL Valle"}

    return app


def test_the_parts_are_shown_to_administrators_only(portal: Portal) -> None:
    assert portal.browser().get("/style").status_code == 404
    assert portal.signed_in("admin").get("/style").status_code == 200


def test_a_refusal_of_the_portal_itself_becomes_a_page(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal()

    @portal.web.get("/refuses-for-the-test")
    def refuses() -> None:
        raise Invalid("account.no_unit", pointer="/units")

    answer = portal.signed_in("admin").get("/refuses-for-the-test")
    assert answer.status_code == 422
    assert "Indique al menos un territorio" in text_of(answer)


@pytest.mark.parametrize("role", ["committee_member", "trust_fund_member", "cashier", "csr_reviewer", "admin"])
def test_who_may_see_something_of_the_territory_finds_it_in_the_navigation(portal: Portal, role: str) -> None:
    assert 'href="/territory"' in portal.signed_in(role).get("/help").text


def test_a_planner_finds_the_report_of_her_municipality_on_her_home(portal: Portal) -> None:
    home = portal.signed_in("planner", units=("HN1709",)).get("/").text
    assert 'href="/territory/reports/HN1709"' in home
    assert "San Lorenzo, Valle" in home
