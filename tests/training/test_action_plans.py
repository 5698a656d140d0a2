"""Action plans through the API: written, reviewed by somebody else, carried out and closed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.training.models import Sme
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import person
from shared.tokens import Keyring
from tests.training.csr_firms import (
    ACTION,
    CONTENT,
    REVIEWER,
    TRAINER,
    Speaker,
    diagnosed,
    executed,
    speaking,
    training,
)
from tests.training.house import STRANGER, number

FIRM = str(number(70_000))


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    with training(tmp_path, keys) as built:
        with built.database.transaction() as session:
            firm = session.get(Sme, number(70_000))
            assert firm is not None
            diagnosed(session, firm, 1)
        yield built


@pytest.fixture
def speak(service: Service, keys: dict[str, Keyring]) -> Callable[[Caller], Speaker]:
    return speaking(service, keys)


@pytest.fixture
def team(speak: Callable[[Caller], Speaker]) -> Speaker:
    return speak(TRAINER)


@pytest.fixture
def reviewer(speak: Callable[[Caller], Speaker]) -> Speaker:
    return speak(REVIEWER)


@pytest.fixture
def plan(team: Speaker) -> dict[str, Any]:
    made = team.post("/csr-plans", {"sme_id": FIRM})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_a_plan_needs_a_diagnosis_and_there_is_one_at_a_time(team: Speaker, plan: dict[str, Any]) -> None:
    assert plan["state"] == "draft"
    assert plan["diagnosis_id"]
    assert team.post("/csr-plans", {"sme_id": FIRM}).json["code"] == "plan.one_is_open"
    without = team.post("/csr-plans", {"sme_id": str(number(70_001))})
    assert without.json["code"] == "plan.diagnosis_first"


def test_a_plan_that_does_not_say_everything_is_not_handed_in(team: Speaker, plan: dict[str, Any]) -> None:
    path = f"/csr-plans/{plan['id']}"
    silent = team.post(f"{path}/submission", version=plan["version"])
    assert (silent.json["code"], silent.json["facts"]) == ("plan.incomplete", {"missing": 7})
    half = team.put(path, CONTENT | {"vision": " "}, plan["version"]).json
    refused = team.post(f"{path}/submission", version=half["version"])
    assert refused.json["errors"][0]["pointer"] == "/vision"


@pytest.mark.parametrize(
    ("changed", "code", "pointer"),
    [
        ({"gap": "Z9"}, "plan.unknown_gap", "/actions/0/gap"),
        ({"ends_on": "2026-03-01"}, "plan.ends_before_it_begins", "/actions/0/ends_on"),
        ({"ends_on": "2026-09-11"}, "plan.too_long", "/actions/0/ends_on"),
        ({"responsible": " "}, "body.invalid_fields", "/actions/0/responsible"),
        ({"begins_on": "ayer"}, "body.invalid_fields", "/actions/0/begins_on"),
    ],
)
def test_an_action_that_cannot_be_is_refused(
    team: Speaker, plan: dict[str, Any], changed: dict[str, Any], code: str, pointer: str
) -> None:
    refused = team.put(f"/csr-plans/{plan['id']}", CONTENT | {"actions": [ACTION | changed]}, plan["version"])
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert refused.json["errors"][0]["pointer"] == pointer


def test_a_returned_plan_is_written_again_and_keeps_its_rounds(
    team: Speaker, reviewer: Speaker, plan: dict[str, Any]
) -> None:
    path = f"/csr-plans/{plan['id']}"
    version = team.put(path, CONTENT, plan["version"]).json["version"]
    version = team.post(f"{path}/submission", version=version).json["version"]
    assert team.put(path, CONTENT, version).json["code"] == "plan.not_writable"
    version = reviewer.post(f"{path}/review", version=version).json["version"]
    told = {"outcome": "returned", "recommendations": "Diga cómo medirá el agua"}
    version = reviewer.post(f"{path}/conclusion", told, version).json["version"]
    version = team.put(path, CONTENT, version).json["version"]
    version = team.post(f"{path}/submission", version=version).json["version"]
    version = reviewer.post(f"{path}/review", version=version).json["version"]
    done = reviewer.post(f"{path}/conclusion", told | {"outcome": "accepted"}, version).json
    assert [(one["number"], one["outcome"]) for one in done["reviews"]] == [(1, "returned"), (2, "accepted")]
    too_many = team.post(f"{path}/key-aspects", {"actions": []}, done["version"])
    assert too_many.json["code"] == "plan.few_key_aspects"
    other = team.post(f"{path}/key-aspects", {"actions": [3]}, done["version"])
    assert other.json["code"] == "plan.no_such_action"


def test_nobody_reviews_her_own_plan(speak: Callable[[Caller], Speaker]) -> None:
    both = speak(person("csr_reviewer", "trainer", scope="HN17", subject="both"))
    plan = both.post("/csr-plans", {"sme_id": FIRM}).json
    path = f"/csr-plans/{plan['id']}"
    version = both.put(path, CONTENT, plan["version"]).json["version"]
    version = both.post(f"{path}/submission", version=version).json["version"]
    assert both.post(f"{path}/review", version=version).json["code"] == "plan.own"
    version = speak(REVIEWER).post(f"{path}/review", version=version).json["version"]
    told = {"outcome": "accepted", "recommendations": "Bien"}
    assert both.post(f"{path}/conclusion", told, version).json["code"] == "plan.own"


def test_nobody_reviews_what_she_wrote_into_the_plan_of_another(
    speak: Callable[[Caller], Speaker], team: Speaker, plan: dict[str, Any]
) -> None:
    both = speak(person("csr_reviewer", "technician", scope="HN17", subject="both"))
    path = f"/csr-plans/{plan['id']}"
    version = both.put(path, CONTENT, plan["version"]).json["version"]
    version = team.post(f"{path}/submission", version=version).json["version"]
    assert both.post(f"{path}/review", version=version).json["code"] == "plan.own"
    version = speak(REVIEWER).post(f"{path}/review", version=version).json["version"]
    told = {"outcome": "accepted", "recommendations": "Bien"}
    assert both.post(f"{path}/conclusion", told, version).json["code"] == "plan.own"


def test_nobody_verifies_what_she_reported_herself(
    speak: Callable[[Caller], Speaker], team: Speaker, reviewer: Speaker, plan: dict[str, Any]
) -> None:
    executed(team, reviewer, plan["id"], clock.today())
    both = speak(person("csr_reviewer", "technician", scope="HN17", subject="both"))
    path = f"/csr-plans/{plan['id']}"
    with clock.frozen(clock.now() + timedelta(days=190)):
        told = {"month": 6, "progress": [{"number": 1, "state": "done", "value": "41"}], "evidence": "Recibos"}
        version = both.post(f"{path}/check-ins", told).json["version"]
        closing = {"outcome": "verified", "note": "Visto en la visita"}
        assert both.post(f"{path}/closing", closing, version).json["code"] == "plan.own"
        assert reviewer.post(f"{path}/closing", closing, version).json["state"] == "verified"


def test_a_plan_is_carried_out_with_check_ins_and_closed_by_somebody_else(
    team: Speaker, reviewer: Speaker, plan: dict[str, Any]
) -> None:
    begun = executed(team, reviewer, plan["id"], clock.today())
    path = f"/csr-plans/{plan['id']}"
    assert (begun["state"], begun["light"], [one["key"] for one in begun["actions"]]) == (
        "in_execution",
        "green",
        [True, False],
    )
    told = {"month": 1, "progress": [{"number": 1, "state": "under_way", "value": "12"}], "evidence": "Recibos"}
    assert team.post(f"{path}/check-ins", told).json["code"] == "plan.check_in_early"
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert team.post(f"{path}/check-ins", told | {"month": 4}).json["code"] == "plan.no_check_in"
        assert team.post(f"{path}/check-ins", told | {"progress": []}).json["code"] == "plan.progress_of_each"
        assert team.post(f"{path}/check-ins", told).status_code == 201
        assert team.post(f"{path}/check-ins", told).json["code"] == "plan.checked_in_already"
    with clock.frozen(clock.now() + timedelta(days=70)):
        shown = reviewer.get(path).json
        assert (shown["light"], shown["due"]) == ("red", [2])
        board = reviewer.get("/csr-follow-up").json["items"]
        assert [row["light"] for row in board if row["sme_id"] == FIRM] == ["red"]
        assert reviewer.get("/csr-follow-up/waiting").json == {"to_review": 0, "check_ins_due": 1, "amber": 0, "red": 1}
    with clock.frozen(clock.now() + timedelta(days=190)):
        closing = {"outcome": "verified", "note": "Visto en la visita"}
        early = reviewer.post(f"{path}/closing", closing, shown["version"])
        assert early.json["code"] == "plan.last_check_in_missing"
        assert team.post(f"{path}/closing", closing, shown["version"]).json["code"] == "plan.own"
        last = told | {"month": 6, "progress": [{"number": 1, "state": "done", "value": "41"}]}
        version = team.post(f"{path}/check-ins", last).json["version"]
        closed = reviewer.post(f"{path}/closing", closing, version).json
        assert (closed["state"], closed["light"]) == ("verified", "green")


def test_a_plan_is_given_up_for_a_reason_and_another_may_begin(team: Speaker, plan: dict[str, Any]) -> None:
    path = f"/csr-plans/{plan['id']}"
    assert team.post(f"{path}/closing", {"outcome": "abandoned", "note": " "}, plan["version"]).status_code == 422
    gone = team.post(f"{path}/closing", {"outcome": "abandoned", "note": "La empresa cerró"}, plan["version"])
    assert (gone.json["state"], gone.json["light"]) == ("abandoned", "red")
    assert team.post("/csr-plans", {"sme_id": FIRM}).status_code == 201


def test_a_plan_of_another_territory_is_not_shown(speak: Callable[[Caller], Speaker], plan: dict[str, Any]) -> None:
    stranger = speak(STRANGER)
    assert stranger.get(f"/csr-plans/{plan['id']}").status_code == 403
    assert stranger.get(f"/csr-follow-up/{FIRM}").status_code == 403
    assert [row["sme_name"] for row in stranger.get("/csr-follow-up").json["items"]] == ["Empresa 9 de prueba"]
    assert stranger.put(f"/csr-plans/{plan['id']}", CONTENT, plan["version"]).status_code == 403
