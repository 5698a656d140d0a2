"""The records a use case works on: looked up, inside the caller's territory, locked when they will change.

Locks are always taken in one order (fund, session, enterprise, application, loan), so that two use cases never wait
for each other.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, inspect, select, true
from sqlalchemy.orm import Session, joinedload

from services.credit.models import (
    Acta,
    AgendaItem,
    AgreementLetter,
    Application,
    Base,
    Committee,
    CommitteeSession,
    Contribution,
    CopyEnterprise,
    CreditRegulations,
    DeclaredInterest,
    IncomePart,
    IncomeShare,
    Loan,
    OverpaymentUse,
    PaymentFile,
    PaymentLine,
    Repayment,
    Resolution,
    RollSeat,
    Seat,
    SeedAward,
    TrusteeStatement,
    TrustFund,
    Vote,
    assents_of,
    regulations_in_force,
)
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, Refused, clock

E = TypeVar("E", bound=Base)
_BEYOND_COMMITTEES = (
    "technician",
    "coordinator",
    "credit_officer",
    "cashier",
    "trust_fund_member",
    "network_coordinator",
    "auditor",
    "leda_viewer",
    "service",
)
"""Whoever does more than sit on a committee is told of her territory, whatever lies before which committee."""

_NEAR_WATCHERS = ("coordinator", "admin", "network_coordinator", "auditor")


@cache
def _locked(entity: type[E]) -> Select[E]:
    """Made once: every change asks for it."""
    [column] = inspect(entity).primary_key
    query = select(entity).where(column == bindparam("key")).with_for_update()
    return query.execution_options(populate_existing=True)


_LOAN_TO_CHANGE = (
    select(Loan)
    .options(joinedload(Loan.changes))
    .where(Loan.id == bindparam("key"))
    .with_for_update(of=Loan)
    .execution_options(populate_existing=True)
)
_FUND_OF_LOAN = (
    select(TrustFund)
    .where(TrustFund.id == select(Loan.fund_id).where(Loan.id == bindparam("key")).scalar_subquery())
    .with_for_update()
    .execution_options(populate_existing=True)
)


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
    require_keeper(caller, found.kind)
    return found


def require_keeper(caller: Caller, kind: str) -> None:
    """Who is watched does not choose who watches her: the Trust Fund Committee is kept by an administrator alone."""
    if kind == "trust_fund" and not caller.has("admin"):
        raise Forbidden("committee.only_administrator")


def mandate_to_read(session: Session, caller: Caller, committee_id: UUID, seat_id: UUID) -> Seat:
    """A seat whose paper the caller may read: that of the Trust Fund Committee is for its holder, who sits there, who
    keeps committees and who oversees the centres.
    """
    body = committee(session, caller, committee_id)
    found = body.seat(seat_id)
    near = {found.subject, *(one.subject for one in body.sitting(clock.today()))}
    if body.kind == "trust_fund" and caller.subject not in near and not caller.has(*_NEAR_WATCHERS):
        raise Forbidden("committee.not_on_it", name=body.name)
    return found


def watcher(session: Session, caller: Caller, fund: TrustFund) -> Seat | None:
    """The seat by which the caller acts for the Trust Fund Committee; None where the fund formed none, and the role is
    all that is asked. Refuses who does not sit on it, and whose paper is missing that the regulations ask for.
    """
    body = Committee.watching(session, fund.id)
    if body is None:
        return None
    seat = next((one for one in body.sitting(clock.today()) if one.subject == caller.subject), None)
    if seat is None:
        raise Forbidden("committee.not_on_it", name=body.name)
    if seat.mandate_file_id is None and regulations_in_force(session, fund.id, clock.today()).read().mandates.paper:
        raise Refused("committee.mandate_missing", names=seat.name)
    return seat


def committee_session(session: Session, caller: Caller, session_id: UUID, *, lock: bool = False) -> CommitteeSession:
    """A session of a fund whose territory touches the caller's."""
    found = _get(session, CommitteeSession, session_id, "session.unknown", lock=lock)
    fund(session, caller, found.fund_id)
    return found


