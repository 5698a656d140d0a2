"""A list of a session is printed, with a QR in each row that opens it; and it can be made worthless."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import AttendanceMark, AttendanceSheet, SheetRow
from services.training.models.sessions import CANCELLED, CLOSED
from services.training.queries.attendance import opened_row
from services.training.reference import sessions as reference
from services.training.rules.attendance import SHEET
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.plan_session import locked_session
from shared import history
from shared.identity import Caller, Scope
from shared.kernel import NotFound, Refused, clock, uuid7


def issue_sheet(session: Session, caller: Caller, *, session_id: UUID, members: Sequence[UUID]) -> AttendanceSheet:
    """A sheet with a row for each of `members`, in their order; its rows open until some days after the session.
    Refuses one for a session that was cancelled, is closed, or whose rows could open no more.
    """
    found = locked_session(session, caller, session_id, None)
    expires_on = found.last_day + timedelta(days=reference.limits().sheet_days)
    if found.state == CANCELLED:
        raise Refused("session.cancelled")
    if found.state == CLOSED:
        raise Refused("session.closed")
    if expires_on < clock.today():
        raise Refused("sheet.too_late", day=expires_on)
    last = session.scalar(select(func.max(AttendanceSheet.number)).where(AttendanceSheet.session_id == session_id))
    sheet = AttendanceSheet(
        id=uuid7(),
        session_id=session_id,
        number=(last or 0) + 1,
        sequence=found.sequence,
        expires_on=expires_on,
        made_at=clock.now(),
        made_by=caller.subject,
        made_by_name=caller.name,
        rows=[SheetRow(id=uuid7(), line=line, entrepreneur_id=woman) for line, woman in enumerate(members, 1)],
    )
    session.add(sheet)
    session.flush()
    told = {"sheet": sheet.number, "rows": len(members), "expires_on": expires_on}
    history.record(session, caller, subject=session_id, kind="session", action="print", after=told)
    return sheet


def revoke_sheet(session: Session, caller: Caller, *, session_id: UUID, sheet_id: UUID) -> AttendanceSheet:
    """The sheet, whose rows open no more: it was lost."""
    locked_session(session, caller, session_id, None)
    sheet = session.get(AttendanceSheet, sheet_id)
    if sheet is None or sheet.session_id != session_id:
        raise NotFound("sheet.unknown")
    sheet.revoke()
    session.flush()
    told = {"sheet": sheet.number}
    history.record(session, caller, subject=session_id, kind="session", action="revoke_sheet", after=told)
    return sheet


def mark_by_row(
    session: Session, token: str, key: bytes, *, mark_id: UUID, status: str, minutes: int | None = None
) -> AttendanceMark:
    """A mark by whoever holds the sheet; the history names sheet and row. Refuses a row that opens no more."""
    row, sheet = opened_row(session, token, key)
    return mark_attendance(
        session,
        Caller(f"sheet:{sheet.number}/{row.line}", "", frozenset(), Scope.of("*")),
        session_id=sheet.session_id,
        mark_id=mark_id,
        entrepreneur_id=row.entrepreneur_id,
        status=status,
        minutes=minutes,
        way=SHEET,
        seen=_standing(session, row, sheet),
    )


def _standing(session: Session, row: SheetRow, sheet: AttendanceSheet) -> UUID | None:
    """The mark that the page of the row has just shown."""
    hers = (AttendanceMark.session_id == sheet.session_id, AttendanceMark.entrepreneur_id == row.entrepreneur_id)
    found: UUID | None = session.scalar(select(AttendanceMark.id).where(*hers, AttendanceMark.stands))
    return found
