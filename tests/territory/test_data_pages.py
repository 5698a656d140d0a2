"""The pages of data and layers, on the real service, by role."""

import io
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.house import House
from tests.portal.conftest import Browser, text_of
from tests.territory.test_layers import MARKETS
from tests.territory.test_pages import browser, gulf, house  # noqa: F401 - fixtures
from tests.territory.test_reading_tables import SIMPLE, UNITS


def run_jobs(house: House) -> None:  # noqa: F811 - the house of the test
    next(loop for loop in house.service("territory").worker.loops if loop.name == "territory-jobs").run_due()


def version_in(page: Any) -> str:
    return re.findall(r'name="version" value="(\d+)"', page.text)[-1]


def bring(house: House, keeper: Browser) -> str:  # noqa: F811 - the house of the test
    """A table of population goes all the way; comes back with where its set is."""
    sent = keeper.post(
        "/territory/data/tables",
        {"purpose": "denominators", "file": (io.BytesIO(SIMPLE), "poblacion.csv")},
        page="/territory/data/tables",
    )
    assert sent.status_code == 303, text_of(sent)
    where = sent.headers["Location"]
    assert "Se está leyendo" in text_of(keeper.get(where))
    assert 'hx-trigger="load' in keeper.get(where, headers={"HX-Request": "true"}).text
    run_jobs(house)
    asked = keeper.get(where)
    assert "Elija el indicador" in text_of(asked)
    again = keeper.post(f"{where}/columns", {"version": version_in(asked), "indicator": "population", "year": "2024"})
    assert again.status_code == 303, text_of(again)
    run_jobs(house)
    page = keeper.get(where)
    assert "2 de 298" in text_of(page)
    done = keeper.post(
        f"{where}/adoption",
        {"version": version_in(page), "title_es": "Población 2024", "title_en": "Population 2024", "source": "INE"},
    )
    assert done.status_code == 303, text_of(done)
    run_jobs(house)
    listed = keeper.get("/territory/data")
    assert "Población 2024" in text_of(listed)
    return re.findall(r'href="(/territory/data/sets/[^"]+)"', listed.text)[0]


def test_empty_pages_say_what_to_do_first(house: House) -> None:  # noqa: F811
    page = text_of(browser(house, "leda_viewer").get("/territory/data"))

    assert "Todavía no hay con qué comparar" in page
    assert "Todavía no hay ninguna capa" in page
    assert "Enviar una capa" in page
    assert "Traer una tabla" not in page


def test_a_table_becomes_rates_and_is_withdrawn(gulf: House) -> None:  # noqa: F811
    keeper = browser(gulf, "network_coordinator", units=("*",))
    where = bring(gulf, keeper)

    page = keeper.get(f"{where}?unit=HN17&sex=women&per=1000&measure=enterprises")
    text = text_of(page)
    assert page.status_code == 200
    assert "0.56" in text  # 12 enterprises, 21,500 women
    assert "Año de los datos: 2024" in text
    file = keeper.get(f"{where}/rates.csv?unit=HN17&sex=women&per=1000&measure=enterprises")
    assert file.mimetype == "text/csv"
    assert "HN1709;San Lorenzo;12;21500" in file.data.decode("utf-8-sig")
    assert "HN1709;San Lorenzo;women;all" in keeper.get(f"{where}/values.csv").data.decode("utf-8-sig")
    planner = text_of(browser(gulf, "planner").get(where))
    assert "reservado" in planner
    done = keeper.post(f"{where}/withdraw", {"version": version_in(keeper.get(where))})
    assert done.status_code == 303
    assert "Los datos ya no se usan" in text_of(keeper.get("/territory/data"))


def test_districts_come_in_by_page(house: House) -> None:  # noqa: F811
    keeper = browser(house, "coordinator")
    sent = keeper.post(
        "/territory/data/tables",
        {"purpose": "units", "country": "HN", "file": (io.BytesIO(UNITS), "aldeas.csv")},
        page="/territory/data/tables",
    )
    run_jobs(house)
    page = keeper.get(sent.headers["Location"])
    assert "Vigencias que se traslapan con otra" in text_of(page)
    assert "La Criba Otra" in text_of(page)
    done = keeper.post(f"{sent.headers['Location']}/adoption", {"version": version_in(page)})
    run_jobs(house)
    assert done.status_code == 303
    assert "En uso" in text_of(keeper.get(sent.headers["Location"]))


