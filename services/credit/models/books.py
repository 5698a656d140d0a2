"""What leaves a fund again (contributions paid back, its income shared out), and the counts of its drawer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Identified, Label
from shared.kernel import Refused


class Withdrawal(Identified, Base):
    """Money of a contribution that went back to its funder; `interest` is what the fund paid for a loan of a bank.
    `signatures` are the names and offices of who signed it.
    """

    __tablename__ = "withdrawal"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    contribution_id: Mapped[UUID] = mapped_column(ForeignKey("contribution.id"), index=True)
    amount: Mapped[Cents]
    interest: Mapped[Cents]
    paid_on: Mapped[date]
    reason: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    recorded_by: Mapped[Account]
    signatures: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class IncomeShare(Identified, Base):
    """The result of a fund until the end of a period, once it is shared out as the regulations say."""

    __tablename__ = "income_share"
    __table_args__ = (UniqueConstraint("fund_id", "ends_on"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    began_on: Mapped[date]
    ends_on: Mapped[date]
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"))
    result: Mapped[Cents]
    carried: Mapped[Cents]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Account]

    parts: Mapped[list["IncomePart"]] = relationship(order_by="IncomePart.position")


class IncomePart(Identified, Base):
    """What one receiver gets of a result, and when it was paid."""

    __tablename__ = "income_part"
    __table_args__ = (UniqueConstraint("share_id", "position"),)

    share_id: Mapped[UUID] = mapped_column(ForeignKey("income_share.id"))
    position: Mapped[int]
    receiver: Mapped[Label]
    percent: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Cents]
    paid_on: Mapped[date | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))

    def require_unpaid(self) -> None:
        if self.paid_on is not None:
            raise Refused("income.paid_already", receiver=self.receiver, day=self.paid_on)

    def pay(self, day: date, entry_id: UUID) -> None:
        """The trustee paid it out, once."""
        self.require_unpaid()
        self.paid_on, self.entry_id = day, entry_id


class DrawerCount(Identified, Base):
    """What somebody counted in the drawer, beside what the books said at that moment."""

    __tablename__ = "drawer_count"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    day: Mapped[date]
    book: Mapped[Cents]
    counted: Mapped[Cents]
    reason: Mapped[Label]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))
    counted_at: Mapped[datetime]
    counted_by: Mapped[Account]
    counted_by_name: Mapped[Label]

    @property
    def difference(self) -> int:
        """What was too much (positive) or missing, in cents."""
        return self.counted - self.book