def session_to_read(session: Session, caller: Caller, session_id: UUID) -> CommitteeSession:
    """A session whose room the caller may enter: of a fund of her territory and, for who only sits on committees, of
    one she sits on, or to whose roll she belonged.
    """
    meeting = committee_session(session, caller, session_id)
    here = select(CommitteeSession.id).where(CommitteeSession.id == meeting.id, sessions_in_view(caller))
    if session.scalar(here) is None:
        raise Forbidden("committee.not_on_it", name=session.get_one(Committee, meeting.committee_id).name)
    return meeting


def sessions_in_view(caller: Caller) -> ColumnElement[bool]:
    """Which sessions the caller is told of: every one or, where she only sits on committees, those of one on which she
    holds a mandate, or will, and those whose roll has her.
    """
    if caller.has(*_BEYOND_COMMITTEES):
        return true()
    ends_later = Seat.until.is_(None) | (Seat.until > clock.today())
    hers = select(Seat.committee_id).where(Seat.subject == caller.subject, ends_later)
    sat = select(RollSeat.session_id).where(RollSeat.subject == caller.subject)
    return CommitteeSession.committee_id.in_(hers) | CommitteeSession.id.in_(sat)


def whole_session(session: Session, caller: Caller, session_id: UUID) -> CommitteeSession:
    """A session of which everything may be printed: for who sits in it, or may read it and whose territory holds every
    application it deals with.
    """
    meeting = session_to_read(session, caller, session_id)
    body = session.get_one(Committee, meeting.committee_id)
    sitting: Sequence[RollSeat | Seat] = meeting.roll or body.sitting(clock.today())
    if all(seat.subject != caller.subject for seat in sitting):
        dealt_with = select(Application.municipality).join(AgendaItem).where(AgendaItem.session_id == meeting.id)
        for municipality in session.scalars(dealt_with):
            caller.require_scope(municipality)
    return meeting


def acta(session: Session, caller: Caller, session_id: UUID) -> Acta:
    """The acta of a session, for who sat in it and for whose territory holds every application it tells of."""
    meeting = whole_session(session, caller, session_id)
    found = session.scalar(select(Acta).where(Acta.session_id == meeting.id))
    if found is None:
        raise NotFound("session.no_acta_yet", number=meeting.number)
    return found


def application(session: Session, caller: Caller, application_id: UUID, *, lock: bool = False) -> Application:
    """An application from the caller's territory."""
    found = _get(session, Application, application_id, "application.unknown", lock=lock)
    caller.require_scope(found.municipality)
    return found


def application_to_read(session: Session, caller: Caller, application_id: UUID) -> Application:
    """An application whose file the caller may open: from her territory and, for who only sits on a committee, one that
    lies or lay before it.
    """
    found = application(session, caller, application_id)
    if session.scalar(select(Application.id).where(Application.id == found.id, in_view(caller))) is None:
        raise Forbidden("application.not_before_you", number=found.number)
    return found


def in_view(caller: Caller) -> ColumnElement[bool]:
    """Which applications the caller is told of: those of her territory and, where she only sits on committees, of these
    those that stand on an agenda of one on which she sits today.
    """
    here = caller.scope.condition(Application.municipality)
    if caller.has(*_BEYOND_COMMITTEES):
        return here
    today = clock.today()
    seats = select(Seat.committee_id).where(
        Seat.subject == caller.subject, Seat.since <= today, Seat.until.is_(None) | (Seat.until > today)
    )
    before_her = (
        select(AgendaItem.application_id).join(CommitteeSession).where(CommitteeSession.committee_id.in_(seats))
    )
    return here & Application.id.in_(before_her)


def told_of(session: Session, caller: Caller, application_ids: Collection[UUID]) -> set[UUID]:
    """Those of these applications that the caller is told of."""
    return set(session.scalars(select(Application.id).where(Application.id.in_(application_ids), in_view(caller))))


def loan(session: Session, caller: Caller, loan_id: UUID, *, lock: bool = False) -> Loan:
    """A loan in the caller's territory."""
    found = _get(session, Loan, loan_id, "loan.unknown", lock=lock)
    caller.require_scope(found.municipality)
    return found


def loan_to_change(session: Session, caller: Caller, loan_id: UUID) -> tuple[TrustFund, Loan]:
    """The fund of a loan in the caller's territory and the loan with its changes, locked in this order."""
    its_fund = session.scalar(_FUND_OF_LOAN, {"key": loan_id})
    if its_fund is None:
        raise NotFound("loan.unknown")
    its_fund.require_within(caller)
    found = session.scalars(_LOAN_TO_CHANGE, {"key": loan_id}).unique().one()
    caller.require_scope(found.municipality)
    return its_fund, found


