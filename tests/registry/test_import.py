"""The field inventory is taken in: all of it, once, with everything that is wrong told."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from services.registry.models import Enterprise, Entrepreneur, OfferedProduct, Submission
from shared.testing import person
from tests.registry.house import COORDINATOR, House
from tests.registry.workbooks import dui, identity, product, submission, workbook

KNOWN = {"gps.missing": 12, "place.contradicted": 12, "gps.inaccurate": 50, "national_id.check_digit": 3}


def codes(report: dict[str, Any]) -> Counter[str]:
    return Counter(problem["code"] for problem in report["problems"])


def count(house: House, entity: Any) -> int:
    with house.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(entity)) or 0)


def test_every_known_defect_of_the_real_export_is_reported_and_nothing_else(truthful: House, export: bytes) -> None:
    report = truthful.report(export)
    assert {name: report[name] for name in ("records", "created", "updated", "unchanged")} == {
        "records": 150,
        "created": 150,
        "updated": 0,
        "unchanged": 0,
    }
    assert codes(report) == KNOWN
    assert count(truthful, Enterprise) == count(truthful, Submission) == 150
    assert count(truthful, OfferedProduct) == 231


def test_a_coordinator_reads_the_same_report(truthful: House, export: bytes) -> None:
    report = truthful.report(export, dry_run=True, caller=COORDINATOR)
    assert (codes(report), report["lowered"]) == (KNOWN, 0)


def validation(house: House) -> str:
    return str(house.call("GET", f"/enterprises/{house.enterprise_id()}").json["validation"])


@pytest.mark.parametrize(
    ("written", "by_technician", "by_coordinator"),
    [
        ("validation_status_approved", "verified", "validated"),
        ("validation_status_not_approved", "captured", "rejected"),
        ("validation_status_on_hold", "captured", "captured"),
    ],
)
def test_whether_a_record_is_valid_is_for_the_coordinator_to_say_in_a_spreadsheet_too(
    house: House, written: str, by_technician: str, by_coordinator: str
) -> None:
    content = workbook([submission(1, _validation_status=written)])
    tried, report = house.report(content, dry_run=True), house.report(content)
    assert tried == report
    assert (report["problems"], report["lowered"]) == ([], int(by_technician != by_coordinator))
    assert validation(house) == by_technician
    assert house.report(workbook([submission(2, _validation_status=written)]), caller=COORDINATOR)["lowered"] == 0
    row = house.call("GET", f"/enterprises?validation={by_coordinator}&q=Inventada%202").json["items"]
    assert len(row) == 1


def test_a_judgement_of_the_coordinator_is_not_taken_back_by_a_form(house: House) -> None:
    first = workbook([submission(1)])
    house.report(first, caller=COORDINATOR)
    assert house.report(workbook([submission(1, _validation_status="")]))["lowered"] == 1
    assert validation(house) == "validated"


def test_a_dry_run_reports_the_same_and_writes_nothing(truthful: House, export: bytes) -> None:
    tried = truthful.report(export, dry_run=True)
    assert count(truthful, Enterprise) == count(truthful, Entrepreneur) == 0
    assert truthful.events() == []
    assert tried == truthful.report(export)


def test_a_second_import_changes_nothing(truthful: House, export: bytes) -> None:
    first = truthful.report(export)
    events = truthful.events()
    second = truthful.report(export)
    assert (second["created"], second["updated"], second["unchanged"]) == (0, 0, 150)
    assert second["problems"] == first["problems"]
    assert truthful.events() == events


def test_each_line_names_the_cell_as_the_user_sees_it(truthful: House, export: bytes) -> None:
    lines = truthful.report(export)["problems"]
    assert set(lines[0]) == {"sheet", "row", "column", "code", "message", "suggestion"}
    assert next(line for line in lines if line["code"] == "gps.inaccurate") == {
        "sheet": "Inventario CSEM",
        "row": 6,
        "column": "emprendimiento/_gps_precision",
        "code": "gps.inaccurate",
        "message": "El punto GPS tiene una precisión de 120 m; se pide 25 m o menos.",
        "suggestion": "Vuelva a tomar el punto al aire libre y espere a que la precisión baje.",
    }
    assert [line["row"] for line in lines] == sorted(line["row"] for line in lines)
    wrong = [line for line in lines if line["code"] == "national_id.check_digit"]
    assert [line["row"] for line in wrong] == [9, 38, 96]
    assert all("…" not in line["message"] and "." in line["message"] for line in lines)


def test_the_events_tell_the_others_what_they_may_know(truthful: House, export: bytes) -> None:
    truthful.report(export, caller=COORDINATOR)
    events = truthful.events()
    assert Counter(name for name, _ in events) == {"enterprise-registered": 150}
    facts = [data["facts"] for _, data in events]
    states = Counter(fact["place_state"] for fact in facts)
    assert states == {"missing": 12, "contradicted": 12, "consistent": 126}
    assert sum(not fact["consent_map"] for fact in facts) == 55
    assert Counter(fact["validation"] for fact in facts) == {"validated": 54, "captured": 96}
    assert not [text for text in ("Rosa", "Tita", "109281599") if text in str(events)]


def test_documents_rest_sealed(truthful: House, export: bytes) -> None:
    truthful.report(export)
    with truthful.database.reading() as session:
        women = session.scalars(select(Entrepreneur)).all()
        numbers = [woman.person(truthful.context.sealer).id_number for woman in women]
        fingerprints = {woman.id_fingerprint for woman in women}
        sealed = b"".join(woman.id_sealed or b"" for woman in women)
        sealed += b"".join(snapshot or b"" for snapshot in session.scalars(select(Submission.sealed)))
    assert len(set(numbers)) == len(fingerprints) == 150
    assert "0101196303610" in numbers
    assert not [number for number in numbers if number and number.encode() in sealed]


def test_an_edited_submission_updates_its_record_and_no_other(house: House) -> None:
    rows = [submission(1), submission(2)]
    house.report(workbook(rows))
    edited = submission(1, nombre_neg="Tienda nueva", _uuid="another-uuid", municipio="SV1401", _index=9)
    report = house.report(workbook([edited, submission(2)]))
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 1, 1)
    names = [row["name"] for row in house.call("GET", "/enterprises").json["items"]]
    assert sorted(names) == ["Tienda 2", "Tienda nueva"]
    assert [name for name, _ in house.events()] == [
        "enterprise-registered",
        "enterprise-registered",
        "enterprise-changed",
    ]


def test_what_was_put_right_by_hand_survives_an_edited_submission_and_is_named(house: House) -> None:
    house.report(workbook([submission(1)]))
    shown = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    change = {"name": "Nombre corregido", "jobs_women": 7}
    house.call("PATCH", f"/enterprises/{shown['id']}", version=shown["version"], json=change)
    content = workbook([submission(1, nombre_neg="Nombre del campo", ventas_mes=500)])
    tried, report = house.report(content, dry_run=True), house.report(content)
    assert tried == report
    assert report["updated"] == 1
    assert [problem["code"] for problem in report["problems"]] == ["record.edited_by_hand"]
    after = house.call("GET", f"/enterprises/{shown['id']}").json
    assert (after["name"], after["jobs_women"]) == ("Nombre corregido", 7)
    assert after["sales"] == {"amount": "500.00", "currency": "USD"}


def test_a_municipality_that_does_not_exist_is_told_and_its_row_is_not_kept(house: House) -> None:
    report = house.report(workbook([submission(1), submission(2, municipio="SV9901", departamento="SV99")]))
    assert (report["records"], report["created"]) == (2, 1)
    assert codes(report) == {"municipality.unknown": 1}
    assert report["problems"][0]["row"] == 3
    assert "SV9901" in report["problems"][0]["message"]


def test_rows_of_another_territory_are_told_and_not_kept(house: House) -> None:
    salvadoran = person("technician", scope="SV14", subject="sv14")
    honduran = submission(
        2, pais="HN", departamento="HN17", municipio="HN1709", doc_tipo="dni", doc_num="1709198000123"
    )
    report = house.report(workbook([submission(1), honduran]), caller=salvadoran)
    assert report["created"] == 1
    assert codes(report) == {"permission.row_outside_scope": 1}
    assert "San Lorenzo, Valle" in report["problems"][0]["message"]


def test_a_doubled_submission_counts_once(house: House) -> None:
    report = house.report(workbook([submission(1), submission(1, nombre_neg="La misma")]))
    assert (report["records"], report["created"]) == (2, 1)
    assert codes(report) == {"submission.doubled": 1, "national_id.repeated": 1}
    assert "fila 2" in report["problems"][0]["message"] or "fila 2" in report["problems"][1]["message"]


def test_a_submission_without_its_identity_is_told_and_not_kept(house: House) -> None:
    report = house.report(workbook([submission(1, rootUuid="")]))
    assert (report["created"], codes(report)) == (0, {"submission.identity_missing": 1})


def test_without_her_consent_nothing_of_a_row_is_kept(house: House) -> None:
    report = house.report(workbook([submission(1, consent_registry="no", nombres="Secreta")]))
    assert (report["records"], report["created"]) == (1, 0)
    assert codes(report) == {"consent.refused": 1}
    assert count(house, Entrepreneur) == count(house, Submission) == 0


def test_a_consent_taken_back_in_the_field_stops_all_sharing_at_once(house: House) -> None:
    house.report(workbook([submission(1)]))
    back = workbook([submission(1, consent_registry="no")])
    tried, report = house.report(back, dry_run=True), house.report(back)
    assert tried == report
    assert (report["updated"], codes(report)) == (1, {"consent.taken_back": 1})
    name, data = house.events()[-1]
    assert (name, data["facts"]["consent_credit"]) == ("enterprise-changed", False)
    again = house.report(back)
    assert (again["unchanged"], codes(again)) == (1, {"consent.taken_back": 1})


def test_a_document_that_another_record_holds_is_told(house: House) -> None:
    house.report(workbook([submission(1)]))
    report = house.report(workbook([submission(2, doc_num=dui(10_000_001))]))
    assert report["created"] == 1
    assert codes(report) == {"national_id.held_by_another": 1}


def test_territory_away_leaves_places_pending_and_they_are_settled_later(house: House) -> None:
    house.territory.away = True
    report = house.report(workbook([submission(1), submission(2)]))
    assert codes(report) == {"place.pending": 1}
    assert report["problems"][0]["row"] is None
    house.territory.away = False
    house.territory.answer = lambda _lon, _lat, _declared: ("SV1401", True)
    assert house.settle() == 2
    rows = house.call("GET", "/enterprises?place_state=contradicted").json["items"]
    assert [row["derived_municipality"] for row in rows] == ["SV1401", "SV1401"]
    assert house.events()[-1][1]["facts"]["place_state"] == "contradicted"
    assert house.settle() == 0


def test_points_are_asked_for_in_batches(truthful: House, export: bytes) -> None:
    truthful.report(export)
    assert truthful.territory.asked == [138]


def test_territory_is_told_how_accurate_a_point_is(house: House) -> None:
    house.report(workbook([submission(1), submission(2, _gps_precision="")]))
    house.settle("SV")
    assert house.territory.accuracies == [6.0, None, 6.0, None]


CELLS = [
    ({"empleo_f": "dos"}, "cell.not_a_whole_number"),
    ({"empleo_f": 2.5}, "cell.not_a_whole_number"),
    ({"empleo_m": -1}, "cell.out_of_range"),
    ({"anio_inicio": 1492}, "cell.out_of_range"),
    ({"ventas_mes": "mucho"}, "cell.not_an_amount"),
    ({"ventas_mes": 10.005}, "cell.not_an_amount"),
    ({"ventas_mes": -4}, "cell.not_an_amount"),
    ({"fecha_nac": "ayer"}, "cell.not_a_day"),
    ({"fecha_nac": "2199-01-01"}, "cell.day_out_of_range"),
    ({"sector": "Z"}, "cell.unknown_choice"),
    ({"pueblo": "otra cosa"}, "cell.unknown_choice"),
    ({"formal": "tal vez"}, "cell.unknown_choice"),
    ({"necesidades/credito": 7}, "cell.unknown_choice"),
    ({"nombre_neg": "Tienda\u202e\u200bx"}, "cell.unsafe_characters"),
    ({"nombre_neg": "x" * 300}, "cell.too_long"),
    ({"nombre_neg": ""}, "cell.required"),
    ({"doc_num": "12"}, "national_id.length"),
    ({"doc_num": "ABCDEFGHI"}, "national_id.characters"),
    ({"doc_num": ""}, "national_id.missing"),
    ({"_gps_latitude": 0, "_gps_longitude": 0}, "gps.zero"),
    ({"_gps_latitude": -88.43, "_gps_longitude": 13.34}, "gps.swapped"),
    ({"_gps_latitude": 48.85, "_gps_longitude": 2.35}, "gps.out_of_range"),
    ({"_gps_latitude": "norte"}, "cell.not_a_number"),
    ({"_gps_precision": -3}, "cell.out_of_range"),
    ({"_gps_precision": 1e9}, "cell.out_of_range"),
    ({"departamento": "SV01"}, "municipality.outside_department"),
]


@pytest.mark.parametrize(("changes", "code"), CELLS)
def test_each_wrong_cell_is_one_line(sqlite_house: House, changes: dict[str, Any], code: str) -> None:
    report = sqlite_house.report(workbook([submission(1, **changes)]))
    assert codes(report) == {code: 1}
    line = report["problems"][0]
    assert line["message"] != code
    assert line["suggestion"] != f"{code}.suggestion"
    assert report["created"] == (0 if code == "cell.required" else 1)


GOOD = [
    {"doc_num": float(dui(1_234_567)), "telefono": 72105398.0},  # Excel took them for quantities
    {"doc_num": "12345678-9".replace("9", dui(12_345_678)[-1])},
    {"consent_registry": "Si", "formal": "NO", "municipio": "sv1423"},
    {"fecha_nac": 31142, "ventas_mes": "390,50"},
    {"nombres": "O'Brien <b>María</b>", "nombre_neg": '=HYPERLINK("http://x")'},
    {"pueblo": "", "telefono": "", "anio_inicio": "", "ventas_mes": "", "_validation_status": ""},
]


@pytest.mark.parametrize("changes", GOOD)
def test_other_spellings_of_the_same_are_understood(sqlite_house: House, changes: dict[str, Any]) -> None:
    report = sqlite_house.report(workbook([submission(1, **changes)]))
    assert (report["created"], report["problems"]) == (1, [])


def test_trailing_empty_rows_are_no_records(sqlite_house: House) -> None:
    report = sqlite_house.report(workbook([submission(1), {}, {}]))
    assert (report["records"], report["created"]) == (1, 1)


def test_products_follow_their_submission_and_orphans_are_told(sqlite_house: House) -> None:
    products = [product(1), product(1, "crema", number=2), product(99, number=3), product(1, "pan", "gratis", number=4)]
    report = sqlite_house.report(workbook([submission(1)], products))
    assert codes(report) == {"product.without_submission": 1, "cell.not_an_amount": 1}
    assert {(line["sheet"], line["row"]) for line in report["problems"]} == {("productos", 4), ("productos", 5)}
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert [p["name"] for p in shown["products"]] == ["queso", "crema", "pan"]
    assert shown["products"][0]["price"] == {"amount": "2.50", "currency": "USD"}
    assert shown["chain"] == "dairy"


def test_bare_headers_without_groups_are_the_same_columns(sqlite_house: House) -> None:
    row = submission(1)
    bare = {header: header.split("/", 1)[-1] if not header.startswith("meta/") else header for header in row}
    content = workbook([{bare[h]: v for h, v in row.items()}], headers=list(bare.values()))
    assert sqlite_house.report(content)["created"] == 1


def test_the_text_of_a_multiple_choice_serves_where_its_columns_were_not_exported(sqlite_house: House) -> None:
    row = {
        h: v
        for h, v in submission(1, necesidades="credito volar").items()
        if "eslabones/" not in h and "necesidades/" not in h
    }
    report = sqlite_house.report(workbook([row], headers=list(row)))
    assert codes(report) == {"cell.unknown_choice": 1}
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert (shown["needs"], shown["links"]) == (["credit"], ["marketing"])


def test_the_history_of_a_record_begins_with_its_import(house: House) -> None:
    house.report(workbook([submission(1)]))
    entries = house.call("GET", f"/enterprises/{house.enterprise_id()}/history", COORDINATOR).json["items"]
    assert [entry["action"] for entry in entries] == ["register"]
    assert entries[0]["after"]["name"] == "Tienda 1"
    assert identity(1) not in str(entries)


def test_the_history_shows_no_point_to_who_may_not_see_it(house: House) -> None:
    house.report(workbook([submission(1)]))
    path = f"/enterprises/{house.enterprise_id()}/history"
    told = {role: house.call("GET", path, person(role)).json["items"][0] for role in ("coordinator", "auditor")}
    assert told["coordinator"]["after"]["position"]["lon"]
    assert told["auditor"]["after"]["position"] is None
    assert told["auditor"]["after"]["name"] == told["coordinator"]["after"]["name"]


def test_no_text_is_longer_than_where_it_is_kept(house: House) -> None:
    ligatures = "\ufdfa" * 200  # one sign that folds to eighteen
    content = workbook([submission(1, nombres=ligatures, apellidos=ligatures, nombre_neg=ligatures, telefono="7" * 60)])
    report = house.report(content)
    assert (report["created"], codes(report)) == (1, {"cell.too_long": 1})
    with house.database.reading() as session:
        woman, enterprise = session.scalars(select(Entrepreneur)).one(), session.scalars(select(Enterprise)).one()
        lengths = (len(woman.search_text), len(enterprise.search_text), len(woman.phone or ""))
    assert lengths == (500, 1000, 40)


def test_a_column_with_a_name_beyond_all_measure_is_told_by_its_end(house: House) -> None:
    row = submission(1, _gps_precision=90)
    long = "grupo/" * 60 + "_gps_precision"
    renamed = {long if header.endswith("_gps_precision") else header: value for header, value in row.items()}
    line = house.report(workbook([renamed], headers=list(renamed)))["problems"][0]
    assert (line["code"], line["column"]) == ("gps.inaccurate", long[-200:])
