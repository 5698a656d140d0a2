"""What must be done before an approved credit is paid out."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Code, Identified, Label
from shared.kernel import Refused, clock

VERIFIERS = ("technician", "coordinator", "credit_officer")
"""The offices that can be asked to look whether a condition is met."""


class Condition(Identified, Base):
    """A condition of a resolution: what, by when, who looks, and the paper that shows it."""

    __tablename__ = "condition"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    verifier: Mapped[Code]
    state: Mapped[str] = mapped_column(String(10), default="open")
    note: Mapped[str] = mapped_column(Text, default="")
    evidence_file_id: Mapped[UUID | None]
    met_at: Mapped[datetime | None]
    met_by: Mapped[Account | None]
    met_by_name: Mapped[Label | None]

    def show(self, file_id: UUID) -> UUID | None:
        """Keep the paper that shows it; comes back with the one it takes the place of."""
        self.require_open()
        before, self.evidence_file_id = self.evidence_file_id, file_id
        return before

    def meet(self, subject: str, name: str, note: str) -> None:
        """It is met; refuses one of which nothing was shown."""
        self.require_open()
        if self.evidence_file_id is None:
            raise Refused("condition.no_evidence", position=self.position)
        self.state, self.met_at, self.met_by, self.met_by_name = "met", clock.now(), subject, name
        self.note = note

    def forget(self, *, shown: bool) -> None:
        """Erase what was said of it and, where the paper that was `shown` is erased, which one it was."""
        self.note = ""
        if shown:
            self.evidence_file_id = None

    def require_open(self) -> None:
        if self.state != "open":
            raise Refused("condition.met_already", position=self.position)
