"""The pages of exports: from the list to the file, and back another time."""

import csv
import io

from tests.portal.conftest import text_of
from tests.registry.test_exports import run
from tests.registry.test_pages import Pages, pages

__all__ = ["pages"]


def test_what_the_list_shows_is_downloaded(pages: Pages) -> None:
    one = pages.house.register(needs=["credit"])
    pages.house.register(needs=["quality"])
    browser = pages.signed_in("coordinator")
    listed = browser.get("/registry?need=credit&municipality=HN17")
    assert 'href="/registry/exports/new?need=credit&amp;municipality=HN17"' in listed.text
    choosing = browser.get("/registry/exports/new?need=credit&municipality=HN17&sort=name")
    assert all(word in text_of(choosing) for word in ("Necesidad", "Crédito", "Lugar", "Valle"))
    asked = browser.post(
        "/registry/exports/new",
        {"format": "csv", "filter": "need=credit&municipality=HN17"},
        page="/registry/exports/new",
    )
    assert asked.status_code == 303, text_of(asked)
    place = asked.headers["Location"]
    waiting = browser.get(place)
    assert "y volver; el trabajo sigue" in text_of(waiting)
    assert 'http-equiv="refresh"' in waiting.text
    assert "<html" not in browser.get(place, headers={"HX-Request": "true"}).text
    run(pages.house)
    assert browser.get(place, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Listo" in text_of(browser.get(place))
    taken = browser.get(f"{place}/file")
    assert "attachment" in taken.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(taken.get_data().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row["csem_id"] for row in rows] == [one["id"]]
    mine = text_of(browser.get("/registry/exports"))
    assert "Necesidad: Crédito" in mine
    erased = browser.post(f"{place}/forget", {}, page=place)
    assert erased.status_code == 303
    again = browser.get(place)
    assert "El archivo ya no se guarda" in text_of(again)
    assert "/registry/exports/new?" in again.text
    told = browser.get(f"{place}/file")
    assert told.status_code == 303
    assert "Pida la exportación otra vez" in text_of(browser.get(place))


def test_who_sees_no_names_may_download_and_is_not_warned_of_any(pages: Pages) -> None:
    pages.house.register()
    browser = pages.signed_in("leda_viewer")
    assert "/registry/exports/new" in browser.get("/registry").text
    assert "nombres, documentos y viviendas" not in text_of(browser.get("/registry/exports/new"))
    assert "Todavía no ha pedido ningún archivo" in text_of(browser.get("/registry/exports"))


def test_planners_have_no_exports(pages: Pages) -> None:
    assert pages.signed_in("planner").get("/registry/exports").status_code == 403


def test_what_is_wrong_is_said_beside_the_choice_and_nothing_is_lost(pages: Pages) -> None:
    browser = pages.signed_in("coordinator")
    told = browser.post("/registry/exports/new", {"format": "", "filter": "need=credit"}, page="/registry/exports/new")
    assert told.status_code == 422
    assert 'value="need=credit"' in told.text
