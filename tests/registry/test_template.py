"""Tables that people write: our own template, and the rows of a file that are to be put right."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from sqlalchemy import select

from services.registry.intake import form, template
from services.registry.intake.submissions import read_export
from services.registry.models import Submission
from shared import places
from shared.kernel import Invalid, clock
from shared.testing import person
from shared.workbooks import read_sheets
from tests.registry.house import TECHNICIAN, House
from tests.registry.test_dialects import content_of
from tests.registry.test_undo import digest_of
from tests.registry.workbooks import dui, identity, part, product, submission, workbook

GOOD = {
    "Fecha de la visita": "1/3/2026",
    form.title("consent_registry"): "Sí",
    form.title("consent_credit"): "Sí",
    form.title("consent_map"): "No",
    "Nombres": "Rosa",
    "Apellidos": "Inventada",
    "Tipo de documento": "DUI",
    "Número de documento": dui(10_000_001),
    "Fecha de nacimiento": "05/04/1985",
    "Teléfono": "72105398",
    "Pueblo / autoidentificación": "Lenca",
    "Nombre del negocio": "Tienda Rosa",
    "País": "Honduras",
    "Departamento": "Valle",
    "Municipio": "San Lorenzo",
    "Latitud": "13,424",
    "Longitud": "-87,447",
    "Precisión (m)": "6",
    form.title("ubic_tipo"): "En la vivienda",
    form.title("sector"): "Comercio",
    form.title("eslabones"): "Comercialización, Servicios de apoyo",
    "Año de inicio": "2015",
    "Mujeres ocupadas": "2",
    "Hombres ocupados": "0",
    form.title("ventas_mes"): "1250,50",
    form.title("formal"): "no",
    "Necesidades": "Crédito; Calidad/certificación",
    "Producto 1": "Queso",
    "Unidad 1": "libra",
    "Precio 1": "60",
    "Producto 2": "Crema",
}


def as_csv(*rows: dict[str, str]) -> bytes:
    out = io.StringIO()
    out.write(template.template_csv().decode("utf-8-sig"))
    csv.DictWriter(out, template.HEADERS, delimiter=";").writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(*rows: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Inventario")
        sheet.write_row(0, 0, template.HEADERS)
        for at, row in enumerate(rows, start=1):
            for name, value in row.items():
                sheet.write(at, template.HEADERS.index(name), value)
    return out.getvalue()


def read(content: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_export(content, places.municipalities(), clock.today())["submissions"]
    return found


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_the_template_filled_in_is_taken_in_as_it_stands(sqlite_house: House, write: Any) -> None:
    report = sqlite_house.report(write(GOOD))
    assert (report["created"], report["problems"]) == (1, [])
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert (shown["municipality"], shown["site"], shown["activity"]) == ("HN1709", "home", "G")
    assert (shown["links"], shown["needs"]) == (["marketing", "support_services"], ["credit", "quality"])
    assert [(p["name"], p["price"] and p["price"]["amount"]) for p in shown["products"]] == [
        ("Queso", "60.00"),
        ("Crema", None),
    ]
    assert shown["sales"] == {"amount": "1250.50", "currency": "HNL"}


def test_a_row_without_a_number_is_known_again_by_her_document_and_what_her_enterprise_is_called(
    sqlite_house: House,
) -> None:
    sqlite_house.report(as_csv(GOOD))
    assert sqlite_house.report(as_xlsx(GOOD))["unchanged"] == 1
    report = sqlite_house.report(as_csv(GOOD | {"Teléfono": "98765432"}))
    assert (report["created"], report["updated"]) == (0, 1)
    second = sqlite_house.report(as_csv(GOOD | {"Nombre del negocio": "Otra tienda"}))
    assert second["created"] == 1


def test_the_same_row_twice_counts_once() -> None:
    twice = read(as_csv(GOOD, GOOD))
    assert [s["stored"] for s in twice] == [True, False]
    assert {p["code"] for p in twice[1]["problems"]} == {"submission.doubled", "national_id.repeated"}


def test_her_document_is_in_no_identity(sqlite_house: House) -> None:
    sqlite_house.report(as_csv(GOOD))
    with sqlite_house.database.reading() as session:
        identity = session.scalars(select(Submission.identity)).one()
    assert identity.startswith("row:")
    assert GOOD["Número de documento"] not in identity


def test_a_row_with_its_folio_is_known_by_it() -> None:
    assert read(as_csv(GOOD | {"Folio": "CSEM-7"}))[0]["identity"] == "CSEM-7"


def test_a_template_without_what_makes_a_record_is_a_table_whose_columns_are_asked_for() -> None:
    content = as_csv(GOOD).replace(b"Apellidos", b"Otra cosa")
    with pytest.raises(Invalid) as refused:
        read(content)
    assert refused.value.code == "file.mapping_needed"


def test_the_template_as_a_workbook_offers_its_answers_and_holds_no_record() -> None:
    sheets = read_sheets(template.template_xlsx())
    assert tuple(sheets["Inventario"][0]) == template.HEADERS
    assert "Calidad/certificación" in {cell for row in sheets["Respuestas"] for cell in row}
    with pytest.raises(Invalid) as refused:
        read(template.template_xlsx())
    assert refused.value.code == "file.no_records"


def kept(house: House, content: bytes) -> dict[str, Any]:
    """A trial whose file is kept, as the worker makes it."""
    begun = house.upload(content, dry_run=True).json
    house.context.work.take_in(house.directly(), UUID(begun["id"]))
    shown: dict[str, Any] = house.call("GET", f"/imports/{begun['id']}", TECHNICIAN).json
    return shown


def corrected(house: House, shown: dict[str, Any]) -> list[dict[str, Any]]:
    answer = house.call("GET", f"/imports/{shown['id']}/corrections.xlsx", TECHNICIAN)
    assert answer.status_code == 200, answer.json
    rows = read_sheets(answer.get_data())["Inventario"]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_rows_to_correct_are_those_with_a_problem_and_each_stands_beside_its_cell(house: House) -> None:
    rows = [submission(1), submission(2, nombre_neg="=1+1", empleo_f="dos"), submission(3, _gps_precision=90)]
    shown = kept(house, workbook(rows, [product(2), product(3, "pan", "gratis")]))
    found = corrected(house, shown)
    assert [row["Folio"] for row in found] == [identity(2), identity(3)]
    assert (found[0]["Nombre del negocio"], found[0]["Mujeres ocupadas"], found[0]["Producto 1"]) == (
        "=1+1",
        "dos",
        "queso",
    )
    assert "dos" in found[0]["Aviso: Mujeres ocupadas"]
    assert "90 m" in found[1]["Aviso: Precisión (m)"]
    assert "gratis" in found[1]["Aviso"]
    assert "Aviso: Nombres" not in found[0]


def test_a_cell_that_looks_like_a_formula_stays_text_in_the_rows_to_correct(house: House) -> None:
    shown = kept(house, workbook([submission(1, nombre_neg="=1+1", empleo_f="=cmd|'/c calc'!A0")]))
    content = house.call("GET", f"/imports/{shown['id']}/corrections.xlsx", TECHNICIAN).get_data()
    assert b"<f>" not in part(content, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("name", ["kobo_export_xml_values.xlsx", "kobo_v2_data.json", "kobo_export_labels_es.csv"])
def test_the_rows_to_correct_sent_back_are_the_same_submissions(truthful: House, name: str) -> None:
    content = content_of(name)
    truthful.report(content)
    before = digest_of(truthful)
    shown = kept(truthful, content)
    wrong = {(p["sheet"], p["row"]) for p in shown["report"]["problems"]}
    answer = truthful.call("GET", f"/imports/{shown['id']}/corrections.xlsx", TECHNICIAN)
    again = truthful.report(answer.get_data())
    assert (again["records"], again["created"], again["updated"]) == (len(wrong), 0, 0)
    assert digest_of(truthful) == before


def test_a_row_put_right_in_the_rows_to_correct_is_taken_in(house: House) -> None:
    shown = kept(house, workbook([submission(1, municipio="San Lorenzo", departamento="", pais="")]))
    found = corrected(house, shown)
    assert "San Lorenzo" in found[0]["Aviso: Municipio"]
    report = house.report(
        as_csv({k: v for k, v in found[0].items() if k in template.HEADERS} | {"Municipio": "HN1709"})
    )
    assert (report["created"], report["problems"]) == (1, [])


def test_once_the_file_is_gone_there_are_no_rows_to_correct(house: House) -> None:
    shown = house.take_in(workbook([submission(1, empleo_f="dos")]))
    answer = house.call("GET", f"/imports/{shown['id']}/corrections.xlsx", TECHNICIAN)
    assert (answer.status_code, answer.json["code"]) == (409, "import.file_gone")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_can_be_downloaded(house: House, kind: str) -> None:
    answer = house.call("GET", f"/imports/template.{kind}", TECHNICIAN)
    assert (answer.status_code, "plantilla-inventario" in answer.headers["Content-Disposition"]) == (200, True)
    assert house.call("GET", f"/imports/template.{kind}", person("planner")).status_code == 403
