"""The session is opened with a roll call, and who comes and goes is noted."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Committee, CommitteeSession, regulations_in_force
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import clock


def open_session(session: Session, caller: Caller, *, session_id: UUID, present: Collection[UUID]) -> CommitteeSession:
    """The open session with its frozen roll; `present` are the seats whose holders answered.

    The regulations in force today rule it to its end. Refuses who may not conduct it.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    find.require_conductor(session, caller, meeting, clock.today())
    seats = session.get_one(Committee, meeting.committee_id).sitting(clock.today())
    version = regulations_in_force(session, meeting.fund_id, clock.today())
    meeting.open(seats, set(present), version.id, caller.subject)
    session.flush()
    history.record(
        session,
        caller,
        subject=meeting.id,
        kind="session",
        action="open",
        after={"roll": len(meeting.roll), "present": len(set(present))},
    )
    return meeting


def record_attendance(
    session: Session, caller: Caller, *, session_id: UUID, roll_seat_id: UUID, present: bool
) -> CommitteeSession:
    """Note that a member came in late or went out early."""
    meeting = find.committee_session(session, caller, session_id, lock=True)
    find.require_conductor(session, caller, meeting, clock.today())
    meeting.note_attendance(roll_seat_id, present=present)
    history.record(
        session,
        caller,
        subject=meeting.id,
        kind="session",
        action="arrive" if present else "leave",
        after={"seat": roll_seat_id},
    )
    return meeting
