"""Every page of credit, found by its links as each role sees them, and read as an auditor would: in Spanish on a phone, in
English on a desk.
"""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from playwright.sync_api import Page

from deploy.demonstration.accounts import ACCOUNTS, PASSWORD
from services.portal.pages.credit import blueprint
from shared.testing import ROOT
from tests.portal.screen import chromium, overflows, violations
from tests.walk.crawling import Crawler, Visit, signed_in
from tests.walk.furnishing import Furnisher
from tests.walk.houses import Running, embedded

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
READERS = {"oficial": 18, "coordinadora": 4}
"""Who goes into more than two pages of a kind: the officer sees the most of them."""
APART = {"planificadora", "formadora", "rse", "comite.csem", "comite.adel", "cajera2"}
"""Who is not asked: credit is nothing to her, or somebody else with the same role is."""
BY_FORM = {
    "/credit/funds/<uuid:fund_id>/regulations/compare": "two editions are chosen in a form",
    "/credit/portfolio.csv": "by what the table is broken down is chosen in a form",
}
RAW = re.compile(r"\bNone\b|\{\{|\}\}|\bundefined\b|\b[a-z]+(?:_[a-z]+)+\b|\b(?:credit|people|committee)\.[a-z_]+")
"""What a program calls things by: no word of a page."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with embedded(tmp_path_factory.mktemp("pages"), demo=True) as running:
        Furnisher(running).furnish()
        yield running


@pytest.fixture(scope="module")
def crawler(house: Running) -> Crawler:
    app = Flask("routes")
    app.register_blueprint(blueprint)
    found = Crawler(app.url_map.bind("portal"), "/credit")
    for account in ACCOUNTS:
        if account.username not in APART:
            with signed_in(house.urls["portal"], account.username, PASSWORD) as client:
                found.crawl(client, account.username, each=READERS.get(account.username, 2))
    return found


def pages(crawler: Crawler) -> Iterator[Visit]:
    return (visit for visit in crawler.visits if visit.read is not None)


def test_every_link_opens_for_who_is_shown_it(crawler: Crawler) -> None:
    closed = {(v.pattern, v.username): (v.answer.status_code, v.path) for v in crawler.visits if v.answer.is_error}
    assert closed == {}
    assert not [visit.path for visit in crawler.visits if visit.pattern.startswith("no route")]


def test_every_page_is_reached_by_links(crawler: Crawler) -> None:
    rules = {str(rule) for rule in crawler.routes.map.iter_rules() if "GET" in (rule.methods or ())}
    reached = {visit.pattern.partition("?")[0] for visit in crawler.visits}
    assert {rule for rule in rules if rule.startswith("/credit")} - reached == set(BY_FORM)


def test_pages_speak_in_words(crawler: Crawler) -> None:
    """No code, nothing left open, nothing untranslated."""
    raw, english = {}, {}
    spoken = _translated()
    for visit in pages(crawler):
        assert visit.read is not None
        for text in visit.read.texts:
            if found := RAW.search(text):
                raw[visit.pattern.partition("?")[0], found.group()] = (visit.path, text[:80])
            if text in spoken:
                english[visit.pattern, text] = visit.path
    assert raw == {}
    assert english == {}


def _translated() -> set[str]:
    """The English sentences of pages that Spanish ones say otherwise."""
    found = set()
    for path in (ROOT / "services" / "portal" / "locale").glob("*.es.po"):
        with path.open("rb") as file:
            messages = list(read_po(file))
        found |= {m.id for m in messages if isinstance(m.id, str) and " " in m.id and m.string not in {"", m.id}}
    return found


def test_a_screen_reader_tells_buttons_and_links_apart(crawler: Crawler) -> None:
    alike = {
        (visit.pattern, words): visit.path for visit in pages(crawler) if visit.read for words in visit.read.alike()
    }
    assert alike == {}


def test_pages_fit_their_windows_and_have_no_barriers(house: Running, crawler: Crawler) -> None:
    """One page of each kind: on a phone in Spanish, where axe-core reads it too, and on a desk in English."""
    wrong: dict[str, list[str]] = {}
    address = house.urls["portal"]
    with chromium() as browser:
        opened: dict[str, Page] = {}
        for pattern, visit in crawler.by_pattern().items():
            if visit.username not in opened:
                context = browser.new_context(bypass_csp=True, base_url=address)
                held = crawler.cookies[visit.username].items()
                context.add_cookies([{"name": name, "value": value, "url": address} for name, value in held])
                opened[visit.username] = context.new_page()
            found = list(_read(opened[visit.username], address, visit.path))
            if found:
                wrong[pattern] = [visit.path, *found]
    assert wrong == {}


def _read(page: Page, address: str, path: str) -> Iterator[str]:
    """What is wrong with a page at either width."""
    for width, language in ((360, "es"), (1280, "en")):
        page.context.add_cookies([{"name": "language", "value": language, "url": address}])
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path, wait_until="domcontentloaded")
        if overflows(page):
            yield f"wider than {width} px"
        if language == "es":
            yield from violations(page)
