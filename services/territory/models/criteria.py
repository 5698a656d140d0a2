"""The criteria that a territory's analyses judge by, edition after edition."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.identity import Caller
from shared.kernel import clock, uuid7


class CriteriaEdition(Entity):
    """Criteria that hold in `unit` (None: everywhere) from a day on. An edition is never changed: another one is
    another row, and of two of the same unit and day the later one counts.
    """

    __tablename__ = "criteria_edition"
    __table_args__ = (Index("ix_criteria_edition_in_force", "kind", "valid_from", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(6))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(500))
    content: Mapped[dict[str, Any]]
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[str] = mapped_column(String(120))
    adopted_by_name: Mapped[str] = mapped_column(String(200))

    @classmethod
    def adopt(
        cls, caller: Caller, *, kind: str, unit: str | None, valid_from: date, source: str, values: Mapping[str, Any]
    ) -> Self:
        """From `valid_from` on the analyses of this kind judge by these values there."""
        return cls(
            id=uuid7(),
            kind=kind,
            unit=unit,
            valid_from=valid_from,
            source=source,
            content=dict(values),
            adopted_at=clock.now(),
            adopted_by=caller.subject,
            adopted_by_name=caller.name,
        )
