"""Tables of people's own: what their columns are is guessed, confirmed and then read like any other file."""

import io
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter

from shared.testing import person
from tests.registry.house import TECHNICIAN, House
from tests.registry.workbooks import HEADERS, dui, submission, workbook

HEADINGS = (
    "Fecha de visita",
    "¿Acepta el inventario?",
    "¿Acepta lo del crédito?",
    "Acepta salir en mapas",
    "Nombre",
    "Apellido",
    "No. DUI",
    "Celular",
    "Negocio",
    "Depto.",
    "Municipio donde vive",
    "Lat",
    "Lon",
    "Rubro",
    "Cuántas mujeres trabajan",
    "Ventas al mes",
    "Observaciones",
)
ROWS = (
    (
        "1/3/2026",
        "sí",
        "sí",
        "no",
        "Rosa",
        "Inventada",
        dui(1),
        "72105398",
        "Tienda",
        "Usulután",
        "Usulután",
        13.34,
        -88.43,
        "Comercio",
        2,
        "390,38",
        "nada",
    ),
    (
        "2/3/2026",
        "sí",
        "no",
        "no",
        "Ana",
        "Ficticia",
        dui(2),
        "72105399",
        "Pupusas",
        "Usulután",
        "Alegría",
        13.5,
        -88.5,
        "I",
        1,
        "",
        "",
    ),
)
GUESSED = {
    "Fecha de visita": "today",
    "¿Acepta el inventario?": "consent_registry",
    "¿Acepta lo del crédito?": "consent_credit",
    "Acepta salir en mapas": "consent_map",
    "Nombre": "nombres",
    "Apellido": "apellidos",
    "No. DUI": "doc_num",
    "Celular": "telefono",
    "Negocio": "nombre_neg",
    "Depto.": "departamento",
    "Municipio donde vive": "municipio",
    "Lat": "_gps_latitude",
    "Lon": "_gps_longitude",
    "Rubro": "sector",
    "Cuántas mujeres trabajan": "empleo_f",
    "Ventas al mes": "ventas_mes",
    "Observaciones": None,
}


def own_table(headings: tuple[str, ...] = HEADINGS, *, title: str = "Mujeres de Usulután 2026") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Hoja1")
        sheet.write(0, 0, title)
        for at, row in enumerate((headings, *ROWS), start=2):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def asking(house: House, content: bytes, *, dry_run: bool = True) -> dict[str, Any]:
    begun = house.upload(content, dry_run=dry_run).json
    return worked(house, begun["id"])


def worked(house: House, import_id: str) -> dict[str, Any]:
    house.context.work.take_in(house.directly(), UUID(import_id))
    shown: dict[str, Any] = house.call("GET", f"/imports/{import_id}", TECHNICIAN).json
    return shown


def guessed(house: House, shown: dict[str, Any]) -> dict[str, Any]:
    answer = house.call("GET", f"/imports/{shown['id']}/mapping", TECHNICIAN)
    assert answer.status_code == 200, answer.json
    body: dict[str, Any] = answer.json
    return body


def tell(house: House, shown: dict[str, Any], columns: list[dict[str, Any]], **more: Any) -> Any:
    told = [{"position": c["position"], "field": c["field"]} for c in columns if c["field"]]
    return house.call("POST", f"/imports/{shown['id']}/mapping", TECHNICIAN, json={"columns": told, **more})


def test_a_table_of_ones_own_asks_what_its_columns_are_with_a_guess(house: House) -> None:
    shown = asking(house, own_table())
    assert (shown["state"], shown["file_kept"], shown["report"]) == ("asking", True, None)
    found = guessed(house, shown)
    assert {column["header"]: column["field"] for column in found["columns"]} == GUESSED
    assert found["columns"][4]["samples"] == ["Rosa", "Ana"]
    assert {q["field"] for q in found["questions"] if q["needed"]} >= {"nombres", "consent_registry", "municipio"}


