"""The pages of chains and criteria in the portal, and their commands: by role, empty and full."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from deploy.house import House
from services.portal.pages.territory import criteria_words
from services.territory.cli import group
from services.territory.queries.criteria import kinds, shipped
from services.territory.rules.criteria import numbers
from shared.i18n import Catalogue
from tests.portal.conftest import text_of
from tests.territory.test_chain_maps import furnish
from tests.territory.test_pages import browser, house

__all__ = ["house"]


@pytest.fixture
def furnished(house: House) -> House:
    with house.service("territory").database.transaction() as session:
        furnish(session)
    return house


def test_the_chains_of_a_place_are_drawn_with_their_table_and_lead_to_each_chain(furnished: House) -> None:
    page = browser(furnished, "technician").get("/territory/chains?unit=HN1709")
    text = text_of(page)
    assert page.status_code == 200
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.text
    assert 'href="/territory/chains/fishing?unit=HN1709"' in page.text
    assert "frena la cadena" in text
    assert "nadie del lugar" not in text, "reasons are on the page of the chain"
    assert 'href="/territory/chains.xlsx?unit=HN1709"' in page.text


def test_the_page_of_a_chain_says_who_stands_where_what_holds_it_back_and_why(furnished: House) -> None:
    text = text_of(browser(furnished, "technician").get("/territory/chains/fishing?unit=HN1709"))
    assert "Un eslabón frena la cadena" in text
    assert "Nadie está en Transformación, y la cadena no puede sin ese eslabón" in text
    assert "16 mujeres en 7 emprendimientos" in text
    assert re.search(r"38,400\.00 a L\s?115,200\.00 \(de 1 emprendimiento\)", text)
    assert "al menos" in text
    assert "De las compras que se conocen, el 100" in text
    assert "Producción: nadie del lugar vende lo que se necesita ahí: redes y aparejos" in text


def test_a_chain_without_enterprises_says_what_to_do_and_one_that_is_none_is_not_found(furnished: House) -> None:
    technician = browser(furnished, "technician")
    assert "traiga las fichas" in text_of(technician.get("/territory/chains/coffee?unit=HN1709"))
    assert technician.get("/territory/chains/nothing").status_code == 404
    assert technician.get("/territory/chains/fishing?unit=GT").status_code in {403, 404}


@pytest.mark.parametrize("role", ["technician", "leda_viewer", "auditor", "credit_officer", "trainer"])
def test_who_sees_exact_figures_has_every_page_of_chains(furnished: House, role: str) -> None:
    reader = browser(furnished, role)
    for path in ("/territory/chains", "/territory/chains/fishing", "/territory/chains.csv", "/territory/criteria"):
        assert reader.get(path).status_code == 200, path


def test_the_page_says_to_whom_sales_and_levels_of_a_few_are_not_told_that_they_are_not(furnished: House) -> None:
    text = text_of(browser(furnished, "leda_viewer").get("/territory/chains/fishing?unit=HN1709"))

    assert "38,400" not in text
    assert "Los niveles, las ventas y las compras se dicen de 5 o más emprendimientos" in text
    assert "Son muy pocos los emprendimientos de los que se sabe dónde compran" in text


@pytest.mark.parametrize("role", ["planner", "admin"])
def test_who_gets_published_figures_keeps_the_protected_table_alone(furnished: House, role: str) -> None:
    reader = browser(furnished, role)
    page = reader.get("/territory/chains?unit=HN17")
    assert page.status_code == 200
    assert "/territory/chains/fishing" not in page.text
    for path in ("/territory/chains/fishing", "/territory/chains.csv", "/territory/chains.xlsx", "/territory/criteria"):
        assert reader.get(path).status_code == 403, path


def test_the_files_are_what_the_page_shows(furnished: House) -> None:
    technician = browser(furnished, "technician")
    csv = technician.get("/territory/chains.csv?unit=HN1709").data.decode("utf-8-sig")
    assert "Pesca y acuicultura;Producción;sí;presente;7;16;6" in csv
    book = technician.get("/territory/chains.xlsx?unit=HN1709&chain=fishing").data
    assert openpyxl.load_workbook(io.BytesIO(book)).active.max_row == 7


def test_a_coordinator_adopts_criteria_and_what_is_wrong_stays_as_typed(house: House) -> None:
    coordinator = browser(house, "coordinator")
    page = "/territory/criteria?unit=HN17&kind=chain_map"
    assert "Adoptar los criterios" not in text_of(coordinator.get("/territory/criteria?unit=HN17"))
    assert "Nadie ha adoptado todavía criterios propios" in text_of(coordinator.get(page))
    told = {"kind": "chain_map", "unit": "HN17", "valid_from": "2000-01-01", "source": "Acta ficticia 9"}
    wrong = coordinator.post(page, told | {"values-few": "14"}, page=page)
    assert wrong.status_code == 422
    assert "Acta ficticia 9" in wrong.text
    assert "desde hoy" in text_of(wrong)
    assert coordinator.post(page, told | {"values-few": "muchos"}, page=page).status_code == 422
    told["valid_from"] = "2199-01-01"
    fraction = coordinator.post(page, told | {"values-few": "14,5"}, page=page)
    assert re.search(r'<input id="[^"]*values-few" name="values-few"[^>]*value="14,5"[^>]*aria-invalid', fraction.text)
    assert "se cuenta en enteros" in text_of(fraction)
    assert coordinator.post(page, told | {"values-few": "14"}, page=page).status_code == 303
    assert "Acta ficticia 9" in text_of(coordinator.get(page))


@pytest.mark.parametrize("kind", kinds())
def test_every_number_of_the_criteria_is_told_in_words(house: House, kind: str) -> None:
    names = numbers(shipped(kind).values)
    spanish = Catalogue([Path(criteria_words.__file__).parents[2] / "locale"])
    texts = [criteria_words.KINDS[kind], *(criteria_words.NUMBERS[kind][name] for name in names)]
    assert len(set(texts)) == len(texts)
    assert [text for text in texts if not spanish.knows(text, "es")] == []
    page = browser(house, "coordinator").get(f"/territory/criteria?unit=HN17&kind={kind}")
    shown = text_of(page)
    assert [name for name in (kind, *names) if re.search(rf"\b{re.escape(name)}\b", shown)] == []


def test_a_technician_reads_criteria_and_adopts_none(house: House) -> None:
    technician = browser(house, "technician")
    page = technician.get("/territory/criteria?unit=HN17")
    assert page.status_code == 200
    assert "Adoptar los criterios" not in text_of(page)
    assert technician.post("/territory/criteria", {"kind": "chain_map"}, page="/territory/criteria").status_code == 403


def test_the_commands_tell_the_chains_and_the_criteria(furnished: House, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(group, words, obj=furnished)
        assert result.exit_code == 0, result.output
        return result.output

    told = run("chains", "HN1709", "-o", str(tmp_path / "chains.xlsx"))
    assert "Pesca y acuicultura: 17 / 8  50%" in told
    assert "Nadie está en Transformación" in told
    assert openpyxl.load_workbook(tmp_path / "chains.xlsx").active.max_row == 7
    run("chains", "HN1709", "-o", str(tmp_path / "chains.csv"), "--language", "en")
    assert "Fishing and aquaculture;Production" in (tmp_path / "chains.csv").read_text("utf-8-sig")
    run("criteria", "adopt", "chain_map", "few=13", "--unit", "HN17", "--from", "2199-01-01", "--source", "Acta 2")
    assert "few=5" in run("criteria", "show", "--unit", "HN17")
    wrong = CliRunner().invoke(
        group, ["criteria", "adopt", "chain_map", "few", "--from", "2199-01-01", "--source", "x"], obj=furnished
    )
    assert wrong.exit_code == 2
