"""Somebody notes who was at a session: on a page, on a phone without a line, or through a printed sheet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AttendanceMark, TrainingSession
from services.training.models.sessions import CANCELLED, CLOSED
from services.training.queries.attendance import member_of
from services.training.rules.attendance import (
    PAGE,
    PRESENT,
    SHEET,
    Mark,
    contradicts,
    default_minutes,
    later,
    within,
)
from services.training.use_cases.plan_session import locked_session
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def mark_attendance(
    session: Session,
    caller: Caller,
    *,
    session_id: UUID,
    mark_id: UUID,
    entrepreneur_id: UUID,
    status: str,
    minutes: int | None = None,
    marked_at: datetime | None = None,
    seen: UUID | None = None,
    way: str = PAGE,
    reason: str | None = None,
) -> AttendanceMark:
    """The mark as it is kept. The same one sent again is noted once, and answered as the first time; of two marks the
    later one stands. Refuses a woman who is not in the session's group, a session that did not begin or was
    cancelled, minutes that cannot be, and a mark after the closing without a reason.
    """
    found = locked_session(session, caller, session_id, None)
    member = member_of(session, found, entrepreneur_id)
    whole = default_minutes(status, found.minutes) if minutes is None else minutes
    known = session.get(AttendanceMark, mark_id)
    if known is not None:
        if (known.session_id, known.entrepreneur_id, known.status, known.minutes) != (
            session_id,
            member,
            status,
            whole,
        ):
            raise Refused("attendance.mark_differs")
        return known
    _check(found, status, whole, reason, way)
    now = clock.now()
    said = Mark(mark_id, status, whole, within(marked_at or now, min(found.timetable.begins, now), now), seen)
    return _keep(session, caller, found, member, said, way, reason)


def _check(found: TrainingSession, status: str, minutes: int, reason: str | None, way: str) -> None:
    if found.state == CANCELLED:
        raise Refused("attendance.session_cancelled")
    if found.first_day > clock.today():
        raise Refused("attendance.not_yet", day=found.first_day)
    if found.state == CLOSED and (way == SHEET or not (reason or "").strip()):
        raise Invalid("attendance.late_needs_reason", pointer="/reason")
    if status == PRESENT and not 1 <= minutes <= found.minutes:
        raise Invalid("attendance.too_many_minutes", pointer="/minutes", most=found.minutes)
    if status != PRESENT and minutes:
        raise Invalid("attendance.minutes_of_absent", pointer="/minutes")


def _keep(
    session: Session,
    caller: Caller,
    found: TrainingSession,
    member: UUID,
    said: Mark,
    way: str,
    reason: str | None,
) -> AttendanceMark:
    hers = (AttendanceMark.session_id == found.id, AttendanceMark.entrepreneur_id == member)
    standing = session.scalar(select(AttendanceMark).where(*hers, AttendanceMark.stands))
    made = AttendanceMark(
        id=said.id,
        session_id=found.id,
        entrepreneur_id=member,
        status=said.status,
        minutes=said.minutes,
        seen=said.seen,
        marked_at=said.marked_at,
        received_at=clock.now(),
        by=caller.subject,
        by_name=caller.name,
        way=way,
        reason=reason.strip() if reason and found.state == CLOSED else None,
        contradicts=contradicts(said, standing.said if standing else None),
        stands=False,
    )
    if standing is None:
        made.stand()
    elif later(standing.said, said) is said:
        standing.yield_to(made)
    session.add(made)
    session.flush()
    return made
