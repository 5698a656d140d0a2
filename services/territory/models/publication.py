"""Figures as they were published: made once a month for a department, then the same for everybody who asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity


class Publication(Entity):
    """The protected figures of a department and its municipalities; withheld ones are not in it."""

    __tablename__ = "publication"
    __table_args__ = (Index("ix_publication_latest", "department", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(String(4))
    month: Mapped[str] = mapped_column(String(7))
    """YYYY-MM, local time."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(120))
    as_of: Mapped[datetime | None]
    """Time of the newest event that is in the figures."""
    figures: Mapped[dict[str, Any]]
