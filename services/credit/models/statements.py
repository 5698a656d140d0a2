"""What the trustee says of its account: statements, and the movements of the books that their lines are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Identified, Label
from services.credit.rules.statements import Line
from shared.kernel import Refused, clock


class TrusteeStatement(Identified, Base):
    """One file of the trustee: `guessed` until somebody says which column is what, then `read`."""

    __tablename__ = "trustee_statement"
    __table_args__ = (UniqueConstraint("fund_id", "sha256"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    file_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[Label]
    state: Mapped[str] = mapped_column(String(10), default="guessed")
    layout: Mapped[dict[str, Any]]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    opening: Mapped[Cents | None]
    closing: Mapped[Cents | None]
    repeated: Mapped[int] = mapped_column(default=0)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[Account]

    lines: Mapped[list["StatementLine"]] = relationship(order_by="StatementLine.position", cascade="all, delete-orphan")

    def require_guessed(self) -> None:
        if self.state != "guessed":
            raise Refused("statement.read_already", name=self.name)

    def require_read(self) -> None:
        if self.state != "read":
            raise Refused("statement.not_read_yet", name=self.name)

    def take(
        self,
        new: Sequence[Line],
        *,
        repeated: int,
        days: tuple[date, date],
        balances: tuple[int, int],
        layout: dict[str, Any],
    ) -> None:
        """Keep its lines, once; `repeated` are those that stood in an earlier statement and are left out."""
        self.require_guessed()
        self.lines = [
            StatementLine(
                fund_id=self.fund_id,
                position=position,
                day=line.day,
                description=line.description,
                amount=line.amount,
                balance=line.balance,
            )
            for position, line in enumerate(new, start=1)
        ]
        self.first_day, self.last_day = days
        self.opening, self.closing = balances
        self.repeated, self.layout, self.state = repeated, layout, "read"

    def require_unconfirmed(self) -> None:
        """Refuses to go once a line was confirmed to be a movement of the books."""
        confirmed = sum(line.entry_id is not None for line in self.lines)
        if confirmed:
            raise Refused("statement.confirmed_already", count=confirmed)


class StatementLine(Identified, Base):
    """One line: what came in is positive. It may be confirmed to be one movement of the books."""

    __tablename__ = "statement_line"
    __table_args__ = (UniqueConstraint("statement_id", "position"), UniqueConstraint("entry_id"))

    statement_id: Mapped[UUID] = mapped_column(ForeignKey("trustee_statement.id"))
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    position: Mapped[int]
    day: Mapped[date]
    description: Mapped[Label]
    amount: Mapped[Cents]
    balance: Mapped[Cents | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[Account | None]

    def require_free(self) -> None:
        if self.entry_id is not None:
            raise Refused("statement.line_confirmed", row=self.position)

    def confirm(self, entry_id: UUID, by: str) -> None:
        """Somebody says that the line is this movement."""
        self.require_free()
        self.entry_id, self.confirmed_at, self.confirmed_by = entry_id, clock.now(), by

    def release(self) -> None:
        """It was another one."""
        if self.entry_id is None:
            raise Refused("statement.line_not_confirmed", row=self.position)
        self.entry_id = self.confirmed_at = self.confirmed_by = None