def seed_award(session: Session, caller: Caller, award_id: UUID, *, lock: bool = False) -> SeedAward:
    """An award of seed capital in the caller's territory."""
    found = _get(session, SeedAward, award_id, "seed.unknown", lock=lock)
    caller.require_scope(found.municipality)
    return found


def repayment(session: Session, caller: Caller, repayment_id: UUID) -> Repayment:
    """A repayment of a loan in the caller's territory."""
    found = _get(session, Repayment, repayment_id, "repayment.unknown")
    loan(session, caller, found.loan_id)
    return found


def refund(session: Session, caller: Caller, use_id: UUID) -> OverpaymentUse:
    """An overpayment that went back, of a loan in the caller's territory."""
    found = _get(session, OverpaymentUse, use_id, "overpayment.unknown")
    loan(session, caller, found.loan_id)
    if found.kind != "refund":
        raise NotFound("overpayment.unknown")
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


def regulations(session: Session, fund: TrustFund, regulations_id: UUID) -> CreditRegulations:
    """An edition of the regulations of a fund that was found."""
    found = session.get(CreditRegulations, regulations_id)
    if found is None or found.fund_id != fund.id:
        raise NotFound("regulations.unknown")
    return found


def agreement(session: Session, fund: TrustFund, agreement_id: UUID) -> AgreementLetter:
    """An Agreement Letter of a fund that was found."""
    found = session.get(AgreementLetter, agreement_id)
    if found is None or found.fund_id != fund.id:
        raise NotFound("agreement_letter.unknown")
    return found


def statement(session: Session, fund: TrustFund, statement_id: UUID) -> TrusteeStatement:
    """A statement of the trustee of a fund that was found, as it is now."""
    found = session.get(TrusteeStatement, statement_id, populate_existing=True)
    if found is None or found.fund_id != fund.id:
        raise NotFound("statement.unknown")
    return found


def payment_file(session: Session, fund: TrustFund, file_id: UUID) -> PaymentFile:
    """A file of payments to a fund that was found, as it is now."""
    found = session.get(PaymentFile, file_id, populate_existing=True)
    if found is None or found.fund_id != fund.id:
        raise NotFound("payments.unknown")
    return found


def payment_line(session: Session, fund: TrustFund, line_id: UUID) -> PaymentLine:
    """A line of a file of payments to a fund that was found, as it is now."""
    found = session.get(PaymentLine, line_id, populate_existing=True)
    if found is None or found.fund_id != fund.id:
        raise NotFound("payments.line_unknown")
    return found


def enterprise(session: Session, caller: Caller, enterprise_id: UUID, *, lock: bool = False) -> CopyEnterprise:
    """What is known of an enterprise of the caller's territory; of one that became part of another, that other."""
    found = CopyEnterprise.standing(session, enterprise_id, lock=lock)
    if found is None:
        raise NotFound("enterprise.unknown")
    caller.require_scope(found.municipality)
    return found


def voters(session: Session, application_id: UUID) -> set[str]:
    """Everybody who ever voted on an application."""
    query = select(Vote.subject).join(AgendaItem).where(AgendaItem.application_id == application_id)
    return set(session.scalars(query))


def decider_close_to(session: Session, application: Application, people: Collection[str]) -> bool:
    """Whether somebody who voted where a credit was approved, or gave it her assent, declared in whatever mandate that
    she is or is close to one of these people, in a way that would have kept her from it; nobody where no approval waits
    for its money.
    """
    if application.state != "approved":
        return False
    query = select(Resolution).where(Resolution.application_id == application.id, Resolution.outcome == "approved")
    approval = session.scalars(query.order_by(Resolution.id.desc()).limit(1)).one()
    conflicts = approval.decided_under.read().conflicts
    voted = session.scalars(select(Vote.subject).where(Vote.item_id == approval.item_id))
    decided = {*voted, *(one.subject for one in assents_of(session, approval))}
    return any(DeclaredInterest.barring(session, subject, people, conflicts) for subject in decided)


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
    """The record with this key. Locked, it is read anew as it stands by then: who waited for the lock may have seen an
    older version before.
    """
    found = session.scalar(_locked(entity), {"key": key}) if lock else session.get(entity, key)
    if found is None:
        raise NotFound(code)
    return found
