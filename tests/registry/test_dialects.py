"""The same submissions in seven files and an eighth of the old kind: the same records, whichever is brought."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.registry import jobs
from services.registry.intake.submissions import read_export
from services.registry.models import Enterprise, OfferedProduct
from services.registry.tables import place_aliases
from shared import places
from shared.kernel import clock
from shared.testing import DATA
from tests.registry.house import TECHNICIAN, House
from tests.registry.workbooks import HEADERS, identity, product, submission, workbook

FORMS = DATA / "field_forms"
VALUES = "kobo_export_xml_values.xlsx"
CANNOT_CARRY: Mapping[str, frozenset[str]] = {
    VALUES: frozenset(),
    "kobo_export_labels_es.xlsx": frozenset(),
    "kobo_export_xml_values.csv": frozenset({"products"}),
    "kobo_export_labels_es.csv": frozenset({"products"}),
    "kobo_v2_data.json": frozenset(),
    "kobo_export.geojson": frozenset({"products", "accuracy_m"}),
    "odk_central_submissions.csv.zip": frozenset(),
    "legacy.csv": frozenset(),
}
"""What each kind of file says nothing about. GeoJSON holds the submissions with a point alone."""
KNOWN = {"gps.missing": 12, "place.contradicted": 12, "gps.inaccurate": 50, "national_id.check_digit": 3}
IN_GEOJSON = {"place.contradicted": 12, "national_id.check_digit": 3}


def content_of(name: str) -> bytes:
    return legacy() if name == "legacy.csv" else (FORMS / name).read_bytes()


def legacy() -> bytes:
    """What KoboToolbox wrote in its old days: commas, n/a, repeats in the row, True and False, no first identity."""
    records = json.loads((FORMS / "kobo_v2_data.json").read_bytes())["results"]
    rows = []
    for record in records:
        row = {key: value for key, value in record.items() if isinstance(value, str)}
        row |= {
            f"emprendimiento/productos[{at}]/{key.rpartition('/')[2]}": value
            for at, item in enumerate(record.get("emprendimiento/productos", []), start=1)
            for key, value in item.items()
        }
        for question in ("eslabones", "necesidades"):
            answers = row.pop(f"emprendimiento/{question}").split()
            codes = [h.rpartition("/")[2] for h in HEADERS if f"{question}/" in h]
            row |= {f"emprendimiento/{question}/{code}": str(code in answers) for code in codes}
        del row["meta/rootUuid"]
        row["_validation_status"] = record["_validation_status"].get("uid", "n/a")
        rows.append(row)
    headers = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="n/a")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def read(content: bytes) -> dict[str, Any]:
    return read_export(content, places.municipalities(), clock.today(), place_aliases(clock.today()))


def codes(report: Mapping[str, Any]) -> Counter[str]:
    return Counter(problem["code"] for problem in report["problems"])


def count(house: House, entity: Any) -> int:
    with house.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(entity)) or 0)


@pytest.mark.usefixtures("reference_data")
def test_every_file_gives_the_same_records_over_what_each_can_carry() -> None:
    told = {name: {s["identity"]: s for s in read(content_of(name))["submissions"]} for name in CANNOT_CARRY}
    assert {name: len(found) for name, found in told.items() if len(found) != 150} == {"kobo_export.geojson": 138}
    for one, other in permutations(CANNOT_CARRY, 2):
        absent = CANNOT_CARRY[one] | CANNOT_CARRY[other]
        for known in told[one].keys() & told[other].keys():
            mine, theirs = (_carried(told[name][known], absent) for name in (one, other))
            assert (one, other, mine) == (one, other, theirs)


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize("name", CANNOT_CARRY)
def test_what_a_file_cannot_carry_it_says_nothing_about(name: str) -> None:
    submissions = read(content_of(name))["submissions"]
    assert {frozenset(s["absent"]) for s in submissions} == {CANNOT_CARRY[name]}
    assert {bool(s["facts"]["products"]) for s in submissions} == {"products" not in CANNOT_CARRY[name], False}


def _carried(submission: Mapping[str, Any], absent: frozenset[str]) -> dict[str, Any]:
    facts = {name: fact for name, fact in submission["facts"].items() if name not in absent}
    if "accuracy_m" in absent and facts["point"]:
        facts["point"] = facts["point"] | {"accuracy_m": None}
    problems = [
        p["code"] for p in submission["problems"] if p["code"] != "gps.inaccurate" or "accuracy_m" not in absent
    ]
    return facts | {"problems": sorted(problems)}


@pytest.mark.parametrize("name", CANNOT_CARRY)
def test_every_known_defect_is_reported_from_every_file(truthful: House, name: str) -> None:
    report = truthful.report(content_of(name))
    assert codes(report) == (IN_GEOJSON if name == "kobo_export.geojson" else KNOWN)
    assert report["created"] == count(truthful, Enterprise) == (138 if name == "kobo_export.geojson" else 150)
    assert all(line["message"] != line["code"] and line["row"] and line["column"] for line in report["problems"])


@pytest.mark.parametrize("name", CANNOT_CARRY)
def test_another_file_of_the_same_submissions_changes_nothing(truthful: House, export: bytes, name: str) -> None:
    truthful.report(export)
    events = truthful.events()
    report = truthful.report(content_of(name))
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, report["records"])
    assert truthful.events() == events
    assert count(truthful, OfferedProduct) == 231


def test_a_file_that_carries_more_adds_what_was_missing_and_no_more(truthful: House, export: bytes) -> None:
    truthful.report(content_of("kobo_export.geojson"))
    report = truthful.report(export)
    assert (report["created"], report["unchanged"]) == (12, 0)
    assert count(truthful, OfferedProduct) == 231


NAMED = {
    VALUES: ("Inventario CSEM", 6, "emprendimiento/_gps_precision"),
    "kobo_export_labels_es.xlsx": ("Inventario CSEM", 6, "_Ubicación_precision"),
    "kobo_export_xml_values.csv": ("CSV", 6, "emprendimiento/_gps_precision"),
    "kobo_v2_data.json": ("results", 5, "emprendimiento/gps"),
    "odk_central_submissions.csv.zip": ("csem_inventario", 6, "emprendimiento-gps-Accuracy"),
}


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize("name", NAMED)
def test_each_line_names_the_cell_as_it_stands_in_that_file(name: str) -> None:
    problems = [p for s in read(content_of(name))["submissions"] for p in s["problems"]]
    first = next(p for p in problems if p["code"] == "gps.inaccurate")
    assert (first["sheet"], first["row"], first["column"]) == NAMED[name]


def delimited(rows: list[dict[str, Any]], *, encoding: str = "utf-8", delimiter: str = ";") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_understood_however_a_spreadsheet_saved_it(encoding: str, delimiter: str) -> None:
    content = delimited([submission(1, nombres="Begoña"), {}, {}], encoding=encoding, delimiter=delimiter)
    found = read(content)["submissions"]
    assert [(s["facts"]["given_names"], s["problems"]) for s in found] == [("Begoña", [])]


WRITTEN = [
    ({"municipio": "Pasaquina", "departamento": "La Unión", "pais": "El Salvador"}, "SV0712"),
    ({"municipio": "pasaquina", "departamento": "SV07"}, "SV0712"),
    ({"municipio": "hn1709", "departamento": "", "pais": ""}, "HN1709"),
    ({"municipio": "San Lorenzo", "departamento": "Valle", "pais": "Honduras"}, "HN1709"),
    ({"municipio": "San Lorenzo, Valle", "departamento": "", "pais": ""}, "HN1709"),
]


@pytest.mark.parametrize(("changes", "code"), WRITTEN)
def test_a_municipality_written_with_its_name_is_understood_where_that_decides(
    changes: dict[str, Any], code: str
) -> None:
    found = read(workbook([submission(1, **changes)]))["submissions"][0]
    assert (found["facts"]["municipality"], found["problems"]) == (code, [])


def test_a_name_that_many_municipalities_bear_is_told_with_those_it_may_mean(sqlite_house: House) -> None:
    ambiguous = submission(1, municipio="San Lorenzo", departamento="", pais="")
    report = sqlite_house.report(workbook([ambiguous]))
    assert (report["created"], codes(report)) == (0, {"municipality.undecided": 1})
    line = report["problems"][0]
    assert (line["column"], "San Lorenzo" in line["message"]) == ("emprendimiento/municipio", True)
    assert "San Lorenzo, Valle (HN1709)" in line["suggestion"]


CELLS = [
    ({"_gps_precision": 0}, {"gps.mock": 1}, {"accuracy_m": None}),
    ({"telefono": "n/a", "fecha_nac": "N/A"}, {}, {"phone": None, "born_on": None}),
    ({"fecha_nac": "5/4/1985"}, {}, {"born_on": "1985-04-05"}),
    ({"formal": "Sí", "consent_map": "SÍ", "pueblo": "Garífuna", "sector": "g"}, {}, {"formal": True, "activity": "G"}),
    ({"nombre_neg": 1e199}, {}, {"name": str(int(1e199))}),
    ({"nombre_neg": 1e308}, {"cell.too_long": 1}, {"name": str(int(1e308))[:200]}),
    ({"_gps_latitude": "13,34", "_gps_longitude": "-88,43"}, {}, {"lat": 13.34, "lon": -88.43}),
]


@pytest.mark.parametrize(("changes", "problems", "facts"), CELLS)
def test_what_devices_and_spreadsheets_write_is_understood_or_told(
    changes: dict[str, Any], problems: dict[str, int], facts: dict[str, Any]
) -> None:
    found = read(workbook([submission(1, **changes)]))["submissions"][0]
    assert Counter(problem["code"] for problem in found["problems"]) == problems
    flat = found["facts"] | found["facts"]["point"]
    assert {name: str(flat[name]) for name in facts} == {name: str(fact) for name, fact in facts.items()}


def test_an_exchanged_point_is_told_with_the_right_one(sqlite_house: House) -> None:
    swapped = submission(1, _gps_latitude=-88.43, _gps_longitude=13.34)
    line = sqlite_house.report(workbook([swapped]))["problems"][0]
    assert line["code"] == "gps.swapped"
    assert "latitud 13.34 y longitud -88.43" in line["suggestion"]


def test_an_export_without_some_columns_leaves_what_is_known_of_them(sqlite_house: House) -> None:
    sqlite_house.report(workbook([submission(1)], [product(1), product(1, "crema", number=2)]))
    fewer = {h: v for h, v in submission(1, nombre_neg="Otro nombre").items() if not h.endswith(("telefono", "today"))}
    report = sqlite_house.report(workbook([fewer], headers=list(fewer)))
    assert (report["updated"], report["problems"]) == (1, [])
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert (shown["name"], [p["name"] for p in shown["products"]]) == ("Otro nombre", ["queso", "crema"])
    assert shown["owners"][0]["phone"].endswith("72105398")


def test_an_answer_taken_back_in_the_form_is_taken_back_where_the_file_asks_for_it(sqlite_house: House) -> None:
    sqlite_house.report(workbook([submission(1)], [product(1)]))
    sqlite_house.report(workbook([submission(1, telefono="")], [product(7)]))
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert (shown["owners"][0]["phone"], shown["products"]) == (None, [])


def test_a_consent_without_a_day_of_its_own_gives_nothing(sqlite_house: House) -> None:
    sqlite_house.report(workbook([submission(1)]))
    yes = {h: v for h, v in submission(1, consent_map="si").items() if h != "today"}
    report = sqlite_house.report(workbook([yes], headers=list(yes)))
    assert codes(report) == {"consent.last_answer_kept": 1}
    assert sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json["consent_map"] is False


def test_kobo_and_odk_write_one_identity() -> None:
    bare = submission(1, rootUuid=identity(1).removeprefix("uuid:").upper())
    assert read(workbook([bare]))["submissions"][0]["identity"] == identity(1)


def test_a_server_that_does_not_tell_the_first_identity_is_taken_by_the_present_one() -> None:
    record = {h: str(v) for h, v in submission(1).items() if h not in {"meta/rootUuid", "_index"}}
    found = read(json.dumps([record]).encode())["submissions"][0]
    assert (found["identity"], found["problems"]) == (identity(1), [])


def test_a_zip_is_read_by_what_is_in_it_whatever_its_tables_are_called(reference_data: Path) -> None:
    del reference_data
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content_of("odk_central_submissions.csv.zip"))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for at, name in enumerate(reversed(old.namelist())):
            new.writestr(f"tabla {at}.csv", old.read(name))
    assert len(read(out.getvalue())["submissions"]) == 150


@pytest.mark.parametrize("name", CANNOT_CARRY)
def test_an_import_killed_between_batches_goes_on_from_there(
    truthful: House, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    begun = truthful.upload(content_of(name)).json
    take, taken = jobs.import_batch, []

    def killed(*args: Any, **options: Any) -> None:
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(1)
        take(*args, **options)

    monkeypatch.setattr(jobs, "_BATCH", 50)
    monkeypatch.setattr(jobs, "import_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        truthful.context.work.take_in(truthful.directly(), UUID(begun["id"]))
    assert count(truthful, Enterprise) == 100
    monkeypatch.undo()
    truthful.context.work.take_in(truthful.directly(), UUID(begun["id"]))
    report = truthful.call("GET", f"/imports/{begun['id']}", TECHNICIAN).json["report"]
    assert report["created"] == report["records"] == count(truthful, Enterprise)
    assert codes(report) == (IN_GEOJSON if name == "kobo_export.geojson" else KNOWN)
