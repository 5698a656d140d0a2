"""A loan, its instalments, and what was paid back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.rules import contracts
from services.credit.rules.allocation import COMPONENTS, Component, Owed, Part
from services.credit.rules.terms import Row, Terms
from services.credit.tables import holidays_on
from shared.database import CurrencyCode, Versioned
from shared.kernel import Refused

CHANNELS = {"cash": "1102", "trustee": "1101"}
"""Where a repayment comes in: the cashier's drawer or the trustee's account, by their accounts in the books."""


class Loan(Identified, Versioned, Base):
    """Money handed over, on terms that never change: they are a copy of what the contract says."""

    __tablename__ = "loan"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("resolution.id"))
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"))
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    owner_ids: Mapped[list[str]]
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[Code]
    currency: Mapped[str] = mapped_column(CurrencyCode())
    principal: Mapped[Cents]
    terms: Mapped[dict[str, Any]]
    term_months: Mapped[int]
    allocation_order: Mapped[list[str]]
    payment_in_advance: Mapped[bool]
    disbursed_on: Mapped[date]
    disbursed_by: Mapped[Account]
    disbursed_by_name: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    note_file_id: Mapped[UUID]
    note_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="active", index=True)
    outstanding_principal: Mapped[Cents]
    outstanding: Mapped[Cents]
    settled_on: Mapped[date | None]

    instalments: Mapped[list["Instalment"]] = relationship(order_by="Instalment.number")
    repayments: Mapped[list["Repayment"]] = relationship(order_by="Repayment.id")

    def schedule(self, rows: Iterable[Row]) -> None:
        """Write the schedule into the loan, once."""
        if self.instalments:
            raise Refused("loan.scheduled_already", number=self.number)
        for row in rows:
            self.instalments.append(
                Instalment(
                    number=row.number, due=row.due, days=row.days, principal=row.principal, interest=row.interest
                )
            )
        self._recount()

    def owed(self, day: date) -> list[Owed]:
        """What each instalment still asks for, and whether its day has come."""
        return [instalment.owed(day) for instalment in self.instalments]

    def pay(self, parts: Sequence[Part], day: date) -> bool:
        """Take a repayment that was spread; comes back true when nothing is owed any more."""
        if self.state != "active":
            raise Refused("loan.settled_already", number=self.number)
        by_number = {instalment.number: instalment for instalment in self.instalments}
        for part in parts:
            by_number[part.number].pay(part)
        self._recount()
        if self.outstanding == 0:
            self.state, self.settled_on = "settled", day
        return self.state == "settled"

    @property
    def order(self) -> tuple[Component, ...]:
        """The order in which a repayment pays the parts of an instalment."""
        return cast("tuple[Component, ...]", tuple(self.allocation_order))

    def signed_terms(self) -> Terms:
        """The terms of the contract, with the holidays as its day knew them."""
        return contracts.read(self.terms, self.principal, self.disbursed_on, holidays_on)

    @property
    def annual_rate(self) -> Decimal:
        return Decimal(self.terms["annual_rate"])

    def _recount(self) -> None:
        self.outstanding_principal = sum(i.principal - i.paid_principal for i in self.instalments)
        self.outstanding = sum(i.outstanding for i in self.instalments)


class Instalment(Base):
    """One instalment: what is asked and what was paid of it, in cents."""

    __tablename__ = "instalment"
    __table_args__ = (
        CheckConstraint("paid_principal <= principal AND paid_interest <= interest", name="not_overpaid"),
    )

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due: Mapped[date] = mapped_column(index=True)
    days: Mapped[int]
    principal: Mapped[Cents]
    interest: Mapped[Cents]
    fee: Mapped[Cents] = mapped_column(default=0)
    penalty: Mapped[Cents] = mapped_column(default=0)
    paid_principal: Mapped[Cents] = mapped_column(default=0)
    paid_interest: Mapped[Cents] = mapped_column(default=0)
    paid_fee: Mapped[Cents] = mapped_column(default=0)
    paid_penalty: Mapped[Cents] = mapped_column(default=0)

    def __init__(self, **facts: Any) -> None:
        super().__init__(**(dict.fromkeys(_ZEROES, 0) | facts))

    def owed(self, day: date) -> Owed:
        left = {name: getattr(self, name) - getattr(self, f"paid_{name}") for name in COMPONENTS}
        return Owed(self.number, self.due <= day, **left)

    def pay(self, part: Part) -> None:
        self.paid_principal += part.principal
        self.paid_interest += part.interest
        self.paid_fee += part.fee
        self.paid_penalty += part.penalty

    @property
    def outstanding(self) -> int:
        return self.owed(self.due).total


_ZEROES = ("fee", "penalty", *(f"paid_{name}" for name in COMPONENTS))


class Repayment(Identified, Base):
    """Money a borrower paid back, under the number of its receipt."""

    __tablename__ = "repayment"

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
    paid_on: Mapped[date]
    posted_at: Mapped[datetime]
    posted_by: Mapped[Account]
    posted_by_name: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))

    parts: Mapped[list["RepaymentPart"]] = relationship(order_by="RepaymentPart.instalment")


class RepaymentPart(Base):
    """What a repayment paid of one instalment."""

    __tablename__ = "repayment_part"
    repayment_id: Mapped[UUID] = mapped_column(ForeignKey("repayment.id"), primary_key=True)
    instalment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    principal: Mapped[Cents]
    interest: Mapped[Cents]
    fee: Mapped[Cents]
    penalty: Mapped[Cents]


class IssuedDocument(Base):
    """A paper made on demand, by the hash of what it says: whoever holds it can have it verified."""

    __tablename__ = "issued_document"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Code]
    number: Mapped[Code]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    dated: Mapped[date]
    issued_at: Mapped[datetime]
