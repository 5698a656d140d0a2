"""What every change of a row goes through: it is locked, written down, and its history told of it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, BusinessPlan, Draft, Enterprise, Entity
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound

Row = TypeVar("Row", bound=Entity)
Placed = TypeVar("Placed", Accompaniment, BusinessPlan, Draft, Enterprise)


class Described(Protocol):
    """A row that is described as a whole, and can say what is said of it."""

    id: Any
    __tablename__: str

    @property
    def describe(self) -> Callable[..., None]: ...

    def facts(self) -> Mapping[str, Any]: ...


Told = TypeVar("Told", bound=Described)


def locked(session: Session, entity: type[Row], key: Any, unknown: str) -> Row:
    """The row with this key, locked and read anew; where there is none it is refused with the code `unknown`."""
    found = session.get(entity, key, with_for_update={"of": entity}, populate_existing=True)
    if found is None:
        raise NotFound(unknown)
    return found


def locked_in_scope(
    session: Session, caller: Caller, entity: type[Placed], key: UUID, version: int | None, unknown: str
) -> Placed:
    """The same of a row of one municipality; refuses what lies outside the caller's territory, and an old version. What
    belongs to an enterprise lies where that is today, wherever it was when the row was begun.
    """
    found = locked(session, entity, key, unknown)
    municipality = found.municipality
    if isinstance(found, Accompaniment | BusinessPlan):
        municipality = session.get_one(Enterprise, found.enterprise_id).municipality
    caller.require_scope(municipality)
    found.require_version(version)
    return found


def write(
    session: Session, caller: Caller, row: Told | None, begin: Callable[..., Told], told: Mapping[str, Any]
) -> Told:
    """The row described by what is told of it, a new one where there was none; its history keeps what changed."""
    before = None if row is None else row.facts()
    if row is None:
        row = begin(**told)
        session.add(row)
    else:
        row.describe(**told)
    session.flush()
    if (after := row.facts()) != before:
        write_history(session, caller, row, "register" if before is None else "change", before=before, after=after)
    return row


def write_history(
    session: Session,
    caller: Caller,
    row: Any,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write into the history of a row, whose kind is the name of its table, what was done with it."""
    session.flush()
    kind, subject = row.__tablename__, row.id
    history.record(session, caller, subject=subject, kind=kind, action=action, before=before, after=after)
