"""The pages of duplicates as people use them: the queue, the pair, the check before merging, the undoing."""

import re

import pytest

from tests.portal.conftest import text_of
from tests.registry.pairs import digest, pair_of, twice
from tests.registry.test_files_kept import work
from tests.registry.test_pages import Pages, pages

__all__ = ["pages"]

QUEUE = "/registry/duplicates"


def chosen(page: str) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    sent = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    sent |= dict(re.findall(r'<input type="radio"[^>]* name="([^"]+)" value="([^"]+)" checked', page))
    return sent | dict.fromkeys(
        re.findall(r'<input type="checkbox"[^>]* name="([^"]+)" value="yes" checked', page), "yes"
    )


def test_an_inventory_that_was_not_searched_says_what_to_do_first(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    assert "Todavía no se ha buscado en el inventario" in text_of(browser.get(QUEUE))
    assert browser.post(f"{QUEUE}/search", page=QUEUE).status_code == 303
    assert "Se busca en el inventario" in text_of(browser.get(QUEUE))
    work(pages.house)
    assert "No hay pares pendientes" in text_of(browser.get(QUEUE))


def test_a_pair_is_looked_at_merged_after_a_check_and_taken_apart_again(pages: Pages) -> None:
    one, _ = twice(pages.house)
    before = digest(pages.house)
    browser = pages.signed_in("coordinator")
    assert "1 par que puede ser una sola mujer" in text_of(browser.get("/"))
    place = f"{QUEUE}/{pair_of(pages.house)['id']}"
    assert f'href="{place}"' in browser.get(QUEUE).text
    shown = text_of(browser.get(place))
    assert "El número de documento es el mismo." in shown
    assert "+504 2233-4455" in shown
    choosing = browser.get(f"{place}/merge").text
    form = chosen(choosing) | {"woman-surnames": "other", "same-0": "yes"}
    checked = browser.post(f"{place}/merge", form | {"step": "check"}, page=f"{place}/merge")
    told = text_of(checked)
    assert "Imbentada Prueba" in told
    assert "Necesidades Crédito, Acceso a mercados, Calidad y certificación" in told
    assert "Compartir su registro para crédito No" in told
    kept = chosen(checked.text)
    assert kept["woman-surnames"] == "other"
    again = browser.post(f"{place}/merge", kept | {"step": "change"}, page=f"{place}/merge")
    assert chosen(again.text)["woman-surnames"] == "other"  # nothing she chose is lost
    done = browser.post(f"{place}/merge", kept | {"step": "confirm"}, page=f"{place}/merge")
    assert done.status_code == 303
    page = browser.get(done.headers["Location"])
    assert "Los registros son uno" in text_of(page)
    record = text_of(browser.get(f"/registry/enterprises/{one['id']}"))
    assert "Unido con otro registro" in record
    merge = done.headers["Location"].partition("?")[0]
    undone = browser.post(f"{merge}/undo", chosen(page.text), page=merge)
    assert undone.status_code == 303
    assert "fueron uno hasta que la unión se deshizo" in text_of(browser.get(merge))
    assert digest(pages.house) == before


@pytest.mark.parametrize("side", ["both", "neither", "field"])
def test_a_side_that_a_field_does_not_have_is_shown_as_suggested_and_not_merged(pages: Pages, side: str) -> None:
    twice(pages.house)
    place = f"{QUEUE}/{pair_of(pages.house)['id']}"
    browser = pages.signed_in("coordinator")
    form = chosen(browser.get(f"{place}/merge").text) | {"same-0": "yes"}
    checked = browser.post(f"{place}/merge", form | {"step": "check"}, page=f"{place}/merge")
    altered = form | {"woman-surnames": side, "woman-document": side, "0-name": side, "0-products": "neither"}
    shown = browser.post(f"{place}/merge", altered | {"step": "check"}, page=f"{place}/merge")
    assert shown.status_code == 200
    assert text_of(shown) == text_of(checked)
    refused = browser.post(f"{place}/merge", altered | {"step": "confirm"}, page=f"{place}/merge")
    assert refused.status_code == 422
    assert pair_of(pages.house)["state"] == "open"


def test_somebody_who_was_faster_is_told_and_nothing_chosen_is_lost(pages: Pages) -> None:
    twice(pages.house)
    pair = pair_of(pages.house)
    place = f"{QUEUE}/{pair['id']}"
    browser = pages.signed_in("coordinator")
    form = chosen(browser.get(f"{place}/merge").text) | {"woman-surnames": "other", "step": "confirm"}
    path = f"/entrepreneurs/{pair['one']['id']}"
    pages.house.call("PATCH", path, version=pair["one"]["version"], json={"schooling": "basic"})
    answer = browser.post(f"{place}/merge", form, page=f"{place}/merge")
    assert answer.status_code == 412
    assert chosen(answer.text)["woman-surnames"] == "other"
    assert browser.post(f"{place}/merge", chosen(answer.text) | {"step": "confirm"}, page=QUEUE).status_code == 303


def test_a_technician_says_that_they_are_two_and_why(pages: Pages) -> None:
    twice(pages.house)
    browser = pages.signed_in("technician")
    place = f"{QUEUE}/{pair_of(pages.house)['id']}"
    page = browser.get(place)
    assert "Es una sola: unir" not in text_of(page)
    empty = browser.post(f"{place}/apart", chosen(page.text) | {"because": ""}, page=place)
    assert empty.status_code == 422
    said = browser.post(f"{place}/apart", chosen(empty.text) | {"because": "Son hermanas."}, page=place)
    assert said.status_code == 303
    assert "Son hermanas." in text_of(browser.get(f"{QUEUE}?state=not_duplicates"))
    shown = browser.get(place)
    assert "Dos mujeres" in text_of(shown)
    version = re.search(r'name="version" value="(\d+)"', shown.text)
    assert version
    assert browser.post(f"{place}/reopen", {"version": version[1]}, page=place).status_code == 303
    assert "Puede que sí sea una sola" not in text_of(browser.get(place))
    assert browser.get(f"{place}/merge").status_code == 403


def test_the_certain_ones_are_merged_after_a_look(pages: Pages) -> None:
    twice(pages.house)
    browser = pages.signed_in("coordinator")
    assert "Unir los pares seguros" in text_of(browser.get(QUEUE))
    asked = text_of(browser.get(f"{QUEUE}/certain"))
    assert "Nadie los mira uno por uno." in asked
    assert "Maria Ficticia Imbentada Prueba" in asked
    assert browser.post(f"{QUEUE}/certain", page=f"{QUEUE}/certain").status_code == 303
    assert "Se unen los pares seguros" in text_of(browser.get(QUEUE))
    work(pages.house)
    assert "Segura" in text_of(browser.get(f"{QUEUE}/merges"))
    assert "No hay pares seguros" in text_of(browser.get(f"{QUEUE}/certain"))
    browser.post(f"{QUEUE}/certain", page=f"{QUEUE}/certain")
    assert "No hay pares seguros en su territorio" in text_of(browser.get(QUEUE))


@pytest.mark.parametrize("role", ["auditor", "credit_officer", "leda_viewer"])
def test_the_queue_is_for_the_team(pages: Pages, role: str) -> None:
    assert pages.signed_in(role).get(QUEUE).status_code == 403
