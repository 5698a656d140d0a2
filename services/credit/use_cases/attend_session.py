"""A member says whether she comes to a session, and who watches over the fund observes it."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Committee, CommitteeSession, Notified
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Forbidden, clock


def answer_invitation(
    session: Session, caller: Caller, *, session_id: UUID, answer: str, excuse: str = "", subject: str = ""
) -> CommitteeSession:
    """The session with what its member answers: that she comes, or is excused; until it is opened she may say another
    thing. She says it herself, or who runs the house notes what `subject` said. Refuses who was not told of it or will
    not sit in it, and a session that was opened.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_convened()
    invited = invitation_of(session, meeting, subject or caller.subject)
    if invited is None:
        raise Forbidden("session.not_invited", number=meeting.number)
    invited.reply(answer, excuse.strip() if answer == "excused" else "")
    session.flush()
    facts = {"seat": invited.seat_id, "answer": answer}
    history.record(session, caller, subject=meeting.id, kind="session", action="answer_invitation", after=facts)
    return meeting


def invitation_of(session: Session, meeting: CommitteeSession, subject: str) -> Notified | None:
    """The invitation of a person to a session; None where she was not told of it, or will not sit in it."""
    day = meeting.scheduled_for.astimezone(LOCAL_TIME).date()
    sitting = session.get_one(Committee, meeting.committee_id).sitting(day)
    hers = {seat.id for seat in sitting if seat.subject == subject}
    return next((one for one in meeting.notified if one.seat_id in hers), None)


def observe_session(session: Session, caller: Caller, *, session_id: UUID) -> CommitteeSession:
    """The session, in whose minutes stands that the caller observed it for the Trust Fund Committee; twice is once.
    Refuses who does not sit on that committee, a session that is not open, and who is on its roll.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    find.watcher(session, caller, find.fund(session, caller, meeting.fund_id))
    if meeting.observed_by(caller.subject, caller.name):
        session.flush()
        facts = {"at": clock.now()}
        history.record(session, caller, subject=meeting.id, kind="session", action="observe", after=facts)
    return meeting
