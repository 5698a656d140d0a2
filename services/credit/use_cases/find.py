"""The records a use case works on: looked up, inside the caller's territory, locked when they will change.

Locks are always taken in one order (fund, session, application, loan), so that two use cases never wait for each other.
"""

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgendaItem,
    Application,
    Base,
    Committee,
    CommitteeSession,
    Contribution,
    CopyEnterprise,
    IncomePart,
    IncomeShare,
    Loan,
    Repayment,
    TrusteeStatement,
    TrustFund,
    Vote,
)
from shared.identity import Caller
from shared.kernel import NotFound, Refused

E = TypeVar("E", bound=Base)


def fund(session: Session, caller: Caller, fund_id: UUID, *, lock: bool = False) -> TrustFund:
    """A fund whose territory touches the caller's."""
    found = _get(session, TrustFund, fund_id, "fund.unknown", lock=lock)
    found.require_within(caller)
    return found


def fund_to_govern(session: Session, caller: Caller, fund_id: UUID) -> TrustFund:
    """A fund all of whose territory is the caller's, locked."""
    found = fund(session, caller, fund_id, lock=True)
    found.require_whole(caller)
    return found


def committee(session: Session, caller: Caller, committee_id: UUID, *, lock: bool = False) -> Committee:
    """A committee of a fund whose territory touches the caller's."""
    found = _get(session, Committee, committee_id, "committee.unknown", lock=lock)
    fund(session, caller, found.fund_id)
    return found


def committee_to_govern(session: Session, caller: Caller, committee_id: UUID) -> Committee:
    """A committee of a fund all of whose territory is the caller's, locked."""
    found = committee(session, caller, committee_id, lock=True)
    fund(session, caller, found.fund_id).require_whole(caller)
    return found


def committee_session(session: Session, caller: Caller, session_id: UUID, *, lock: bool = False) -> CommitteeSession:
    """A session of a fund whose territory touches the caller's."""
    found = _get(session, CommitteeSession, session_id, "session.unknown", lock=lock)
    fund(session, caller, found.fund_id)
    return found


def acta(session: Session, caller: Caller, session_id: UUID) -> Acta:
    """The acta of a session, for who sat in it and for whose territory holds every application it tells of."""
    meeting = committee_session(session, caller, session_id)
    if all(seat.subject != caller.subject for seat in meeting.roll):
        dealt_with = select(Application.municipality).join(AgendaItem).where(AgendaItem.session_id == meeting.id)
        for municipality in session.scalars(dealt_with):
            caller.require_scope(municipality)
    found = session.scalar(select(Acta).where(Acta.session_id == meeting.id))
    if found is None:
        raise NotFound("session.no_acta_yet", number=meeting.number)
    return found


def application(session: Session, caller: Caller, application_id: UUID, *, lock: bool = False) -> Application:
    """An application from the caller's territory."""
    found = _get(session, Application, application_id, "application.unknown", lock=lock)
    caller.require_scope(found.municipality)
    return found


def loan(session: Session, caller: Caller, loan_id: UUID, *, lock: bool = False) -> Loan:
    """A loan in the caller's territory."""
    found = _get(session, Loan, loan_id, "loan.unknown", lock=lock)
    caller.require_scope(found.municipality)
    return found


def repayment(session: Session, caller: Caller, repayment_id: UUID) -> Repayment:
    """A repayment of a loan in the caller's territory."""
    found = _get(session, Repayment, repayment_id, "repayment.unknown")
    loan(session, caller, found.loan_id)
    return found


def contribution(session: Session, fund: TrustFund, contribution_id: UUID) -> Contribution:
    """A contribution to a fund that was found."""
    found = session.get(Contribution, contribution_id)
    if found is None or found.fund_id != fund.id:
        raise NotFound("contribution.unknown")
    return found


def income_part(session: Session, fund: TrustFund, part_id: UUID) -> IncomePart:
    """What one receiver gets of a result of a fund that was found."""
    found = session.get(IncomePart, part_id)
    if found is None or session.get_one(IncomeShare, found.share_id).fund_id != fund.id:
        raise NotFound("income.unknown")
    return found


def statement(session: Session, fund: TrustFund, statement_id: UUID) -> TrusteeStatement:
    """A statement of the trustee of a fund that was found, as it is now."""
    found = session.get(TrusteeStatement, statement_id, populate_existing=True)
    if found is None or found.fund_id != fund.id:
        raise NotFound("statement.unknown")
    return found


def enterprise(session: Session, caller: Caller, enterprise_id: UUID) -> CopyEnterprise:
    """What is known of an enterprise of the caller's territory; of one that became part of another, that other."""
    found = CopyEnterprise.standing(session, enterprise_id)
    if found is None:
        raise NotFound("enterprise.unknown")
    caller.require_scope(found.municipality)
    return found


def voters(session: Session, application_id: UUID) -> set[str]:
    """Everybody who ever voted on an application."""
    query = select(Vote.subject).join(AgendaItem).where(AgendaItem.application_id == application_id)
    return set(session.scalars(query))


def require_conductor(session: Session, caller: Caller, meeting: CommitteeSession, day: date) -> None:
    """Refuses who neither coordinates the centre nor chairs the committee or keeps its minutes."""
    if caller.has("coordinator"):
        return
    body = session.get_one(Committee, meeting.committee_id)
    seats = {seat.subject: seat.position for seat in meeting.roll}
    if seats.get(caller.subject) in {"chair", "secretary"} or (not seats and body.conducted_by(caller.subject, day)):
        return
    raise Refused("session.only_chair_or_secretary", number=meeting.number)


def _get(session: Session, entity: type[E], key: UUID, code: str, *, lock: bool = False) -> E:
    options: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if lock else {}
    found = session.get(entity, key, **options)
    if found is None:
        raise NotFound(code)
    return found
