"""The session is opened with a roll call, who comes and goes is noted, and earlier minutes are put right."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Acta, Committee, CommitteeSession, Correction, Seat, regulations_in_force
from services.credit.rules.quorum import quorum
from services.credit.use_cases import find
from services.credit.use_cases.cast_vote import rule_of, rules_of
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock


def open_session(session: Session, caller: Caller, *, session_id: UUID, present: Collection[UUID]) -> CommitteeSession:
    """The open session with its frozen roll; `present` are the seats whose holders answered.

    The regulations in force today rule it to its end. Refuses who may not conduct it, an alternate beside her
    principal, a member who answers without the paper that the regulations ask for, and a session of which a member was
    not told as many days ago as they ask for.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    find.require_conductor(session, caller, meeting, clock.today())
    seats = session.get_one(Committee, meeting.committee_id).sitting(clock.today())
    version = regulations_in_force(session, meeting.fund_id, clock.today())
    rules = version.read()
    if rules.mandates.paper:
        _require_papers([seat for seat in seats if seat.id in set(present)])
    days = rules.notice.days
    missing = meeting.not_notified(seats, clock.today() - timedelta(days=days)) if days else []
    if meeting.state == "convened" and missing:
        raise Refused("session.not_notified", number=meeting.number, names=", ".join(missing), days=days)
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
    """Note that a member came in late or went out early; who comes has shown her paper, where the regulations ask."""
    meeting = find.committee_session(session, caller, session_id, lock=True)
    find.require_conductor(session, caller, meeting, clock.today())
    if present and rules_of(session, meeting).mandates.paper:
        _require_papers([session.get_one(Seat, meeting.roll_seat(roll_seat_id).seat_id)])
    meeting.note_attendance(roll_seat_id, caller.subject, present=present)
    history.record(
        session,
        caller,
        subject=meeting.id,
        kind="session",
        action="arrive" if present else "leave",
        after={"seat": roll_seat_id},
    )
    return meeting


def correct_acta(session: Session, caller: Caller, *, session_id: UUID, acta: str, text: str) -> CommitteeSession:
    """Put right what the minutes with this number say: the correction stands in the minutes of this session, and
    whoever verifies the earlier ones is told of it. Refuses minutes of another committee, and a room without quorum.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_open()
    find.require_conductor(session, caller, meeting, clock.today())
    found = session.scalar(select(Acta).where(Acta.number == acta, Acta.committee_id == meeting.committee_id))
    if found is None:
        raise NotFound("session.acta_unknown", acta=acta)
    state = quorum(meeting.in_the_room(), rule_of(session, meeting))
    if not state.reached:
        raise Refused("session.no_quorum_to_correct", present=state.present, needed=state.needed)
    meeting.corrections.append(Correction(acta=found, text=text, noted_by=caller.subject, noted_at=clock.now()))
    session.flush()
    facts = {"acta": acta}
    history.record(session, caller, subject=meeting.id, kind="session", action="correct_acta", after=facts)
    return meeting


def _require_papers(seats: Iterable[Seat]) -> None:
    """Refuses who sits without the paper by which she was sent."""
    if missing := [seat.name for seat in seats if seat.mandate_file_id is None]:
        raise Refused("committee.mandate_missing", names=", ".join(missing))
