"""What is known of a woman: languages, schooling, household, difficulties, telephones; a document confirmed by somebody."""

from typing import Any
from uuid import UUID

import pytest

from services.registry.rules import phones
from shared import history
from shared.testing import person
from tests.registry.house import TECHNICIAN, House, enterprise
from tests.registry.workbooks import submission, workbook

HOUSEHOLD = {
    "languages": ["spa", "len"],
    "schooling": "primary",
    "dependants": 3,
    "children_under_6": 1,
    "others_in_care": 1,
    "care_hours": 42,
    "head_of_household": True,
}
ANSWERS = dict.fromkeys(("seeing", "hearing", "walking", "remembering", "self_care", "communicating"), "none")


def owner(**changes: Any) -> dict[str, Any]:
    return enterprise()["owner"] | changes


def changed(house: House, woman: dict[str, Any], body: dict[str, Any]) -> Any:
    path = f"/entrepreneurs/{woman['id']}"
    return house.call("PATCH", path, version=house.call("GET", path).json["version"], json=body)


def test_her_household_is_written_down_and_only_the_team_reads_it(house: House) -> None:
    woman = house.register()["owners"][0]
    told = changed(house, woman, HOUSEHOLD | {"difficulties": ANSWERS | {"walking": "a_lot"}}).json
    assert {name: told[name] for name in HOUSEHOLD} == HOUSEHOLD | {"languages": ["len", "spa"]}
    assert (told["difficulties"]["walking"], told["disabled"]) == ("a_lot", True)
    path = f"/entrepreneurs/{woman['id']}"
    officer = house.call("GET", path, person("credit_officer")).json
    assert [officer[name] for name in ("schooling", "care_hours", "difficulties", "disabled")] == [None] * 4
    assert officer["languages"] == ["len", "spa"]
    assert house.call("GET", path, person("auditor")).json["languages"] == []
    assert changed(house, woman, {"difficulties": None}).json["disabled"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"languages": ["xyz"]}, "language.unknown"),
        ({"difficulties": {"seeing": "none"}}, "body.invalid_fields"),
        ({"care_hours": 169}, "body.invalid_fields"),
        ({"schooling": "doctorate"}, "body.invalid_fields"),
        ({"born_on": "2199-01-01"}, "entrepreneur.born_in_the_future"),
    ],
)
def test_what_cannot_be_true_of_her_is_refused(sqlite_house: House, body: dict[str, Any], code: str) -> None:
    woman = sqlite_house.register()["owners"][0]
    refused = changed(sqlite_house, woman, body)
    assert (refused.status_code, refused.json["code"]) == (422, code)


@pytest.mark.parametrize(
    ("written", "country", "kept", "wrong"),
    [
        ("9876-5432", "HN", "+50498765432", False),
        ("(503) 2222 1234", "SV", "+50322221234", False),
        ("+502 5551 2345", "HN", "+50255512345", False),
        ("1234 5678", "HN", "1234 5678", True),
        ("12", "SV", "12", True),
        (None, "GT", None, False),
    ],
)
def test_a_telephone_is_kept_as_the_world_dials_it(
    written: str | None, country: str, kept: str | None, *, wrong: bool
) -> None:
    assert phones.normalised(written, country) == kept
    assert phones.normalised(kept, country) == kept
    assert phones.is_wrong(kept, country) is wrong


def test_a_telephone_that_cannot_be_called_is_kept_and_told_to_who_may_call_it(sqlite_house: House) -> None:
    shown = sqlite_house.register(owner=owner(phone="12345678", other_phone="9876-5432"))
    woman = shown["owners"][0]
    assert (woman["phone"], woman["other_phone"]) == ("12345678", "+50498765432")
    assert [warning["code"] for warning in shown["warnings"]] == ["phone.wrong"]
    auditor = sqlite_house.call("GET", f"/enterprises/{shown['id']}", person("auditor")).json
    assert auditor["warnings"] == []


