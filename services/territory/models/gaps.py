"""What was announced of the gaps, so that only what changed is announced again."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Json


class AnnouncedGap(Entity):
    """The gaps of a chain in a municipality as they were told last; without any once none is left."""

    __tablename__ = "announced_gap"
    __table_args__ = (UniqueConstraint("unit", "chain", name="uq_announced_gap_place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6))
    chain: Mapped[str] = mapped_column(String(40))
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    found_on: Mapped[date]

    def replace(self, gaps: list[dict[str, Any]], day: date) -> None:
        """These are the gaps from this day on."""
        self.gaps, self.found_on = gaps, day
