"""Councils, seats, sessions, dialogues, commitments, alliances, and the indicators of influence."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock
from shared.testing import person
from tests.territory.test_proposals import (
    COORDINATOR,
    DELEGATE,
    PDF,
    PLANNER,
    STRANGER,
    VIEWER,
    code_of,
    money,
    on_the_way,
    propose,
    step,
)

pytestmark = pytest.mark.both_databases

NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date()
COUNCIL: dict[str, Any] = {"unit": "HN1709", "kind": "municipal", "name": "Concejo ficticio", "seats_total": 2}
SEAT: dict[str, Any] = {
    "organization": "Red de Mujeres (ficticia)",
    "constituency": "Mujeres rurales",
    "kind": "titular",
    "held_from": (TODAY - timedelta(days=30)).isoformat(),
}
SESSION: dict[str, Any] = {
    "held_on": (TODAY - timedelta(days=5)).isoformat(),
    "agenda": "Presupuesto",
    "women": 4,
    "men": 6,
    "organizations": ["Red B", "Red A", "Red A"],
}
PROMISE: dict[str, Any] = {
    "what": "Terreno para el centro de acopio",
    "responsible": "Municipalidad",
    "due_on": (TODAY - timedelta(days=1)).isoformat(),
}
DIALOGUE: dict[str, Any] = {
    "unit": "HN1709",
    "kind": "public_hearing",
    "title": "Audiencia ficticia",
    "held_on": TODAY.isoformat(),
    "topics": "Agua",
    "participants": [
        {"kind": "women_organizations", "institutions": 3, "women": 20, "men": 0},
        {"kind": "municipality", "institutions": 1, "women": 2, "men": 3},
    ],
}
ALLIANCE: dict[str, Any] = {
    "unit": "HN17",
    "name": "Alianza del Golfo (ficticia)",
    "purpose": "Incidir en el presupuesto",
    "members": ["Red A", "Universidad Ficticia"],
    "begun_on": "2026-01-01",
}


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


def post(service: Any, path: str, body: Any, caller: Caller = COORDINATOR, **headers: str) -> Any:
    return service.call(caller, "POST", path, json=body, headers=headers)


def council(service: Any, **facts: Any) -> dict[str, Any]:
    made = post(service, "/councils", COUNCIL | facts)
    assert made.status_code == 201, made.text
    row: dict[str, Any] = made.json
    return row


def test_a_council_tells_the_seats_that_women_hold_today(service: SimpleNamespace) -> None:
    path = f"/councils/{council(service)['id']}"
    ended = SEAT | {"held_from": "2020-01-01", "held_until": "2021-01-01"}
    to_come = SEAT | {"held_from": (TODAY + timedelta(days=30)).isoformat()}
    for seat in (SEAT, ended, to_come, SEAT | {"kind": "alternate"}):
        assert post(service, f"{path}/seats", seat).status_code == 201
    row = service.get(PLANNER, path).json
    assert (row["women_seats"], row["seats_total"]) == (1, 2)
    assert [seat["held"] for seat in row["seats"]] == [True, False, False, True]
    listed = service.get(VIEWER, "/councils").json["items"]
    assert [(one["name"], one["women_seats"], one["last_session"]) for one in listed] == [("Concejo ficticio", 1, None)]


def test_women_hold_no_more_seats_than_a_council_has(service: SimpleNamespace) -> None:
    made = council(service, seats_total=1)
    path = f"/councils/{made['id']}"
    seat_id = post(service, f"{path}/seats", SEAT).json["seats"][0]["id"]

    def end(day: str, version: int) -> Any:
        return post(service, f"{path}/seats/{seat_id}/end", {"day": day}, **{"If-Match": f'"{version}"'})

    assert code_of(post(service, f"{path}/seats", SEAT)) == "council.no_seat_left"
    assert code_of(post(service, f"{path}/seats", SEAT | {"held_until": "2020-01-01"})) == "council.seat_ends_before"
    assert code_of(end("2020-01-01", made["version"])) == "council.seat_ends_before"
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert post(service, f"{path}/seats/{seat_id}/end", {"day": yesterday}).status_code == 428
    ended = end(yesterday, made["version"]).json
    assert ended["women_seats"] == 0
    assert end(TODAY.isoformat(), made["version"]).status_code == 412, "somebody ended it meanwhile"
    assert code_of(end(yesterday, ended["version"])) == "council.seat_ended"
    assert post(service, f"{path}/seats", SEAT | {"held_from": TODAY.isoformat()}).status_code == 201
    change = {"name": "Otro nombre", "seats_total": 5}
    changed = service.call(COORDINATOR, "PUT", path, json=change, headers={"If-Match": f'"{ended["version"]}"'})
    assert (changed.status_code, changed.json["seats_total"]) == (200, 5)
    assert service.call(COORDINATOR, "PUT", path, json=change, headers={"If-Match": '"1"'}).status_code == 412
    for _ in range(2):
        post(service, f"{path}/seats", SEAT)
    fewer = service.call(
        COORDINATOR, "PUT", path, json=change | {"seats_total": 1}, headers={"If-Match": f'"{changed.json["version"]}"'}
    )
    assert code_of(fewer) == "council.fewer_than_held"


@pytest.mark.parametrize("caller", [PLANNER, DELEGATE, VIEWER])
def test_only_coordinators_write_councils_down(service: SimpleNamespace, caller: Caller) -> None:
    assert code_of(post(service, "/councils", COUNCIL, caller)) == "permission.role_missing"
    assert code_of(post(service, "/dialogues", DIALOGUE, caller)) == "permission.role_missing"
    assert code_of(post(service, "/alliances", ALLIANCE, caller)) == "permission.role_missing"


def test_nothing_is_written_or_read_outside_the_territory(service: SimpleNamespace) -> None:
    row = council(service)
    path = f"/councils/{row['id']}"
    assert post(service, "/councils", COUNCIL, STRANGER).status_code == 403
    assert post(service, f"{path}/seats", SEAT, STRANGER).status_code == 403
    assert post(service, f"{path}/sessions", SESSION, STRANGER).status_code == 403
    assert service.get(STRANGER, path).status_code == 403
    assert service.get(STRANGER, "/councils").json["items"] == []
    assert post(service, "/councils", COUNCIL | {"unit": "HN1799"}).status_code == 422


def test_a_council_of_the_department_is_seen_from_the_municipality_but_written_from_the_department(
    service: SimpleNamespace,
) -> None:
    row = council(service, unit="HN17", kind="departmental")
    assert service.get(PLANNER, f"/councils/{row['id']}").status_code == 200
    local = person("coordinator", scope="HN1709")
    assert post(service, f"/councils/{row['id']}/seats", SEAT, local).status_code == 403


def test_what_is_promised_in_a_session_is_late_until_it_is_kept(service: SimpleNamespace) -> None:
    row = council(service)
    path = f"/councils/{row['id']}"
    tomorrow = SESSION | {"held_on": (TODAY + timedelta(days=1)).isoformat()}
    assert code_of(post(service, f"{path}/sessions", tomorrow)) == "council.day_in_future"
    held = post(service, f"{path}/sessions", SESSION).json["sessions"][0]
    assert held["organizations"] == ["Red A", "Red B"]
    promises = f"{path}/sessions/{held['id']}/commitments"
    before = PROMISE | {"due_on": "2020-01-01"}
    assert code_of(post(service, promises, before)) == "commitment.due_before_made"
    nowhere = "01890000-0000-7000-8000-000000000000"
    assert code_of(post(service, f"{path}/sessions/{nowhere}/commitments", PROMISE)) == "council.session_unknown"
    made = post(service, promises, PROMISE).json
    assert (made["state"], made["late"]) == ("open", True)
    assert service.get(VIEWER, "/councils").json["items"][0]["open_commitments"] == 1
    assert [one["what"] for one in service.get(PLANNER, "/commitments?state=open").json["items"]] == [PROMISE["what"]]

    def settle(version: int, state: str) -> Any:
        body = {"state": state, "note": "Se vio"}
        return post(service, f"/commitments/{made['id']}/settlement", body, **{"If-Match": f'"{version}"'})

    kept = settle(made["version"], "kept")
    assert (kept.status_code, kept.json["state"], kept.json["late"]) == (200, "kept", False)
    assert settle(made["version"], "not_kept").status_code == 412
    assert code_of(settle(kept.json["version"], "kept")) == "commitment.settled_so_already"
    assert settle(kept.json["version"], "not_kept").json["state"] == "not_kept", "what was said may be put right"
    assert service.get(PLANNER, "/commitments?state=open").json["items"] == []


def test_the_proof_of_a_commitment_is_the_last_paper_that_was_sent(service: SimpleNamespace) -> None:
    row = post(service, "/dialogues", DIALOGUE).json
    made = post(service, f"/dialogues/{row['id']}/agreements", PROMISE | {"due_on": TODAY.isoformat()}).json
    path = f"/commitments/{made['id']}/proof"

    def send(content: bytes, version: int, caller: Caller = COORDINATOR) -> Any:
        file, match = {"file": (BytesIO(content), "prueba.pdf")}, {"If-Match": f'"{version}"'}
        return service.call(caller, "POST", path, data=file, content_type="multipart/form-data", headers=match)

    assert service.get(VIEWER, path).status_code == 404
    assert code_of(send(b"nada", made["version"])) == "file.neither_pdf_nor_picture"
    assert send(PDF, made["version"], STRANGER).status_code == 403
    shown = send(PDF, made["version"]).json
    assert shown["has_proof"] is True
    assert send(PDF, made["version"]).status_code == 412, "it would replace a paper that she has not seen"
    assert send(PDF + b"% bis %%EOF\n", shown["version"]).status_code == 200
    assert service.get(VIEWER, path).data.endswith(b"% bis %%EOF\n")
    assert service.get(STRANGER, path).status_code == 403
    shown = service.get(VIEWER, f"/dialogues/{row['id']}").json
    assert [(one["what"], one["has_proof"]) for one in shown["agreements"]] == [(PROMISE["what"], True)]


def test_a_dialogue_counts_who_was_there_and_names_nobody(service: SimpleNamespace) -> None:
    row = post(service, "/dialogues", DIALOGUE).json
    assert (row["institutions"], row["women"], row["men"]) == (4, 22, 3)
    twice = DIALOGUE | {"participants": [DIALOGUE["participants"][0]] * 2}
    assert code_of(post(service, "/dialogues", twice)) == "dialogue.kind_twice"
    ahead = DIALOGUE | {"held_on": (TODAY + timedelta(days=1)).isoformat()}
    assert code_of(post(service, "/dialogues", ahead)) == "council.day_in_future"
    assert service.get(VIEWER, "/dialogues?kind=other").json["items"] == []
    lines = service.get(VIEWER, "/dialogues/table").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("San Lorenzo, Valle;")
    assert service.get(VIEWER, "/councils/table?format=xlsx").data.startswith(b"PK")


def test_an_alliance_has_two_members_or_more_and_ends_once(service: SimpleNamespace) -> None:
    assert code_of(post(service, "/alliances", ALLIANCE | {"members": ["Red A", "Red A "]})) == "alliance.of_one"
    made = post(service, "/alliances", ALLIANCE).json
    assert [row["name"] for row in service.get(PLANNER, "/alliances").json["items"]] == [ALLIANCE["name"]]

    def end(day: str, version: int) -> Any:
        return post(service, f"/alliances/{made['id']}/end", {"day": day}, **{"If-Match": f'"{version}"'})

    assert code_of(end("2025-12-31", made["version"])) == "alliance.ends_before_it_begins"
    assert end("2026-06-30", made["version"]).json["ended_on"] == "2026-06-30"
    assert code_of(end("2026-06-30", made["version"] + 1)) == "alliance.ended_already"


def test_a_step_names_the_council_in_which_it_happened(service: SimpleNamespace) -> None:
    here, far = council(service), council(service, unit="HN0601")
    row = propose(service).json
    refused = step(service, COORDINATOR, row, "submitted", council_id=far["id"])
    assert code_of(refused) == "proposal.council_elsewhere"
    row = step(service, COORDINATOR, row, "submitted", council_id=here["id"]).json
    assert row["steps"][-1]["council_name"] == "Concejo ficticio"


def test_an_empty_territory_has_no_rates_and_says_so(service: SimpleNamespace) -> None:
    told = service.get(VIEWER, "/influence?by=unit").json
    assert (told["total"], told["rows"], told["councils"], told["all_seats"]) == ([], [], [], 0)
    assert all(pace == {"state": pace["state"], "n": 0, "median_days": None} for pace in told["steps"])


def test_the_indicators_count_what_stands_today(service: SimpleNamespace) -> None:
    on_the_way(service, "submitted", "debated", "included", "budgeted", "executed")
    on_the_way(service, "submitted", "rejected")
    propose(service, organization="Otra organización (ficticia)")
    made = council(service)
    post(service, f"/councils/{made['id']}/seats", SEAT)
    told = service.get(VIEWER, "/influence").json
    (total,) = told["total"]
    assert (total["proposals"], total["submitted"], total["included"]) == (3, 2, 1)
    assert total["inclusion_rate"] == 0.5
    assert total["approved_share"] == pytest.approx(20_000_000 / 34_000_100)
    assert total["executed_share"] == 0.75
    assert (total["approved"], total["spent"]) == (money("200000.00"), money("150000.00"))
    paces = {pace["state"]: (pace["n"], pace["median_days"]) for pace in told["steps"]}
    assert (paces["submitted"], paces["rejected"], paces["executed"]) == ((2, 40.0), (1, 10.0), (1, 10.0))
    assert (told["women_seats"], told["all_seats"]) == (1, 2)
    by = service.get(VIEWER, "/influence?by=organization").json["rows"]
    assert [(row["key"], row["proposals"]) for row in by] == [
        ("Otra organización (ficticia)", 1),
        ("Red de Mujeres del Golfo (ficticia)", 2),
    ]
    assert service.get(VIEWER, "/influence?organization=otra").json["total"][0]["inclusion_rate"] is None
    assert service.get(STRANGER, "/influence").json["total"] == []
    assert code_of(service.get(person("cashier", scope="HN17"), "/influence")) == "permission.role_missing"
    lines = service.get(VIEWER, "/influence/table?by=unit").data.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("San Lorenzo;HNL;3;2;1;0.5;1;")
