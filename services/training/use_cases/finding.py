"""A record that somebody is about to change: locked, of today, and of her territory."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.identity import Caller
from shared.kernel import NotFound, clock

T = TypeVar("T")


def locked(
    session: Session,
    entity: type[T],
    its_id: UUID,
    unknown: str,
    caller: Caller,
    *,
    near: bool = False,
) -> T:
    """The record of the caller's territory (`near`: or of what it lies in), locked and read anew; `unknown` is the code
    of the refusal where there is none.
    """
    of: Any = entity
    wanted = select(entity).where(of.id == its_id).with_for_update()
    found: Any = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(unknown)
    if near:
        require_near(caller, found.unit)
    else:
        caller.require_scope(found.unit)
    kept: T = found
    return kept


def require_near(caller: Caller, unit: str) -> None:
    """Refuses a place that is neither of the caller's territory nor what it lies in: institutions of a country are of
    concern to each of its centres.
    """
    if not any(own.startswith(unit) for own in caller.scope.units):
        caller.require_scope(unit)


def recorder(caller: Caller) -> dict[str, Any]:
    """Who writes something down, and when."""
    return {"recorded_by": caller.subject, "recorded_by_name": caller.name, "recorded_at": clock.now()}
