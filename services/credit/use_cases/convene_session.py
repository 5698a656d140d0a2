"""A session of the committee is called, and its agenda filled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import AgendaItem, CommitteeSession
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, Refused, clock


def convene_session(
    session: Session, caller: Caller, *, committee_id: UUID, scheduled_for: datetime, place: str
) -> CommitteeSession:
    """The session, under its number; refuses a moment in the past."""
    committee = find.committee(session, caller, committee_id)
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

    Refuses an application of another fund and one that is not appraised.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    application = find.application(session, caller, application_id, lock=True)
    if application.fund_id != meeting.fund_id:
        raise Refused("session.other_fund", number=application.number)
    item = meeting.place_on_agenda(application)
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
