"""Who comes to a workshop for a small firm. A name is there to call the roll by, and is forgotten on request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from shared.kernel import Refused, clock

SEXES = ("woman", "man", "not_said")
SOURCES = ("team", "form")


class Participant(Recorded, Entity):
    """A person at a workshop, for one firm."""

    __tablename__ = "csr_participant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("csr_activity.id"), index=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    name_key: Mapped[str | None] = mapped_column(String(800))
    sex: Mapped[str] = mapped_column(String(8))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(4))
    attended: Mapped[list[Any]] = mapped_column(default=list)
    """Of each day: whether she was there, null where nobody said so yet."""
    forgotten_at: Mapped[datetime | None]

    @property
    def came(self) -> bool:
        """Whether she was there on any day."""
        return any(self.attended)

    def mark(self, day: int, present: bool, *, days: int) -> None:
        """She was there on the `day`-th day, or not; what was said before may be put right."""
        told = (self.attended + [None] * days)[:days]
        self.attended = [*told[: day - 1], present, *told[day:]]

    def describe(self, *, name: str, name_key: str, sex: str, email: str | None, phone: str | None) -> None:
        """Put right who she is and how she is reached; refused of who was forgotten."""
        self._require_name()
        self.name, self.name_key, self.sex, self.email, self.phone = name, name_key, sex, email, phone

    def forget(self) -> None:
        """Her name and addresses are erased; that somebody was there stays. Refused a second time."""
        self._require_name()
        self.name = self.name_key = self.email = self.phone = None
        self.forgotten_at = clock.now()

    def _require_name(self) -> None:
        if self.forgotten_at is not None:
            raise Refused("csr_participant.forgotten_already")
