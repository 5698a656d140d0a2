"""A list of the inventory that somebody wants to see again: its filters and its order, under a name."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.models.institutions import Centre
from shared.database import Versioned
from shared.kernel import clock, uuid7


class SavedView(Versioned, Entity):
    """Filters under a name; her own, or shared with the centre by its coordinator. Words that were searched for and
    lists of records are no part of it: they would keep the names of women.
    """

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_owner", "owner", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(120))
    owner_name: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(80))
    filters: Mapped[dict[str, Any]]
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"), index=True)
    created_at: Mapped[datetime]
    centre: Mapped[Centre | None] = relationship(lazy="joined")

    @classmethod
    def keep(cls, owner: str, owner_name: str, name: str, filters: dict[str, Any], centre: Centre | None) -> Self:
        return cls(
            id=uuid7(),
            owner=owner,
            owner_name=owner_name,
            name=name,
            filters=filters,
            centre=centre,
            created_at=clock.now(),
        )

    def change(self, name: str, filters: dict[str, Any], centre: Centre | None) -> None:
        self.name, self.filters, self.centre = name, dict(filters), centre
