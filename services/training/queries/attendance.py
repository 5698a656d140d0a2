"""Who was at a session, and what it comes to for each woman of a group."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import (
    AttendanceMark,
    AttendanceSheet,
    CopyMerged,
    GroupMember,
    SheetRow,
    TrainingGroup,
    TrainingSession,
)
from services.training.models.sessions import CANCELLED, CLOSED, GROUP
from services.training.queries.groups import show_group
from services.training.reference import sessions as reference
from services.training.rules.attendance import STATUSES, Share, by_woman
from shared import links
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.merged import standing, standing_for


def is_marked(session: Session, session_id: UUID) -> bool:
    """Whether anybody was marked at a session."""
    return session.scalar(select(AttendanceMark.id).where(AttendanceMark.session_id == session_id).limit(1)) is not None


def members(session: Session, found: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """The women whose session it is, in the order of the group's list."""
    rows = session.execute(
        select(GroupMember.entrepreneur_id, GroupMember.enterprise_id, GroupMember.municipality)
        .where(GroupMember.group_id == found["subject_id"])
        .order_by(GroupMember.municipality, GroupMember.enterprise_id, GroupMember.entrepreneur_id)
    ).mappings()
    return [dict(row) for row in rows]


def member_of(session: Session, found: TrainingSession, entrepreneur_id: UUID) -> UUID:
    """The id by which the group's list knows a woman; refuses one who is not on it, whatever group she is in."""
    root = standing(session, CopyMerged, entrepreneur_id)
    wanted = select(GroupMember.entrepreneur_id).where(
        GroupMember.group_id == found.subject_id, standing_for(CopyMerged, GroupMember.entrepreneur_id) == root
    )
    known: UUID | None = session.scalar(wanted.order_by(GroupMember.entrepreneur_id).limit(1))
    if known is None:
        number = session.scalar(select(TrainingGroup.number).where(TrainingGroup.id == found.subject_id))
        raise Invalid("attendance.other_group", pointer="/entrepreneur_id", number=number, title=found.title)
    return known


