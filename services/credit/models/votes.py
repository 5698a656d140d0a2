"""How the members voted on an item of the agenda, and who left its quorum."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Code, Identified


class Vote(Identified, Base):
    """How a member voted, and why."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("item_id", "roll_seat_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    roll_seat_id: Mapped[UUID] = mapped_column(ForeignKey("roll_seat.id"))
    subject: Mapped[Account]
    choice: Mapped[Code]
    reason: Mapped[str] = mapped_column(Text)
    reason_code: Mapped[Code | None]
    cast_at: Mapped[datetime]


class Recusal(Identified, Base):
    """A member who left the quorum of one item, and why."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("item_id", "roll_seat_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    roll_seat_id: Mapped[UUID] = mapped_column(ForeignKey("roll_seat.id"))
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]
