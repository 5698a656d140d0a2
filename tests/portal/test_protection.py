"""What protects the pages: form tokens, headers, cookies, escaping, caching."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, text

from services.portal.app import HERE
from services.portal.models import Session
from tests.portal.conftest import PASSWORD, Portal, token_in

CHANGING = [
    "/sign-in",
    "/sign-out",
    "/language",
    "/appearance",
    "/account/password",
    "/accounts/new",
    "/accounts/018f0000-0000-7000-8000-000000000000/change",
    "/accounts/018f0000-0000-7000-8000-000000000000/password",
    "/parked-events/credit/registry/1/retry",
]

BY_LINK = ("/answer", "/attendance", "/curriculum", "/register", "/sme", "/story", "/verify")
"""Areas that somebody without an account comes to by her own link."""


@pytest.mark.parametrize("path", CHANGING)
def test_a_form_without_the_right_token_changes_nothing(portal: Portal, path: str) -> None:
    browser = portal.signed_in("admin")
    for token in (None, "", "xxxx", "A" * 88, "ñ", "AAAA====" * 11):
        answer = browser.client.post(path, data={} if token is None else {"csrf_token": token})
        assert answer.status_code == 400
        assert "El formulario es anterior a su sesión" in answer.text


def changing_pages(portal: Portal) -> set[str]:
    return {
        rule.rule
        for rule in portal.web.url_map.iter_rules()
        if rule.methods and "POST" in rule.methods and not rule.rule.startswith(("/api/", "/internal/"))
    }


def test_every_changing_page_is_among_those_tested(portal: Portal) -> None:
    areas = ("/registry", "/territory", "/training", "/credit", *BY_LINK)
    own = {rule for rule in changing_pages(portal) if not rule.startswith(areas)}
    assert len(own) == len(CHANGING) + 1  # discard stands beside retry


def test_a_form_behind_a_link_needs_the_right_token_too(portal: Portal) -> None:
    rules = sorted(rule for rule in changing_pages(portal) if rule.startswith(BY_LINK))
    assert {next(area for area in BY_LINK if rule.startswith(area)) for rule in rules} == set(BY_LINK)
    for rule in rules:
        path = re.sub(r"<(\w+)?[^>]*>", lambda part: {"int": "1", "uuid": str(uuid4())}.get(part[1], "x"), rule)
        answer = portal.browser().client.post(path, data={"csrf_token": "xxxx"})
        assert answer.status_code == 400, rule


def test_a_token_of_another_browser_is_refused(portal: Portal) -> None:
    mine, hers = portal.signed_in("admin"), portal.browser()
    stolen = token_in(hers.get("/sign-in").text)
    assert mine.client.post("/sign-out", data={"csrf_token": stolen}).status_code == 400


def test_the_token_of_the_page_before_sign_in_is_refused_after_it(portal: Portal) -> None:
    browser = portal.browser()
    before = token_in(browser.get("/sign-in").text)
    portal.open("maria", "admin")
    browser.sign_in("maria")
    assert browser.client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_tokens_look_different_each_time_and_all_hold(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    tokens = [token_in(browser.get("/").text) for _ in range(3)]
    assert len(set(tokens)) == 3
    answers = [browser.client.post("/language", data={"csrf_token": t, "language": "es"}) for t in tokens]
    assert [answer.status_code for answer in answers] == [303, 303, 303]


def test_the_token_may_come_in_a_header_for_htmx(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    token = token_in(browser.get("/").text)
    answer = browser.client.post("/language", data={"language": "en"}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 303


def test_a_form_sent_by_another_site_is_refused_even_with_a_token(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    token = token_in(browser.get("/").text)
    for site in ("cross-site", "same-site"):
        answer = browser.client.post("/sign-out", data={"csrf_token": token}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 400


def test_an_api_is_not_reached_with_a_cookie(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    assert browser.get("/api/portal/v1/accounts").status_code == 401


def test_pages_forbid_inline_scripts_foreign_hosts_and_frames(portal: Portal) -> None:
    answer = portal.browser().get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" in answer.headers
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers


def test_under_https_cookies_are_secure_and_bound_to_the_host(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(CSEM_PUBLIC_URL="https://csem.example")
    answer = portal.web.test_client().get("/sign-in", base_url="https://csem.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-csem=")
    assert "Secure" in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_name_with_markup_is_shown_as_text(portal: Portal) -> None:
    browser = portal.signed_in("admin", name="<script>alert(1)</script>")
    for path in ("/", "/account", "/accounts", "/accounts?q=%3Cscript%3E"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<script>alert(1)" not in page


def test_no_template_switches_escaping_off_and_none_holds_inline_code() -> None:
    for path in (HERE / "templates").rglob("*.html"):
        source = path.read_text()
        assert "autoescape false" not in source, path
        assert " style=" not in source, path
        assert "<style" not in source, path
        assert " onclick=" not in source, path
        assert "javascript:" not in source, path
        assert "http://" not in source.replace("http://www.w3.org/2000/svg", ""), path
        assert "https://" not in source, path


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%FF", "q=%E2%80%8Bx", "next=%0d%0aSet-Cookie:x", "after=%7B", "after=eyJ"]
)
def test_hostile_queries_get_a_page_and_no_defect(portal: Portal, query: str) -> None:
    browser = portal.signed_in("admin")
    assert browser.get(f"/accounts?{query}").status_code in {200, 400, 404, 422}
    assert browser.get(f"/sign-in?{query}").status_code in {200, 303, 400, 422}


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 4000, "'; DROP TABLE session; --"])
def test_an_invented_cookie_is_a_visitor(portal: Portal, cookie: str) -> None:
    client = portal.web.test_client()
    client.set_cookie("csem", cookie)
    assert client.get("/").status_code == 303


def test_static_files_are_kept_for_ever_under_their_hash(portal: Portal) -> None:
    client = portal.web.test_client()
    page = client.get("/sign-in").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/nothing.css"]
)
def test_only_static_files_are_served(portal: Portal, path: str) -> None:
    assert portal.web.test_client().get(path).status_code in {404, 308}


def _weight(portal: Portal, path: str, **cookies: str) -> int:
    answer = portal.web.test_client().get(path, headers={"Accept-Encoding": "gzip"})
    return len(answer.data)


def test_the_first_page_weighs_at_most_60_kb_and_the_stylesheet_about_10(portal: Portal) -> None:
    client = portal.web.test_client()
    page = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    html = portal.web.test_client().get("/sign-in").text
    assets = [part.split('"')[0] for part in html.replace('src="', 'href="').split('href="')[1:]]
    weights = {address: _weight(portal, address) for address in assets if address.startswith("/static/")}
    assert len(weights) == 4
    assert len(page.data) + sum(weights.values()) <= 60_000
    assert next(weight for address, weight in weights.items() if "csem.css" in address) <= 10_500


@pytest.mark.parametrize("path", ["/", "/accounts", "/accounts/new", "/account", "/help", "/verify"])
def test_later_pages_weigh_at_most_15_kb(portal: Portal, path: str) -> None:
    browser = portal.signed_in("admin")
    answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= 15_000


def test_a_password_never_reaches_the_history_or_a_page(portal: Portal, capsys: Any) -> None:
    browser = portal.signed_in("admin")
    browser.get("/accounts")
    assert PASSWORD not in capsys.readouterr().err


def _typed(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(?!csrf_token|next)([^"]+)" value="([^"]*)">', page))


HERE_SENT = {"Sec-Fetch-Site": "same-origin"}


def test_nothing_typed_is_lost_when_the_session_ends_meanwhile(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    form = {"csrf_token": token_in(browser.get("/accounts/new").text), "username": "rosa", "name": "Rosa «López»"}
    with portal.database.transaction() as session:
        session.execute(delete(Session))
    ended = browser.client.post("/accounts/new", data=form, headers=HERE_SENT)
    assert ended.status_code == 400
    assert "Inicie sesión en otra ventana" in ended.text or "Iniciar sesión en otra ventana" in ended.text
    assert _typed(ended.text)["name"] == "Rosa «López»"
    browser.sign_in("maria")
    again = browser.client.post("/accounts/new", data=form, headers=HERE_SENT)
    assert again.status_code == 400
    assert _typed(again.text) == {"username": "rosa", "name": "Rosa «López»"}
    kept = _typed(again.text) | {"csrf_token": token_in(again.text), "roles": "trainer", "units": "HN17"}
    assert browser.client.post("/accounts/new", data=kept, headers=HERE_SENT).status_code == 200


def test_what_another_site_sent_is_not_offered_again(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = browser.client.post("/accounts/new", data={"username": "evil"}, headers=headers)
        assert answer.status_code == 400
        assert "evil" not in answer.text


def test_a_password_is_not_kept_in_a_page(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    for path in ("/sign-in", "/account/password"):
        answer = browser.client.post(
            path, data={"password": "secreto-secreto", "new": "secreto-secreto"}, headers=HERE_SENT
        )
        assert "secreto" not in answer.text


def test_a_house_is_ready_when_its_tables_are_of_today(portal: Portal) -> None:
    browser = portal.web.test_client()
    assert browser.get("/readyz").status_code == 200
    with portal.database.transaction() as session:
        session.execute(text("DELETE FROM service_version"))
    behind = browser.get("/readyz")
    assert (behind.status_code, behind.text) == (503, "database behind: csem migrate\n")
    with portal.database.transaction() as session:
        session.execute(text("DROP TABLE service_version"))
    assert browser.get("/readyz").status_code == 503
