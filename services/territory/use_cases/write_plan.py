"""The programme lines of a plan and their projects are written down, and taken out where they were a mistake."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.territory.models import DevelopmentPlan, PlanLine, PlanProject, Proposal
from services.territory.use_cases.finding import locked
from shared import history
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Invalid, Money, Refused, uuid7


def write_line(
    session: Session, caller: Caller, plan_id: UUID, *, number: str, title: str, chain: str | None
) -> DevelopmentPlan:
    """The plan with another line; refuses one of another territory than the caller's, and a number taken."""
    plan = _plan(session, caller, plan_id)
    line = PlanLine(id=uuid7(), number=number, title=title, chain=chain)
    plan.take_line(line)
    return _changed(session, caller, plan, "write_line", {"line": line.id, "number": number, "title": title})


def remove_line(
    session: Session, caller: Caller, plan_id: UUID, line_id: UUID, *, version: int | None
) -> DevelopmentPlan:
    """The plan without a line and its projects; refused where a proposal aims at it."""
    plan = _plan(session, caller, plan_id)
    plan.require_version(version)
    line = plan.line(line_id)
    if session.scalar(select(exists().where(Proposal.line_id == line.id))):
        raise Refused("development_plan.line_aimed_at", number=line.number)
    facts = {"line": line.id, "number": line.number, "title": line.title}
    session.delete(line)
    session.flush()
    session.expire(plan, ["lines"])
    return _changed(session, caller, plan, "remove_line", facts)


def write_project(
    session: Session,
    caller: Caller,
    plan_id: UUID,
    line_id: UUID,
    *,
    title: str,
    chain: str | None,
    budget: Sequence[Mapping[str, Any]],
) -> DevelopmentPlan:
    """The plan with another project under a line, its money by year and source in the currency of the country."""
    plan = _plan(session, caller, plan_id)
    plan.require_adopted()
    currency = COUNTRY_CURRENCY[plan.unit[:2]]
    kept = [{**part, "amount": minor_of(part["amount"], currency, f"/budget/{at}")} for at, part in enumerate(budget)]
    project = PlanProject(id=uuid7(), title=title, chain=chain, currency=currency, budget=kept)
    plan.line(line_id).projects.append(project)
    return _changed(session, caller, plan, "write_project", {"project": project.id, "title": title, "budget": kept})


def remove_project(
    session: Session, caller: Caller, plan_id: UUID, line_id: UUID, project_id: UUID, *, version: int | None
) -> DevelopmentPlan:
    """The plan without a project that was written down by mistake."""
    plan = _plan(session, caller, plan_id)
    plan.require_version(version)
    line = plan.line(line_id)
    project = line.project(project_id)
    line.projects.remove(project)
    return _changed(session, caller, plan, "remove_project", {"project": project.id, "title": project.title})


def minor_of(money: Money, currency: str, pointer: str) -> int:
    """The minor units of an amount; refuses another currency than the country's."""
    if money.currency != currency:
        raise Invalid("money.other_than_the_country", pointer=f"{pointer}/amount", currency=currency)
    return money.minor


def _plan(session: Session, caller: Caller, plan_id: UUID) -> DevelopmentPlan:
    plan = locked(session, DevelopmentPlan, plan_id, "development_plan.unknown")
    caller.require_scope(plan.unit)
    return plan


def _changed(
    session: Session, caller: Caller, plan: DevelopmentPlan, action: str, facts: Mapping[str, Any]
) -> DevelopmentPlan:
    plan.rewritten()
    session.flush()
    history.record(session, caller, subject=plan.id, kind="plan", action=action, after=facts)
    return plan
