"""A loan, its instalments, and what was paid back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, and_, select
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.closes import ENDLESS, Closing, LateCharge, LoanPosition
from services.credit.rules import contracts
from services.credit.rules.accrual import serial
from services.credit.rules.allocation import COMPONENTS, Component, Owed, Part
from services.credit.rules.terms import Row, Terms
from services.credit.tables import holidays_on
from shared.database import CurrencyCode, Versioned
from shared.kernel import Refused, clock

CHANNELS = {"cash": "1102", "trustee": "1101"}
"""Where a repayment comes in: the cashier's drawer or the trustee's account, by their accounts in the books."""


class Loan(Identified, Versioned, Base):
    """Money handed over, on terms that never change: they are a copy of what the contract says.

    `outstanding` is what the schedule still asks for; late charges stand beside it (`late_charges`). `officer` is who
    appraised it last, `tier` that of the enterprise when it was lent to.
    """

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
    product: Mapped[Code] = mapped_column(default="")
    officer: Mapped[Account] = mapped_column(default="")
    officer_name: Mapped[Label] = mapped_column(default="")
    tier: Mapped[str | None] = mapped_column(String(40))
    interest_paid: Mapped[Cents] = mapped_column(default=0)
    thirty: Mapped[bool] = mapped_column(default=False)
    rescheduled_on: Mapped[date | None]

    instalments: Mapped[list["Instalment"]] = relationship(order_by="Instalment.number")
    repayments: Mapped[list["Repayment"]] = relationship(order_by="Repayment.id")
    positions: Mapped[list[LoanPosition]] = relationship(order_by="LoanPosition.since")

    def schedule(self, rows: Iterable[Row], counts_from: date | None = None) -> None:
        """Write the schedule into the loan, once; `counts_from` as in `pay`."""
        if self.instalments:
            raise Refused("loan.scheduled_already", number=self.number)
        for row in rows:
            self.instalments.append(
                Instalment(
                    number=row.number, due=row.due, days=row.days, principal=row.principal, interest=row.interest
                )
            )
        self.thirty = (self.terms["day_count"], self.terms["interest_period"], self.terms["unit"]) == _THIRTY
        self._recount(counts_from or self.disbursed_on)

    def owed(self, day: date) -> list[Owed]:
        """What each instalment still asks for, late charges included, and whether its day has come."""
        charges = self.late_charges
        return [instalment.owed(day, charges.get(instalment.number, 0)) for instalment in self.instalments]

    @property
    def late_charges(self) -> dict[int, int]:
        """What the last close charged for being late, by instalment, paid or not."""
        session = object_session(self)
        if session is None:
            return {}
        holds = and_(Closing.fund_id == LateCharge.fund_id, Closing.slot == LateCharge.slot)
        query = select(LateCharge.instalment, LateCharge.amount).join(Closing, holds)
        return {row.instalment: row.amount for row in session.execute(query.where(LateCharge.loan_id == self.id))}

    def pay(self, parts: Sequence[Part], day: date, counts_from: date | None = None) -> bool:
        """Take a repayment that was spread; comes back true when nothing is owed any more. It counts in the portfolio
        from `counts_from` on: its own day, or the first one after it that is not closed yet.
        """
        if self.state != "active":
            raise Refused("loan.settled_already", number=self.number)
        by_number = {instalment.number: instalment for instalment in self.instalments}
        for part in parts:
            by_number[part.number].pay(part)
        self._recount(counts_from or day)
        if self.left == 0:
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

    @property
    def left(self) -> int:
        """All that is still owed, late charges included, in cents."""
        return sum(owed.total for owed in self.owed(self.disbursed_on))

    def _recount(self, counts_from: date | None = None) -> None:
        """Find the sums of the instalments anew, after whatever changed them; the change counts in the portfolio from
        `counts_from` on, or from today.
        """
        self.outstanding_principal = sum(i.principal - i.paid_principal for i in self.instalments)
        self.outstanding = sum(i.outstanding for i in self.instalments)
        self.interest_paid = sum(i.paid_interest for i in self.instalments)
        self._accrue_by_instalment()
        self._take_position(counts_from or clock.today())

    def _accrue_by_instalment(self) -> None:
        """When and how the interest of each instalment is earned: day by day over its period."""
        start, before = self.disbursed_on, 0
        for item in self.instalments:
            begins = serial(start, thirty=self.thirty)
            item.accrues_after, item.accrues_from = start, begins
            item.accrues_until = ENDLESS if item is self.instalments[-1] else item.due
            item.accrues_days = max(1, serial(item.due, thirty=self.thirty) - begins)
            item.interest_before = before
            start, before = item.due, before + item.interest

    def _take_position(self, day: date) -> None:
        """End the position of before and begin the next; two on one day are one."""
        last = self.positions[-1] if self.positions else None
        day = max(day, last.since) if last else day
        if last and last.since < day:
            last.until = min(last.until, day)
        here = last if last and last.since == day else LoanPosition(since=day, fund_id=self.fund_id)
        unpaid = [item for item in self.instalments if item.outstanding]
        principal = next((item for item in unpaid if item.principal > item.paid_principal), None)
        here.until = ENDLESS if unpaid else day
        here.principal = self.outstanding_principal
        here.principal_due = principal.due if principal else None
        here.oldest_due, here.oldest_number = (unpaid[0].due, unpaid[0].number) if unpaid else (None, None)
        here.rescheduled = self.rescheduled_on is not None
        if here is not last and unpaid:
            self.positions.append(here)


class Instalment(Base):
    """One instalment: what is asked and what was paid of it, in cents.

    Its interest is earned over the days from `accrues_after` to its due date, counted as the contract counts them.
    """

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
    accrues_after: Mapped[date] = mapped_column(default=date(1970, 1, 1))
    accrues_until: Mapped[date] = mapped_column(default=date(1970, 1, 1))
    accrues_from: Mapped[int] = mapped_column(default=0)
    accrues_days: Mapped[int] = mapped_column(default=1)
    interest_before: Mapped[Cents] = mapped_column(default=0)

    def __init__(self, **facts: Any) -> None:
        super().__init__(**(dict.fromkeys(_ZEROES, 0) | facts))

    def owed(self, day: date, charge: int = 0) -> Owed:
        """What it still asks for; `charge` is what it costs for being late beside its own `penalty`."""
        left = {name: getattr(self, name) - getattr(self, f"paid_{name}") for name in COMPONENTS}
        left["penalty"] = max(0, left["penalty"] + charge)
        return Owed(self.number, self.due <= day, **left)

    def pay(self, part: Part) -> None:
        self.paid_principal += part.principal
        self.paid_interest += part.interest
        self.paid_fee += part.fee
        self.paid_penalty += part.penalty

    @property
    def outstanding(self) -> int:
        return self.owed(self.due).total


_THIRTY = ("30/360", "daily", "months")
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
    paid_on: Mapped[date] = mapped_column(index=True)
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
