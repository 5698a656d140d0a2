"""The papers in the file of an application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Code, Identified, Label


class Attachment(Identified, Base):
    """A paper: a stored file, or a business plan of the registry, of which only the label is kept. `seen` once it has
    lain before a committee.
    """

    __tablename__ = "attachment"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[Code]
    file_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    plan_label: Mapped[Label] = mapped_column(default="")
    seen: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    added_by: Mapped[Account]
    added_by_name: Mapped[Label]

    def forget_label(self) -> None:
        """Erase what the registry called her business plan."""
        self.plan_label = ""
