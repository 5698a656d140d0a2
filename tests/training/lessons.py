"""A group with sessions, for the tests of sessions, attendance and calendars."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import AttendanceMark, TrainingGroup, TrainingSession
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.plan_session import plan_session
from shared.kernel import LOCAL_TIME, uuid7
from tests.training.forming import form
from tests.training.house import TRAINER, register_many, woman_of

WOMEN = 8
FIRST, SECOND = date(2026, 3, 10), date(2026, 3, 17)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL_TIME)


def form_group(session: Session, first: int = 1, **changed: Any) -> TrainingGroup:
    """A group of eight women, from enterprise `first` on."""
    register_many(session, first, WOMEN, **changed)
    return form(session)


def plan(session: Session, group: TrainingGroup, day: date = FIRST, **changed: Any) -> TrainingSession:
    """A morning of four hours."""
    told = {"title": "Costos y precios", "first_day": day, "starts": "08:00", "ends": "12:00", "place": "Casa comunal"}
    by = changed.pop("by", TRAINER)
    return plan_session(session, by, group_id=group.id, **(told | changed))


def mark(
    session: Session, planned: TrainingSession, woman: int | UUID, status: str = "present", **told: Any
) -> AttendanceMark:
    by = told.pop("by", TRAINER)
    her = woman if isinstance(woman, UUID) else woman_of(woman)
    given = {"mark_id": uuid7(), "status": status} | told
    return mark_attendance(session, by, session_id=planned.id, entrepreneur_id=her, **given)
