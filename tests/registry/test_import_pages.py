"""The pages of an import besides its report: undoing it, putting its rows right, telling its columns."""

import re

from tests.portal.conftest import text_of
from tests.registry.test_files_kept import work
from tests.registry.test_mapping import own_table
from tests.registry.test_pages import Pages, pages, send_file
from tests.registry.workbooks import submission, workbook

__all__ = ["pages"]

TWO = workbook([submission(1), submission(2, empleo_f="dos")])


def test_an_import_is_undone_after_a_look_at_what_that_means(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    place = send_file(browser, TWO, "real")
    work(pages.house)
    shown = text_of(browser.get(place))
    assert "Se quitarían 2 registros y 0 quedarían otra vez como antes." in shown
    asked = text_of(browser.get(f"{place}/undo"))
    assert "Se deshace toda, o nada." in asked
    answer = browser.post(f"{place}/undo", page=f"{place}/undo")
    assert answer.status_code == 303
    assert "se está deshaciendo" in text_of(browser.get(place))
    work(pages.house)
    undone = text_of(browser.get(place))
    assert "se quitaron 2 registros" in undone
    assert "Deshacer esta importación" not in undone
    assert "Deshecha" in text_of(browser.get("/registry/imports"))
    assert browser.get(f"{place}/undo").status_code == 303


def test_an_import_that_cannot_be_undone_says_why(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    place = send_file(browser, TWO, "real")
    work(pages.house)
    record = pages.house.call("GET", f"/enterprises/{pages.house.enterprise_id()}").json
    pages.house.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json={"jobs_women": 7})
    shown = text_of(browser.get(place))
    assert "Esta importación ya no se puede deshacer:" in shown
    assert "a mano después de la importación" in shown
    answer = browser.post(f"{place}/undo", page=place)
    assert answer.status_code == 303
    assert "ese trabajo se perdería" in text_of(browser.get(place))


def test_the_rows_to_correct_and_the_template_are_downloaded(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    place = send_file(browser, TWO)
    work(pages.house)
    assert f"{place}/corrections.xlsx" in browser.get(place).text
    assert browser.get(f"{place}/corrections.xlsx").get_data().startswith(b"PK")
    upload = browser.get("/registry/imports/new")
    assert "/registry/imports/template.xlsx" in upload.text
    assert browser.get("/registry/imports/template.xlsx").get_data().startswith(b"PK")
    assert "Nombre del negocio" in browser.get("/registry/imports/template.csv").get_data(as_text=True)


def test_the_columns_of_a_table_of_ones_own_are_told_and_it_is_tried(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    place = send_file(browser, own_table())
    work(pages.house)
    assert "Esta es una tabla propia." in text_of(browser.get(place))
    page = browser.get(f"{place}/columns")
    chosen = dict(
        re.findall(r'<select id="[^"]*" name="(column-\d+)".*?<option value="([^"]*)" selected', page.text, re.DOTALL)
    )
    assert chosen["column-4"] == "nombres"
    assert "Por ejemplo: Rosa · Ana" in text_of(page)
    wrong = browser.post(f"{place}/columns", chosen | {"column-4": ""}, page=f"{place}/columns")
    assert (wrong.status_code, "Falta decir qué columnas son: Nombres" in text_of(wrong)) == (422, True)
    answer = browser.post(f"{place}/columns", chosen, page=f"{place}/columns")
    assert answer.status_code == 303
    work(pages.house)
    tried = text_of(browser.get(answer.headers["Location"]))
    assert "Esto fue un ensayo: no se guardó nada." in tried
    assert "Cambiar qué es cada columna" in tried
    assert "ya no se conserva" in text_of(browser.get(place))
