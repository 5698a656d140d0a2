"""Who was told of a session and what she answered, who came and went, and who observed it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Code, Identified, Label
from shared.kernel import LOCAL_TIME, clock

CHANNELS = ("portal", "phone", "message", "letter", "in_person")
ANSWERS = ("coming", "excused")


class Notified(Identified, Base):
    """A member who was told of a session, how and when; what she answered in the portal, until it was opened.

    Told by `portal` she finds the invitation when she signs in; whoever told her, she may answer there.
    """

    __tablename__ = "notified"
    __table_args__ = (UniqueConstraint("session_id", "seat_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"))
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    name: Mapped[Label]
    channel: Mapped[Code]
    at: Mapped[datetime]
    noted_by: Mapped[Account]
    answer: Mapped[str | None] = mapped_column(String(10))
    excuse: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]

    @property
    def local_day(self) -> date:
        """The day on which she was told, as the calendar of the three countries has it."""
        return self.at.astimezone(LOCAL_TIME).date()

    def reply(self, answer: str, excuse: str) -> None:
        """What she says now; what she said before is no more."""
        self.answer, self.excuse, self.answered_at = answer, excuse, clock.now()


class Movement(Identified, Base):
    """Somebody came in or went out, and who noted it."""

    __tablename__ = "attendance"

    roll_seat_id: Mapped[UUID] = mapped_column(ForeignKey("roll_seat.id"), index=True)
    present: Mapped[bool]
    at: Mapped[datetime]
    noted_by: Mapped[Account]


class Observer(Identified, Base):
    """A member of the Trust Fund Committee who observes a session: she has no seat in it and no vote."""

    __tablename__ = "session_observer"
    __table_args__ = (UniqueConstraint("session_id", "subject"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"))
    subject: Mapped[Account]
    name: Mapped[Label]
    at: Mapped[datetime]
