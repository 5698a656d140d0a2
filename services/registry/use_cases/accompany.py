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
) -> Accompaniment:
    """An accompaniment with its plan of dated visits, nobody assigned yet; the one there is for the same loan.

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
    named = needs or list(enterprise.tagged("need"))
    accompaniment = Accompaniment.open(
        enterprise_id, enterprise.municipality, loan_id=loan_id, needs=named, opened_on=begins_on
    )
    accompaniment.plan(plan_visits(begins_on, named, visit_stops_on(begins_on), term_months))
    session.add(accompaniment)
    session.flush()
    after = {"loan_id": loan_id and str(loan_id), "needs": named, "visits": len(accompaniment.visits)}
    history.record(session, caller, subject=accompaniment.id, kind="accompaniment", action="open", after=after)
    opened = AccompanimentOpened(
        accompaniment_id=accompaniment.id,
        enterprise_id=enterprise_id,
        loan_id=loan_id,
        municipality=accompaniment.municipality,
    )
    log.append(session, opened, accompaniment.id)
    return accompaniment


def assign_accompaniment(
    session: Session, caller: Caller, accompaniment_id: UUID, *, version: int | None, technician: str, name: str
) -> Accompaniment:
    """Make a technician responsible. A technician takes one for herself; only a coordinator gives it to another."""
    accompaniment = _to_change(session, caller, accompaniment_id, version)
    if technician != caller.subject and not caller.has("coordinator", "network_coordinator"):
        raise Refused("accompaniment.assigned_by_coordinator")
    before = {"technician": accompaniment.technician}
    accompaniment.assign(technician, name)
    _remember(session, caller, accompaniment, "assign", before, {"technician": technician})
    return accompaniment


def close_accompaniment(
    session: Session, caller: Caller, accompaniment_id: UUID, *, version: int | None, closed_on: date
) -> Accompaniment:
    """End it; the project is in its consolidation."""
    accompaniment = _to_change(session, caller, accompaniment_id, version)
    if closed_on > clock.today():
        raise Invalid("accompaniment.closed_in_the_future", pointer="/closed_on", today=clock.today().isoformat())
    accompaniment.close(closed_on)
    _remember(session, caller, accompaniment, "close", {}, {"closed_on": closed_on.isoformat()})
    return accompaniment


def plan_visit(session: Session, caller: Caller, accompaniment_id: UUID, *, visit: NextVisit) -> Visit:
    """One more visit in the plan."""
    accompaniment = _to_change(session, caller, accompaniment_id, None)
    planned = _plan_next(accompaniment, visit)
    accompaniment.touch()
    after = {"due_on": planned.due_on.isoformat(), "purposes": planned.purposes}
    _remember(session, caller, accompaniment, "plan-visit", {}, after)
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
) -> Visit:
    """Write down a visit: one that was planned, or (without `visit_id`) one that was not.

    Refuses a day in the future or before the accompaniment, and a visit that is written down already.
    """
    accompaniment = _to_change(session, caller, accompaniment_id, None)
    if made_on < accompaniment.opened_on:
        raise Invalid("visit.before_opening", pointer="/made_on", opened=accompaniment.opened_on.isoformat())
    visit = accompaniment.add_visit(made_on, ("other",)) if visit_id is None else accompaniment.visit(visit_id)
    visit.make(made_on, minutes=minutes, notes=notes, agreements=agreements, by=caller.subject, by_name=caller.name)
    if next_visit is not None:
        _plan_next(accompaniment, next_visit)
    accompaniment.touch()
    session.flush()
    # What was written stays with the visit alone: a history would keep it after a withdrawal.
    after = {"visit": str(visit.id), "made_on": made_on.isoformat(), "minutes": minutes}
    _remember(session, caller, accompaniment, "record-visit", {}, after)
    return visit


def _plan_next(accompaniment: Accompaniment, visit: NextVisit) -> Visit:
    if visit.due_on < accompaniment.opened_on:
        raise Invalid("visit.before_opening", pointer="/due_on", opened=accompaniment.opened_on.isoformat())
    accompaniment.plan([PlannedVisit(visit.due_on, (visit.purpose,), ())])
    return accompaniment.visits[-1]


def _to_change(session: Session, caller: Caller, accompaniment_id: UUID, version: int | None) -> Accompaniment:
    found = session.get(Accompaniment, accompaniment_id, with_for_update={"of": Accompaniment}, populate_existing=True)
    if found is None:
        raise NotFound("accompaniment.unknown")
    caller.require_scope(found.municipality)
    found.require_version(version)
    return found


def _remember(
    session: Session,
    caller: Caller,
    accompaniment: Accompaniment,
    action: str,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
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
