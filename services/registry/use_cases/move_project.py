"""A project is described and moves through its cycle, forth and back, each step dated and signed."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, BusinessPlan
from services.registry.rules.visits import plan_visits
from services.registry.tables import visit_stops_on
from services.registry.use_cases.accompany import case_to_change, remember_case
from shared.identity import Caller


def describe_project(
    session: Session,
    caller: Caller,
    accompaniment_id: UUID,
    *,
    version: int | None,
    title: str | None,
    aim: str | None,
    needs: list[str],
    resolved_needs: list[str],
) -> Accompaniment:
    """What the project is about, what it needs, and which of its needs are resolved."""
    case = case_to_change(session, caller, accompaniment_id, version)
    before = {"needs": case.needs, "resolved": case.resolved_needs}
    case.describe(title=title, aim=aim, needs=needs, resolved=resolved_needs)
    remember_case(session, caller, case, "describe", before, {"needs": needs, "resolved": resolved_needs})
    return case


def move_project(
    session: Session,
    caller: Caller,
    accompaniment_id: UUID,
    *,
    version: int | None,
    phase: str,
    on: date,
    reason: str | None,
    financed_how: str | None,
    months: int,
) -> Accompaniment:
    """Move a case to the next phase, or back with a reason. What is implemented with own funds gets its plan of visits
    for so many months, unless it has one. Refuses what the phase needs and the case lacks.
    """
    case = case_to_change(session, caller, accompaniment_id, version)
    ready = select(BusinessPlan.id).where(BusinessPlan.accompaniment_id == case.id, BusinessPlan.state == "ready")
    before = {"phase": case.phase}
    plan_ready = session.scalar(ready.limit(1)) is not None
    case.move(phase, on, reason=reason, financed_how=financed_how, plan_ready=plan_ready, caller=caller)
    if phase == "implementation" and not case.visits:
        case.plan(plan_visits(on, case.needs, visit_stops_on(on), months))
    remember_case(session, caller, case, "move", before, {"phase": phase, "on": on.isoformat()})
    return case
