"""The committees of a fund are formed, their seats given and ended, its members' interests declared."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Committee, Seat
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Refused, clock
from shared.papers import kept_of


def form_committee(session: Session, caller: Caller, *, fund_id: UUID, name: str, kind: str = "credit") -> Committee:
    """A new committee without seats; refuses a second Trust Fund Committee, and it to who is no administrator."""
    fund = find.fund_to_govern(session, caller, fund_id)
    find.require_keeper(caller, kind)
    if kind == "trust_fund" and (formed := Committee.watching(session, fund.id)):
        raise Refused("committee.formed_already", name=formed.name)
    committee = Committee(fund_id=fund.id, name=name, kind=kind)
    session.add(committee)
    session.flush()
    history.record(
        session, caller, subject=committee.id, kind="committee", action="form", after={"name": name, "kind": kind}
    )
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
    alternate_for: UUID | None = None,
) -> Seat:
    """Give a mandate to the holder of an account; `alternate_for` is the seat she answers for in its holder's absence.

    Refuses a term that ends before it begins, a constituency that sends nobody to this committee, a second seat for
    her, a second chair, and a second alternate.
    """
    committee = find.committee_to_govern(session, caller, committee_id)
    if until is not None and until <= since:
        raise Invalid("committee.term_empty", pointer="/until")
    seat = Seat(
        constituency=constituency,
        position=position,
        subject=subject,
        name=name,
        organization=organization,
        since=since,
        until=until,
    )
    if alternate_for is not None:
        seat.stand_in(committee.seat(alternate_for))
    committee.take_seat(seat)
    session.flush()
    facts = {"seat": seat.id, "constituency": constituency, "position": position, "alternate_for": alternate_for}
    history.record(session, caller, subject=committee.id, kind="committee", action="take_seat", after=facts)
    return seat


def end_mandate(session: Session, caller: Caller, *, committee_id: UUID, seat_id: UUID) -> Seat:
    """End a mandate today; sessions already opened keep their roll."""
    committee = find.committee_to_govern(session, caller, committee_id)
    seat = committee.seat(seat_id)
    seat.end(clock.today())
    session.flush()
    history.record(
        session, caller, subject=committee.id, kind="committee", action="end_mandate", after={"seat": seat.id}
    )
    return seat


def keep_mandate(
    session: Session, caller: Caller, *, committee_id: UUID, seat_id: UUID, name: str, content: bytes
) -> Seat:
    """Keep the paper by which her organization sends her, as a PDF or a picture; the one before it is erased."""
    committee = find.committee_to_govern(session, caller, committee_id)
    seat = committee.seat(seat_id)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    before = seat.mandate_file_id
    seat.mandate_file_id = files.store(
        session, kept[1], name=name, media_type=kept[0], kind="mandate", caller=caller
    ).id
    if before is not None:
        files.erase(session, before)
    session.flush()
    history.record(
        session, caller, subject=committee.id, kind="committee", action="keep_mandate", after={"seat": seat.id}
    )
    return seat


def declare_interest(
    session: Session,
    caller: Caller,
    *,
    committee_id: UUID,
    seat_id: UUID,
    entrepreneur_id: UUID,
    relation: str,
    degree: int | None = None,
) -> Seat:
    """The holder of a seat is, or is close to, an entrepreneur: she will not vote on her applications. `degree` is that
    of kinship, where she is a relative; of an unknown one she does not vote either.

    She declares it herself, or the coordinator notes what she declared.
    """
    committee = find.committee(session, caller, committee_id, lock=True)
    seat = committee.seat(seat_id)
    if seat.subject != caller.subject and not caller.has("coordinator"):
        raise Forbidden("committee.only_herself", name=seat.name)
    seat.declare_interest(entrepreneur_id, relation, degree)
    session.flush()
    facts = {"seat": seat.id, "relation": relation, "degree": degree}
    history.record(session, caller, subject=committee.id, kind="committee", action="declare_interest", after=facts)
    return seat
