"""Proposals: written by who proposes, followed step by step, put right by later records, never backwards."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock
from shared.testing import person
from tests.territory.conftest import register

pytestmark = pytest.mark.both_databases

DELEGATE = person("organization", scope="HN17", name="Delegada Ficticia")
OTHER = person("organization", scope="HN17", subject="otra-delegada")
TECHNICIAN = person("technician", scope="HN17", subject="tecnica")
COORDINATOR = person("coordinator", scope=("HN17", "HN06"), subject="coordinadora")
PLANNER = person("planner", scope="HN1709", subject="planificadora")
VIEWER = person("leda_viewer", scope="HN17", subject="adel")
AUDITOR = person("auditor", scope="*", subject="auditora")
STRANGER = person("coordinator", scope="GT01", subject="lejana")
NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date()
PDF = b"%PDF-1.4\nficticio\n%%EOF\n"


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


def money(amount: str, currency: str = "HNL") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


PROPOSAL: dict[str, Any] = {
    "unit": "HN1709",
    "title": "Centro de acopio de camarón",
    "text": "Un centro de acopio con cuarto frío para las pescadoras del golfo.",
    "organization": "Red de Mujeres del Golfo (ficticia)",
    "chain": "fishing",
    "costs": [
        {"year": 2027, "item": "Cuarto frío", "measure": "unidad", "quantity": 2, "unit_cost": money("150000.50")},
        {"year": 2028, "item": "Capacitación", "measure": "jornada", "quantity": 10, "unit_cost": money("4000.00")},
    ],
    "financing": [
        {"source": "municipality", "institution": "Municipalidad de San Lorenzo", "amount": money("300001.00")},
        {"source": "women_organizations", "amount": money("40000.00")},
    ],
    "women_total": 120,
    "women_direct": 35,
}


def propose(service: Any, caller: Caller = DELEGATE, **facts: Any) -> Any:
    return service.call(caller, "POST", "/proposals", json=PROPOSAL | facts)


def step(service: Any, caller: Caller, row: dict[str, Any], state: str, days_ago: int = 0, **more: Any) -> Any:
    body = {"state": state, "day": (TODAY - timedelta(days=days_ago)).isoformat()} | more
    version = {"If-Match": f'"{row["version"]}"'}
    return service.call(caller, "POST", f"/proposals/{row['id']}/steps", json=body, headers=version)


def correct(service: Any, caller: Caller, row: dict[str, Any], state: str, days_ago: int = 0, **more: Any) -> Any:
    body = {"state": state, "day": (TODAY - timedelta(days=days_ago)).isoformat()} | more
    version = {"If-Match": f'"{row["version"]}"'}
    return service.call(caller, "POST", f"/proposals/{row['id']}/corrections", json=body, headers=version)


def code_of(answer: Any) -> str:
    found = [error["code"] for error in answer.json.get("errors", [])]
    return found[0] if found else answer.json["code"]


def on_the_way(service: Any, *states: str) -> dict[str, Any]:
    """A proposal that was proposed long ago and took these steps, one each day."""
    with clock.frozen(clock.now() - timedelta(days=100)):
        row = propose(service).json
    for number, state in enumerate(states):
        more: dict[str, Any] = {} if state == "submitted" else {"act": f"Acta {number}"}
        if state in {"budgeted", "executed"}:
            more["amount"] = money("200000.00" if state == "budgeted" else "150000.00")
        if state == "rejected":
            more["reason"] = "Sin fondos"
        answer = step(service, COORDINATOR, row, state, days_ago=60 - number * 10, **more)
        assert answer.status_code == 201, answer.text
        row = answer.json
    return row


def test_a_proposal_tells_its_costs_by_year_and_who_pays_them(service: SimpleNamespace) -> None:
    made = propose(service)
    assert made.status_code == 201, made.text
    row = made.json
    assert row["asked"] == money("340001.00")
    assert row["costs"][0]["cost"] == money("300001.00")
    assert row["years"] == [
        {"year": 2027, "amount": money("300001.00")},
        {"year": 2028, "amount": money("40000.00")},
    ]
    assert (row["state"], row["may_write"], row["may_record"]) == ("proposed", True, ["submitted"])
    seen = service.get(VIEWER, f"/proposals/{row['id']}").json
    assert (seen["may_write"], seen["may_record"], seen["next_states"]) == (False, [], ["submitted"])
    assert (row["proposed_by_name"], row["currency"], row["approved"]) == ("Delegada Ficticia", "HNL", None)


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"unit": "HN1799"}, 422, "unit.unknown"),
        ({"unit": "HN0601"}, 403, "permission.outside_scope"),
        ({"financing": [{"source": "municipality", "amount": money("1.00")}]}, 422, "proposal.financing_differs"),
        ({"financing": [{"source": "municipality", "amount": money("340001.00", "GTQ")}]}, 422, "money.other_than_the_country"),
        ({"women_direct": 121}, 422, "proposal.more_direct_than_total"),
        ({"costs": []}, 422, "field.list_size"),
        ({"costs": [PROPOSAL["costs"][0] | {"quantity": 1.5}]}, 422, "field.not_integer"),
        ({"costs": [PROPOSAL["costs"][0] | {"unit_cost": money("1.005")}]}, 422, "money.malformed"),
        ({"costs": [PROPOSAL["costs"][0] | {"quantity": 10**6, "unit_cost": money("9999999999999.99")}]}, 422, "money.out_of_range"),
        ({"line_id": "01890000-0000-7000-8000-000000000000"}, 422, "proposal.line_without_plan"),
        ({"plan_id": "01890000-0000-7000-8000-000000000000"}, 404, "development_plan.unknown"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused_and_leaves_nothing(
    service: SimpleNamespace, facts: Any, status: int, code: str
) -> None:
    answer = propose(service, **facts)
    assert (answer.status_code, code_of(answer)) == (status, code), answer.text
    assert service.get(DELEGATE, "/proposals").json["items"] == []


@pytest.mark.parametrize("caller", [PLANNER, VIEWER, AUDITOR, person("cashier", scope="HN17")])
def test_who_does_not_propose_cannot_write_one(service: SimpleNamespace, caller: Caller) -> None:
    assert code_of(propose(service, caller)) == "permission.role_missing"


def test_a_proposal_is_changed_by_who_wrote_it_until_it_is_submitted(service: SimpleNamespace) -> None:
    row = propose(service).json
    path = f"/proposals/{row['id']}"

    def put(caller: Caller, version: int, **facts: Any) -> Any:
        return service.call(caller, "PUT", path, json=PROPOSAL | facts, headers={"If-Match": f'"{version}"'})

    assert code_of(put(OTHER, row["version"])) == "proposal.of_another"
    assert put(STRANGER, row["version"]).status_code == 403
    changed = put(DELEGATE, row["version"], title="Otro título")
    assert (changed.status_code, changed.json["title"]) == (200, "Otro título")
    assert put(DELEGATE, row["version"]).status_code == 412, "an old version"
    by_coordinator = put(COORDINATOR, changed.json["version"], title="Con la coordinadora")
    assert by_coordinator.status_code == 200
    sent = step(service, DELEGATE, by_coordinator.json, "submitted").json
    assert code_of(put(DELEGATE, sent["version"])) == "proposal.submitted_already"
    with service.database.reading() as session:
        actions = [entry["action"] for entry in history.of(session, UUID(row["id"]))]
    assert actions == ["propose", "rewrite", "rewrite", "advance"]


def test_the_whole_way_is_told_with_days_acts_and_amounts(service: SimpleNamespace) -> None:
    row = on_the_way(service, "submitted", "debated", "included", "budgeted", "executed")
    assert (row["state"], row["next_states"]) == ("executed", [])
    assert (row["approved"], row["executed"]) == (money("200000.00"), money("150000.00"))
    assert [one["days"] for one in row["steps"]] == [0, 40, 10, 10, 10, 10]
    assert row["steps"][2]["act"] == "Acta 1"
    assert all(one["recorded_by_name"] for one in row["steps"])


@pytest.mark.parametrize(
    ("state", "more", "code"),
    [
        ("debated", {"act": "x"}, "proposal.does_not_follow"),
        ("executed", {"amount": money("1.00")}, "proposal.does_not_follow"),
        ("rejected", {"reason": "x"}, "proposal.does_not_follow"),
        ("submitted", {"days_ago": -1}, "proposal.day_in_future"),
        ("submitted", {"days_ago": 101}, "proposal.day_before_last"),
        ("submitted", {"amount": money("1.00")}, "proposal.no_amount_here"),
        ("submitted", {"council_id": "01890000-0000-7000-8000-000000000000"}, "council.unknown"),
        ("proposed", {}, "field.not_a_choice"),
    ],
)
def test_a_step_that_cannot_be_is_refused(service: SimpleNamespace, state: str, more: Any, code: str) -> None:
    row = on_the_way(service)
    answer = step(service, COORDINATOR, row, state, **more)
    assert code_of(answer) == code
    assert service.get(COORDINATOR, f"/proposals/{row['id']}").json["version"] == row["version"]


@pytest.mark.parametrize(
    ("before", "state", "lacking"),
    [
        (["submitted"], "debated", "/act"),
        (["submitted"], "rejected", "/reason"),
        (["submitted", "debated", "included"], "budgeted", "/act"),
        (["submitted", "debated", "included", "budgeted"], "executed", "/amount"),
    ],
)
def test_a_step_says_what_it_cannot_do_without(
    service: SimpleNamespace, before: list[str], state: str, lacking: str
) -> None:
    answer = step(service, COORDINATOR, on_the_way(service, *before), state)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, lacking)


def test_each_records_the_steps_that_are_hers(service: SimpleNamespace) -> None:
    row = propose(service).json
    assert code_of(step(service, OTHER, row, "submitted")) == "proposal.step_of_others"
    assert code_of(step(service, TECHNICIAN, row, "submitted")) == "proposal.step_of_others"
    row = step(service, DELEGATE, row, "submitted").json
    assert code_of(step(service, DELEGATE, row, "debated", act="x")) == "proposal.step_of_others"
    row = step(service, PLANNER, row, "debated", act="Acta 1").json
    row = step(service, PLANNER, row, "included", act="Acta 2").json
    refused = step(service, PLANNER, row, "budgeted", act="Acta 3", amount=money("1.00"))
    assert code_of(refused) == "proposal.step_of_others"
    assert step(service, STRANGER, row, "budgeted", act="x", amount=money("1.00")).status_code == 403
    assert step(service, VIEWER, row, "budgeted").json["code"] == "permission.role_missing"
    assert step(service, COORDINATOR, row, "budgeted", act="Acta 3", amount=money("1.00")).status_code == 201


def test_two_who_record_the_same_step_at_once_leave_one(service: SimpleNamespace) -> None:
    row = propose(service).json
    assert step(service, DELEGATE, row, "submitted").status_code == 201
    assert step(service, COORDINATOR, row, "submitted").status_code == 412
    bare = service.call(
        COORDINATOR, "POST", f"/proposals/{row['id']}/steps", json={"state": "debated", "day": str(TODAY)}
    )
    assert bare.status_code == 428


def test_a_correction_counts_and_what_was_recorded_stays(service: SimpleNamespace) -> None:
    row = on_the_way(service, "submitted", "debated", "included", "budgeted")
    assert code_of(correct(service, PLANNER, row, "debated", act="x", reason="x")) == "permission.role_missing"
    assert code_of(correct(service, COORDINATOR, row, "executed", amount=money("1.00"), reason="x")) == (
        "proposal.was_never_there"
    )
    assert code_of(correct(service, COORDINATOR, row, "budgeted", act="x", amount=money("1.00"))) == "field.required"
    fixed = correct(
        service,
        COORDINATOR,
        row,
        "budgeted",
        30,
        act="Acta 3 bis",
        amount=money("180000.00"),
        reason="Cifra mal copiada",
    )
    assert fixed.status_code == 201, fixed.text
    assert fixed.json["approved"] == money("180000.00")
    assert fixed.json["version"] > row["version"]
    back = correct(service, COORDINATOR, fixed.json, "debated", 50, act="Acta 1", reason="No se incluyó todavía").json
    assert (back["state"], back["approved"], back["next_states"]) == ("debated", None, ["included", "rejected"])
    assert [one["state"] for one in back["steps"]] == [
        *("proposed", "submitted", "debated", "included", "budgeted", "budgeted", "debated"),
    ]
    assert back["been_at"] == ["proposed", "submitted", "debated"]
    assert back["steps"][-1]["reason"] == "No se incluyó todavía"
    before = correct(service, COORDINATOR, back, "debated", 70, act="Acta 1", reason="x")
    assert code_of(before) == "proposal.day_before_last", "no correction goes before the step before it"


def test_a_correction_that_leaves_the_state_where_it_was_makes_a_new_version(service: SimpleNamespace) -> None:
    row = on_the_way(service, "submitted")
    same = correct(service, COORDINATOR, row, "submitted", 60, reason="Con otra acta", act="Acta 9")
    assert same.json["version"] == row["version"] + 1


def test_what_was_rejected_by_mistake_goes_on(service: SimpleNamespace) -> None:
    row = on_the_way(service, "submitted", "rejected")
    assert code_of(step(service, COORDINATOR, row, "debated", act="x")) == "proposal.does_not_follow"
    row = correct(service, COORDINATOR, row, "submitted", 60, reason="Era otra propuesta").json
    assert step(service, COORDINATOR, row, "debated", act="Acta 2").json["state"] == "debated"


def test_a_step_is_shown_by_one_paper_that_readers_of_the_territory_see(service: SimpleNamespace) -> None:
    row = on_the_way(service, "submitted", "debated")
    path = f"/proposals/{row['id']}/steps/{row['steps'][-1]['id']}/paper"

    def send(caller: Caller, content: bytes = PDF) -> Any:
        file = {"file": (BytesIO(content), "acta.pdf")}
        return service.call(caller, "POST", path, data=file, content_type="multipart/form-data")

    assert service.get(VIEWER, path).status_code == 404
    assert code_of(send(COORDINATOR, b"GIF89a")) == "file.neither_pdf_nor_picture"
    assert code_of(send(PLANNER)) == "proposal.step_of_others"
    assert send(STRANGER).status_code == 403
    kept = send(COORDINATOR)
    assert kept.status_code == 201, kept.text
    assert [one["has_paper"] for one in kept.json["steps"]] == [False, False, True]
    assert code_of(send(COORDINATOR)) == "proposal.step_has_paper"
    assert service.get(VIEWER, path).data == PDF
    assert service.get(STRANGER, path).status_code == 403


def test_frozen_evidence_is_published_and_stays_as_it_was(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 12, links=["production"])
        register(session, 2, "HN1709", chain="honey")
    row = propose(service).json
    path = f"/proposals/{row['id']}/evidence"
    assert code_of(service.call(OTHER, "POST", path)) == "proposal.of_another"
    assert code_of(service.call(PLANNER, "POST", path)) == "permission.role_missing"
    assert service.call(STRANGER, "POST", path).status_code == 403
    frozen = service.call(DELEGATE, "POST", path)
    assert frozen.status_code == 201, frozen.text
    told = frozen.json["evidence"][0]
    shown = service.get(VIEWER, f"{path}/{told['id']}").json
    chains = {chain["chain"]: chain for chain in shown["content"]["chains"]}
    assert chains["fishing"]["enterprises"] in {12, None}
    assert "honey" not in chains or chains["honey"]["enterprises"] is None, "two enterprises are withheld"
    written = orjson.dumps(shown["content"], option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(written).hexdigest() == shown["hash"] == told["hash"]
    assert (shown["intact"], shown["published"]) == (True, shown["content"]["published"])
    assert code_of(service.call(DELEGATE, "POST", path)) == "proposal.frozen_already"
    with service.database.transaction() as session:
        register(session, 30)
    assert service.get(VIEWER, f"{path}/{told['id']}").json["content"] == shown["content"]
    with service.database.transaction() as session:
        session.execute(text("UPDATE frozen_analysis SET hash = :other"), {"other": "0" * 64})
    assert service.get(VIEWER, f"{path}/{told['id']}").json["intact"] is False
    step(service, DELEGATE, row, "submitted")
    assert code_of(service.call(DELEGATE, "POST", path)) == "proposal.submitted_already"


def test_a_proposal_to_a_country_has_no_published_table_to_freeze(service: SimpleNamespace) -> None:
    country = person("network_coordinator", scope="HN")
    row = propose(service, country, unit="HN").json
    assert code_of(service.call(country, "POST", f"/proposals/{row['id']}/evidence")) == "publication.municipal_only"


def test_list_board_and_tables_show_the_same_proposals(service: SimpleNamespace) -> None:
    assert service.get(COORDINATOR, "/proposals/board").json["items"] == []
    propose(service, title="=Primera")
    propose(service, unit="HN1701", organization="Asociación Ficticia de Nacaome", chain=None)
    on_the_way(service, "submitted")

    def titles(caller: Caller, query: str = "") -> list[str]:
        return [row["unit"] for row in service.get(caller, f"/proposals{query}").json["items"]]

    assert titles(COORDINATOR) == ["HN1709", "HN1701", "HN1709"]
    assert titles(PLANNER) == ["HN1709", "HN1709"]
    assert titles(STRANGER) == []
    assert titles(COORDINATOR, "?state=submitted") == ["HN1709"]
    assert titles(COORDINATOR, "?organization=nacaome") == ["HN1701"]
    assert titles(COORDINATOR, "?organization=%25") == []
    assert titles(COORDINATOR, "?unit=HN1709&year=2026") == titles(COORDINATOR, f"?unit=HN1709&year={TODAY.year}")
    counted = service.get(COORDINATOR, "/proposals/board").json["items"]
    assert [(row["state"], row["proposals"], row["oldest_days"]) for row in counted] == [
        ("proposed", 2, 0),
        ("submitted", 1, 60),
    ]
    assert counted[0]["asked"] == money("680002.00")
    lines = service.get(COORDINATOR, "/proposals/table?state=proposed").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Lugar;Propuesta;Organización;Cadena de valor") or lines[0].startswith("Place;Proposal")
    assert ";'=Primera;" in lines[2]
    book = service.get(COORDINATOR, "/proposals/table?format=xlsx").data
    cells = CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(cells) == 4
    assert cells[3][1] == "'=Primera"
    assert cells[1][11] == 340001.0
    assert service.get(COORDINATOR, "/proposals/table?format=xlsx").data == book


def test_a_proposal_aims_at_a_line_of_a_plan_of_its_place(service: SimpleNamespace) -> None:
    plan = {
        "unit": "HN17", "kind": "pimp", "title": "Plan ficticio", "source": "Acuerdo 1", "valid_from": "2026-01-01",
        "chains": ["fishing"],
    }  # fmt: skip
    planned = service.call(COORDINATOR, "POST", "/plans", json=plan).json
    line = {"number": "3.2", "title": "Infraestructura productiva", "chain": "fishing"}
    lines = f"/plans/{planned['id']}/lines"
    whole = service.call(COORDINATOR, "POST", lines, json=line).json
    line_id = whole["lines"][0]["id"]
    assert code_of(service.call(COORDINATOR, "POST", lines, json=line)) == "development_plan.number_taken"
    assert service.call(PLANNER, "POST", lines, json=line).status_code == 403, "the department's plan is not hers"
    budget = [
        {"year": 2027, "source": "municipality", "amount": money("100.00")},
        {"year": 2027, "source": "cooperation", "amount": money("50.00")},
    ]
    project = {"title": "Centro de acopio", "chain": "fishing", "budget": budget}
    whole = service.call(COORDINATOR, "POST", f"{lines}/{line_id}/projects", json=project).json
    assert whole["lines"][0]["projects"][0]["total"] == money("150.00")
    assert whole["money"] == [budget[1], budget[0]]
    dollars = project | {"budget": [budget[0] | {"amount": money("1.00", "USD")}]}
    answer = service.call(COORDINATOR, "POST", f"{lines}/{line_id}/projects", json=dollars)
    assert answer.json["errors"][0]["pointer"] == "/budget/0/amount"
    row = propose(service, plan_id=planned["id"], line_id=line_id).json
    assert (row["plan_title"], row["line_title"]) == ("Plan ficticio", "3.2 Infraestructura productiva")
    far = propose(service, COORDINATOR, unit="HN0601", plan_id=planned["id"])
    assert code_of(far) == "proposal.plan_elsewhere"

    def take_out(under: str, version: int) -> Any:
        return service.call(COORDINATOR, "POST", f"{lines}/{under}/removal", headers={"If-Match": f'"{version}"'})

    assert code_of(take_out(line_id, whole["version"])) == "development_plan.line_aimed_at"
    project_id = whole["lines"][0]["projects"][0]["id"]
    gone = take_out(f"{line_id}/projects/{project_id}", whole["version"])
    assert (gone.status_code, gone.json["money"]) == (200, [])
    seen = service.call(COORDINATOR, "POST", lines, json=line | {"number": "4"}).json
    second = seen["lines"][1]["id"]
    now = service.call(COORDINATOR, "POST", f"{lines}/{second}/projects", json=project).json
    assert service.call(COORDINATOR, "POST", f"{lines}/{second}/removal").status_code == 428
    assert take_out(second, seen["version"]).status_code == 412, "the line has a project that she has not seen"
    left = take_out(second, now["version"]).json
    assert [one["number"] for one in left["lines"]] == ["3.2"]
    assert service.get(PLANNER, f"/plans/{planned['id']}").status_code == 200, "it holds where she works"
    assert service.get(person("planner", scope="GT01"), f"/plans/{planned['id']}").status_code == 403
