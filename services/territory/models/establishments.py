"""The published table of establishments by place, class and size: protected once, the same for everybody after."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.kernel import clock

ALL = "all"
"""The code of all classes, and of all sizes; the whole of a place is its country."""


class EstablishmentTable(Entity):
    """The protected table of one set of denominators; it goes with the set."""

    __tablename__ = "establishment_table"

    set_id: Mapped[UUID] = mapped_column(ForeignKey("denominator_set.id", ondelete="CASCADE"), primary_key=True)
    job_id: Mapped[UUID | None]
    made_at: Mapped[datetime | None]
    criteria_from: Mapped[date | None]
    """From which day on the criteria hold that it was protected by."""
    lost: Mapped[dict[str, Any]]
    """How many cells there are, are withheld, are told as a range."""

    def await_job(self, job_id: UUID) -> None:
        """It is being made."""
        self.job_id = job_id

    def was_made(self, criteria_from: date, lost: Mapping[str, Any]) -> None:
        """Its cells are kept, and never change."""
        self.made_at, self.criteria_from, self.lost = clock.now(), criteria_from, dict(lost)


class EstablishmentCell(Entity):
    """What is told of one cell that counts somebody: its `value`; a range; or neither, where it is withheld."""

    __tablename__ = "establishment_cell"

    set_id: Mapped[UUID] = mapped_column(ForeignKey("establishment_table.set_id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(6), primary_key=True)
    ciiu: Mapped[str] = mapped_column(String(4), primary_key=True)
    """A section's letter, a division, a class, or `all`."""
    size: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
