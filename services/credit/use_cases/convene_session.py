"""A session of the committee is called, its agenda filled and its members told of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    Committee,
    CommitteeSession,
    CreditGroup,
    regulations_in_force,
)
from services.credit.use_cases import find
from services.credit.use_cases.bind_guarantees import require_covered
from services.credit.use_cases.lapse_approvals import lapse
from services.credit.use_cases.make_exceptions import require_place_on_agenda
from services.credit.use_cases.propose_milestones import motion_of
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, NotFound, Refused, clock


def convene_session(
    session: Session, caller: Caller, *, committee_id: UUID, scheduled_for: datetime, place: str
) -> CommitteeSession:
    """The session, under its number; refuses a committee that decides on no credit, and a day that is over where the
    fund works.
    """
    committee = find.committee(session, caller, committee_id)
    if committee.kind != "credit":
        raise Refused("session.not_credit_committee", name=committee.name)
    fund = find.fund(session, caller, committee.fund_id, lock=True)
    if scheduled_for.astimezone(LOCAL_TIME).date() < clock.today():
        raise Invalid("session.in_the_past", pointer="/scheduled_for")
    meeting = CommitteeSession(
        number=fund.numbered(session, "CS"),
        fund_id=fund.id,
        committee_id=committee.id,
        scheduled_for=scheduled_for,
        place=place,
        state="convened",
        convened_by=caller.subject,
    )
    session.add(meeting)
    session.flush()
    facts = {"scheduled_for": scheduled_for, "place": place}
    history.record(session, caller, subject=meeting.id, kind="session", action="convene", after=facts)
    return meeting


def place_on_agenda(session: Session, caller: Caller, *, session_id: UUID, application_id: UUID) -> AgendaItem:
    """The new item, at the end of the agenda; its motion is what the last appraisal recommends.

    Refuses an application of another fund, one that is not appraised or whose guarantees do not cover it, one whose
    group goes before the committee together, one for seed capital without its parts, and one that a hard rule of the
    regulations stops by now. One whose approval expired is dealt with anew.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    group = CreditGroup.of(session, application_id)
    if group is not None:
        raise Refused("group.goes_together", name=group.name)
    return put_on_agenda(session, caller, meeting, application_id)


def put_on_agenda(session: Session, caller: Caller, meeting: CommitteeSession, application_id: UUID) -> AgendaItem:
    """The new item of a session that is locked."""
    application = find.application(session, caller, application_id, lock=True)
    if application.fund_id != meeting.fund_id:
        raise Refused("session.other_fund", number=application.number)
    if application.expired(clock.today()):
        lapse(session, caller, application)
    require_place_on_agenda(session, find.fund(session, caller, meeting.fund_id), application)
    parts = motion_of(session, application)
    require_covered(session, application)
    item = meeting.place_on_agenda(application)
    item.also_decide(parts)
    session.flush()
    history.record(
        session,
        caller,
        subject=application.id,
        kind="application",
        action="place_on_agenda",
        after={"session": meeting.number},
    )
    return item


def take_off_agenda(session: Session, caller: Caller, *, session_id: UUID, item_id: UUID) -> CommitteeSession:
    """The session without an item, and without those of the same group; their applications wait for another. Refuses a
    session that was opened.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    for item in _going_together(session, meeting, item_id):
        meeting.take_off_agenda(item.id)
        application = session.get_one(Application, item.application_id, with_for_update=True, populate_existing=True)
        if application.state == "on_agenda":
            application.return_from_agenda()
        session.flush()
        facts = {"session": meeting.number}
        history.record(
            session, caller, subject=application.id, kind="application", action="take_off_agenda", after=facts
        )
    return meeting


def _going_together(session: Session, meeting: CommitteeSession, item_id: UUID) -> list[AgendaItem]:
    """The item, and those of the other members of its group."""
    item = meeting.item(item_id)
    group = CreditGroup.of(session, item.application_id)
    mine = {member.application_id for member in group.members} if group else {item.application_id}
    return [one for one in meeting.agenda if one.application_id in mine]


def reorder_agenda(session: Session, caller: Caller, *, session_id: UUID, items: list[UUID]) -> CommitteeSession:
    """The session with its agenda in this order; refuses a session that was opened."""
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.reorder(items)
    session.flush()
    facts = {"items": [item.id for item in meeting.agenda]}
    history.record(session, caller, subject=meeting.id, kind="session", action="reorder_agenda", after=facts)
    return meeting


def notify_members(
    session: Session, caller: Caller, *, session_id: UUID, seats: Collection[UUID], channel: str, reason: str = ""
) -> CommitteeSession:
    """The session, in which stands now that the holders of these seats were told of it.

    Refuses an empty agenda, and a notice shorter than the regulations ask for unless a reason is noted.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if not meeting.agenda:
        raise Refused("session.agenda_empty", number=meeting.number)
    days = (meeting.scheduled_for.astimezone(LOCAL_TIME).date() - clock.today()).days
    needed = regulations_in_force(session, meeting.fund_id, clock.today()).read().notice.days
    if days < needed and not (reason.strip() or meeting.short_notice):
        raise Invalid("session.notice_too_short", pointer="/reason", days=max(days, 0), needed=needed)
    sitting = {seat.id: seat for seat in session.get_one(Committee, meeting.committee_id).sitting(clock.today())}
    for seat_id in seats:
        if seat_id not in sitting:
            raise NotFound("committee.seat_unknown")
        meeting.notify(sitting[seat_id], channel, caller.subject)
    meeting.short_notice = reason.strip() or meeting.short_notice
    session.flush()
    facts = {"seats": list(seats), "channel": channel, "days": days}
    history.record(session, caller, subject=meeting.id, kind="session", action="notify", after=facts)
    return meeting
