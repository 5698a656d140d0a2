"""Marks in the copies how far they have come, and who is not to come back into them."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import CopyAsOf, CopyWithdrawn
from shared.bus.envelope import Envelope


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
