"""The workspace of a round in a real browser: accessible at every width, and worked in without JavaScript."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from services.training.app import build
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import PASSWORD, built
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations
from tests.training.house import TRAINER, register, register_many, woman_of
from tests.training.round_house import BEGINS, round_with_venue
from tests.training.test_api import Registry

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the portal is, and the round in it: seven women near a venue, one far away."""
    home: Path = tmp_path_factory.mktemp("rounds")
    with built("sqlite", home) as portal:
        settings = settings_of("training", home)
        service = build(
            settings, portal.keys["training"], Peers(settings, portal.keys["training"], {"registry": Registry().web})
        )
        fill(service.database, "training")
        portal.apps["training"] = service.web
        with service.database.transaction() as session:
            register_many(session, 1, 7)
            register(session, 40, north_km=60)
            made = round_with_venue(session, TRAINER, ends_on=BEGINS.replace(year=2099)).id
        portal.open("trini", "trainer", units=("HN17",), name="Trini Capacitadora")
        with served(portal.web) as found:
            yield found, f"/training/rounds/{made}"
        service.database.dispose()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, address: tuple[str, str]) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(bypass_csp=True, base_url=address[0], java_script_enabled=request.param)
        context.add_cookies([{"name": "language", "value": "es", "url": address[0]}])
        opened = context.new_page()
        opened.goto("/sign-in")
        opened.fill("[name=username]", "trini")
        opened.fill("[name=password]", PASSWORD)
        opened.click("main button")
        opened.wait_for_url("**/")
        yield opened
        context.close()


def answered(page: Page, path: str) -> str:
    """Have groups proposed, end the search; comes back with the address of the workspace."""
    page.goto(path)
    page.get_by_role("button", name="Proponer grupos").click()
    page.wait_for_url("**/placements/*")
    page.get_by_role("button", name="Dejar de buscar").click()
    page.wait_for_url("**/placements/*")
    return page.url


def test_a_woman_is_moved_out_and_back_and_what_breaks_a_condition_is_said(
    page: Page, address: tuple[str, str]
) -> None:
    workspace = answered(page, address[1])
    page.get_by_role("link", name=re.compile("^1. Casa del Mar")).click()
    row = page.get_by_role("row", name=re.compile("Marta 1 Inventada"))
    row.get_by_role("button", name="Mover Marta 1 Inventada").click()
    page.wait_for_url("**/groups/1")
    assert page.get_by_text("Movida. Ubicadas, según prioridad: -1.").count() == 1
    page.goto(workspace)
    page.get_by_role("button", name="Deshacerlo").click()
    page.wait_for_url("**/placements/*")
    assert page.get_by_text("El último cambio se deshizo.").count() == 1
    page.goto(f"{workspace}/left-out")
    page.get_by_role("row", name=re.compile("Marta 40")).get_by_role("button", name=re.compile("^Mover")).click()
    page.wait_for_url("**/left-out")
    assert page.get_by_text("está más lejos de lo que una mujer viaja").count() == 1


def test_axe_finds_nothing_on_the_pages_of_a_round_and_nothing_is_cut_off(address: tuple[str, str]) -> None:
    found: dict[str, object] = {}
    with chromium() as browser:
        for width in WIDTHS:
            context = browser.new_context(
                bypass_csp=True, base_url=address[0], viewport={"width": width, "height": 800}
            )
            context.add_cookies([{"name": "language", "value": "es", "url": address[0]}])
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("[name=username]", "trini")
            page.fill("[name=password]", PASSWORD)
            page.click("main button")
            page.wait_for_url("**/")
            workspace = answered(page, address[1]).removeprefix(address[0])
            page.goto(address[1])
            venue = page.locator("main table a").first.get_attribute("href")
            women = f"{address[1]}/women"
            for path in (
                *("/training/rounds", "/training/rounds/new", "/training/sources", address[1], venue, women),
                *(f"{women}/{woman_of(1)}", workspace, f"{workspace}/left-out", f"{workspace}/groups/1"),
            ):
                page.goto(str(path))
                if wrong := violations(page):
                    found[f"{path} {width}"] = wrong
                if overflows(page):
                    found[f"{path} is too wide"] = width
            context.close()
    assert found == {}
