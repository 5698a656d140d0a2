"""A borrower is taught at her workplace: planned, visit by visit, and what came of it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Assistance, AssistanceVisit, CopyLoan
from services.training.models.assistance import OPEN
from shared import history
from shared.bus import log
from shared.events.training import AssistanceGiven
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, Stale, clock, uuid7


def plan_assistance(
    session: Session,
    caller: Caller,
    *,
    loan_id: UUID,
    kind: str,
    topics: Sequence[str],
    goal: str,
    planned_minutes: int,
    begins_on: date,
) -> Assistance:
    """The plan. Refuses a loan that is unknown here, one that has a plan under way, and a beginning before the loan
    was paid out.
    """
    loan = session.get(CopyLoan, loan_id, with_for_update=True)
    if loan is None:
        raise NotFound("assistance.unknown_loan")
    caller.require_scope(loan.municipality)
    running = select(Assistance.id).where(Assistance.loan_id == loan_id, Assistance.state == OPEN)
    if session.scalar(running) is not None:
        raise Refused("assistance.planned_already")
    if begins_on < loan.disbursed_on:
        raise Invalid("assistance.before_loan", pointer="/begins_on", day=loan.disbursed_on)
    if len(set(topics)) != len(topics):
        raise Invalid("assistance.topic_twice", pointer="/topics")
    plan = Assistance(
        id=uuid7(),
        loan_id=loan_id,
        enterprise_id=loan.enterprise_id,
        unit=loan.municipality,
        kind=kind,
        topics=list(topics),
        goal=goal.strip(),
        planned_minutes=planned_minutes,
        begins_on=begins_on,
        state=OPEN,
        planned_at=clock.now(),
        planned_by=caller.subject,
        planned_by_name=caller.name,
        visits=[],
    )
    session.add(plan)
    session.flush()
    told = {"loan_id": loan_id, "kind": kind, "topics": list(topics), "minutes": planned_minutes}
    history.record(session, caller, subject=plan.id, kind="assistance", action="plan", after=told)
    return plan


def note_visit(
    session: Session,
    caller: Caller,
    *,
    assistance_id: UUID,
    visit_id: UUID,
    day: date,
    minutes: int,
    topics: Sequence[str],
    done: str,
) -> Assistance:
    """The plan with one visit more, of which credit hears; the same one sent again is noted once."""
    plan = _locked(session, caller, assistance_id, None)
    known = session.get(AssistanceVisit, visit_id)
    if known is not None:
        if (known.assistance_id, known.day, known.minutes) != (assistance_id, day, minutes):
            raise Refused("assistance.visit_differs")
        return plan
    plan.visit(visit_id, day, minutes, topics, done, caller)
    session.flush()
    told = {"day": day, "minutes": minutes, "topics": list(topics)}
    history.record(session, caller, subject=plan.id, kind="assistance", action="visit", after=told)
    given = AssistanceGiven(
        assistance_id=plan.id,
        visit_id=visit_id,
        loan_id=plan.loan_id,
        enterprise_id=plan.enterprise_id,
        given_on=day,
        minutes=minutes,
    )
    log.append(session, given, plan.id)
    return plan


def end_assistance(
    session: Session,
    caller: Caller,
    *,
    assistance_id: UUID,
    version: int | None,
    ended_on: date,
    outcome: str,
    lessons: str | None = None,
) -> Assistance:
    """It ended, with what came of it."""
    plan = _locked(session, caller, assistance_id, version)
    plan.end(ended_on, outcome, lessons)
    session.flush()
    told = {"ended_on": ended_on, "outcome": outcome}
    history.record(session, caller, subject=plan.id, kind="assistance", action="end", after=told)
    return plan


def _locked(session: Session, caller: Caller, assistance_id: UUID, version: int | None) -> Assistance:
    plan = session.get(Assistance, assistance_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound("assistance.unknown")
    caller.require_scope(plan.unit)
    if version is not None and version != plan.version:
        raise Stale("changed_meanwhile", current=plan.version)
    return plan
