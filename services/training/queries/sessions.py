"""Sessions, as they are read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from services.training.models import (
    CalendarLink,
    CurriculumModule,
    SessionRevision,
    Trainer,
    TrainingGroup,
    TrainingSession,
)
from services.training.models.sessions import GROUP
from services.training.queries.attendance import counts, members, sheets
from services.training.queries.scope import check_units, within
from services.training.reference.holidays import holidays
from services.training.reference.licences import policy
from services.training.rules.icalendar import Entry
from shared import links
from shared.database import labelled
from shared.identity import Caller, Scope
from shared.kernel import NotFound, clock
from shared.web.paging import Page, keyset_page

COMING, PAST = "coming", "past"

_SESSION = (
    *labelled(
        TrainingSession,
        "id",
        "version",
        "subject_kind",
        "subject_id",
        "unit",
        "title",
        "first_day",
        "last_day",
        "starts",
        "ends",
        "place",
        "minutes",
        "sequence",
        "state",
        "closed_at",
        "closed_by_name",
        "module_id",
        "topic",
        "trainer_id",
    ),
    CurriculumModule.title.label("module_title"),
    Trainer.name.label("trainer_name"),
    TrainingGroup.number.label("group_number"),
    TrainingGroup.name.label("group_name"),
)
_KEYS = tuple(column for column in _SESSION if column.name in {"id", "first_day"})[::-1]
_REVISION = (
    "sequence",
    "action",
    "first_day",
    "last_day",
    "starts",
    "ends",
    "place",
    "minutes",
    "reason",
    "at",
    "by_name",
)


def _sessions() -> Any:
    its_group = and_(TrainingSession.subject_kind == GROUP, TrainingGroup.id == TrainingSession.subject_id)
    its_module = CurriculumModule.id == TrainingSession.module_id
    named = Trainer.id == TrainingSession.trainer_id
    joined = select(*_SESSION).outerjoin(TrainingGroup, its_group).outerjoin(CurriculumModule, its_module)
    return joined.outerjoin(Trainer, named)


def list_sessions(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The sessions of the caller's territory that meet all filters: those to come by their days, those that are over
    the latest first; each with how many were there.
    """
    over = filters.get("when", COMING) == PAST
    today = clock.today()
    days = TrainingSession.last_day < today if over else TrainingSession.last_day >= today
    statement = _sessions().where(caller.scope.condition(TrainingSession.unit))
    if group_id := filters.get("group_id"):
        statement = statement.where(TrainingSession.subject_kind == GROUP, TrainingSession.subject_id == group_id)
    if filters.get("when") or not group_id:
        statement = statement.where(days)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainingSession.unit, [unit]))
    page = keyset_page(session, statement, keys=_KEYS, limit=limit, after=after, descending=over)
    present = counts(session, [row["id"] for row in page.rows])
    return Page([row | present[row["id"]] for row in page.rows], page.next)


def show_session(session: Session, caller: Caller, session_id: UUID) -> dict[str, Any]:
    """One session with its revisions, the first plan first, each with what it was before."""
    row = session.execute(_sessions().where(TrainingSession.id == session_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("session.unknown")
    caller.require_scope(row["unit"])
    wanted = select(*labelled(SessionRevision, *_REVISION)).where(SessionRevision.session_id == session_id)
    revisions = [dict(one) for one in session.execute(wanted.order_by(SessionRevision.sequence)).mappings()]
    earlier: list[dict[str, Any] | None] = [None, *revisions[:-1]]
    told = [{**one, "before": before} for one, before in zip(revisions, earlier, strict=True)]
    return {
        **row,
        **counts(session, [session_id])[session_id],
        "women": len(members(session, row)),
        "needs_licence": row["topic"] in policy(row["first_day"]).topics_with_licence,
        "holidays": holidays(row["unit"], row["first_day"], row["last_day"], starts=row["starts"], ends=row["ends"]),
        "revisions": told,
        "sheets": sheets(session, session_id),
    }


def list_calendars(session: Session, caller: Caller, key: bytes) -> list[dict[str, Any]]:
    """The caller's own addresses, the latest first, each with what stands in it."""
    wanted = select(CalendarLink).where(CalendarLink.owner == caller.subject).order_by(CalendarLink.id.desc())
    return [calendar_row(session, link, key) for link in session.scalars(wanted.limit(50))]


def calendar_row(session: Session, link: CalendarLink, key: bytes) -> dict[str, Any]:
    """One address."""
    names = ("id", "group_id", "language", "expires_on", "revoked_on", "made_at", "shown")
    name = session.scalar(select(TrainingGroup.name).where(TrainingGroup.id == link.group_id))
    return {name: getattr(link, name) for name in names} | {
        "group_name": name,
        "token": links.signed(link.id, link.expires_on, key),
    }


def opened_calendar(session: Session, token: str, key: bytes) -> CalendarLink:
    """The calendar an address leads to; refuses what was not signed here, was revoked, and is over, alike."""
    read = links.read(token, key)
    link = session.get(CalendarLink, read[0]) if read else None
    if link is None or read is None or not link.shown or link.expires_on != read[1]:
        raise NotFound("calendar.not_shown")
    return link


def entries(session: Session, link: CalendarLink, scope: Scope, say: Any) -> list[Entry]:
    """The sessions of a calendar in a territory, those over for more than a year left out: with the group's name, and
    with what a moved one was before. Nobody's name and no reason stand in it.
    """
    statement = select(TrainingSession).where(scope.condition(TrainingSession.unit))
    if link.group_id is not None:
        statement = statement.where(TrainingSession.subject_id == link.group_id)
    since = clock.today().replace(day=1)
    since = since.replace(year=since.year - 1)
    statement = statement.where(TrainingSession.last_day >= since)
    found = session.scalars(statement.order_by(TrainingSession.first_day, TrainingSession.id).limit(2_000)).all()
    names = _names(session, found)
    return [_entry(one, names.get(one.subject_id, ""), say) for one in found]


def _names(session: Session, found: Any) -> dict[UUID, str]:
    ids = {one.subject_id for one in found}
    rows = session.execute(
        select(TrainingGroup.id, TrainingGroup.number, TrainingGroup.name).where(TrainingGroup.id.in_(ids))
    )
    return {row.id: f"{row.number}. {row.name}" for row in rows}


def _entry(found: TrainingSession, group: str, say: Any) -> Entry:
    latest = found.revisions[-1]
    told = [say("calendar.group", group=group)]
    if found.sequence and found.state != "cancelled":
        before = found.revisions[-2]
        days = {"first": before.first_day, "last": before.last_day, "place": before.place}
        told.append(say("calendar.moved", **days))
    return Entry(
        id=found.id,
        sequence=found.sequence,
        changed_at=latest.at,
        timetable=found.timetable,
        title=found.title,
        description="\n".join(told),
        cancelled=found.state == "cancelled",
    )
