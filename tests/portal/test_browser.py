"""The pages in a real browser: accessible in both languages at every width, by keyboard alone, without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.portal.conftest import PASSWORD, Portal, built
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations

pytestmark = pytest.mark.browser

PUBLIC = ("/sign-in", "/help", "/verify", "/verify/" + "0" * 15, "/no/such/page")
OWN = (
    "/",
    "/account",
    "/account/password",
    "/accounts",
    "/accounts/new",
    "/parked-events",
    "/style",
    "/accounts?q=nobody",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, str]]:
    home: Path = tmp_path_factory.mktemp("browser")
    with built("sqlite", home) as portal, served(portal.web) as address:
        portal.open("ana", "admin", name="Ana Administradora", centre="CSEM Golfo de Fonseca")
        for number in range(12):
            portal.open(f"tecnica{number}", "technician", "trainer", units=("HN17", "HN0601"), name=f"Técnica {number}")
        yield portal, address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def _context(browser: Browser, address: str, language: str = "es", **more: object) -> BrowserContext:
    context = browser.new_context(bypass_csp=True, base_url=address, **more)  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    return context


def _sign_in(page: Page, username: str = "ana") -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, house: tuple[Portal, str], language: str, width: int
) -> None:
    context = _context(browser, house[1], language, viewport={"width": width, "height": 800})
    page = context.new_page()
    found: dict[str, object] = {}
    for path in (*PUBLIC, "sign in", *OWN):
        if path == "sign in":
            _sign_in(page)
            continue
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1 or path == "/style", path
        if wrong := violations(page):
            found[path] = wrong
        if overflows(page):
            found[f"{path} is too wide"] = width
    context.close()
    assert found == {}


@pytest.mark.parametrize("look", ["dark", "contrast", "forced"])
def test_every_look_has_enough_contrast(browser: Browser, house: tuple[Portal, str], look: str) -> None:
    settings = {
        "dark": {"color_scheme": "dark"},
        "contrast": {"contrast": "more"},
        "forced": {"forced_colors": "active"},
    }[look]
    context = _context(browser, house[1], viewport={"width": 1280, "height": 800}, **settings)
    page = context.new_page()
    _sign_in(page)
    found = {}
    for path in ("/", "/accounts", "/accounts/new", "/style"):
        page.goto(path)
        if wrong := violations(page):
            found[path] = wrong
    context.close()
    assert found == {}


def test_an_account_is_opened_by_keyboard_alone(browser: Browser, house: tuple[Portal, str]) -> None:
    context = _context(browser, house[1])
    page = context.new_page()
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for word in ("ana", PASSWORD):
        _tab_to(page, "input.w-20, input[name=username], input[name=password]")
        page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto("/accounts/new")
    for field, text in (("username", "teclado"), ("name", "Tecla Do")):
        _tab_to(page, f"[name={field}]")
        page.keyboard.type(text)
    _tab_to(page, "[name=roles]")
    page.keyboard.press("Space")
    _tab_to(page, "[name=units]")
    page.keyboard.type("HN17")
    page.keyboard.press("Enter")
    page.wait_for_selector(".done")
    assert page.locator(".done strong").inner_text().count("-") == 3
    context.close()


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_an_error_takes_the_focus_and_leads_to_its_field(browser: Browser, house: tuple[Portal, str]) -> None:
    context = _context(browser, house[1])
    page = context.new_page()
    _sign_in(page)
    page.goto("/accounts/new")
    page.fill("[name=name]", "Rosa")
    page.click("main form button")
    page.wait_for_selector(".errors")
    assert page.evaluate("document.activeElement.className") == "errors"
    assert violations(page) == []
    page.click(".errors a >> nth=0")
    assert page.evaluate("document.activeElement.name") == "username"
    assert page.input_value("[name=name]") == "Rosa"
    context.close()


def test_everything_works_without_javascript(browser: Browser, house: tuple[Portal, str]) -> None:
    context = _context(browser, house[1], java_script_enabled=False)
    page = context.new_page()
    _sign_in(page)
    page.click(".menu summary")
    page.click(".menu a[href='/account']")
    assert page.locator("h1").inner_text() == "Su cuenta"
    page.click(".menu summary")
    page.click(".menu button[name=language]")
    assert page.locator("h1").inner_text() == "Your account"
    page.click(".menu summary")
    page.click(".menu form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in?left=1")
    context.close()


def test_no_page_asks_anybody_else_and_none_breaks_its_policy(browser: Browser, house: tuple[Portal, str]) -> None:
    context = browser.new_context(base_url=house[1])
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    _sign_in(page)
    for path in ("/", "/accounts", "/accounts/new", "/style", "/help"):
        page.goto(path)
    assert [url for url in asked if not url.startswith(house[1])] == []
    assert said == []
    context.close()
