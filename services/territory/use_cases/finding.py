"""A record that somebody is about to change: locked, of today, and of her territory."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.identity import Caller
from shared.kernel import NotFound

T = TypeVar("T")


def locked(session: Session, entity: type[T], its_id: UUID, unknown: str) -> T:
    """The record, locked and read anew; `unknown` is the code of the refusal where there is none."""
    of: Any = entity
    wanted = select(entity).where(of.id == its_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(unknown)
    return found


def recorder(caller: Caller) -> dict[str, str]:
    """Who writes something down."""
    return {"recorded_by": caller.subject, "recorded_by_name": caller.name}