def test_a_layer_is_sent_seen_and_deleted(house: House) -> None:  # noqa: F811
    leda = browser(house, "leda_viewer")
    told = {"kind": "markets", "title": "Mercados de Valle", "source": "ADEL Valle", "units": "HN17"}
    sent = leda.post(
        "/territory/data/layers/new",
        told | {"file": (io.BytesIO(MARKETS), "m.geojson")},
        page="/territory/data/layers/new",
    )
    assert sent.status_code == 303, text_of(sent)
    where = sent.headers["Location"]
    assert "Se está leyendo" in text_of(leda.get(where))
    run_jobs(house)
    page = leda.get(where)
    assert "<svg" in page.text
    assert "Mercado de San Lorenzo" in text_of(page)
    assert "telefono" in text_of(page)
    assert "9999-9999" not in page.text
    planner = browser(house, "planner", units=("HN1709",))
    assert planner.get(where).status_code == 200
    assert "Borrar la capa" not in text_of(planner.get(where))
    assert planner.get(f"{where}/file.geojson").mimetype == "application/geo+json"
    assert planner.get(f"{where}/file.gpkg").data.startswith(b"SQLite format 3")
    assert planner.get(f"{where}/file.xlsx").data.startswith(b"PK")
    assert "Mercado de San Lorenzo" in planner.get(f"{where}/file.csv").get_data(as_text=True)
    assert browser(house, "technician", units=("SV",)).get(where).status_code == 404
    done = leda.post(f"{where}/delete", {"version": version_in(leda.get(where))})
    assert done.status_code == 303
    assert "La capa está borrada" in text_of(leda.get("/territory/data"))


def test_forms_without_a_file_keep_what_was_typed(house: House) -> None:  # noqa: F811
    coordinator = browser(house, "coordinator")

    layer = coordinator.post("/territory/data/layers/new", {"title": "Caminos"}, page="/territory/data/layers/new")
    assert (layer.status_code, 'value="Caminos"' in layer.text) == (422, True)
    table = coordinator.post("/territory/data/tables", {}, page="/territory/data/tables")
    assert "Elija el archivo de la tabla" in text_of(table)
    refused = coordinator.post(
        "/territory/data/layers/new",
        {"kind": "roads", "title": "Caminos", "source": "x", "units": "SV", "file": (io.BytesIO(MARKETS), "m.json")},
        page="/territory/data/layers/new",
    )
    assert refused.status_code == 403


@pytest.mark.parametrize("role", ["technician", "leda_viewer", "planner", "auditor", "admin"])
def test_every_reader_has_the_page(house: House, role: str) -> None:  # noqa: F811
    assert browser(house, role).get("/territory/data").status_code == 200


@pytest.mark.parametrize(
    ("role", "path"),
    [("technician", "/territory/data/tables"), ("leda_viewer", "/territory/data/tables"),
     ("planner", "/territory/data/layers/new"), ("admin", "/territory/data/layers/new")],
)  # fmt: skip
def test_bringing_data_is_for_their_keepers(house: House, role: str, path: str) -> None:  # noqa: F811
    assert browser(house, role).get(path).status_code == 403


def test_el_salvador_is_looked_at_by_its_municipalities_of_today(house: House) -> None:  # noqa: F811
    from tests.territory.conftest import register

    with house.service("territory").database.transaction() as session:
        register(session, 6, "SV0101")
    page = browser(house, "technician", units=("SV",)).get("/territory?unit=SV01&level=municipality_2024")

    assert "Ahuachapán Centro" in text_of(page)
    assert "Municipios desde 2024 (El Salvador)" in text_of(page)
    assert "level=municipality_2024" in page.text
    assert "desde 2024" not in text_of(browser(house, "auditor").get("/territory"))


def test_a_table_that_is_none_says_so(house: House, tmp_path: Path) -> None:  # noqa: F811
    keeper = browser(house, "coordinator")
    sent = keeper.post(
        "/territory/data/tables",
        {"purpose": "denominators", "file": (io.BytesIO(b"\0\0"), "x.csv")},
        page="/territory/data/tables",
    )
    run_jobs(house)
    assert "no es una tabla que se pueda leer" in text_of(keeper.get(sent.headers["Location"]))
    assert not list(tmp_path.glob("x.csv"))
