"""The interactive map: its page by role, its tiles through the portal, and itself in a browser with and without WebGL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import mapbox_vector_tile
import pytest
import shapely
from playwright.sync_api import Page

from deploy.house import House
from services.territory.models import LayerFeature, ReferenceLayer
from services.territory.rules.tiling import BITS, column_row
from shared.identity import Caller
from tests.portal.conftest import text_of
from tests.portal.screen import overflows, violations
from tests.territory.conftest import register
from tests.territory.signed_in import signed_in
from tests.territory.test_pages import browser, house  # noqa: F401

PLACE = (-87.44, 13.42)


@pytest.fixture
def gulf(house: House) -> House:  # noqa: F811
    with house.service("territory").database.transaction() as session:
        register(session, 12)
        register(session, 3, consent_map=False)
    return house


def tile(collection: str, zoom: int) -> str:
    column, row = (part >> (BITS - zoom) for part in column_row(*PLACE))
    return f"/territory/map/tiles/{collection}/{zoom}/{row}/{column}"


@pytest.mark.parametrize("role", ["technician", "leda_viewer", "planner"])
def test_the_page_shows_the_drawing_and_loads_nothing_of_the_map_by_itself(gulf: House, role: str) -> None:
    page = browser(gulf, role).get("/territory/map/explore")

    assert page.status_code == 200
    assert "<svg" in page.text
    assert "El mapa interactivo necesita JavaScript" in text_of(page)
    assert '<script src="/static/vendor/maplibre' not in page.text
    assert ("data-points" in page.text) == (role != "planner")
    assert ("data-masked" in page.text) == (role == "leda_viewer")


def test_tiles_come_as_the_person_signed_in_may_see_them(gulf: House) -> None:
    def number(role: str) -> int:
        answer = browser(gulf, role).get(tile("enterprises", 0))
        told = mapbox_vector_tile.decode(answer.data)["enterprises"]["features"]
        return sum(one["properties"]["number"] for one in told)

    assert number("technician") == 15
    assert number("leda_viewer") == 12, "of women who agreed to be on the map"
    planner = browser(gulf, "planner")
    assert planner.get(tile("enterprises", 0)).status_code == 403
    assert planner.get(tile("units", 8)).status_code == 200
    assert planner.get(tile("women", 0)).status_code == 404
    assert gulf.service("portal").web.test_client().get(tile("units", 0)).status_code == 303


@pytest.fixture
def market(gulf: House) -> str:
    """The collection of a layer with one market of Valle."""
    caller = Caller.operator("prueba")
    with gulf.service("territory").database.transaction() as session:
        layer = ReferenceLayer.received(
            caller, file_id=uuid4(), sha256="0" * 64, units=["HN17"], layer=None, kind="markets",
            title="Mercados de Valle", source="ADEL", licence="abierta",
        )  # fmt: skip
        layer.was_read("point", 1, {"columns": ["nombre"]})
        session.add(layer)
        session.flush()
        west, south = PLACE
        session.add(LayerFeature(
            layer_id=layer.id, number=1, name="Mercado ficticio", wkb=shapely.to_wkb(shapely.Point(PLACE)),
            properties={"nombre": "Mercado ficticio"}, west=west, south=south, east=west, north=south,
        ))  # fmt: skip
        return f"layer-{layer.id}"


def test_uploaded_layers_lie_on_the_interactive_map(gulf: House, market: str) -> None:
    planner = browser(gulf, "planner")
    page = planner.get("/territory/map/explore")

    assert market in page.text
    assert "Mercados de Valle" in text_of(page)
    told = mapbox_vector_tile.decode(planner.get(tile(market, 10)).data)["features"]["features"]
    assert [one["properties"]["name"] for one in told] == ["Mercado ficticio"]
    saved = planner.get(f"/territory/map/download/{market}.geojson")
    assert "Mercado ficticio" in saved.get_data(as_text=True)
    assert planner.get(tile(market[:-1], 10)).status_code == 404
    assert planner.get(tile(market[:-4] + "0000", 10)).status_code == 404


def test_clusters_are_taken_home_from_the_page_by_who_sees_points(gulf: House) -> None:
    assert browser(gulf, "technician").get("/territory/map/download/clusters.geojson").status_code == 200
    assert browser(gulf, "planner").get("/territory/map/download/clusters.geojson").status_code == 403


def test_a_tile_that_is_the_same_is_not_sent_again(gulf: House) -> None:
    person = browser(gulf, "technician")
    first = person.get(tile("enterprises", 10))
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = person.get(tile("enterprises", 10), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with gulf.service("territory").database.transaction() as session:
        register(session, 1)
    moved = person.get(tile("enterprises", 10), headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200


def test_the_data_are_downloaded_from_the_page(gulf: House) -> None:
    technician, planner = browser(gulf, "technician"), browser(gulf, "planner")
    page = technician.get("/territory/map/explore").text
    assert page.count("/territory/map/download/") == 15
    file = technician.get("/territory/map/download/enterprises.csv")
    assert (file.status_code, len(file.text.splitlines())) == (200, 16)
    assert "attachment" in file.headers["Content-Disposition"]
    assert planner.get("/territory/map/explore").text.count("/territory/map/download/") == 5
    assert planner.get("/territory/map/download/enterprises.csv").status_code == 403
    assert planner.get("/territory/map/download/units.csv").status_code == 200
    assert technician.get("/territory/map/download/enterprises.shp").status_code == 404
    assert technician.get("/territory/map/download/women.csv").status_code == 404


WITH_WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
WITHOUT_WEBGL = ("--disable-gpu", "--disable-webgl", "--disable-3d-apis")


@contextmanager
def opened(gulf: House, *flags: str, role: str = "technician", **context: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page of the interactive map for somebody signed in, with the addresses that were asked for."""
    with signed_in(gulf, role, *flags, **context) as (page, asked):
        page.goto("/territory/map/explore")
        yield page, asked


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_map_opens_on_request_and_tells_what_is_there(gulf: House, width: int) -> None:
    mistakes: list[str] = []
    with opened(gulf, *WITH_WEBGL, viewport={"width": width, "height": 900}) as (page, asked):
        page.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
        assert not any("maplibre" in url for url in asked)
        page.focus("#explore-open")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-explore][data-state=drawn]", timeout=60_000)
        assert any("/territory/map/tiles/units/" in url for url in asked)
        assert page.evaluate("document.activeElement.className").startswith("maplibregl-canvas")
        page.click("#explore-centre")
        page.wait_for_function("document.getElementById('explore-found').textContent.length > 3")
        assert not overflows(page)
    assert mistakes == []


@pytest.mark.browser
def test_the_open_map_is_accessible(gulf: House) -> None:
    with opened(gulf, *WITH_WEBGL, bypass_csp=True) as (page, _):
        page.click("#explore-open")
        page.wait_for_selector("[data-explore][data-state=drawn]", timeout=60_000)
        assert violations(page) == []


@pytest.mark.browser
def test_without_webgl_the_drawing_stays_and_says_so(gulf: House) -> None:
    with opened(gulf, *WITHOUT_WEBGL) as (page, asked):
        assert "no tiene WebGL" in page.inner_text("#explore-said")
        assert not page.is_visible("#explore-open")
        assert page.is_visible(".card svg")
        assert not any("maplibre" in url for url in asked)


@pytest.mark.browser
def test_without_javascript_the_drawing_stays_and_says_so(gulf: House) -> None:
    with opened(gulf, java_script_enabled=False) as (page, _):
        assert "necesita JavaScript" in page.inner_text("#explore-said")
        assert not page.is_visible("#explore-open")
        assert page.is_visible(".card svg")
