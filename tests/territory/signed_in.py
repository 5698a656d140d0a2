"""Somebody at a browser who has signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from deploy.house import House
from tests.portal.conftest import PASSWORD
from tests.portal.screen import CHROMIUM, served
from tests.territory.test_pages import browser


@contextmanager
def signed_in(
    house: House, role: str, *flags: str, units: tuple[str, ...] = ("HN17",), **context: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Her first page after she signed in, with the addresses that are asked for from then on: all of the house."""
    browser(house, role, units=units)
    with served(house.service("portal").web) as address, sync_playwright() as playwright:
        chromium: Chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
        page = chromium.new_context(
            base_url=address, **{"viewport": {"width": 1280, "height": 900}} | context
        ).new_page()
        page.context.add_cookies([{"name": "language", "value": "es", "url": address}])
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/sign-in")
        page.fill("[name=username]", role)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/")
        yield page, asked
        assert all(url.startswith((address, "data:", "blob:")) for url in asked), "nothing comes from elsewhere"
        chromium.close()
