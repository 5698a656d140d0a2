"""Our own field form: servers compile it, and what is filled in with it comes back whole, whichever way it is exported."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from services.registry.codes import form_questions
from services.registry.intake import own_form, xlsform
from services.registry.intake.sent import pared
from services.registry.intake.submissions import read_export
from services.registry.queries import canonical
from services.registry.rules import national_ids
from shared import places
from shared.testing import person
from tests.registry import own_form as filled
from tests.registry.house import House
from tests.registry.test_files_kept import work
from tests.registry.workbooks import dui, submission, workbook

LEVELS = {
    subject: tuple({"es": f"Nivel {n} de {subject}, en palabras", "en": f"Level {n}"} for n in range(5))
    for subject in own_form.SUBJECTS
}


@pytest.fixture(autouse=True)
def rubric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsform, "rubric_levels", lambda: LEVELS)


def read(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = read_export(content, places.municipalities(), date(2026, 6, 1))["submissions"][0]
    return found


def test_pyxform_compiles_it_without_a_warning() -> None:
    warnings: list[str] = []
    made = convert(io.BytesIO(xlsform.form_xlsx()), warnings=warnings)
    assert warnings == []
    assert 'lang="Español (es)" default="true()"' in made.xform
    assert f'version="{xlsform.form_version()}"' in made.xform
    for question in filled.questions():
        assert f"/{question.path}" in made.xform


def test_the_same_form_is_the_same_file_and_another_one_has_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before, version = xlsform.form_xlsx(), xlsform.form_version()
    assert xlsform.form_xlsx() == before
    monkeypatch.setattr(xlsform, "rubric_levels", dict)
    assert xlsform.form_version() != version
    assert "perfil_ahora" not in {row["name"] for row in xlsform._survey()}


def test_places_are_chosen_from_the_country_down() -> None:
    rows = list(xlsform._choices())
    lists = {name: [row for row in rows if row["list_name"] == name] for name in ("pais", "departamento", "municipio")}
    assert [len(lists[name]) for name in lists] == [3, 54, 900]
    assert {row["pais"] for row in lists["departamento"]} == {row["name"] for row in lists["pais"]}
    assert {row["depto"] for row in lists["municipio"]} == {row["name"] for row in lists["departamento"]}


def test_every_question_has_its_words_in_both_languages_and_every_list_its_answers() -> None:
    offered = {row["list_name"] for row in xlsform._choices()}
    for row in xlsform._survey():
        asked = row["type"].startswith(("select", "text", "integer", "decimal", "date", "geo", "note"))
        assert not asked or (row["label_es"] and row["label_en"]), row
        for kind in ("label", "hint", "message"):
            assert bool(row[f"{kind}_es"]) == bool(row[f"{kind}_en"]), row
        assert bool(row["constraint"]) == bool(row["message_es"]), row
        if row["type"].startswith("select"):
            assert row["type"].split()[1] in offered


@pytest.mark.parametrize("labels", [False, True])
def test_each_column_of_an_export_is_one_question(labels: bool) -> None:
    for rows in filled.tables(labels=labels).values():
        headers = list(rows[0])
        for name in (*own_form.QUESTIONS, "departamento", "municipio", "pais", "producto", "unidad", "precio"):
            named = [
                h for h in headers for word in {name, *own_form.names_of(name)} if h == word or h.endswith("/" + word)
            ]
            assert len(set(named)) <= 1, (name, named)


XLSX: Callable[..., bytes] = filled.kobo_xlsx
EXPORTS = {
    "values": XLSX,
    "labels": lambda: filled.kobo_xlsx(labels=True),
    "odk": filled.odk_zip,
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_each_export_tells_the_same(kind: str) -> None:
    told, same = read(EXPORTS[kind]()), read(filled.kobo_json())
    assert (told["facts"], told["problems"], told["absent"]) == (same["facts"], [], [])


def test_a_csv_tells_all_but_what_repeats() -> None:
    told, same = read(filled.kobo_csv())["facts"], read(filled.kobo_json())["facts"]
    assert same.keys() - told.keys() == {"partners", "assets"}
    assert {name: told[name] for name in told if told[name] != same[name]} == {"products": []}


def test_every_question_is_read() -> None:
    """So that none is asked in vain: without its answer the facts are others, or it is told."""
    whole = read(filled.kobo_json())
    unread = {
        "start",
        "end",
        "deviceid",
        "csem_form",
        "perfil_ahora",
        "pais",
        "departamento",
        "doc_num_visto",
        "ventas_mes",
    }
    for name in (q.name for q in filled.questions() if q.repeat is None and q.name not in unread):
        without = read(filled.kobo_json(**{name: None}))
        if name in {"num_licencia", "fecha_licencia"} or name not in filled.FULL:
            continue
        assert (without.get("facts"), without["problems"]) != (whole["facts"], whole["problems"]), name


def test_what_a_form_server_sends_is_pared_to_what_is_asked() -> None:
    sent = filled.document() | {"start": "x", "deviceid": "collect:1", "emprendedora/otra_pregunta": "x", "_tags": []}
    kept = pared(sent)
    assert read(json.dumps([kept]).encode())["facts"] == read(filled.kobo_json())["facts"]
    assert not {"start", "deviceid", "emprendedora/otra_pregunta", "_tags", "_geolocation", "_id"} & kept.keys()


def test_the_record_holds_every_answer(sqlite_house: House) -> None:
    report = sqlite_house.report(filled.kobo_xlsx())
    assert (report["created"], report["problems"]) == (1, [])
    record = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    woman = sqlite_house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    assert (record["address"], record["ownership"], record["activity"]) == (
        "Caserío Inventado, frente a la ceiba",
        "group",
        "1050",
    )
    assert (record["sales_band"]["code"], record["markets"], record["formal"]) == (
        "middle",
        ["department", "export"],
        True,
    )
    assert [(p["name"], p["volume"], p["months"]) for p in record["products"]] == [
        ("queso", 120.0, [1, 2, 12]),
        ("crema", None, []),
    ]
    assert [(p["side"], p["name"], p["share"]) for p in record["partners"]] == [
        ("supplier", "Lechera", 80),
        ("buyer", "Tienda Ana", 30),
    ]
    assert record["assets"] == [{"kind": "animals", "text": "dos vacas"}]
    steps = {step["step"]: (step["state"], step["on"]) for step in record["formalization"]}
    assert steps["tax_id"] == ("done", "2020-02-03")
    assert steps["sanitary_registration"] == ("under_way", None)
    assert (woman["languages"], woman["schooling"], woman["care_hours"]) == (["spa", "ppl"], "primary_begun", 40)
    assert woman["difficulties"]["communicating"] == "cannot"
    consents = {consent["purpose"]: consent["granted"] for consent in woman["consents"]}
    assert consents == {"registry": True, "credit": True, "map": False, "photos": True}


def digest(house: House) -> tuple[str, Any]:
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    with house.database.transaction() as session:
        return canonical.digest(session), (record["partners"], record["formalization"])


def test_what_an_edited_form_changed_stands_as_before_once_it_is_undone(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx())
    before = digest(sqlite_house)
    partners = [{"rel_lado": "comprador", "rel_tipo": "otro", "rel_nombre": "Nueva"}]
    edited = sqlite_house.take_in(filled.kobo_xlsx(paso_sanitario="hecho", relaciones=partners, direccion="Otra"))
    assert edited["report"]["updated"] == 1
    assert digest(sqlite_house) != before
    sqlite_house.call("POST", f"/imports/{edited['id']}/undo")
    work(sqlite_house)
    assert sqlite_house.call("GET", f"/imports/{edited['id']}").json["undo"]["state"] == "undone"
    assert digest(sqlite_house) == before


def profiles_of(house: House) -> list[tuple[Any, ...]]:
    items = house.call("GET", f"/enterprises/{house.enterprise_id()}/profiles").json["items"]
    return [(one["assessed_on"], one["score"], one["tier"]) for one in items]


def tier(house: House) -> Any:
    return house.call("GET", f"/enterprises/{house.enterprise_id()}").json["tier"]


def test_the_levels_of_a_form_are_a_profile_which_goes_with_its_import(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx())
    [first] = profiles_of(sqlite_house)
    assert (first[0], first[2], tier(sqlite_house)) == ("2026-03-01", "emerging", "emerging")
    assert sqlite_house.events()[-1][1]["facts"]["tier"] == "emerging"
    best = {f"perfil_{word}": "4" for word in own_form.SUBJECTS.values()}
    edited = sqlite_house.take_in(filled.kobo_xlsx(today="2026-04-01", **best))
    assert profiles_of(sqlite_house) == [("2026-04-01", 100, "strategic"), first]
    assert sqlite_house.events()[-1][1]["facts"]["tier"] == tier(sqlite_house) == "strategic"
    same = sqlite_house.report(filled.kobo_xlsx(today="2026-04-01", direccion="Otra", **best))
    assert (same["updated"], len(profiles_of(sqlite_house))) == (1, 2)
    sqlite_house.call("POST", f"/imports/{edited['id']}/undo")
    work(sqlite_house)
    assert len(profiles_of(sqlite_house)) == 2  # a later import stands on it


def test_a_profile_that_an_edited_form_brought_is_not_there_once_it_is_undone(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx())
    before = profiles_of(sqlite_house), tier(sqlite_house)
    edited = sqlite_house.take_in(filled.kobo_xlsx(**{f"perfil_{word}": "4" for word in own_form.SUBJECTS.values()}))
    assert (profiles_of(sqlite_house), tier(sqlite_house)) != before
    sqlite_house.call("POST", f"/imports/{edited['id']}/undo")
    work(sqlite_house)
    assert (profiles_of(sqlite_house), tier(sqlite_house)) == before


def test_levels_of_some_subjects_alone_are_no_profile(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx(perfil_credito=None))
    assert (profiles_of(sqlite_house), tier(sqlite_house)) == ([], None)


def test_a_file_of_the_first_form_takes_nothing_away_of_what_only_ours_asks(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx())
    before = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    report = sqlite_house.report(workbook([submission(1, nombre_neg="Otro nombre")]))
    assert report["updated"] == 1
    after = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert after["name"] == "Otro nombre"
    for kept in ("address", "markets", "assets", "ownership", "formalization"):
        assert after[kept] == before[kept]
    assert [p["name"] for p in after["partners"]] == ["Lechera", "Tienda Ana"]


def test_a_step_that_somebody_put_right_by_hand_stays_and_is_told(sqlite_house: House) -> None:
    sqlite_house.report(filled.kobo_xlsx())
    record = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    path = f"/enterprises/{record['id']}/formalization/trademark"
    by_hand = sqlite_house.call("PUT", path, version=record["version"], json={"state": "not_needed"})
    assert by_hand.status_code == 200
    report = sqlite_house.report(filled.kobo_xlsx(paso_marca="en_tramite"))
    assert [(p["code"], "trademark" in p["message"]) for p in report["problems"]] == [("record.edited_by_hand", True)]
    after = sqlite_house.call("GET", f"/enterprises/{record['id']}").json
    assert {s["step"]: s["state"] for s in after["formalization"]}["trademark"] == "not_needed"


TOLD = [
    ({"doc_num": None, "doc_num_visto": dui(10_000_001)[:-1] + "0"}, "national_id.check_digit"),
    ({"clase_ciiu": "0111"}, "activity.of_another_section"),
    ({"clase_ciiu": "no hay"}, "activity.of_another_section"),
    ({"dif_oir": None}, "difficulties.not_all"),
    ({"idiomas": ["spa", "klingon"]}, "cell.unknown_choice"),
    ({"horas_cuidado": "200"}, "cell.out_of_range"),
    ({"fecha_nit": "2999-01-01"}, "cell.day_out_of_range"),
    ({"relaciones": [{"rel_lado": "comprador", "rel_parte": "70"}] * 2}, "partner.shares_not_kept"),
    ({"relaciones": [{"rel_nombre": "Nadie"}]}, "cell.required"),
    ({"productos": [{"producto": "queso", "volumen": "-3"}]}, "cell.out_of_range"),
]


@pytest.mark.parametrize(("changes", "code"), TOLD)
def test_what_cannot_be_is_told_and_the_rest_kept(changes: dict[str, Any], code: str) -> None:
    found = read(filled.kobo_json(**changes))
    assert ([problem["code"] for problem in found["problems"]], found["stored"]) == ([code], True)


def test_an_answer_of_no_submission_is_told() -> None:
    sheets = filled.tables(labels=False)
    sheets["relaciones"][1]["_parent_index"] = sheets["activos"][0]["_parent_index"] = 7
    found = read_export(filled.xlsx_of(sheets), places.municipalities(), date(2026, 6, 1))
    assert [(p["sheet"], p["code"], p["facts"]) for p in found["problems"]] == [
        ("relaciones", "repeat.without_submission", {"index": "7"}),
        ("activos", "repeat.without_submission", {"index": "7"}),
    ]
    [one] = found["submissions"]
    assert ([partner["name"] for partner in one["facts"]["partners"]], one["facts"]["assets"]) == (["Lechera"], [])


def accepts(kind: str, number: str) -> bool:
    """What the form's constraint says of a number: its XPath, said in Python."""
    constraint = next(row["constraint"] for row in form_questions() if row["name"] == "doc_num")
    told = constraint.replace("${doc_tipo}", "kind").replace("format-date(today(), '%Y')", "'2026'")
    told = re.sub(r"substr\(\., (\d+), (\d+)\)", r"(number_[\1:\2] or '0')", told)
    told = re.sub(r"regex\(\., ('[^']*')\)", r"matches(\1)", told)
    told = re.sub(r"(?<![<>=!])=", "==", told).replace("<==", "<=").replace(" mod ", " % ").replace("number(", "int(")
    names = {
        "kind": kind,
        "number_": number,
        "matches": lambda pattern: bool(re.fullmatch(pattern, number)),
        "int": int,
    }
    return bool(eval(told, {"__builtins__": {}}, names))


@given(st.sampled_from(sorted(national_ids.KINDS)), st.data())
def test_the_form_takes_the_documents_that_the_inventory_finds_right(kind: Any, data: st.DataObject) -> None:
    number = data.draw(st.text("0123456789", min_size=8, max_size=14))
    if kind == "dui" and len(number) >= 9:
        number = number[:8] + str(national_ids.dui_digit(number[:9]))
    if kind == "dpi" and len(number) >= 13:
        number = f"{number[:8]}{national_ids.cui_digit(number) % 10}0101"
    finding = national_ids.examine(kind, number, municipalities=places.municipalities(), year=2026)
    if finding is None and set(number) != {"0"}:
        assert accepts(kind, number)
    elif finding is not None and finding.code in {"national_id.length", "national_id.check_digit"}:
        assert not accepts(kind, number)


def test_who_works_with_forms_downloads_it(sqlite_house: House) -> None:
    answer = sqlite_house.call("GET", "/forms/xlsform.xlsx")
    assert (answer.status_code, answer.get_data()[:2]) == (200, b"PK")
    assert sqlite_house.call("GET", "/forms/xlsform.xlsx", person("planner")).status_code == 403
