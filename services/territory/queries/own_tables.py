"""Somebody's own tables, and those that others let her read."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import OwnTable
from services.territory.rules.own_tables import Definition
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused
from shared.web import Page, keyset_page

_SHOWN = ("id", "version", "title", "definition", "shared", "made_by", "made_by_name", "made_at", "changed_at")
_COLUMNS = labelled(OwnTable, *_SHOWN)


def list_tables(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The caller's tables, the latest first."""
    mine = select(*_COLUMNS).where(OwnTable.made_by == caller.subject)
    page = keyset_page(session, mine, keys=_COLUMNS[:1], limit=limit, after=after, descending=True)
    return Page([_told(row, caller) for row in page.rows], page.next)


def how_many(session: Session, caller: Caller) -> int:
    """How many tables the caller keeps."""
    return session.scalar(select(func.count()).where(OwnTable.made_by == caller.subject)) or 0


def require_new_title(session: Session, caller: Caller, title: str, *, besides: UUID | None = None) -> None:
    """Refuse a title that another of the caller's tables has."""
    same = select(OwnTable.id).where(OwnTable.made_by == caller.subject, OwnTable.title == title)
    if session.scalar(same) not in {None, besides}:
        raise Refused("own_table.title_taken", title=title)


def table_row(table: OwnTable, caller: Caller) -> dict[str, Any]:
    """One table, without its figures; `definition` is None where it is none any more."""
    return _told({name: getattr(table, name) for name in _SHOWN}, caller)


def readable(session: Session, caller: Caller, table_id: UUID) -> OwnTable:
    """A table of the caller's, or one that is shared and lies wholly in her territory; of any other nobody is told
    that there is one.
    """
    table = session.get(OwnTable, table_id)
    if table is None or not _reads(table, caller):
        raise NotFound("own_table.unknown")
    return table


def definition_of(table: OwnTable) -> Definition:
    """What it is made of, judged anew: what was stored may be of an earlier edition of what is offered."""
    try:
        return Definition.of(table.definition)
    except Invalid as invalid:
        raise Refused("own_table.unreadable", title=table.title) from invalid


def _reads(table: OwnTable, caller: Caller) -> bool:
    if table.made_by == caller.subject:
        return True
    units = table.definition.get("units") or [""]
    return table.shared and all(isinstance(unit, str) and unit and caller.scope.covers(unit) for unit in units)


def _told(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name != "made_by"}
    try:
        told["definition"] = Definition.of(row["definition"]).told()
    except Invalid:
        told["definition"] = None
    return told | {"mine": row["made_by"] == caller.subject}