def test_a_wrong_check_digit_is_confirmed_by_somebody_with_a_reason_and_never_silently(house: House) -> None:
    shown = house.register(owner=owner(id_kind="dui", id_number="00000010-0"))
    woman = shown["owners"][0]
    path = f"/entrepreneurs/{woman['id']}"
    before = house.call("GET", path, TECHNICIAN).json
    assert [(w["code"], w["confirmed"]) for w in before["warnings"]] == [("national_id.check_digit", False)]
    body = {"because": "Así está impreso en su DUI."}
    assert house.call("PUT", f"{path}/document-confirmation", TECHNICIAN, json=body).status_code == 428
    done = house.call("PUT", f"{path}/document-confirmation", TECHNICIAN, version=before["version"], json=body).json
    warning = done["warnings"][0]
    assert warning["confirmed"]
    assert "Técnica de prueba lo confirmó así" in warning["detail"]
    assert "Así está impreso en su DUI." in warning["detail"]
    assert house.call("GET", f"/enterprises/{shown['id']}").json["warnings"] == [warning]
    auditor = house.call("GET", f"/enterprises/{shown['id']}", person("auditor")).json["warnings"][0]
    assert auditor["confirmed"]
    assert "impreso" not in auditor["detail"]
    with house.database.reading() as session:
        entry = history.of(session, UUID(woman["id"]))[-1]
    assert (entry["action"], entry["caller"]) == ("confirm-document", TECHNICIAN.subject)
    assert entry["after"] == {"finding": "national_id.check_digit", "because": body["because"]}
    other = changed(house, woman, {"id_kind": "dui", "id_number": "00000020-0"}).json
    assert [w["confirmed"] for w in other["warnings"]] == [False]


def test_a_document_with_nothing_wrong_has_nothing_to_confirm(sqlite_house: House) -> None:
    woman = sqlite_house.register()["owners"][0]
    path = f"/entrepreneurs/{woman['id']}"
    refused = sqlite_house.call(
        "PUT", f"{path}/document-confirmation", version=woman["version"], json={"because": "visto"}
    )
    assert (refused.status_code, refused.json["code"]) == (409, "national_id.nothing_to_confirm")


def test_a_form_that_comes_again_leaves_what_it_does_not_ask_for(sqlite_house: House) -> None:
    sqlite_house.take_in(workbook([submission(1)]))
    record = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    changed(sqlite_house, record["owners"][0], HOUSEHOLD)
    report = sqlite_house.report(workbook([submission(1, nombres="Otra")]))
    assert (report["updated"], report["problems"]) == (1, [])
    woman = sqlite_house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    assert woman["given_names"] == "Otra"
    assert {name: woman[name] for name in HOUSEHOLD} == HOUSEHOLD | {"languages": ["len", "spa"]}


def test_who_withdraws_leaves_nothing_of_it(sqlite_house: House) -> None:
    woman = sqlite_house.register(owner=owner(id_kind="dui", id_number="00000010-0"))["owners"][0]
    path = f"/entrepreneurs/{woman['id']}"
    version = changed(sqlite_house, woman, HOUSEHOLD | {"difficulties": ANSWERS, "other_phone": "98765433"}).json[
        "version"
    ]
    done = sqlite_house.call("PUT", f"{path}/document-confirmation", version=version, json={"because": "visto"}).json
    assert sqlite_house.call("DELETE", path, version=done["version"]).status_code == 200
    left = sqlite_house.call("GET", path).json
    names = [name for name in HOUSEHOLD if name != "languages"]
    assert [left[name] for name in (*names, "other_phone", "difficulties")] == [None] * (len(names) + 2)
    assert (left["languages"], left["warnings"]) == ([], [])


def test_the_lists_are_served_in_the_readers_language(sqlite_house: House) -> None:
    languages = {row["code"]: row["name"] for row in sqlite_house.call("GET", "/lists/languages").json["items"]}
    assert (languages["spa"], languages["quc"], languages["cab"]) == ("Español", "K’iche’", "Garífuna")
    found = sqlite_house.call("GET", "/lists/activities?q=panader%C3%ADa").json["items"]
    assert [row["code"] for row in found] == ["1071"]
    assert len(sqlite_house.call("GET", "/lists/activities").json["items"]) == 21 + 419
