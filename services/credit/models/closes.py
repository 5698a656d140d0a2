"""Where loans stood, day by day: what their movements made of them, and what the closes found."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Cents, Identified, Label

ENDLESS = date(9999, 12, 31)
"""The end of what has not ended."""
_LATE = text("days_overdue > 0")


class LoanPosition(Base):
    """What a loan's movements had made of it from `since` up to the day before `until`.

    A movement whose day is closed already counts from the first day that is not: what was found of a closed day stays
    true. `principal_due` is when the oldest instalment with unpaid principal falls due, `oldest_due` the oldest with
    anything unpaid but late charges.
    """

    __tablename__ = "loan_position"

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date] = mapped_column(index=True)
    fund_id: Mapped[UUID]
    principal: Mapped[Cents]
    principal_due: Mapped[date | None]
    oldest_due: Mapped[date | None]
    oldest_number: Mapped[int | None]
    rescheduled: Mapped[bool]


class Closing(Base):
    """Where the closes of a fund stand: the last closed day, which of the two sets of standings holds, and the last
    number of the journal that they know of. The other set may be written anew at any time: nobody reads it until
    `prepared_day` is closed.
    """

    __tablename__ = "closing"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), primary_key=True)
    day: Mapped[date | None]
    slot: Mapped[int] = mapped_column(default=0)
    journal: Mapped[int] = mapped_column(default=0)
    prepared_day: Mapped[date | None]
    prepared_journal: Mapped[int] = mapped_column(default=0)

    @property
    def next_slot(self) -> int:
        return 1 - self.slot


def counting_from(day: date, closed: date | None) -> date:
    """From when on a movement of `day` counts in the portfolio: from the first day after the `closed` ones, so that
    what was found of a closed day stays true.
    """
    return day if closed is None else max(day, closed + timedelta(days=1))


class DailyClose(Identified, Base):
    """A day of a fund that is closed, with what was found and booked; cents. `told` counts the loans that were
    announced as grown late; None until then.
    """

    __tablename__ = "daily_close"
    __table_args__ = (UniqueConstraint("fund_id", "day"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    day: Mapped[date]
    loans: Mapped[int]
    overdue: Mapped[int]
    principal: Mapped[Cents]
    interest_receivable: Mapped[Cents]
    charges_receivable: Mapped[Cents]
    allowance: Mapped[Cents]
    interest_accrued: Mapped[Cents]
    charged: Mapped[Cents]
    provisioned: Mapped[Cents]
    buckets: Mapped[list[Any]]
    told: Mapped[int | None]
    regulations_id: Mapped[UUID | None] = mapped_column(ForeignKey("regulations.id"))
    closed_at: Mapped[datetime]
    closed_by: Mapped[Account]
    closed_by_name: Mapped[Label]


class LoanStanding(Base):
    """How a loan stood at a close; two sets of rows, of which the fund's `Closing` says the one that holds.

    `accrued` is the interest earned since the loan began, the receivables what of it and of the late charges was booked
    and not paid when the close was made. There is no foreign key to the loan: writing one would lock every loan
    until the close is committed.
    """

    __tablename__ = "loan_standing"
    __table_args__ = (
        Index("ix_loan_standing_late", "fund_id", "slot", "days_overdue", postgresql_where=_LATE, sqlite_where=_LATE),
    )

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fund_id: Mapped[UUID]
    principal: Mapped[Cents]
    days_overdue: Mapped[int]
    bucket: Mapped[int] = mapped_column(SmallInteger)
    oldest_due: Mapped[date | None]
    oldest_number: Mapped[int | None]
    arrears_since: Mapped[date | None]
    accrued: Mapped[Cents]
    interest_receivable: Mapped[Cents]
    charges_receivable: Mapped[Cents]
    allowance: Mapped[Cents]


class LateCharge(Base):
    """What an instalment costs for being late, in all, as the close found it; in two sets like the standings."""

    __tablename__ = "late_charge"

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    instalment: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fund_id: Mapped[UUID]
    amount: Mapped[Cents]

    def reach(self, amount: int) -> None:
        """It charges no less than that: so much had been paid of it."""
        self.amount = max(self.amount, amount)
