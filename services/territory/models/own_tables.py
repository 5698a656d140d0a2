"""Tables and charts that somebody made of published figures, for herself or for others to read."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import clock, uuid7


class OwnTable(Versioned, Entity):
    """What a table is made of, never its figures: these are read anew, with the rights of whoever looks."""

    __tablename__ = "own_table"
    __table_args__ = (UniqueConstraint("made_by", "title", name="uq_own_table_title"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    definition: Mapped[dict[str, Any]]
    """As `rules.own_tables.Definition` tells it."""
    shared: Mapped[bool]
    """Whether those whose territory it lies in may read it by its address."""
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @classmethod
    def of(cls, caller: Caller, *, title: str, definition: dict[str, Any], shared: bool) -> Self:
        """A table of the caller's."""
        now = clock.now()
        return cls(
            id=uuid7(), title=title, definition=definition, shared=shared,
            made_by=caller.subject, made_by_name=caller.name, made_at=now, changed_at=now,
        )  # fmt: skip

    def change(self, *, title: str, definition: dict[str, Any], shared: bool) -> None:
        """Another title, other figures, for others or not."""
        self.title, self.definition, self.shared = title, definition, shared
        self.changed_at = clock.now()
