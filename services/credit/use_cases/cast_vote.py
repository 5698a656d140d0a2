"""A member votes on an item of the agenda, or leaves its quorum because she may not."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    CommitteeSession,
    CreditRegulations,
    NotApart,
    RollSeat,
)
from services.credit.rules.governance import OTHER
from services.credit.rules.quorum import Rule, quorum
from services.credit.rules.regulations import Parameters
from services.credit.tables import known_reasons
from services.credit.use_cases import find
from services.credit.use_cases.make_exceptions import require_excepted
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def cast_vote(
    session: Session,
    caller: Caller,
    *,
    session_id: UUID,
    item_id: UUID,
    choice: str,
    reason: str = "",
    reason_code: str | None = None,
) -> AgendaItem:
    """The item with the vote in it.

    Refuses who is not on the roll, not in the room, recused, has voted, appraised the application or has declared an
    interest in it; a vote while there is no quorum; a vote against or for deferring without a reason, or without one
    of those that the regulations know; and one for what departs from the regulations without a reason.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_open()
    item = meeting.item(item_id)
    item.require_pending()
    seat = meeting.seat_of(caller.subject)
    application = session.get_one(Application, item.application_id)
    rules = rules_of(session, meeting)
    _refuse_conflict(session, seat, application, rules)
    require_quorum(session, meeting, item)
    if choice == "approve":
        require_excepted(session, find.fund(session, caller, meeting.fund_id), application, item)
    elif not reason.strip():
        raise Invalid("committee.reason_needed", pointer="/reason")
    reason_code = _reason_code(rules, choice, reason_code)
    item.cast(seat, choice, reason.strip(), reason_code)
    session.flush()
    # The choice itself stays in the room until the item is decided.
    history.record(session, caller, subject=item.id, kind="agenda_item", action="vote", after={"seat": seat.id})
    return item


def declare_conflict(
    session: Session, caller: Caller, *, session_id: UUID, item_id: UUID, reason: str, roll_seat_id: UUID | None = None
) -> AgendaItem:
    """A member leaves the quorum of one item. She declares it herself; what she says aloud may also be noted by the
    chair, the secretary or the coordinator (`roll_seat_id` says whose).
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_open()
    item = meeting.item(item_id)
    if roll_seat_id is None:
        seat = meeting.seat_of(caller.subject)
    else:
        seat = meeting.roll_seat(roll_seat_id)
        if seat.subject != caller.subject:
            find.require_conductor(session, caller, meeting, clock.today())
    if not reason.strip():
        raise Invalid("committee.reason_needed", pointer="/reason")
    item.recuse(seat, reason.strip())
    session.flush()
    history.record(session, caller, subject=item.id, kind="agenda_item", action="recuse", after={"seat": seat.id})
    return item


def require_quorum(session: Session, meeting: CommitteeSession, item: AgendaItem) -> None:
    """Refuses while too few seats, or not every constituency, are in the room without conflict."""
    state = quorum(meeting.members(item), rule_for(session, meeting, item))
    if state.missing:
        raise Refused(f"committee.without_{state.missing[0]}")
    if not state.reached:
        raise Refused("committee.no_quorum", present=state.present, needed=state.needed)


def rule_of(session: Session, meeting: CommitteeSession) -> Rule:
    """The quorum and majority of the regulations the session was opened under."""
    return rules_of(session, meeting).quorum


def rule_for(session: Session, meeting: CommitteeSession, item: AgendaItem) -> Rule:
    """The quorum and majority of the level that is competent for an item."""
    product = session.get_one(Application, item.application_id).product
    return rules_of(session, meeting).rule_for(product, item.amount)


def rules_of(session: Session, meeting: CommitteeSession) -> Parameters:
    """The regulations the session was opened under."""
    meeting.require_opened()
    return session.get_one(CreditRegulations, meeting.regulations_id).read()


def _refuse_conflict(session: Session, seat: RollSeat, application: Application, rules: Parameters) -> None:
    code = seat.conflict_with(session, application, rules.conflicts)
    if code:
        raise NotApart(code, seat.subject, application, name=seat.name)


def _reason_code(rules: Parameters, choice: str, code: str | None) -> str | None:
    """The code of why she votes so: the one she gave, or that it is another; none to approve."""
    reasons = known_reasons(rules.reasons, clock.today())
    known = [reason.code for reason in reasons.of(choice)]
    if code is None and not reasons.own(choice):
        return OTHER if known else None
    if code not in known:
        raise Invalid("committee.reason_code_unknown", pointer="/reason_code", known=", ".join(known) or "-")
    return code
