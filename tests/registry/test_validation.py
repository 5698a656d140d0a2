"""Records are checked step by step, on evidence; what was checked too long ago is stale, and everybody hears of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.credit.rules.eligibility import Enterprise as Asking
from services.credit.rules.eligibility import failed_rules
from services.registry.models import Enterprise, ValidationStep
from services.registry.rules.validation import counts_until
from services.registry.upkeep import grow_stale
from services.registry.use_cases import validate_enterprise
from services.territory.use_cases.copy_inventory import _copied
from shared import history
from shared.events import load
from shared.identity import Caller
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House
from tests.registry.test_institutions import centre, made
from tests.registry.test_profiles import TODAY, adopted, problem
from tests.registry.workbooks import submission, workbook

NEVER = "01890000-0000-7000-8000-000000000000"


def step(
    house: House,
    enterprise_id: Any,
    state: str,
    caller: Caller = COORDINATOR,
    *,
    version: int | None = None,
    **said: Any,
) -> Any:
    path = f"/enterprises/{enterprise_id}/validation"
    if version is None:
        version = house.call("GET", path).json["version"]
    body = {"state": state, "evidence": "visit", "on": TODAY, **said}
    return house.call("POST", path, caller, version=version, json=body)


def shown(house: House, enterprise_id: Any) -> dict[str, Any]:
    found: dict[str, Any] = house.call("GET", f"/enterprises/{enterprise_id}/validation").json
    return found


def later(**time: int) -> Any:
    return clock.frozen(datetime.now(UTC) + timedelta(**time))


def test_a_record_is_verified_by_the_technician_and_validated_by_the_coordinator(house: House) -> None:
    record = house.register()["id"]
    verified = step(house, record, "verified", TECHNICIAN, words="Vi el horno y el puesto")
    assert verified.status_code == 200, verified.json
    assert problem(step(house, record, "validated", TECHNICIAN)) == (403, "validation.of_the_coordinator")
    done = step(house, record, "validated", evidence="document", words="DPI y licencia").json
    assert (done["validation"], done["checked_on"]) == ("validated", TODAY)
    assert [(s["state_before"], s["state"], s["evidence"], s["taken_by_name"]) for s in done["steps"]] == [
        ("verified", "validated", "document", "Coordinadora de prueba"),
        ("captured", "verified", "visit", "Técnica de prueba"),
    ]
    assert done["counts_until"] == counts_until(clock.today(), done["stale_after_months"]).isoformat()
    told = [data["facts"]["validation"] for _, data in house.events()]
    assert told == ["captured", "verified", "validated"]
    with house.database.reading() as session:
        entries = [e for e in history.of(session, UUID(record)) if e["action"] == "validation"]
    assert [(e["before"]["validation"], e["after"]["validation"]) for e in entries] == [
        ("captured", "verified"),
        ("verified", "validated"),
    ]
    assert "licencia" not in str(entries)


def test_the_field_of_a_change_says_nothing_of_it_any_more(sqlite_house: House) -> None:
    record = sqlite_house.register()
    path = f"/enterprises/{record['id']}"
    answer = sqlite_house.call("PATCH", path, version=record["version"], json={"validation": "validated"})
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [("/validation", "field.unknown")]


TOMORROW = (clock.today() + timedelta(days=1)).isoformat()
LONG_AGO = (clock.today() - timedelta(days=800)).isoformat()
REFUSED: list[tuple[str, dict[str, Any], Caller, int, str]] = [
    ("stale", {}, COORDINATOR, 422, "validation.stale_by_time"),
    ("captured", {"words": "Otra vez"}, COORDINATOR, 409, "validation.nothing_new"),
    ("verified", {"on": TOMORROW}, TECHNICIAN, 422, "validation.in_the_future"),
    ("verified", {"on": LONG_AGO}, TECHNICIAN, 422, "validation.too_old"),
    ("verified", {"evidence": None}, TECHNICIAN, 422, "validation.evidence_needed"),
    ("validated", {"evidence": None}, COORDINATOR, 422, "validation.evidence_needed"),
    ("rejected", {}, COORDINATOR, 422, "validation.reason_needed"),
    ("rejected", {"words": "No existe"}, TECHNICIAN, 403, "validation.of_the_coordinator"),
    ("validated", {}, TECHNICIAN, 403, "validation.of_the_coordinator"),
    ("verified", {}, person("technician", scope="GT01"), 403, "permission.outside_scope"),
    ("verified", {}, person("auditor"), 403, "permission.role_missing"),
    ("verified", {"evidence": "rumour"}, TECHNICIAN, 422, "body.invalid_fields"),
    ("verified", {"version": 99}, TECHNICIAN, 412, "changed_meanwhile"),
]


def test_a_step_that_may_not_be_taken_is_refused_and_leaves_the_record(sqlite_house: House) -> None:
    record = sqlite_house.register()["id"]
    for state, said, caller, status, code in REFUSED:
        answer = step(sqlite_house, record, state, caller, **said)
        assert problem(answer) == (status, code), (state, said)
        assert answer.json["detail"] != code
    assert (shown(sqlite_house, record)["validation"], shown(sqlite_house, record)["steps"]) == ("captured", [])
    assert problem(step(sqlite_house, NEVER, "verified", version=1)) == (404, "enterprise.unknown")


def test_a_rejected_record_says_why_and_only_the_coordinator_takes_it_back(sqlite_house: House) -> None:
    record = sqlite_house.register()["id"]
    assert step(sqlite_house, record, "rejected", words="El negocio cerró").json["validation"] == "rejected"
    assert problem(step(sqlite_house, record, "verified", TECHNICIAN)) == (403, "validation.of_the_coordinator")
    assert problem(step(sqlite_house, record, "captured")) == (422, "validation.reason_needed")
    back = step(sqlite_house, record, "captured", evidence=None, words="Abrió de nuevo").json
    assert (back["validation"], back["checked_on"], back["steps"][0]["words"]) == ("captured", None, "Abrió de nuevo")


def test_newer_evidence_renews_a_check(sqlite_house: House) -> None:
    record = sqlite_house.register()["id"]
    before = (clock.today() - timedelta(days=300)).isoformat()
    step(sqlite_house, record, "verified", TECHNICIAN, on=before)
    renewed = step(sqlite_house, record, "verified", TECHNICIAN, evidence="phone").json
    assert (renewed["validation"], renewed["checked_on"], len(renewed["steps"])) == ("verified", TODAY, 2)


def test_what_was_checked_too_long_ago_grows_stale_once_and_the_others_hear_of_it(house: House) -> None:
    old, new, captured = (house.register(name=name)["id"] for name in ("Una", "Dos", "Tres"))
    step(house, old, "validated", on=(clock.today() - timedelta(days=500)).isoformat())
    step(house, new, "verified", TECHNICIAN)
    assert grow_stale(house.directly()) == 0
    before = len(house.events())
    with later(days=400):
        assert (grow_stale(house.directly()), grow_stale(house.directly())) == (1, 0)
    told = house.events()[before:]
    assert [(name, data["facts"]["enterprise_id"], data["facts"]["validation"]) for name, data in told] == [
        ("enterprise-changed", old, "stale")
    ]
    assert [shown(house, one)["validation"] for one in (old, new, captured)] == ["stale", "verified", "captured"]
    last = shown(house, old)["steps"][0]
    assert (last["state_before"], last["evidence"], last["taken_by_name"]) == ("validated", "time", "registry")
    again = step(house, old, "verified", TECHNICIAN, evidence="phone").json
    assert (again["validation"], again["checked_on"]) == ("verified", TODAY)


def test_each_centre_says_how_long_a_check_counts(sqlite_house: House) -> None:
    here = sqlite_house.register()["id"]
    there = sqlite_house.register(name="En otro lugar", municipality="HN0601", point=None)["id"]
    for one in (here, there):
        step(sqlite_house, one, "validated")
    place = made(sqlite_house, "/centres", centre())
    adopted(sqlite_house, place["id"], stale_after_months=6)
    assert shown(sqlite_house, here)["stale_after_months"] == 6
    with later(days=200):
        assert grow_stale(sqlite_house.directly()) == 1
    assert [shown(sqlite_house, one)["validation"] for one in (here, there)] == ["stale", "validated"]


def test_broken_off_it_goes_on_where_it_was(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [sqlite_house.register(name=f"Tienda {n}")["id"] for n in range(5)]
    for one in records:
        step(sqlite_house, one, "validated")
    monkeypatch.setattr(validate_enterprise, "BATCH", 2)
    real, calls = validate_enterprise.grow_stale, []

    def killed(*args: Any, **options: Any) -> Any:
        calls.append(real(*args, **options))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    with later(days=800):
        monkeypatch.setattr(validate_enterprise, "grow_stale", killed)
        with pytest.raises(KeyboardInterrupt):
            grow_stale(sqlite_house.directly())
        monkeypatch.setattr(validate_enterprise, "grow_stale", real)
        assert grow_stale(sqlite_house.directly()) == 3
    stale = [data for _, data in sqlite_house.events() if data["facts"]["validation"] == "stale"]
    assert sorted(data["facts"]["enterprise_id"] for data in stale) == sorted(records)


def test_who_does_not_agree_any_more_grows_no_older(sqlite_house: House) -> None:
    sqlite_house.report(workbook([submission(1)]), caller=COORDINATOR)
    sqlite_house.report(workbook([submission(1, consent_registry="no")]), caller=COORDINATOR)
    with later(days=2000):
        assert grow_stale(sqlite_house.directly()) == 0


def test_a_stale_record_is_not_lent_to_until_it_is_renewed() -> None:
    asking = {"active": True, "consent_credit": True, "owners": 1, "loans_in_force": 0}
    rules = ("active", "validated")
    assert failed_rules(Asking(validation="stale", **asking), rules) == ("validated",)
    assert failed_rules(Asking(validation="verified", **asking), rules) == ()


def test_a_stale_record_stays_on_the_map_and_in_the_figures(sqlite_house: House) -> None:
    record = sqlite_house.register()["id"]
    step(sqlite_house, record, "verified", TECHNICIAN)
    with later(days=2000):
        grow_stale(sqlite_house.directly())
    facts = load("org.csem.registry.enterprise-changed.v1", sqlite_house.events()[-1][1]).facts
    assert (facts.validation, _copied(facts, ()).counted) == ("stale", True)


def test_a_form_s_own_word_is_a_step_of_its_import_and_goes_with_it(house: House) -> None:
    first = workbook([submission(1, _validation_status="validation_status_on_hold")])
    house.report(first, caller=COORDINATOR)
    record = house.enterprise_id()
    assert shown(house, record)["steps"] == []
    brought = house.take_in(workbook([submission(1), submission(2)]), caller=COORDINATOR)
    now = shown(house, record)
    assert (now["validation"], [s["evidence"] for s in now["steps"]]) == ("validated", ["form"])
    assert now["checked_on"] < TODAY
    with later(days=2000):
        assert grow_stale(house.directly()) == 2
    house.context.work.undo(house.directly(COORDINATOR), UUID(brought["id"]))
    now = shown(house, record)
    assert (now["validation"], now["checked_on"], now["steps"]) == ("captured", None, [])
    with house.database.reading() as session:
        assert session.scalars(select(ValidationStep.id)).all() == []
        assert session.scalars(select(Enterprise.id)).all() == [record]


def test_a_step_that_somebody_took_since_keeps_an_import(sqlite_house: House) -> None:
    brought = sqlite_house.take_in(workbook([submission(1)]))
    step(sqlite_house, sqlite_house.enterprise_id(), "validated")
    refused = sqlite_house.call("POST", f"/imports/{brought['id']}/undo", TECHNICIAN)
    assert problem(refused) == (409, "undo.changed_by_hand")


def test_what_waits_is_listed_and_counted_by_place_for_the_team_alone(sqlite_house: House) -> None:
    captured, verified = (sqlite_house.register(name=name)["id"] for name in ("Una", "Dos"))
    sqlite_house.register(name="Tres", municipality="HN0601", point=None)
    step(sqlite_house, verified, "verified", TECHNICIAN)

    def waiting(query: str) -> list[str]:
        return [row["id"] for row in sqlite_house.call("GET", f"/validations?{query}").json["items"]]

    assert waiting("municipality=HN17") == [captured, verified]
    assert waiting("waits=verify&municipality=HN1709") == [captured]
    assert waiting("waits=validate") == [verified]
    assert waiting("waits=renew") == []
    first = sqlite_house.call("GET", "/validations?limit=1").json
    assert [row["name"] for row in first["items"]] == ["Una"]
    assert first["items"][0]["owners"][0]["given_names"] == "María Ficticia"
    count = sqlite_house.call("GET", "/validations/count?municipality=HN17").json
    assert count == {"captured": 1, "verified": 1, "stale": 0}
    elsewhere = person("technician", scope="GT01")
    assert sqlite_house.call("GET", "/validations", elsewhere).json["items"] == []
    assert problem(sqlite_house.call("GET", "/validations?municipality=HN9999")) == (422, "municipality.unknown")
    for role in ("credit_officer", "leda_viewer", "trainer", "planner"):
        assert sqlite_house.call("GET", "/validations", person(role)).status_code == 403


def test_a_withdrawal_leaves_that_there_was_a_check_and_none_of_its_words(sqlite_house: House) -> None:
    record = sqlite_house.register()
    step(sqlite_house, record["id"], "verified", TECHNICIAN, words="María vive al lado del molino")
    owner = sqlite_house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    gone = sqlite_house.call("DELETE", f"/entrepreneurs/{owner['id']}", version=owner["version"]).json
    assert (gone["erased"]["validation_words"], "validation_dates" in gone["kept"]) == (1, True)
    steps = shown(sqlite_house, record["id"])["steps"]
    assert [(s["state"], s["words"], s["taken_by_name"]) for s in steps] == [("verified", None, "Técnica de prueba")]
    assert problem(step(sqlite_house, record["id"], "validated")) == (409, "enterprise.withdrawn")
