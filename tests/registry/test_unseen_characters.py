"""Characters that nobody sees change no answer: a no stays a no, and a code one of its list, and they are told."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.registry.intake.submissions import read_export
from shared import places
from tests.registry import own_form as filled
from tests.registry.exported import empty_house, exported
from tests.registry.house import COORDINATOR, House
from tests.registry.test_drafts import new_token, send
from tests.registry.test_import import codes
from tests.registry.workbooks import submission, workbook

UNSEEN = ("\u200b", "\ufeff", "\u00ad", "\x07")
FIRST_FORM = {
    "consent_registry": ("si", "no"),
    "consent_credit": ("si", "no"),
    "consent_map": ("si", "no"),
    "doc_tipo": ("dui",),
    "pueblo": ("lenca",),
    "ubic_tipo": ("vivienda", "parcela"),
    "sector": ("G",),
    "formal": ("si", "no"),
    "_validation_status": ("validation_status_approved", "validation_status_not_approved"),
    "eslabones/comercializacion": ("0", "1"),
    "necesidades/mercado": ("0", "1"),
    "rootUuid": (filled.identity(1),),
}
UNREAD = {"pais", "departamento", "perfil_ahora"}
OWN_FORM = [
    question.name
    for question in filled.questions()
    if question.kind == "select_one" and question.name in filled.FULL and question.name not in UNREAD
]


def read(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = read_export(content, places.municipalities(), date(2026, 6, 1))["submissions"][0]
    return found


def told(found: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in found.pop("problems")]


@pytest.mark.parametrize("question", FIRST_FORM)
def test_every_coded_answer_of_the_first_form_means_the_same_with_them(question: str) -> None:
    for answer in FIRST_FORM[question]:
        plain = read(workbook([submission(1, **{question: answer})]))
        hidden = read(workbook([submission(1, **{question: "".join(UNSEEN) + answer[:1] + UNSEEN[0] + answer[1:]})]))
        assert told(hidden) == ["cell.unsafe_characters", *told(plain)]
        assert hidden == plain


@pytest.mark.parametrize("question", OWN_FORM)
def test_every_coded_answer_of_our_own_form_means_the_same_with_them(question: str) -> None:
    plain, hidden = read(filled.kobo_json()), read(filled.kobo_json(**{question: f"{filled.FULL[question]}\u200b"}))
    assert (told(plain), told(hidden)) == ([], ["cell.unsafe_characters"])
    assert hidden == plain


@pytest.mark.parametrize(
    ("repeat", "question"),
    [
        ("productos", "periodo"),
        ("relaciones", "rel_lado"),
        ("relaciones", "rel_tipo"),
        ("activos", "activo_tipo"),
    ],
)
def test_so_does_every_one_of_what_repeats(repeat: str, question: str) -> None:
    rows = [row | ({question: f"{row[question]}\u200b"} if question in row else {}) for row in filled.FULL[repeat]]
    plain, hidden = read(filled.kobo_json()), read(filled.kobo_json(**{repeat: rows}))
    assert (told(plain), set(told(hidden))) == ([], {"cell.unsafe_characters"})
    assert hidden == plain


@pytest.mark.parametrize("question", FIRST_FORM)
@pytest.mark.parametrize("answer", ["x" * 300, "\u200b"])
def test_what_is_no_answer_at_all_is_left_out(question: str, answer: str) -> None:
    found = read(workbook([submission(1, **{question: answer})]))
    assert {"cell.too_long", "cell.unsafe_characters"} & set(told(found))
    assert answer not in json.dumps(found, default=str, ensure_ascii=False)
    assert question != "consent_registry" or not (found["stored"] or found["refused"])


@pytest.mark.parametrize("unseen", UNSEEN)
def test_who_refused_is_not_in_the_inventory(sqlite_house: House, unseen: str) -> None:
    report = sqlite_house.report(workbook([submission(1, consent_registry=f"no{unseen}")]))
    assert (report["created"], codes(report)) == (0, {"cell.unsafe_characters": 1, "consent.refused": 1})


def test_who_shares_with_nobody_is_shared_with_nobody(sqlite_house: House) -> None:
    sqlite_house.report(workbook([submission(1, consent_credit="no\u200b", consent_map="no\ufeff")]))
    shown = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    assert (shown["consent_registry"], shown["consent_credit"], shown["consent_map"]) == (True, False, False)


def test_a_form_server_is_answered_whatever_the_kind_of_document_is(sqlite_house: House) -> None:
    answer = send(sqlite_house, new_token(sqlite_house), filled.document(doc_tipo="x" * 300))
    assert answer.status_code == 200, answer.json


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_no_in_an_export_that_comes_back_is_a_no(sqlite_house: House, tmp_path: Path, unseen: str) -> None:
    sqlite_house.report(workbook([submission(1, consent_credit="no")]))
    content = exported(sqlite_house, "geojson")
    document = json.loads(content)
    for answer in document["features"][0]["properties"]["consentimientos"]:
        answer["acepta"] = ("si" if answer["acepta"] in {True, "si"} else "no") + unseen
    with empty_house(tmp_path) as other:
        report = other.report(json.dumps(document).encode(), caller=COORDINATOR)
        assert (report["created"], set(codes(report))) == (1, {"cell.unsafe_characters"})
        shown = other.call("GET", f"/enterprises/{other.enterprise_id()}").json
    assert (shown["consent_registry"], shown["consent_credit"]) == (True, False)
