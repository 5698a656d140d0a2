"""A firm answers its diagnosis alone on a phone, without JavaScript; every page crossed is read by axe-core."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.service import Service
from tests.portal.conftest import PASSWORD, Portal
from tests.portal.screen import chromium, overflows, served, violations
from tests.training.csr_firms import csr_portal, link_of
from tests.training.house import number

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Portal, Service, str]]:
    with csr_portal(tmp_path) as (portal, service), served(portal.web) as address:
        yield portal, service, address


def read(page: Page) -> None:
    expect(page.locator("h1")).to_have_count(1)
    assert violations(page) == [], page.url
    assert not overflows(page), f"{page.url} is wider than its window"


def test_a_firm_answers_alone_on_a_phone_without_javascript(house: tuple[Portal, Service, str]) -> None:
    portal, service, address = house
    base = link_of(service, portal, 2)
    with chromium() as browser:
        phone = browser.new_context(
            base_url=address, locale="es-HN", viewport={"width": 360, "height": 740}, java_script_enabled=False
        )
        page = phone.new_page()
        page.goto(base)
        page.get_by_label("Corto: tres preguntas por área").check()
        page.get_by_role("button", name="Comenzar el diagnóstico").click()
        page.get_by_role("link", name="Gobernanza").click()
        for _area in range(7):
            for choice in page.get_by_label("Lo hacemos siempre y está escrito").all():
                choice.check()
            page.get_by_role("button", name="Guardar y seguir").click()
        page.get_by_role("button", name="Entregar el diagnóstico").click()
        expect(page.locator("main")).to_contain_text("Resultado del diagnóstico")
        expect(page.locator("main")).to_contain_text("75 %")
        phone.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_the_follow_up_are_accessible(house: tuple[Portal, Service, str], width: int) -> None:
    portal, service, address = house
    base, other = link_of(service, portal, 2), link_of(service, portal, 0)
    portal.open("maria", "trainer", units=("HN17",))
    with chromium() as browser:
        screen = browser.new_context(
            bypass_csp=True, base_url=address, locale="es-HN", viewport={"width": width, "height": 900}
        )
        page = screen.new_page()
        page.goto(base)
        read(page)
        page.get_by_role("button", name="Comenzar el diagnóstico").click()
        read(page)
        for path in (f"{base}/areas/environment", f"{base}/stakeholders", f"{other}/diagnosis"):
            page.goto(path)
            read(page)
        page.goto(other)
        page.get_by_role("button", name="Comenzar el plan").click()
        for path in (f"{other}/plan", f"{other}/plan/text", f"{other}/plan/action"):
            page.goto(path)
            read(page)
        page.goto("/sign-in")
        page.fill("[name=username]", "maria")
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        firm = f"/training/follow-up/{number(70_000)}"
        for path in ("/training/follow-up", "/training/benchmark", firm, f"{firm}/diagnosis", f"{firm}/plan"):
            page.goto(path)
            read(page)
        screen.close()