def roster(session: Session, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each woman of the session's group: the mark that stands, whether phones contradicted each other, and
    all marks, the latest first.
    """
    marks: dict[UUID, list[AttendanceMark]] = {}
    wanted = select(AttendanceMark).where(AttendanceMark.session_id == found["id"])
    for mark in session.scalars(wanted.order_by(AttendanceMark.marked_at.desc(), AttendanceMark.id.desc())):
        marks.setdefault(mark.entrepreneur_id, []).append(mark)
    return [row | _marked(marks.get(row["entrepreneur_id"], [])) for row in members(session, found)]


def _marked(marks: Sequence[AttendanceMark]) -> dict[str, Any]:
    names = ("id", "status", "minutes", "marked_at", "received_at", "by_name", "way", "reason", "contradicts", "stands")
    history = [{**{name: getattr(mark, name) for name in names}, "by": _sheet(mark)} for mark in marks]
    return {
        "mark": next((one for one in history if one["stands"]), None),
        "contradicted": any(mark.contradicts for mark in marks),
        "history": history,
    }


def _sheet(mark: AttendanceMark) -> str | None:
    """Sheet and row of a mark that came through one, "1/7"."""
    return mark.by.removeprefix("sheet:") if mark.by.startswith("sheet:") else None


def counts(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many were present, excused and absent at each of some sessions."""
    found = {one: dict.fromkeys(STATUSES, 0) for one in session_ids}
    rows = session.execute(
        select(AttendanceMark.session_id, AttendanceMark.status, func.count())
        .where(AttendanceMark.session_id.in_(session_ids), AttendanceMark.stands)
        .group_by(AttendanceMark.session_id, AttendanceMark.status)
    )
    for session_id, status, number in rows:
        found[session_id][status] = number
    return found


def group_hours(session: Session, caller: Caller, group_id: UUID) -> dict[str, Any]:
    """The minutes held so far and those of each woman of the group, and who completed by the rule in force: a session
    counts once it is over or closed.
    """
    group = show_group(session, caller, group_id)
    rule = reference.completion(group["completed_on"])
    held = _held(session, group_id)
    marks = _marks(session, group_id)
    shares = by_woman(marks, held)
    whole = sum(held.values())
    rows = []
    for member in group["members"]:
        share = shares.get(standing(session, CopyMerged, member["entrepreneur_id"]), Share(0, whole))
        told = {"minutes": share.attended, "percent": share.percent, "completes": share.completes(rule.share_percent)}
        rows.append(member | told)
    return {
        "group_id": group_id,
        "sessions": len(held),
        "held_minutes": whole,
        "person_minutes": sum(row["minutes"] for row in rows),
        "person_sessions": len({(woman, one) for woman, one, minutes in marks if minutes and one in held}),
        "completing": sum(row["completes"] for row in rows),
        "share_percent": rule.share_percent,
        "rule_source": rule.source,
        "members": rows,
    }


def _held(session: Session, group_id: UUID) -> dict[UUID, int]:
    over = (TrainingSession.state == CLOSED) | (TrainingSession.last_day < clock.today())
    rows = session.execute(
        select(TrainingSession.id, TrainingSession.minutes).where(
            *_of(group_id), TrainingSession.state != CANCELLED, over
        )
    )
    return {row.id: row.minutes for row in rows}


def _marks(session: Session, group_id: UUID) -> list[tuple[UUID, UUID, int]]:
    rows = session.execute(
        select(
            standing_for(CopyMerged, AttendanceMark.entrepreneur_id),
            AttendanceMark.session_id,
            AttendanceMark.minutes,
        )
        .join(TrainingSession, TrainingSession.id == AttendanceMark.session_id)
        .where(*_of(group_id), AttendanceMark.stands)
    )
    return [(woman, one, minutes) for woman, one, minutes in rows]


def _of(group_id: UUID) -> tuple[Any, ...]:
    return TrainingSession.subject_kind == GROUP, TrainingSession.subject_id == group_id


def sheets(session: Session, session_id: UUID) -> list[dict[str, Any]]:
    """The printed lists of a session, the latest first, and whether their rows open now."""
    sequence = session.scalar(select(TrainingSession.sequence).where(TrainingSession.id == session_id))
    wanted = select(AttendanceSheet).where(AttendanceSheet.session_id == session_id)
    names = ("id", "number", "expires_on", "revoked_on", "made_at", "made_by_name")
    return [
        {name: getattr(sheet, name) for name in names} | {"opens": sheet.opens(sequence or 0)}
        for sheet in session.scalars(wanted.order_by(AttendanceSheet.number.desc()))
    ]


def sheet_rows(session: Session, session_id: UUID, sheet_id: UUID) -> tuple[AttendanceSheet, list[dict[str, Any]]]:
    """A printed list and its rows, each with the woman and her enterprise; refuses one that opens no more."""
    sheet = session.get(AttendanceSheet, sheet_id)
    sequence = session.scalar(select(TrainingSession.sequence).where(TrainingSession.id == session_id))
    if sheet is None or sheet.session_id != session_id or not sheet.opens(sequence or 0):
        raise NotFound("sheet.unknown")
    found = session.get_one(TrainingSession, session_id)
    known = {row["entrepreneur_id"]: row for row in members(session, {"subject_id": found.subject_id})}
    rows = [
        {"id": row.id, "line": row.line, **known[row.entrepreneur_id]}
        for row in sheet.rows
        if row.entrepreneur_id in known
    ]
    return sheet, rows


def opened_row(session: Session, token: str, key: bytes) -> tuple[SheetRow, AttendanceSheet]:
    """The row that a QR leads to; refuses what was not signed here, was revoked, is over, or is of a session that was
    moved since, alike.
    """
    read = links.read(token, key)
    row = session.get(SheetRow, read[0]) if read else None
    sheet = session.get(AttendanceSheet, row.sheet_id) if row else None
    if row is None or sheet is None or read is None or sheet.expires_on != read[1]:
        raise NotFound("sheet.row_not_open")
    found = session.get_one(TrainingSession, sheet.session_id)
    if not sheet.opens(found.sequence) or found.state in {CANCELLED, CLOSED}:
        raise NotFound("sheet.row_not_open")
    return row, sheet


def show_row(session: Session, token: str, key: bytes) -> dict[str, Any]:
    """What the page behind a QR shows: the session, the row's number and its mark; nobody's name."""
    row, sheet = opened_row(session, token, key)
    found = session.get_one(TrainingSession, sheet.session_id)
    group = session.get_one(TrainingGroup, found.subject_id)
    hers = (AttendanceMark.session_id == found.id, AttendanceMark.entrepreneur_id == row.entrepreneur_id)
    mark = session.scalar(select(AttendanceMark).where(*hers, AttendanceMark.stands))
    names = ("title", "first_day", "last_day", "starts", "ends", "place", "minutes")
    return {name: getattr(found, name) for name in names} | {
        "line": row.line,
        "sheet": sheet.number,
        "group_number": group.number,
        "group_name": group.name,
        "status": mark.status if mark else None,
        "begun": found.first_day <= clock.today(),
    }
