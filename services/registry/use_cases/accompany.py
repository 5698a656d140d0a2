"""The centre stands beside a project: opens an accompaniment, assigns it, visits, closes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, Visit
from services.registry.rules.visits import PlannedVisit, plan_visits
from services.registry.tables import visit_stops_on
from services.registry.use_cases.records import standing_for
from shared import history
from shared.bus import log
from shared.events.registry import AccompanimentOpened
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock


@dataclass(frozen=True, slots=True)
class NextVisit:
    """When to come again, and what for."""

    due_on: date
    purpose: str


def open_accompaniment(
    session: Session,
    caller: Caller,
    enterprise_id: UUID,
    *,
    needs: list[str],
    begins_on: date,
    term_months: int,
    loan_id: UUID | None = None,
    phase: str = "implementation",
    title: str | None = None,
    aim: str | None = None,
) -> Accompaniment:
    """An accompaniment, nobody assigned yet; the one there is for the same loan. One that begins with its
    implementation has its plan of dated visits; a loan takes up the case that was planned for it.

    Without needs of its own it answers those the enterprise named. Refuses an enterprise that does not count any more.
    """
    stands = standing_for(session, Enterprise, enterprise_id)
    if stands is None:
        raise NotFound("enterprise.unknown")
    enterprise_id = stands.id
    enterprise = session.get_one(Enterprise, enterprise_id, with_for_update={"of": Enterprise}, populate_existing=True)
    caller.require_scope(enterprise.municipality)
    enterprise.require_counted()
    if loan_id is not None:
        known = session.scalar(select(Accompaniment).where(Accompaniment.loan_id == loan_id))
        if known is not None:
            return known
        if (planned := _awaiting(session, enterprise_id)) is not None:
            _implement(session, caller, planned, loan_id, begins_on, needs, term_months)
            return planned
    named = needs or list(enterprise.tagged("need"))
    accompaniment = Accompaniment.open(
        enterprise_id,
        enterprise.municipality,
        loan_id=loan_id,
        needs=named,
        opened_on=begins_on,
        caller=caller,
        phase=phase,
        title=title,
        aim=aim,
    )
    if phase == "implementation":
        accompaniment.plan(plan_visits(begins_on, named, visit_stops_on(begins_on), term_months))
    session.add(accompaniment)
    session.flush()
    after = {"loan_id": loan_id and str(loan_id), "phase": phase, "needs": named, "visits": len(accompaniment.visits)}
    history.record(session, caller, subject=accompaniment.id, kind="accompaniment", action="open", after=after)
    opened = AccompanimentOpened(
        accompaniment_id=accompaniment.id,
        enterprise_id=enterprise_id,
        loan_id=loan_id,
        municipality=accompaniment.municipality,
    )
    log.append(session, opened, accompaniment.id)
    return accompaniment


def _awaiting(session: Session, enterprise_id: UUID) -> Accompaniment | None:
    """The open case of an enterprise that its loan was planned for, the furthest first; locked."""
    waiting = select(Accompaniment).where(
        Accompaniment.enterprise_id == enterprise_id,
        Accompaniment.closed_on.is_(None),
        Accompaniment.loan_id.is_(None),
        Accompaniment.phase.in_(("financing", "planning")),
    )
    # "financing" stands before "planning" in the alphabet too.
    ordered = waiting.order_by(Accompaniment.phase, Accompaniment.id.desc()).limit(1)
    return session.scalar(ordered.with_for_update(of=Accompaniment).execution_options(populate_existing=True))


def _implement(
    session: Session, caller: Caller, case: Accompaniment, loan_id: UUID, on: date, needs: list[str], term_months: int
) -> None:
    """The loan of a planned project was paid out: what was appraised joins its needs, and its visits are planned."""
    before = {"phase": case.phase, "loan_id": None}
    case.take_loan(loan_id, on, caller)
    case.name_needs(needs)
    case.plan(plan_visits(on, case.needs, visit_stops_on(on), term_months))
    remember_case(session, caller, case, "move", before, {"phase": case.phase, "loan_id": str(loan_id)})


def assign_accompaniment(
    session: Session,
    caller: Caller,
    accompaniment_id: UUID,
    *,
    version: int | None,
    technician: str,
    name: str,
    note: str | None = None,
) -> Accompaniment:
    """Make a technician responsible. A technician takes one for herself; only a coordinator gives it to another, or
    who has it hands it over, with a note of what there is to know.
    """
    accompaniment = case_to_change(session, caller, accompaniment_id, version)
    hers = accompaniment.technician == caller.subject and bool(note)
    if technician != caller.subject and not hers and not caller.has("coordinator", "network_coordinator"):
        raise Refused("accompaniment.assigned_by_coordinator")
    before = {"technician": accompaniment.technician}
    accompaniment.assign(technician, name, caller, note)
    remember_case(session, caller, accompaniment, "assign", before, {"technician": technician})
    return accompaniment


def close_accompaniment(
    session: Session,
    caller: Caller,
    accompaniment_id: UUID,
    *,
    version: int | None,
    closed_on: date,
    reason: str | None = None,
) -> Accompaniment:
    """End it: an implemented project is in its consolidation, another one is given up with a reason."""
    accompaniment = case_to_change(session, caller, accompaniment_id, version)
    if closed_on > clock.today():
        raise Invalid("accompaniment.closed_in_the_future", pointer="/closed_on", today=clock.today().isoformat())
    accompaniment.close(closed_on, caller, reason)
    remember_case(session, caller, accompaniment, "close", {}, {"closed_on": closed_on.isoformat()})
    return accompaniment


def plan_visit(session: Session, caller: Caller, accompaniment_id: UUID, *, visit: NextVisit) -> Visit:
    """One more visit in the plan."""
    accompaniment = case_to_change(session, caller, accompaniment_id, None)
    planned = _plan_next(accompaniment, visit)
    accompaniment.touch()
    after = {"due_on": planned.due_on.isoformat(), "purposes": planned.purposes}
    remember_case(session, caller, accompaniment, "plan-visit", {}, after)
    return planned


def record_visit(
    session: Session,
    caller: Caller,
    accompaniment_id: UUID,
    visit_id: UUID | None,
    *,
    made_on: date,
    minutes: int | None,
    notes: str | None,
    agreements: str | None,
    next_visit: NextVisit | None,
    place: str | None = None,
    needs: list[str] | None = None,
) -> Visit:
    """Write down a visit: one that was planned, or (without `visit_id`) one that was not.

    Refuses a day in the future or before the accompaniment, and a visit that is written down already.
    """
    accompaniment = case_to_change(session, caller, accompaniment_id, None)
    if made_on < accompaniment.opened_on:
        raise Invalid("visit.before_opening", pointer="/made_on", opened=accompaniment.opened_on.isoformat())
    visit = accompaniment.add_visit(made_on, ("other",)) if visit_id is None else accompaniment.visit(visit_id)
    visit.make(
        made_on,
        minutes=minutes,
        notes=notes,
        agreements=agreements,
        place=place,
        needs=needs,
        caller=caller,
    )
    if next_visit is not None:
        _plan_next(accompaniment, next_visit)
    accompaniment.touch()
    session.flush()
    # What was written stays with the visit alone: a history would keep it after a withdrawal.
    after = {"visit": str(visit.id), "made_on": made_on.isoformat(), "minutes": minutes}
    remember_case(session, caller, accompaniment, "record-visit", {}, after)
    return visit


def _plan_next(accompaniment: Accompaniment, visit: NextVisit) -> Visit:
    if visit.due_on < accompaniment.opened_on:
        raise Invalid("visit.before_opening", pointer="/due_on", opened=accompaniment.opened_on.isoformat())
    accompaniment.plan([PlannedVisit(visit.due_on, (visit.purpose,), ())])
    return accompaniment.visits[-1]


def case_to_change(session: Session, caller: Caller, accompaniment_id: UUID, version: int | None) -> Accompaniment:
    """The locked case; refuses what lies outside the caller's territory, and an old version. It lies where its
    enterprise is today, wherever that was when it was opened.
    """
    found = session.get(Accompaniment, accompaniment_id, with_for_update={"of": Accompaniment}, populate_existing=True)
    if found is None:
        raise NotFound("accompaniment.unknown")
    caller.require_scope(session.get_one(Enterprise, found.enterprise_id).municipality)
    found.require_version(version)
    return found


def remember_case(
    session: Session,
    caller: Caller,
    accompaniment: Accompaniment,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """Write into its history what was done with a case, without a word of what was written about her."""
    session.flush()
    history.record(
        session,
        caller,
        subject=accompaniment.id,
        kind="accompaniment",
        action=action,
        before=before or None,
        after=after,
    )
