"""Marks in the copies how far they have come, what changed in them last, and who is not to come back into them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import CopyAsOf, CopyWithdrawn, EnterpriseChange
from shared.bus.envelope import Envelope
from shared.database import insert_on


def took(session: Session, envelope: Envelope) -> None:
    """The event of `envelope` is in the copies; one that comes late (it was parked) does not turn the clock back."""
    mark = session.get(CopyAsOf, envelope.source)
    if mark is None:
        session.add(CopyAsOf(source=envelope.source, position=envelope.position, taken=1, time=envelope.time))
        return
    mark.taken += 1
    if envelope.position > mark.position:
        mark.position, mark.time = envelope.position, max(envelope.time, mark.time)


def known(session: Session, enterprise_id: UUID) -> bool:
    """Whether the enterprise may be spoken of: its owner did not withdraw."""
    return session.get(CopyWithdrawn, enterprise_id) is None


def changed(session: Session, enterprise_ids: Iterable[UUID]) -> None:
    """What the copies know of these enterprises, or where one of them stands for another, is no longer what it was.
    Who calls it holds the registry's cursor, so that changes are committed in the order of their numbers.
    """
    table = EnterpriseChange.__table__
    touched = sorted(set(enterprise_ids))
    if not touched:
        return
    number = (session.scalar(select(func.max(table.c.number))) or 0) + 1
    statement = insert_on(session.get_bind().dialect.name, table)
    numbered = statement.on_conflict_do_update(
        index_elements=["enterprise_id"], set_={"number": statement.excluded.number}
    )
    session.execute(numbered, [{"enterprise_id": one, "number": number} for one in touched])