def test_a_column_without_a_telling_header_is_guessed_by_what_stands_in_it(house: House) -> None:
    blind = tuple(f"Columna {n}" if h in {"Lat", "Lon", "No. DUI", "Celular"} else h for n, h in enumerate(HEADINGS))
    columns = guessed(house, asking(house, own_table(blind)))["columns"]
    told = {column["position"]: column["field"] for column in columns}
    assert [told[at] for at in (6, 7, 11, 12)] == ["doc_num", "telefono", "_gps_latitude", "_gps_longitude"]


def test_the_told_columns_are_tried_and_then_taken_in(house: House) -> None:
    shown = asking(house, own_table())
    columns = guessed(house, shown)["columns"]
    tried = worked(house, tell(house, shown, columns).json["id"])
    assert (tried["dry_run"], tried["report"]["created"], tried["report"]["problems"]) == (True, 2, [])
    taken = house.call("POST", f"/imports/{tried['id']}/commit", TECHNICIAN).json
    report = worked(house, taken["id"])["report"]
    assert (report["created"], report["problems"]) == (2, [])
    names = sorted(row["name"] for row in house.call("GET", "/enterprises").json["items"])
    assert names == ["Pupusas", "Tienda"]


def test_what_is_wrong_is_told_with_the_headers_and_rows_of_the_table(house: House) -> None:
    shown = asking(house, own_table())
    columns = guessed(house, shown)["columns"]
    swapped = {11: "_gps_longitude", 12: "_gps_latitude"}
    columns = [column | {"field": swapped.get(column["position"], column["field"])} for column in columns]
    tried = worked(house, tell(house, shown, columns).json["id"])
    line = tried["report"]["problems"][0]
    assert (line["sheet"], line["row"], line["column"], line["code"]) == ("Hoja1", 4, "Lon", "gps.swapped")
    again = worked(house, tell(house, tried, guessed(house, tried)["columns"]).json["id"])
    assert again["report"]["problems"][0]["code"] == "gps.swapped"


WRONG = [
    ({4: None}, "mapping.missing"),
    ({16: "nombres"}, "mapping.doubled"),
]


@pytest.mark.parametrize(("changes", "code"), WRONG)
def test_columns_told_wrongly_are_refused_by_what_is_wrong(house: House, changes: dict[int, Any], code: str) -> None:
    shown = asking(house, own_table())
    columns = [c | {"field": changes.get(c["position"], c["field"])} for c in guessed(house, shown)["columns"]]
    answer = tell(house, shown, columns)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert "Nombres" in answer.json["detail"]


def test_an_import_that_asks_nothing_takes_no_columns(house: House) -> None:
    begun = house.upload(workbook([submission(1)]), dry_run=True).json
    shown = worked(house, begun["id"])
    answer = tell(house, shown, [{"position": 0, "field": "nombres"}])
    assert (answer.status_code, answer.json["code"]) == (409, "import.asks_nothing")


def test_an_import_that_asks_can_be_tried_at_once_and_its_file_goes_with_it(house: House) -> None:
    shown = asking(house, own_table(), dry_run=False)
    columns = guessed(house, shown)["columns"]
    report = worked(house, tell(house, shown, columns, dry_run=False).json["id"])["report"]
    assert report["created"] == 2
    answer = house.call("GET", f"/imports/{shown['id']}/mapping", TECHNICIAN)
    assert (answer.status_code, answer.json["code"]) == (409, "import.file_gone")


def test_an_export_of_another_form_is_refused_and_not_asked_about(house: House) -> None:
    row = dict(zip(HEADERS[:12], HEADERS[:12], strict=True)) | {"_uuid": "x", "_index": 1}
    other = {name.replace("nombres", "nombre_x"): value for name, value in row.items() if "consent" not in name}
    assert asking(house, workbook([other], headers=list(other)))["state"] == "failed"


def test_only_importers_are_asked(house: House) -> None:
    shown = asking(house, own_table())
    assert house.call("GET", f"/imports/{shown['id']}/mapping", person("auditor")).status_code == 403
    stranger = person("technician", subject="otra", scope="HN17")
    assert house.call("GET", f"/imports/{shown['id']}/mapping", stranger).status_code == 404
