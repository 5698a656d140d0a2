"""The credit committee of a fund is formed, its seats given and ended, its members' interests declared."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Committee, Seat
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, clock


def form_committee(session: Session, caller: Caller, *, fund_id: UUID, name: str) -> Committee:
    """A new committee without seats."""
    fund = find.fund_to_govern(session, caller, fund_id)
    committee = Committee(fund_id=fund.id, name=name)
    session.add(committee)
    session.flush()
    history.record(session, caller, subject=committee.id, kind="committee", action="form", after={"name": name})
    return committee


def take_seat(
    session: Session,
    caller: Caller,
    *,
    committee_id: UUID,
    constituency: str,
    position: str,
    subject: str,
    name: str,
    organization: str,
    since: date,
    until: date | None = None,
) -> Seat:
    """Give a mandate to the holder of an account; refuses a second seat for her and a second chair."""
    committee = find.committee_to_govern(session, caller, committee_id)
    seat = Seat(
        constituency=constituency,
        position=position,
        subject=subject,
        name=name,
        organization=organization,
        since=since,
        until=until,
    )
    committee.take_seat(seat)
    session.flush()
    facts = {"seat": seat.id, "constituency": constituency, "position": position}
    history.record(session, caller, subject=committee.id, kind="committee", action="take_seat", after=facts)
    return seat


def end_mandate(session: Session, caller: Caller, *, committee_id: UUID, seat_id: UUID) -> Seat:
    """End a mandate today; sessions already opened keep their roll."""
    committee = find.committee_to_govern(session, caller, committee_id)
    seat = _seat(committee, seat_id)
    seat.end(clock.today())
    session.flush()
    history.record(
        session, caller, subject=committee.id, kind="committee", action="end_mandate", after={"seat": seat.id}
    )
    return seat


def declare_interest(
    session: Session, caller: Caller, *, committee_id: UUID, seat_id: UUID, entrepreneur_id: UUID, relation: str
) -> Seat:
    """The holder of a seat is, or is close to, an entrepreneur: she will not vote on her applications.

    She declares it herself, or the coordinator notes what she declared.
    """
    committee = find.committee(session, caller, committee_id, lock=True)
    seat = _seat(committee, seat_id)
    if seat.subject != caller.subject and not caller.has("coordinator"):
        raise Forbidden("committee.only_herself", name=seat.name)
    seat.declare_interest(entrepreneur_id, relation)
    session.flush()
    facts = {"seat": seat.id, "relation": relation}
    history.record(session, caller, subject=committee.id, kind="committee", action="declare_interest", after=facts)
    return seat


def _seat(committee: Committee, seat_id: UUID) -> Seat:
    for seat in committee.seats:
        if seat.id == seat_id:
            return seat
    raise NotFound("committee.seat_unknown")
