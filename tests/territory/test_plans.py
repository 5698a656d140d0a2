"""Plans of municipalities and departments: declared by who plans there, told to the others, withdrawn when they end."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from services.territory.cli import group
from shared import history
from shared.bus.tables import event_log
from shared.identity import Caller
from shared.kernel import clock
from shared.testing import person
from tests.portal.conftest import text_of
from tests.territory.test_pages import browser, house

pytestmark = pytest.mark.both_databases

__all__ = ["house"]

PLANNER = person("planner", scope="HN1709", name="Plácida Planificadora")
DEPARTMENT = person("planner", scope="HN17")
COORDINATOR = person("coordinator", scope=("HN17", "HN06"))
STRANGER = person("planner", scope="HN0601")
OFFICER = person("credit_officer", scope="HN1709")
PLAN: dict[str, Any] = {
    "unit": "HN1709",
    "kind": "pdm_ot",
    "title": "Plan de Desarrollo Municipal de San Lorenzo",
    "source": "Acuerdo municipal ficticio 12/2026",
    "valid_from": "2026-01-01",
    "valid_until": "2030-12-31",
    "chains": ["fishing", "cashew"],
    "purposes": ["equipment"],
}


def declare(service: Any, caller: Caller = PLANNER, **facts: Any) -> Any:
    return service.call(caller, "POST", "/plans", json=PLAN | facts)


def told(service: Any) -> list[dict[str, Any]]:
    with service.database.reading() as session:
        rows = session.execute(select(event_log.c.type, event_log.c.data).order_by(event_log.c.seq)).all()
    return [row.data for row in rows if ".plan-" in row.type]


def titles(service: Any, caller: Caller, query: str = "") -> list[str]:
    return [row["title"] for row in service.get(caller, f"/plans{query}").json["items"]]


def test_a_declared_plan_is_told_with_what_it_puts_first(service: SimpleNamespace) -> None:
    made = declare(service)
    assert made.status_code == 201, made.text
    assert (made.json["level"], made.json["chains"], made.json["state"]) == (
        "municipal",
        ["cashew", "fishing"],
        "adopted",
    )
    known = ("unit", "kind", "title", "valid_from", "valid_until", "purposes")
    assert told(service) == [
        {"plan_id": made.json["id"], "level": "municipal", "chains": ["cashew", "fishing"]}
        | {k: PLAN[k] for k in known}
    ]


@pytest.mark.parametrize(("unit", "level"), [("HN17", "departmental"), ("HN", "national")])
def test_departments_and_countries_have_plans_too(service: SimpleNamespace, unit: str, level: str) -> None:
    country = person("network_coordinator", scope="HN")
    assert declare(service, country, unit=unit).json["level"] == level


def test_a_withdrawn_plan_is_told_and_stays_in_the_list(service: SimpleNamespace) -> None:
    made = declare(service).json
    path, match = f"/plans/{made['id']}/withdrawal", {"If-Match": f'"{made["version"]}"'}
    assert service.call(STRANGER, "POST", path, headers=match).status_code == 403
    assert service.call(PLANNER, "POST", path).status_code == 428
    gone = service.call(COORDINATOR, "POST", path, headers=match)
    assert (gone.status_code, gone.json["state"]) == (200, "withdrawn")
    assert told(service)[-1] == {"plan_id": made["id"], "withdrawn_on": clock.today().isoformat()}
    assert service.call(COORDINATOR, "POST", path, headers=match).status_code == 412
    again = {"If-Match": f'"{gone.json["version"]}"'}
    assert service.call(COORDINATOR, "POST", path, headers=again).json["code"] == "development_plan.withdrawn_already"
    assert titles(service, PLANNER) == [PLAN["title"]]
    assert titles(service, PLANNER, "?in_force=true") == []
    with service.database.reading() as session:
        actions = [entry["action"] for entry in history.of(session, UUID(made["id"]))]
    assert actions == ["declare", "withdraw"]


@pytest.mark.parametrize(
    ("facts", "caller", "status", "code"),
    [
        ({"unit": "HN1799"}, DEPARTMENT, 422, "unit.unknown"),
        ({"unit": "HN17"}, PLANNER, 403, "permission.outside_scope"),
        ({}, STRANGER, 403, "permission.outside_scope"),
        ({}, OFFICER, 403, "permission.role_missing"),
        ({"valid_until": "2025-12-31"}, PLANNER, 422, "development_plan.ends_before_it_begins"),
        ({"chains": []}, PLANNER, 422, None),
        ({"chains": ["gold"]}, PLANNER, 422, None),
        ({"purposes": ["war"]}, PLANNER, 422, None),
    ],
)
def test_what_is_no_plan_of_hers_is_refused_and_told_to_nobody(
    service: SimpleNamespace, facts: Any, caller: Caller, status: int, code: str | None
) -> None:
    answer = declare(service, caller, **facts)
    assert answer.status_code == status, answer.text
    found = [error["code"] for error in answer.json.get("errors", [])] or [answer.json["code"]]
    assert code is None or code in found
    assert told(service) == []


def test_everybody_sees_the_plans_that_hold_where_she_works(service: SimpleNamespace) -> None:
    declare(service, title="Municipal")
    declare(service, DEPARTMENT, unit="HN17", title="Departamental")
    declare(service, DEPARTMENT, unit="HN1701", title="Vecino")
    declare(service, DEPARTMENT, unit="HN17", title="Viejo", valid_from="2020-01-01", valid_until="2020-12-31")
    assert titles(service, OFFICER) == ["Viejo", "Departamental", "Municipal"]
    assert titles(service, OFFICER, "?in_force=true") == ["Departamental", "Municipal"]
    assert titles(service, DEPARTMENT, "?unit=HN1701") == ["Viejo", "Vecino", "Departamental"]
    assert titles(service, STRANGER) == []


def test_the_command_declares_lists_and_withdraws(service: SimpleNamespace) -> None:
    place = SimpleNamespace(service=lambda _name: service.built)

    def run(*words: str) -> str:
        done = CliRunner().invoke(group, ("plan", *words), obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    days = ("--from", "2026-01-01", "--chain", "fishing", "--chain", "cashew")
    plan_id = run("declare", "HN1709", "Plan X", "--kind", "pom", "--source", "Acuerdo 1", *days).strip()
    listed = run("list", "--unit", "HN1709", "--in-force")
    assert plan_id in listed
    assert "Plan X (San Lorenzo): cashew, fishing" in listed
    run("withdraw", plan_id)
    assert run("list", "--in-force") == ""


def test_a_planner_declares_a_plan_on_her_page_and_withdraws_it(house: Any) -> None:
    planner, officer = browser(house, "planner", units=("HN1709",)), browser(house, "credit_officer", units=("HN1709",))
    page = "/territory/plans"
    assert "Aquí todavía no hay ningún plan declarado" in text_of(planner.get(page))
    wrong = planner.post(page, PLAN | {"valid_until": "2025-01-01"})
    assert (wrong.status_code, PLAN["title"] in wrong.text) == (422, True), "nothing typed is lost"
    assert "El último día del plan no puede ser anterior" in text_of(wrong)
    assert planner.post(page, PLAN, page=page).status_code == 303
    shown = text_of(officer.get(page))
    assert PLAN["title"] in shown
    assert "Declarar un plan" not in shown
    assert officer.post(page, PLAN, page=page).status_code == 403
    html = planner.get(page).text
    action = html.partition('action="/territory/plans/')[2].partition('"')[0]
    version = html.partition('name="version" value="')[2].partition('"')[0]
    assert planner.post(f"{page}/{action}", {"version": version}).status_code == 303
    assert "Plan retirado" in text_of(planner.get(page))
    planner.get(page)
    assert planner.post(f"{page}/{action}", {"version": version}).status_code == 412
