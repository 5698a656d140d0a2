"""Somebody keeps a table of published figures, changes it, lets others read it, throws it away."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import OwnTable
from services.territory.queries import own_tables as queries
from services.territory.queries.own_table_figures import selection_of
from services.territory.rules.own_tables import Definition
from services.territory.use_cases.finding import locked
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused

MOST_TABLES = 200
"""So many one person keeps."""


def keep_table(
    session: Session, caller: Caller, *, title: str, definition: Definition, shared: bool = False
) -> OwnTable:
    """The table, hers; refuses places outside her territory, more tables than one person keeps, and a title she has
    given already.
    """
    selection_of(caller, definition)
    if queries.how_many(session, caller) >= MOST_TABLES:
        raise Refused("own_table.too_many", most=MOST_TABLES)
    queries.require_new_title(session, caller, title)
    table = OwnTable.of(caller, title=title, definition=definition.told(), shared=shared)
    session.add(table)
    session.flush()
    history.record(session, caller, subject=table.id, kind="own_table", action="keep", after=_told(table))
    return table


def change_table(
    session: Session,
    caller: Caller,
    table_id: UUID,
    *,
    title: str,
    definition: Definition,
    shared: bool,
    version: int | None,
) -> OwnTable:
    """The same table with another title, other figures, for others or not; refuses one that is not hers, an old version
    of it, and what `keep_table` refuses.
    """
    table = _own(session, caller, table_id, version)
    selection_of(caller, definition)
    queries.require_new_title(session, caller, title, besides=table.id)
    before = _told(table)
    table.change(title=title, definition=definition.told(), shared=shared)
    session.flush()
    history.record(
        session, caller, subject=table.id, kind="own_table", action="change", before=before, after=_told(table)
    )
    return table


def remove_table(session: Session, caller: Caller, table_id: UUID, *, version: int | None) -> None:
    """It is no more, for nobody."""
    table = _own(session, caller, table_id, version)
    session.delete(table)
    session.flush()
    history.record(session, caller, subject=table.id, kind="own_table", action="remove", before=_told(table))


def _own(session: Session, caller: Caller, table_id: UUID, version: int | None) -> OwnTable:
    table = locked(session, OwnTable, table_id, "own_table.unknown")
    if table.made_by != caller.subject:
        raise NotFound("own_table.unknown")
    table.require_version(version)
    return table


def _told(table: OwnTable) -> dict[str, Any]:
    return {"title": table.title, "definition": table.definition, "shared": table.shared}
