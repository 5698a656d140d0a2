"""What each role comes for, from her first page to the paper in her hand, at a browser."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page

from deploy.house import House
from tests.portal.screen import overflows, violations
from tests.territory.signed_in import signed_in
from tests.territory.test_introductions import neighbours  # noqa: F401
from tests.territory.test_pages import gulf, house  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("width", [360, 1280])]


def sized(width: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 900}, "bypass_csp": True}


def taken(page: Page, link: str) -> SimpleNamespace:
    """The file that a click on the link saves."""
    with page.expect_download() as waiting:
        page.click(link)
    path = Path(waiting.value.path())
    return SimpleNamespace(name=waiting.value.suggested_filename, content=path.read_bytes())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_planner_has_the_report_of_her_municipality_in_two_clicks(
    gulf: House,  # noqa: F811
    width: int,
    scripts: bool,
) -> None:
    with signed_in(gulf, "planner", units=("HN1709",), **sized(width), java_script_enabled=scripts) as (page, _):
        page.click("main a[href='/territory/reports/HN1709']")
        page.wait_for_url("**/territory/reports/HN1709")
        assert "San Lorenzo" in page.inner_text("h1")
        report = taken(page, "main a[href^='/territory/reports/HN1709/document'] >> nth=0")

    assert report.content.startswith(b"%PDF")
    assert report.name.endswith(".pdf")


def test_a_leda_viewer_explores_a_map_and_prints_it(gulf: House, width: int) -> None:  # noqa: F811
    with signed_in(gulf, "leda_viewer", **sized(width)) as (page, _):
        page.click("main a[href='/territory']")
        page.wait_for_url("**/territory")
        if page.is_hidden("main form [name=kind]"):
            page.click("main summary:has-text('Filtrar')")
        page.select_option("main form [name=kind]", "symbols")
        page.select_option("main form [name=measure]", "women")
        page.click("main form button:has-text('Aplicar')")
        page.wait_for_url("**kind=symbols**")
        assert page.is_visible("main figure svg, main .card svg")
        assert page.is_visible("main table"), "every map has its table"
        assert not overflows(page)
        assert violations(page) == []
        drawing = taken(page, "main a[href*='/territory/map.pdf']:not([href*='paper=a3'])")
        picture = taken(page, "main a[href*='/territory/map.png']")
        page.emulate_media(media="print")
        assert page.is_visible("main figure svg, main .card svg")
        assert page.is_hidden("main form"), "what one chooses with is not printed"

    assert drawing.content.startswith(b"%PDF")
    assert picture.content.startswith(b"\x89PNG")


def test_a_technician_has_her_list_of_introductions(neighbours: House, width: int) -> None:  # noqa: F811
    with signed_in(neighbours, "technician", **sized(width)) as (page, _):
        page.goto("/territory")
        page.click("main a[href^='/territory/introductions']")
        page.wait_for_url("**/territory/introductions**")
        shown = page.inner_text("main")
        for words in ("Tostaduría Ficticia", "Finca Ficticia", "9999-0001", "9999-0002"):
            assert words in shown
        assert not overflows(page)
        assert violations(page) == []
        names = taken(page, "main a[href^='/territory/introductions.csv']")
        page.emulate_media(media="print")
        assert "9999-0002" in page.inner_text("main"), "she takes it along on paper"

    assert "9999-0002" in names.content.decode("utf-8-sig")
