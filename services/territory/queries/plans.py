"""The plans that hold where somebody works."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.territory.models import DevelopmentPlan, PlanLine, PlanProject
from services.territory.models.plans import ADOPTED, LEVELS
from services.territory.queries.around import require_seen, seen_by
from shared import places
from shared.identity import Caller
from shared.kernel import Money, NotFound, clock
from shared.web import Page, keyset_page

_SHOWN = (
    *("id", "version", "unit", "kind", "title", "source", "valid_from", "valid_until", "chains", "purposes"),
    *("state", "declared_by_name", "declared_at", "withdrawn_on"),
)


def list_plans(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The plans of the caller's territory and those of the departments and countries around it, latest first."""
    columns = [getattr(DevelopmentPlan, name).label(name) for name in _SHOWN]
    statement = select(*columns).where(seen_by(caller, DevelopmentPlan.unit), *_conditions(filters))
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([{**row, "level": LEVELS[places.level_of(row["unit"])]} for row in page.rows], page.next)


def plan_row(plan: DevelopmentPlan) -> dict[str, Any]:
    """One plan."""
    return {name: getattr(plan, name) for name in (*_SHOWN, "level")}


def show_plan(session: Session, caller: Caller, plan_id: UUID) -> dict[str, Any]:
    """One plan with its lines, their projects, and its money by year and source; refuses one that is neither of the
    caller's territory nor of what it lies in.
    """
    plan = session.get(DevelopmentPlan, plan_id)
    if plan is None:
        raise NotFound("development_plan.unknown")
    require_seen(caller, plan.unit)
    return whole_plan(plan)


def whole_plan(plan: DevelopmentPlan) -> dict[str, Any]:
    """One plan with its lines, their projects, and its money by year and source."""
    projects = [project for line in plan.lines for project in line.projects]
    return plan_row(plan) | {"lines": [_line(line) for line in plan.lines], "money": _money(projects)}


def _line(line: PlanLine) -> dict[str, Any]:
    told = {name: getattr(line, name) for name in ("id", "number", "title", "chain")}
    return told | {"projects": [_project(project) for project in line.projects]}


def _project(project: PlanProject) -> dict[str, Any]:
    budget = [{**part, "amount": Money(part["amount"], project.currency)} for part in project.budget]
    total = Money.total((part["amount"] for part in budget), project.currency)
    return {"id": project.id, "title": project.title, "chain": project.chain, "budget": budget, "total": total}


def _money(projects: Iterable[PlanProject]) -> list[dict[str, Any]]:
    sums: dict[tuple[int, str, str], int] = {}
    for project in projects:
        for part in project.budget:
            key = (part["year"], part["source"], project.currency)
            sums[key] = sums.get(key, 0) + part["amount"]
    return [
        {"year": year, "source": source, "amount": Money(minor, currency)}
        for (year, source, currency), minor in sorted(sums.items())
    ]


def _conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if unit := filters.get("unit"):
        found.append(DevelopmentPlan.unit.in_(places.around(unit)))
    if filters.get("in_force"):
        today, until = clock.today(), DevelopmentPlan.valid_until
        found += [
            DevelopmentPlan.state == ADOPTED,
            DevelopmentPlan.valid_from <= today,
            or_(until.is_(None), until >= today),
        ]
    return found
