"""What members of the Trust Fund Committee say to an approval that the credit committee may not give alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Account, Base, Identified, Label
from services.credit.models.sessions import Resolution
from shared.kernel import Refused


class Assent(Identified, Base):
    """One member's yes, or her no with its reason; it is said once."""

    __tablename__ = "assent"
    __table_args__ = (UniqueConstraint("resolution_id", "subject"),)

    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("resolution.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    subject: Mapped[Account]
    name: Mapped[Label]
    gives: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    said_at: Mapped[datetime]


def assents_of(session: Session, resolution: Resolution) -> list[Assent]:
    """What was said to a resolution, in the order it was said."""
    query = select(Assent).where(Assent.resolution_id == resolution.id).order_by(Assent.id)
    return list(session.scalars(query))


def assent_state(session: Session, resolution: Resolution) -> str:
    """`not_needed`, `waiting`, `given` or `denied`."""
    if not resolution.assents_needed:
        return "not_needed"
    said = [one.gives for one in assents_of(session, resolution)]
    if sum(said) >= resolution.assents_needed:
        return "given"
    return "denied" if said.count(False) >= resolution.assents_needed else "waiting"


def require_assent(session: Session, resolution: Resolution, number: str) -> None:
    """Refuses while the Trust Fund Committee has not said yes to a resolution that needs it."""
    if assent_state(session, resolution) in {"waiting", "denied"}:
        query = select(func.count()).where(Assent.resolution_id == resolution.id, Assent.gives)
        given = session.scalar(query)
        raise Refused("assent.missing", number=number, given=given, needed=resolution.assents_needed)
