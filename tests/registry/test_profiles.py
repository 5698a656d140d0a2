"""Profiles and rubrics over the API: who writes and reads them, what they cite, what they make of an enterprise."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from services.registry.models import Enterprise, EnterpriseProfile, Owner, ProfileLevel
from services.registry.rules.assessment import assess
from services.registry.rules.rubrics import DIMENSIONS, SUBJECTS
from services.registry.tables import network_rubric_on
from services.registry.use_cases.profile_enterprise import profile_brought_in
from shared import history
from shared.files import file_table
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House
from tests.registry.test_institutions import PDF, centre, made
from tests.registry.test_undo import refusal, undo
from tests.registry.workbooks import submission, workbook
from tests.shared.test_photographs import HEAD, JPEG, SECRET, exif

TODAY = clock.today().isoformat()
STRONG = dict.fromkeys(SUBJECTS, 3)
WEAK = dict.fromkeys(SUBJECTS, 1)
NUMBERS: dict[str, Any] = {
    "weights": {**dict.fromkeys(SUBJECTS, 3), "scaling": 7},
    "minimums": {**dict.fromkeys(SUBJECTS, 0), "scaling": 2},
    "strategic_from": 40,
    "stale_after_months": 12,
}


def seen(levels: dict[str, int] = STRONG, **changes: Any) -> dict[str, Any]:
    told = {s: {"level": level, "evidence": f"Lo que se vio de {s}"} for s, level in levels.items()}
    return {"assessed_on": TODAY, **told, **changes}


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def profiled(house: House, enterprise_id: Any, levels: dict[str, int] = STRONG, **changes: Any) -> dict[str, Any]:
    return made(house, f"/enterprises/{enterprise_id}/profiles", seen(levels, **changes), TECHNICIAN)


def adopted(house: House, centre_id: str, **changes: Any) -> dict[str, Any]:
    body = {"centre_id": centre_id, "valid_from": TODAY, "source": "Acta 3 del equipo", **NUMBERS, **changes}
    return made(house, "/rubrics", body)


def rows_of(house: House, enterprise_id: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.call("GET", f"/enterprises/{enterprise_id}/profiles").json["items"]
    return rows


def send(house: House, path: str, content: bytes, caller: Any = TECHNICIAN) -> Any:
    form = {"file": (io.BytesIO(content), "foto.jpg")}
    return house.call("POST", path, caller, data=form, content_type="multipart/form-data")


def test_a_profile_says_how_its_score_and_tier_came_about(house: House) -> None:
    record = house.register()
    shown = profiled(house, record["id"], STRONG | {"scaling": 2, "training": 0})
    assert shown["score"] == sum(term["part"] for term in shown["terms"])
    assert all(term["part"] == term["level"] * term["weight"] for term in shown["terms"])
    by_subject = {term["subject"]: term for term in shown["terms"]}
    assert (by_subject["training"]["standing"], by_subject["market"]["standing"]) == ("weakness", "strength")
    assert by_subject["scaling"]["words"]["es"].startswith("Hay pedidos que no atiende")
    assert by_subject["market"]["evidence"] == "Lo que se vio de market"
    assert (shown["tier"], shown["lacking"], shown["missing"]) == ("emerging", ["training", "scaling"], 0)
    assert (shown["assessor_name"], shown["edition"], shown["rubric_id"]) == ("Técnica de prueba", "2026-01-01", None)


def test_the_latest_profile_makes_the_tier_and_the_others_hear_of_it_once(house: House) -> None:
    record = house.register()
    assert record["tier"] is None
    first = profiled(house, record["id"], WEAK, assessed_on=(clock.today() - timedelta(days=30)).isoformat())
    profiled(house, record["id"], STRONG)
    profiled(house, record["id"], STRONG | {"market": 4})
    older = profiled(house, record["id"], WEAK, assessed_on=(clock.today() - timedelta(days=60)).isoformat())
    assert house.call("GET", f"/enterprises/{record['id']}").json["tier"] == "strategic"
    told = [data["facts"]["tier"] for name, data in house.events() if name.startswith("enterprise")]
    assert told == [None, "emerging", "strategic", "strategic"], "the older one changed nothing that counts"
    levels = [data["facts"]["profile"] for name, data in house.events() if name.startswith("enterprise")]
    assert [told and (told["market"], told["scaling"]) for told in levels] == [None, (1, 1), (3, 3), (4, 3)]
    assert levels[-1]["score"] == rows_of(house, record["id"])[0]["score"]
    assert levels[-1]["assessed_on"] == TODAY
    rows = house.call("GET", f"/enterprises/{record['id']}/profiles").json["items"]
    assert [row["score"] for row in rows][2:] == [first["score"], older["score"]] == [25, 25]
    assert [row["tier"] for row in rows] == ["strategic", "strategic", "emerging", "emerging"]
    page = house.call("GET", f"/enterprises/{record['id']}/profiles?limit=3").json
    assert [row["id"] for row in page["items"]] == [row["id"] for row in rows[:3]]


def test_a_correction_of_the_same_day_counts_from_then_on(house: House) -> None:
    record = house.register()
    for levels, tier in ((STRONG, "strategic"), (WEAK, "emerging"), (STRONG, "strategic")):
        profiled(house, record["id"], levels)
        assert house.call("GET", f"/enterprises/{record['id']}").json["tier"] == tier


def test_enterprises_are_found_by_their_tier(sqlite_house: House) -> None:
    strong, weak, none = (sqlite_house.register(name=name)["id"] for name in ("Una", "Dos", "Tres"))
    profiled(sqlite_house, strong)
    profiled(sqlite_house, weak, WEAK)

    def found(tier: str, caller: Any = COORDINATOR) -> list[str]:
        rows = sqlite_house.call("GET", f"/enterprises?tier={tier}", caller).json["items"]
        return [row["id"] for row in rows if row["tier"] == tier]

    assert (found("strategic"), found("emerging", person("leda_viewer"))) == ([strong], [weak])
    assert sqlite_house.call("GET", "/enterprises/count?tier=emerging").json["all"] == 1
    assert none not in str(sqlite_house.call("GET", "/enterprises?tier=strategic").json)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"market": {"level": 5, "evidence": "x"}}, "/market/level", "field.out_of_range"),
    ({"market": {"level": -1, "evidence": "x"}}, "/market/level", "field.out_of_range"),
    ({"market": {"level": 2.5, "evidence": "x"}}, "/market/level", "field.not_integer"),
    ({"market": {"level": 2}}, "/market/evidence", "field.required"),
    ({"market": {"level": 2, "evidence": " "}}, "/market/evidence", "field.required"),
    ({"market": {"level": 2, "evidence": "x" * 2001}}, "/market/evidence", "text.too_long"),
    ({"liquidity": {"level": 2, "evidence": "x"}}, "/liquidity", "field.unknown"),
]


def test_a_profile_that_cannot_be_is_refused_at_its_field(sqlite_house: House) -> None:
    path = f"/enterprises/{sqlite_house.register()['id']}/profiles"
    for change, pointer, code in REFUSED:
        answer = sqlite_house.call("POST", path, json=seen(**change))
        assert answer.status_code == 422, change
        assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(pointer, code)]
        assert answer.json["errors"][0]["detail"] != code
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = sqlite_house.call("POST", path, json=seen(assessed_on=tomorrow))
    assert problem(answer) == (422, "profile.in_the_future")
    assert TODAY[:4] in answer.json["detail"]


def test_no_subject_may_be_left_out_and_a_potential_needs_no_words(sqlite_house: House) -> None:
    path = f"/enterprises/{sqlite_house.register()['id']}/profiles"
    for subject in SUBJECTS:
        body = seen()
        del body[subject]
        answer = sqlite_house.call("POST", path, json=body)
        assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [(f"/{subject}", "field.required")]
        wordless = sqlite_house.call("POST", path, json=seen(**{subject: {"level": 2, "evidence": None}}))
        assert (wordless.status_code == 201) == (subject not in DIMENSIONS)


def test_who_sees_a_profile(sqlite_house: House) -> None:
    shared_ = sqlite_house.register()
    profile = profiled(sqlite_house, shared_["id"])
    path = f"/enterprises/{shared_['id']}/profiles/{profile['id']}"
    for role in ("technician", "coordinator", "network_coordinator", "auditor", "credit_officer", "committee_member"):
        assert sqlite_house.call("GET", path, person(role)).json["score"] == profile["score"], role
    for role in ("leda_viewer", "trainer", "planner", "admin"):
        assert problem(sqlite_house.call("GET", path, person(role))) == (403, "permission.role_missing"), role
    assert sqlite_house.call("GET", f"/enterprises/{shared_['id']}", person("leda_viewer")).json["tier"] == "strategic"
    owner = shared_["owners"][0]["id"]
    no = {"purpose": "credit", "granted": False, "given_on": TODAY, "channel": "office"}
    sqlite_house.call("POST", f"/entrepreneurs/{owner}/consents", json=no)
    assert problem(sqlite_house.call("GET", path, person("credit_officer"))) == (404, "enterprise.unknown")
    elsewhere = person("technician", scope="GT01")
    assert problem(sqlite_house.call("GET", path, elsewhere)) == (403, "permission.outside_scope")
    assert problem(sqlite_house.call("POST", path.rpartition("/")[0], elsewhere, json=seen())) == (
        403,
        "permission.outside_scope",
    )


def test_only_the_team_writes_profiles_and_not_of_who_took_her_consent_back(sqlite_house: House) -> None:
    record = sqlite_house.register()
    path = f"/enterprises/{record['id']}/profiles"
    for role in ("network_coordinator", "credit_officer", "auditor"):
        assert problem(sqlite_house.call("POST", path, person(role), json=seen()))[0] == 403
    sqlite_house.report(workbook([submission(1)]))
    path = f"/enterprises/{sqlite_house.enterprise_id()}/profiles"
    sqlite_house.report(workbook([submission(1, consent_registry="no")]))
    answer = sqlite_house.call("POST", path, TECHNICIAN, json=seen())
    assert problem(answer) == (409, "enterprise.agreement_taken_back")


def test_a_profile_of_another_enterprise_and_one_that_is_none_are_not_there(sqlite_house: House) -> None:
    one, other = sqlite_house.register(), sqlite_house.register(name="Otra")
    profile = profiled(sqlite_house, one["id"])
    for path in (
        f"/enterprises/{other['id']}/profiles/{profile['id']}",
        f"/enterprises/{one['id']}/profiles/{one['id']}",
    ):
        assert problem(sqlite_house.call("GET", path)) == (404, "profile.unknown")


def test_a_centre_profiles_by_the_rubric_it_adopted_and_what_was_profiled_before_stays(house: House) -> None:
    record = house.register()
    before = profiled(house, record["id"], STRONG | {"scaling": 2})
    assert before["tier"] == "emerging"
    place = made(house, "/centres", centre())
    words = {
        "subject": "scaling",
        "level": 2,
        "es": "Tiene pedidos que no atiende",
        "en": "Has orders she cannot serve",
    }
    edition = adopted(house, place["id"], wording=[words])
    assert (edition["in_force"], edition["centre_name"]) == (True, "CSEM de prueba")
    after = profiled(house, record["id"], STRONG | {"scaling": 2})
    assert (after["rubric_id"], after["tier"], after["centre_name"]) == (edition["id"], "strategic", "CSEM de prueba")
    assert next(t for t in after["terms"] if t["subject"] == "scaling")["words"]["es"] == "Tiene pedidos que no atiende"
    again = house.call("GET", f"/enterprises/{record['id']}/profiles/{before['id']}").json
    assert again == before
    with house.database.reading() as session:
        stored = session.get_one(EnterpriseProfile, UUID(before["id"]))
        recomputed = assess(stored.told, network_rubric_on(stored.edition).rubric)
        assert (recomputed.score, recomputed.tier) == (stored.score, stored.tier)


def test_the_edition_in_force_is_that_of_the_centre_that_covers_the_municipality_on_the_day(house: House) -> None:
    place = made(house, "/centres", centre())
    tomorrow = clock.today() + timedelta(days=1)
    adopted(house, place["id"])
    later = adopted(house, place["id"], valid_from=tomorrow.isoformat(), strategic_from=70)

    def in_force(municipality: str, day: date) -> tuple[Any, int]:
        shown = house.call("GET", f"/rubrics/in-force?municipality={municipality}&day={day}").json
        return shown["centre_name"], shown["strategic_from"]

    assert in_force("HN1709", clock.today()) == ("CSEM de prueba", 40)
    assert in_force("HN1706", tomorrow) == ("CSEM de prueba", 70)
    assert in_force("HN1709", clock.today() - timedelta(days=1)) == (None, 55)
    assert in_force("HN0601", tomorrow) == (None, 55)
    same_day = adopted(house, place["id"], valid_from=tomorrow.isoformat(), strategic_from=65)
    assert in_force("HN1709", tomorrow) == ("CSEM de prueba", 65)
    listed = house.call("GET", "/rubrics").json["items"]
    assert [row["id"] for row in listed[:3]] == [None, same_day["id"], later["id"]]
    assert house.call("GET", f"/rubrics/in-force?centre_id={place['id']}").json["strategic_from"] == 40
    with house.database.reading() as session:
        assert [entry["action"] for entry in history.of(session, UUID(later["id"]))] == ["adopt"]


@pytest.mark.parametrize(
    ("change", "caller", "status", "code"),
    [
        ({"weights": dict.fromkeys(SUBJECTS, 3)}, COORDINATOR, 422, "rubric.weights_sum"),
        ({"valid_from": (clock.today() - timedelta(days=1)).isoformat()}, COORDINATOR, 422, "rubric.in_the_past"),
        ({"minimums": {**NUMBERS["minimums"], "market": 5}}, COORDINATOR, 422, "field.out_of_range"),
        ({"centre_id": "01890000-0000-7000-8000-000000000000"}, COORDINATOR, 404, "centre.unknown"),
        ({}, TECHNICIAN, 403, "permission.role_missing"),
        ({}, person("coordinator", scope="GT01"), 403, "permission.outside_scope"),
    ],
)
def test_a_rubric_that_cannot_be_adopted_is_refused(
    sqlite_house: House, change: dict[str, Any], caller: Any, status: int, code: str
) -> None:
    place = made(sqlite_house, "/centres", centre())
    body = {"centre_id": place["id"], "valid_from": TODAY, "source": "Acta", **NUMBERS, **change}
    answer = sqlite_house.call("POST", "/rubrics", caller, json=body)
    codes = [answer.json["code"], *(error["code"] for error in answer.json.get("errors", []))]
    assert (answer.status_code, code in codes) == (status, True)
    assert len(sqlite_house.call("GET", "/rubrics").json["items"]) == 1


def test_asking_for_a_rubric_of_nowhere_or_elsewhere_is_refused(sqlite_house: House) -> None:
    assert problem(sqlite_house.call("GET", "/rubrics/in-force")) == (422, "municipality.unknown")
    elsewhere = sqlite_house.call("GET", "/rubrics/in-force?municipality=HN1709", person("technician", scope="GT"))
    assert problem(elsewhere) == (403, "permission.outside_scope")


def test_evidence_is_kept_once_as_a_picture_without_its_place(sqlite_house: House) -> None:
    record = sqlite_house.register()
    profile = profiled(sqlite_house, record["id"])
    path = f"/enterprises/{record['id']}/profiles/{profile['id']}"
    refused = send(sqlite_house, f"{path}/quality/file", JPEG)
    assert problem(refused) == (403, "profile.no_photographs")
    yes = {"purpose": "photos", "granted": True, "given_on": TODAY, "channel": "office"}
    sqlite_house.call("POST", f"/entrepreneurs/{record['owners'][0]['id']}/consents", json=yes)
    assert problem(sqlite_house.call("GET", f"{path}/quality/file")) == (404, "profile.without_file")
    assert problem(send(sqlite_house, f"{path}/quality/file", b"<html>")) == (422, "profile.not_a_picture")
    assert problem(send(sqlite_house, f"{path}/kitchen/file", PDF)) == (404, "profile.unknown_subject")
    kept = send(sqlite_house, f"{path}/quality/file", JPEG[:HEAD] + exif(1) + JPEG[HEAD:])
    assert [term["has_file"] for term in kept.json["terms"] if term["subject"] == "quality"] == [True]
    shown = sqlite_house.call("GET", f"{path}/quality/file", person("credit_officer"))
    assert (shown.mimetype, SECRET in shown.get_data()) == ("image/jpeg", False)
    assert problem(send(sqlite_house, f"{path}/quality/file", PDF)) == (409, "profile.file_kept_already")
    elena = {"given_names": "Elena", "surnames": "Imaginaria"}
    answers = {"registry": True, "credit": True, "map": False, "given_on": TODAY, "channel": "office"}
    made(sqlite_house, f"/enterprises/{record['id']}/owners", {"owner": {**elena, "consents": answers}})
    assert problem(sqlite_house.call("GET", f"{path}/quality/file")) == (403, "profile.no_photographs")


def test_where_nobody_is_left_to_agree_no_photograph_is_kept(sqlite_house: House) -> None:
    record = sqlite_house.register()
    profile = profiled(sqlite_house, record["id"])
    with sqlite_house.database.transaction() as session:
        session.execute(delete(Owner).where(Owner.enterprise_id == UUID(record["id"])))
    refused = send(sqlite_house, f"/enterprises/{record['id']}/profiles/{profile['id']}/quality/file", JPEG)
    assert problem(refused) == (403, "profile.no_photographs")


def test_a_document_needs_no_consent_to_photographs(sqlite_house: House) -> None:
    record = sqlite_house.register()
    profile = profiled(sqlite_house, record["id"])
    sent = send(sqlite_house, f"/enterprises/{record['id']}/profiles/{profile['id']}/certifications/file", PDF)
    assert sent.status_code == 201


def test_a_withdrawal_takes_the_profiles_with_their_words_and_files(house: House) -> None:
    record = house.register()
    profile = profiled(house, record["id"])
    send(house, f"/enterprises/{record['id']}/profiles/{profile['id']}/credit/file", PDF)
    owner = house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    gone = house.call("DELETE", f"/entrepreneurs/{owner['id']}", version=owner["version"])
    told = {name: gone.json["erased"][name] for name in ("profiles", "profile_words", "profile_files")}
    assert told == {"profiles": 1, "profile_words": 7, "profile_files": 1}
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProfileLevel)) == 0
        assert session.scalar(select(func.count()).where(file_table.c.erased_at.is_(None))) == 0
        entries = history.of(session, UUID(record["id"]))
    assert [entry["after"] for entry in entries if entry["action"].startswith("profile")] == [None, None]
    assert house.events()[-3][1]["facts"]["tier"] is None


def test_an_enterprise_that_goes_on_keeps_its_levels_without_what_was_written(house: House) -> None:
    record = house.register()
    profiled(house, record["id"])
    elena = {
        "given_names": "Elena",
        "surnames": "Imaginaria",
        "consents": {
            "registry": True,
            "credit": True,
            "map": False,
            "photos": False,
            "given_on": "2026-03-01",
            "channel": "office",
        },
    }
    made(house, f"/enterprises/{record['id']}/owners", {"owner": elena})
    owner = house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    house.call("DELETE", f"/entrepreneurs/{owner['id']}", version=owner["version"])
    row = house.call("GET", f"/enterprises/{record['id']}/profiles").json["items"][0]
    shown = house.call("GET", f"/enterprises/{record['id']}/profiles/{row['id']}").json
    assert (shown["score"], {term["evidence"] for term in shown["terms"]}) == (75, {None})


def test_no_word_of_the_evidence_stands_in_history_or_events(sqlite_house: House) -> None:
    record = sqlite_house.register()
    profiled(sqlite_house, record["id"])
    with sqlite_house.database.reading() as session:
        told = [entry for entry in history.of(session, UUID(record["id"])) if entry["action"] == "profile"]
    assert (told[0]["after"]["score"], "Lo que se vio" in str(told)) == (75, False)
    assert "Lo que se vio" not in str(sqlite_house.events())


def test_the_edition_of_the_day_it_was_seen_is_cited_not_that_of_the_day_it_was_written(sqlite_house: House) -> None:
    record = sqlite_house.register()
    place = made(sqlite_house, "/centres", centre())
    adopted(sqlite_house, place["id"])
    with clock.frozen(datetime.now(UTC) + timedelta(days=40)):
        late = profiled(sqlite_house, record["id"], assessed_on=(clock.today() - timedelta(days=60)).isoformat())
        new = profiled(sqlite_house, record["id"], assessed_on=clock.today().isoformat())
    assert (late["rubric_id"], new["centre_name"]) == (None, "CSEM de prueba")


def test_a_profile_that_a_field_form_brought_goes_when_its_import_is_undone(house: House) -> None:
    first = house.take_in(workbook([submission(1)]))
    record = house.enterprise_id()
    told = dict.fromkeys(SUBJECTS, (3, "Visto en el campo"))
    again = house.take_in(workbook([submission(1, empleo_f=9)]))

    def brought(import_id: str, seen: dict[str, Any]) -> Any:
        with house.database.transaction() as session:
            enterprise = session.get_one(Enterprise, record)
            return profile_brought_in(
                session, TECHNICIAN, enterprise, UUID(import_id), assessed_on=clock.today(), seen=seen
            )

    assert brought(again["id"], {"credit": (3, "Visto")}) is None
    brought(again["id"], told)
    assert house.call("GET", f"/enterprises/{record}").json["tier"] == "strategic"
    undo(house, again)
    assert house.call("GET", f"/enterprises/{record}").json["tier"] is None
    assert house.call("GET", f"/enterprises/{record}/profiles").json["items"] == []
    brought(first["id"], told)
    assert undo(house, first)["undo"]["state"] == "undone"


def test_a_profile_that_somebody_made_since_keeps_an_import(sqlite_house: House) -> None:
    shown = sqlite_house.take_in(workbook([submission(1)]))
    profiled(sqlite_house, sqlite_house.enterprise_id())
    assert refusal(sqlite_house, shown) == "undo.changed_by_hand"
