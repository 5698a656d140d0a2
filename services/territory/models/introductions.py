"""Introductions that the technical team followed up: who was brought together with whom, and what became of it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import clock, uuid7

MADE, DECLINED, BUSINESS = "made", "declined", "business"
MARKS = (MADE, DECLINED, BUSINESS)
"""`made`: they were introduced; `declined`: one of them did not want it; `business`: it led to business."""


class Introduction(Versioned, Entity):
    """A pair that a technician followed up, about one input. `unit`: the buyer's municipality."""

    __tablename__ = "introduction"
    __table_args__ = (UniqueConstraint("buyer_id", "supplier_id", "item", name="uq_introduction_pair"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    buyer_id: Mapped[UUID]
    supplier_id: Mapped[UUID] = mapped_column(index=True)
    item: Mapped[str] = mapped_column(String(40))
    mark: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(String(500))
    marked_by: Mapped[str] = mapped_column(String(120))
    marked_by_name: Mapped[str] = mapped_column(String(200))
    marked_at: Mapped[datetime]

    @classmethod
    def of(cls, caller: Caller, *, unit: str, buyer_id: UUID, supplier_id: UUID, item: str) -> Self:
        """A pair that nobody has followed up yet; say what became of it by `say`."""
        return cls(
            id=uuid7(), unit=unit, buyer_id=buyer_id, supplier_id=supplier_id, item=item, mark=MADE,
            note=None, marked_by=caller.subject, marked_by_name=caller.name, marked_at=clock.now(),
        )  # fmt: skip

    def say(self, caller: Caller, mark: str, note: str | None) -> None:
        """What became of it, by whom and now; any mark may be corrected."""
        self.mark, self.note = mark, note
        self.marked_by, self.marked_by_name, self.marked_at = caller.subject, caller.name, clock.now()
