"""What a borrower paid back, and what took it back."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.funds import LedgerEntry
from shared.kernel import Refused

if TYPE_CHECKING:
    from services.credit.models.loans import Loan

CHANNELS = {"cash": "1102", "trustee": "1101", "mobile": "1101", "held": "2101"}
"""Where a repayment comes from, by its account in the books: the cashier's drawer, the trustee's account (straight, or
through an operator of mobile money), what is held as an overpayment."""
REFINANCED = "refinanced"
"""The channel of what another loan paid."""
NO_MONEY = frozenset({REFINANCED, "held"})
"""The channels by which nobody took any money."""

_STANDS_WITH_SLIP = text("slip IS NOT NULL AND reversed_on IS NULL")


class Repayment(Identified, Base):
    """Money a borrower paid back, under the number of its receipt; or the counter-entry that reverses one, with every
    amount negative, under a number of its own.

    `amount` is what was received: `excess` of it is held as an overpayment. `slip` is the number of a paper receipt,
    which stands for one payment of the fund that is not reversed. What came in on a loan that was written off is a
    `recovery`: its parts say what of the debt it pays, and the books have it as income.
    """

    __tablename__ = "repayment"
    __table_args__ = (
        Index("uq_repayment_reverses_id", "reverses_id", unique=True),
        Index(
            "uq_repayment_fund_id_slip",
            "fund_id",
            "slip",
            unique=True,
            postgresql_where=_STANDS_WITH_SLIP,
            sqlite_where=_STANDS_WITH_SLIP,
        ),
    )

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), index=True)
    amount: Mapped[Cents]
    principal: Mapped[Cents]
    interest: Mapped[Cents]
    fee: Mapped[Cents]
    penalty: Mapped[Cents]
    outstanding_after: Mapped[Cents]
    channel: Mapped[Code]
    paid_on: Mapped[date] = mapped_column(index=True)
    posted_at: Mapped[datetime]
    posted_by: Mapped[Account]
    posted_by_name: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    recovery: Mapped[bool] = mapped_column(default=False)
    excess: Mapped[Cents] = mapped_column(default=0, server_default="0")
    slip: Mapped[Code | None]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("repayment.id"))
    reversed_on: Mapped[date | None]
    reason: Mapped[Label] = mapped_column(default="", server_default="")

    loan: Mapped["Loan"] = relationship(back_populates="repayments")
    parts: Mapped[list["RepaymentPart"]] = relationship(order_by="RepaymentPart.instalment")

    @property
    def stands(self) -> bool:
        """Whether it is a payment that was not reversed."""
        return self.reversed_on is None and self.reverses_id is None

    @property
    def taken_by(self) -> str:
        """Who took the money: who posted it or, of one that was moved here from another loan, who posted that one. The
        movement in the books of one that was moved names the receipt that the money was taken with.
        """
        session = object_session(self)
        if session is None:
            return self.posted_by
        first = select(Repayment.posted_by).join(LedgerEntry, LedgerEntry.memo == Repayment.number)
        return session.scalar(first.where(LedgerEntry.id == self.entry_id)) or self.posted_by

    def require_standing(self) -> None:
        if self.reverses_id is not None:
            raise Refused("repayment.is_reversal", number=self.number)
        if self.reversed_on is not None:
            raise Refused("repayment.reversed_already", number=self.number, day=self.reversed_on)

    def forget(self) -> None:
        """Erase why it was taken back."""
        self.reason = ""

    def reverse(self, counter: "Repayment") -> None:
        """Its counter-entry is booked, once."""
        self.require_standing()
        self.reversed_on = counter.paid_on


class RepaymentPart(Base):
    """What a repayment paid of one instalment."""

    __tablename__ = "repayment_part"
    repayment_id: Mapped[UUID] = mapped_column(ForeignKey("repayment.id"), primary_key=True)
    instalment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    principal: Mapped[Cents]
    interest: Mapped[Cents]
    fee: Mapped[Cents]
    penalty: Mapped[Cents]
