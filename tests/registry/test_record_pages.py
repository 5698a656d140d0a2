"""The parts of a record, each on its own page: an enterprise's, a woman's, its owners, the steps of its formalization."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of
from tests.registry.house import enterprise, open_house
from tests.registry.test_pages import Pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def record_of(pages: Pages, **changes: Any) -> str:
    return f"/registry/enterprises/{pages.house.register(**changes)['id']}"


def version_of(pages: Pages, path: str) -> str:
    there = path.replace("/registry/enterprises", "/enterprises").replace("/registry/people", "/entrepreneurs")
    return str(pages.house.call("GET", there).json["version"])


def save(pages: Pages, browser: Browser, path: str, part: str, form: dict[str, Any]) -> Any:
    there = f"{path}/{part}"
    return browser.post(there, {"version": version_of(pages, path), **form}, page=there)


def test_an_activity_is_looked_up_by_a_word_and_chosen(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    found = browser.get(f"{path}/edit/activity?q=panader%C3%ADa")
    assert 'href="?activity=1071"' in found.text
    assert 'value="1071"' in browser.get(f"{path}/edit/activity?activity=1071").text
    form = {"activity": "1071 Elaboración de productos de panadería", "ownership": "group", "address": "Barrio Abajo"}
    assert save(pages, browser, path, "edit/activity", form).status_code == 303
    shown = text_of(browser.get(path))
    assert "1071 Elaboración de productos de panadería" in shown
    assert "Barrio Abajo" in shown
    wrong = save(pages, browser, path, "edit/activity", form | {"activity": "sastrería"})
    assert wrong.status_code == 422
    assert "sastrería" in wrong.text


def test_work_and_sales_are_told_by_sex_and_pay(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages, sales=None)
    form = {"women_paid": "1", "women_unpaid": "2", "men_paid": "0", "men_unpaid": "0", "sales_band": "low"}
    saved = save(pages, browser, path, "edit/work", form | {"markets": ["municipality", "export"]})
    assert saved.status_code == 303
    shown = text_of(browser.get(path))
    assert "3 (1 con pago, 2 sin pago)" in shown
    assert "Hasta L9,600.00" in shown
    assert "El extranjero, El municipio" in shown


def test_nobody_is_made_unpaid_by_saving_the_rest(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    save(pages, browser, path, "edit/work", {"women_paid": "3", "men_paid": "1", "started_year": "2011"})
    told = pages.house.call("GET", path.removeprefix("/registry")).json
    assert (told["jobs_women"], told["jobs"]["women_unpaid"], told["started_year"]) == (3, None, 2011)


def test_products_partners_and_assets_are_lines_that_come_and_go(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    other = record_of(pages, name="Molino San José")
    product = {"products-0-name": "Queso", "products-0-volume": "40,5", "products-0-period": "month"}
    assert save(pages, browser, path, "edit/products", product | {"products-0-months": ["5", "6"]}).status_code == 303
    trade = {
        "partners-0-name": f"http://localhost{other}",
        "partners-0-side": "supplier",
        "partners-0-share": "70",
        "partners-1-name": "Tienda Lupita",
        "partners-1-side": "buyer",
        "partners-1-kind": "shop",
    }
    assert save(pages, browser, path, "edit/trade", trade).status_code == 303
    asset = {"assets-0-kind": "machinery", "assets-0-text": "Horno de leña"}
    assert save(pages, browser, path, "edit/assets", asset).status_code == 303
    shown = text_of(browser.get(path))
    for told in ("40.5 al mes", "may, jun", "Molino San José", "70 %", "Tienda Lupita", "Horno de leña"):
        assert told in shown
    again = browser.get(f"{path}/edit/trade")
    kept = f"#{other.rpartition('/')[2]}"
    assert kept in again.text
    over = save(pages, browser, path, "edit/trade", trade | {"partners-0-name": kept, "partners-0-share": "101"})
    assert over.status_code == 422
    assert save(pages, browser, path, "edit/trade", {"partners-0-name": ""}).status_code == 303
    assert "Tienda Lupita" not in text_of(browser.get(path))
    assert "Tienda Lupita" in text_of(browser.get(f"{path}/history"))


def test_the_short_form_leaves_what_it_does_not_ask_for(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    product = {"products-0-name": "Queso", "products-0-volume": "40", "products-0-period": "year"}
    save(pages, browser, path, "edit/products", product | {"products-0-months": ["5"]})
    page = browser.get(f"{path}/change").text
    assert 'name="products-0-volume" value="40' in page
    body = {"name": "Otro nombre", "municipality": "HN1709", "jobs_women": "3", "jobs_men": "1", "formal": "no"}
    body |= product | {"products-0-months": ["5"]}
    assert save(pages, browser, path, "change", body).status_code == 303
    told = pages.house.call("GET", path.removeprefix("/registry")).json["products"][0]
    assert (told["volume"], told["period"], told["months"]) == (40, "year", [5])


def test_what_somebody_changed_meanwhile_is_told_and_nothing_typed_is_lost(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    stale = version_of(pages, path)
    pages.house.call("PATCH", path.removeprefix("/registry"), version=int(stale), json={"jobs_men": 7})
    there = f"{path}/edit/assets"
    late = browser.post(there, {"version": stale, "assets-0-kind": "tools", "assets-0-text": "Tijeras"}, page=there)
    assert late.status_code == 412
    assert "Tijeras" in late.text
    assert f'name="version" value="{version_of(pages, path)}"' in late.text


def test_a_step_of_formalization_is_written_down(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    form = {"state": "done", "on": "2025-02-03", "number": "0801-9000-123456"}
    assert save(pages, browser, path, "formalization/tax_id", form).status_code == 303
    assert save(pages, browser, path, "formalization/municipal_licence", {"state": "done"}).status_code == 303
    shown = text_of(browser.get(path))
    assert "0801-9000-123456" in shown
    assert "0801-9000-123456" in browser.get(f"{path}/formalization/tax_id").text
    future = save(pages, browser, path, "formalization/tax_id", form | {"on": "2199-01-01"})
    assert future.status_code == 422
    assert "está en el futuro" in text_of(future)


def test_a_second_owner_is_found_or_registered_and_leaves_again(pages: Pages) -> None:
    browser, path = pages.signed_in("technician"), record_of(pages)
    known = enterprise()["owner"] | {"given_names": "Berta", "id_number": None, "id_kind": None}
    record_of(pages, name="Segunda", owner=known)
    found = browser.get(f"{path}/owners/new?q=berta")
    assert "Berta Inventada Prueba" in text_of(found)
    woman = found.text.partition('name="owner_id" value="')[2][:36]
    there = f"{path}/owners/new"
    assert browser.post(there, {"owner_id": woman}, page=there).status_code == 303
    new = {"given_names": "Carla", "surnames": "Imaginaria", "registry": "yes", "photos": "yes"}
    refused = browser.post(there, new, page=there)
    assert refused.status_code == 422
    assert "Carla" in refused.text
    assert browser.post(there, new | {"given_on": "2026-03-01", "channel": "office"}, page=there).status_code == 303
    shown = text_of(browser.get(path))
    assert "Carla Imaginaria" in shown
    assert "Para usar fotografías" in shown or "fotografías" in shown
    browser.post(f"{path}/owners/{woman}/remove", {"version": version_of(pages, path)}, page=path)
    assert "Berta" not in text_of(browser.get(path)).partition("Historia")[0].replace("Berta ya no", "")
    told = pages.house.call("GET", path.removeprefix("/registry")).json
    assert [owner["given_names"] for owner in told["owners"]] == ["María Ficticia", "Carla"]


def test_her_household_her_difficulties_and_her_document(pages: Pages) -> None:
    owner = enterprise()["owner"] | {"id_kind": "dui", "id_number": "00000010-0"}
    woman = pages.house.register(owner=owner)["owners"][0]["id"]
    browser, path = pages.signed_in("technician"), f"/registry/people/{woman}"
    form = {"languages": ["spa", "quc"], "schooling": "basic", "head_of_household": "yes", "care_hours": "20"}
    assert save(pages, browser, path, "edit/household", form).status_code == 303
    shown = text_of(browser.get(path))
    assert "K’iche’, Español" in shown
    assert "Tercer ciclo o básico" in shown
    half = save(pages, browser, path, "edit/difficulties", {"seeing": "some"})
    assert half.status_code == 422
    answers = dict.fromkeys(("seeing", "hearing", "walking", "remembering", "self_care", "communicating"), "some")
    assert save(pages, browser, path, "edit/difficulties", answers).status_code == 303
    assert "Alguna dificultad" in text_of(browser.get(path))
    assert "El documento dice exactamente esto" in shown
    assert save(pages, browser, path, "document", {"because": ""} | {}).status_code in {404, 422}
    sent = browser.post(f"{path}/document", {"version": version_of(pages, path), "because": "Visto."}, page=path)
    assert sent.status_code == 303
    after = text_of(browser.get(path))
    assert "lo confirmó así" in after
    assert "El documento dice exactamente esto" not in after


@pytest.mark.parametrize("path", ["edit/nothing", "edit/"])
def test_a_part_that_is_none_is_not_found(pages: Pages, path: str) -> None:
    browser, record = pages.signed_in("technician"), record_of(pages)
    assert browser.get(f"{record}/{path}").status_code == 404
