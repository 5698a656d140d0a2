"""Trainers as they are read: found by what they teach and where, each with her licences and sessions."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.training.models import Partner, Trainer, TrainerUnit, TrainingSession
from services.training.models.sessions import CANCELLED
from services.training.models.smes import name_key
from services.training.queries.licences import licences_of
from services.training.queries.scope import check_units, near
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.web.paging import Page, keyset_page

_ROW = (
    *labelled(Trainer, "name_key", "id", "version", "unit", "account", "name", "topics", "languages", "slots"),
    *labelled(Trainer, "partner_id", "left_on", "recorded_by_name"),
    Partner.name.label("partner_name"),
)
_SESSION = ("id", "title", "first_day", "last_day", "starts", "ends", "place", "unit", "state", "topic")
_MOST_SESSIONS = 50
_MOST = 2_000


def list_trainers(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The trainers at home in the caller's territory or in what it lies in, and those who go there, by name. `filters`:
    `text` (a part of the name), `topic`, `language`, `unit` (who goes there), `left` (those who teach no more).
    """
    statement = select(*_ROW).outerjoin(Partner, Partner.id == Trainer.partner_id).where(_visible(caller))
    left = Trainer.left_on
    statement = statement.where(left.is_not(None) if filters.get("left") else left.is_(None))
    if text := name_key(filters.get("text", "")):
        statement = statement.where(Trainer.name_key.contains(text, autoescape=True))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        around = [unit[:size] for size in (2, 4, 6) if size <= len(unit)]
        goes = or_(TrainerUnit.unit.in_(around), TrainerUnit.unit.startswith(unit))
        statement = statement.where(Trainer.units.any(goes))
    wanted = {"topics": filters.get("topic"), "languages": filters.get("language")}
    if any(wanted.values()):
        statement = statement.where(Trainer.id.in_(_teaching(session, caller, wanted)))
    page = keyset_page(session, statement, keys=_ROW[:2], limit=limit, after=after)
    return Page(_whole(session, page.rows), page.next)


def show_trainer(session: Session, caller: Caller, trainer_id: UUID) -> dict[str, Any]:
    """One trainer with her licences, the latest first, and her sessions from today on."""
    wanted = select(*_ROW).outerjoin(Partner, Partner.id == Trainer.partner_id)
    row = session.execute(wanted.where(Trainer.id == trainer_id, _visible(caller))).mappings().one_or_none()
    if row is None:
        raise NotFound("trainer.unknown")
    coming = select(*labelled(TrainingSession, *_SESSION)).where(
        TrainingSession.trainer_id == trainer_id,
        TrainingSession.state != CANCELLED,
        TrainingSession.last_day >= clock.today(),
        caller.scope.condition(TrainingSession.unit),
    )
    coming = coming.order_by(TrainingSession.first_day, TrainingSession.id).limit(_MOST_SESSIONS)
    return _whole(session, [row])[0] | {"sessions": [dict(one) for one in session.execute(coming).mappings()]}


def is_visible(session: Session, caller: Caller, trainer_id: UUID) -> bool:
    """Whether the caller may see a trainer."""
    return session.scalar(select(Trainer.id).where(Trainer.id == trainer_id, _visible(caller))) is not None


def names_of(session: Session, ids: Collection[UUID | None]) -> dict[UUID, str]:
    """The names of trainers by id."""
    rows = session.execute(select(Trainer.id, Trainer.name).where(Trainer.id.in_({one for one in ids if one})))
    return {row.id: row.name for row in rows}


def _whole(session: Session, rows: Collection[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """The rows with where each goes and her licences."""
    ids = [row["id"] for row in rows]
    units: dict[UUID, list[str]] = {one: [] for one in ids}
    places = select(TrainerUnit.trainer_id, TrainerUnit.unit).where(TrainerUnit.trainer_id.in_(ids))
    for place in session.execute(places.order_by(TrainerUnit.unit)):
        units[place.trainer_id].append(place.unit)
    held = licences_of(session, ids)
    return [{**row, "units": units[row["id"]], "licences": held.get(row["id"], [])} for row in rows]


def _teaching(session: Session, caller: Caller, wanted: Mapping[str, str | None]) -> list[UUID]:
    """The few hundred trainers of a territory are looked at one by one: what they teach is a list in a column."""
    rows = session.execute(select(*labelled(Trainer, "id", "topics", "languages")).where(_visible(caller)).limit(_MOST))
    asked = {name: code for name, code in wanted.items() if code}
    return [row["id"] for row in rows.mappings() if all(code in row[name] for name, code in asked.items())]


def _visible(caller: Caller) -> ColumnElement[bool]:
    return or_(near(caller, Trainer.unit), Trainer.units.any(near(caller, TrainerUnit.unit)))
