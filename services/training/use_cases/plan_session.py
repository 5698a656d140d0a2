"""A session is planned, moved, cancelled, and in the end its attendance is closed."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import TrainingGroup, TrainingSession
from services.training.models.sessions import CANCELLED, GROUP
from services.training.queries.attendance import is_marked
from services.training.reference import sessions as reference
from services.training.rules.timetable import Timetable
from services.training.use_cases.confirm_group import locked_group
from services.training.use_cases.heed_holidays import heed_holidays
from services.training.use_cases.keep_trainers import require_free
from services.training.use_cases.use_curriculum import require_taught
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, Stale, uuid7


def plan_session(
    session: Session,
    caller: Caller,
    *,
    group_id: UUID,
    title: str,
    first_day: date,
    starts: str,
    ends: str,
    place: str,
    last_day: date | None = None,
    minutes: int | None = None,
    module_id: UUID | None = None,
    topic: str | None = None,
    trainer_id: UUID | None = None,
    on_holiday: bool = False,
) -> TrainingSession:
    """A session of a group. Refuses one of a group whose training ended, before the group was formed, while the group
    has another one, with a module that the group's curriculum has not or that is not accepted for it yet, a trainer
    who cannot teach it (`keep_trainers.require_free`), and a public holiday unless the day is kept `on_holiday`.
    """
    group = locked_group(session, caller, group_id, None)
    timetable = _timetable(first_day, last_day, starts, ends, place)
    _check_group(session, group, timetable, None)
    kept = _heed(group.municipality, timetable, on_holiday)
    if module_id is not None:
        require_taught(session, group.id, module_id)
    subject = (GROUP, group.id)
    planned = TrainingSession.plan(
        uuid7(), subject, group.municipality, title, timetable, minutes, caller, module_id=module_id
    )
    if topic or trainer_id:
        _check_trainer(session, caller, planned, timetable, topic, trainer_id)
        planned.teach(topic, trainer_id)
    session.add(planned)
    session.flush()
    taught = {"module_id": module_id, "topic": topic, "trainer_id": trainer_id}
    told = {"group_id": group.id, "title": planned.title, **taught, **_told(planned), **kept}
    history.record(session, caller, subject=planned.id, kind="session", action="plan", after=told)
    return planned


def move_session(
    session: Session,
    caller: Caller,
    *,
    session_id: UUID,
    version: int | None,
    reason: str,
    first_day: date,
    starts: str,
    ends: str,
    place: str,
    last_day: date | None = None,
    minutes: int | None = None,
    on_holiday: bool = False,
) -> TrainingSession:
    """The session at another time or place; what it was before stays with who moved it and why. Refuses one at which
    somebody was marked already, and a public holiday unless the day is kept `on_holiday`.
    """
    found = locked_session(session, caller, session_id, version)
    _refuse_marked(session, found)
    timetable = _timetable(first_day, last_day, starts, ends, place)
    if found.subject_kind == GROUP:
        _check_group(session, locked_group(session, caller, found.subject_id, None), timetable, found)
    kept = _heed(found.unit, timetable, on_holiday)
    before = _told(found)
    _check_trainer(session, caller, found, timetable, found.topic, found.trainer_id)
    found.move(timetable, minutes, reason, caller)
    session.flush()
    after = _told(found) | {"reason": reason.strip()} | kept
    history.record(session, caller, subject=found.id, kind="session", action="move", before=before, after=after)
    return found


def name_trainer(
    session: Session,
    caller: Caller,
    *,
    session_id: UUID,
    version: int | None,
    topic: str | None,
    trainer_id: UUID | None,
) -> TrainingSession:
    """The session with what is taught and by whom (nobody named: None); refuses a trainer who cannot teach it."""
    found = locked_session(session, caller, session_id, version)
    before = {"topic": found.topic, "trainer_id": found.trainer_id}
    _check_trainer(session, caller, found, found.timetable, topic, trainer_id)
    found.teach(topic, trainer_id)
    session.flush()
    after = {"topic": topic, "trainer_id": trainer_id}
    history.record(session, caller, subject=found.id, kind="session", action="teach", before=before, after=after)
    return found


def change_module(
    session: Session, caller: Caller, *, session_id: UUID, version: int | None, module_id: UUID | None
) -> TrainingSession:
    """The session with another module of the group's curriculum (None: with none); a module is refused as at planning,
    and so is a session of a group whose training ended.
    """
    found = locked_session(session, caller, session_id, version)
    group = locked_group(session, caller, found.subject_id, None)
    if group.completed_on is not None:
        raise Refused("session.group_completed", day=group.completed_on)
    if module_id is not None:
        require_taught(session, group.id, module_id)
    before = {"module_id": found.module_id}
    found.take_module(module_id)
    session.flush()
    after = {"module_id": module_id}
    history.record(session, caller, subject=found.id, kind="session", action="module", before=before, after=after)
    return found


def cancel_session(
    session: Session, caller: Caller, *, session_id: UUID, version: int | None, reason: str
) -> TrainingSession:
    """The session will not be; refuses one at which somebody was marked already."""
    found = locked_session(session, caller, session_id, version)
    _refuse_marked(session, found)
    found.cancel(reason, caller)
    session.flush()
    told = {"reason": reason.strip()}
    history.record(session, caller, subject=found.id, kind="session", action="cancel", after=told)
    return found


def close_session(session: Session, caller: Caller, *, session_id: UUID, version: int | None) -> TrainingSession:
    """Its attendance is complete: a mark that comes later needs a reason. Refuses one where nobody was marked."""
    found = locked_session(session, caller, session_id, version)
    if found.state != CANCELLED and not is_marked(session, found.id):
        raise Refused("session.nobody_marked")
    found.close(caller)
    session.flush()
    history.record(session, caller, subject=found.id, kind="session", action="close")
    return found


def locked_session(session: Session, caller: Caller, session_id: UUID, version: int | None) -> TrainingSession:
    """A session in the caller's territory, locked; refuses an old version of it."""
    wanted = select(TrainingSession).where(TrainingSession.id == session_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("session.unknown")
    caller.require_scope(found.unit)
    if version is not None and version != found.version:
        raise Stale("changed_meanwhile", current=found.version)
    return found


def _timetable(first_day: date, last_day: date | None, starts: str, ends: str, place: str) -> Timetable:
    return Timetable.of(first_day, last_day, starts, ends, place, longest=reference.limits().longest_days)


def _heed(unit: str, timetable: Timetable, on_holiday: bool) -> dict[str, Any]:
    hours = {"starts": timetable.starts, "ends": timetable.ends}
    return heed_holidays(unit, timetable.first_day, timetable.last_day, on_holiday=on_holiday, **hours)


def _check_group(session: Session, group: TrainingGroup, timetable: Timetable, moved: TrainingSession | None) -> None:
    if group.completed_on is not None:
        raise Refused("session.group_completed", day=group.completed_on)
    if group.dissolved_on is not None:
        raise Refused("session.group_given_up", day=group.dissolved_on)
    if timetable.first_day < group.formed_on:
        raise Invalid("session.before_group", pointer="/first_day", formed=group.formed_on)
    others = select(TrainingSession).where(
        TrainingSession.subject_kind == GROUP,
        TrainingSession.subject_id == group.id,
        TrainingSession.state != CANCELLED,
        TrainingSession.first_day <= timetable.last_day,
        TrainingSession.last_day >= timetable.first_day,
    )
    for other in session.scalars(others.order_by(TrainingSession.first_day, TrainingSession.id)):
        if other is not moved and other.timetable.meets(timetable):
            raise Invalid("session.clash", pointer="/first_day", title=other.title, day=other.first_day)


def _check_trainer(
    session: Session,
    caller: Caller,
    found: TrainingSession,
    timetable: Timetable,
    topic: str | None,
    trainer_id: UUID | None,
) -> None:
    if trainer_id is not None:
        told: dict[str, Any] = {"unit": found.unit, "timetable": timetable, "topic": topic, "but": found.id}
        require_free(session, caller, trainer_id, **told)


def _refuse_marked(session: Session, found: TrainingSession) -> None:
    if is_marked(session, found.id):
        raise Refused("session.attended_already")


def _told(found: TrainingSession) -> dict[str, Any]:
    names = ("first_day", "last_day", "starts", "ends", "place", "minutes")
    return {name: getattr(found, name) for name in names}
