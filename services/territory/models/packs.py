"""Packs of reports: which ones a coordinator wants together, and the file they are in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned


class ReportPack(Versioned, Entity):
    """The reports of these kinds of every place in some units, made once or every month; it is its maker's own."""

    __tablename__ = "report_pack"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    units: Mapped[list[Any]]
    kinds: Mapped[list[Any]]
    form: Mapped[str] = mapped_column(String(4))
    language: Mapped[str] = mapped_column(String(2))
    monthly: Mapped[bool]
    asked_month: Mapped[str] = mapped_column(String(7))
    """The month, YYYY-MM, for which it was last asked for."""
    job_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    file_month: Mapped[str | None] = mapped_column(String(7))
    """The month whose reports are in the file."""
    made_by: Mapped[str] = mapped_column(String(120), index=True)
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]

    def await_job(self, job_id: UUID, month: str) -> None:
        """It is being made for a month."""
        self.job_id, self.asked_month = job_id, month

    def take(self, file_id: UUID, month: str) -> UUID | None:
        """Its reports are in this file; comes back with the file they were in before."""
        before, self.file_id, self.file_month = self.file_id, file_id, month
        return before
