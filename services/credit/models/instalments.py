"""One instalment of a loan: what it asks, what was paid of it, how its interest is earned."""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Base, Cents
from services.credit.rules.accrual import earned, serial
from services.credit.rules.allocation import COMPONENTS, Owed, Part
from services.credit.rules.terms import Row

if TYPE_CHECKING:
    from services.credit.models.repayments import RepaymentPart

_CHARGED = text("penalty > 0")


class Instalment(Base):
    """One instalment: what is asked and what was paid of it, in cents.

    What of its interest is earned in its own time (`accrues`) is earned over the days from `accrues_after` to its due
    date, counted as the contract counts them. It belongs to one `plan` of its loan: where another one took its place,
    it asks for what was paid of it, and the rest was `moved`.
    """

    __tablename__ = "instalment"
    __table_args__ = (
        CheckConstraint("paid_principal <= principal AND paid_interest <= interest", name="not_overpaid"),
        Index("ix_instalment_penalty", "loan_id", postgresql_where=_CHARGED, sqlite_where=_CHARGED),
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
    accrues: Mapped[Cents] = mapped_column(default=0)
    plan: Mapped[int] = mapped_column(default=1)
    moved_principal: Mapped[Cents] = mapped_column(default=0)
    moved_interest: Mapped[Cents] = mapped_column(default=0)

    @classmethod
    def of(cls, row: Row) -> "Instalment":
        """The instalment of a row of a schedule, of which nothing is paid."""
        return cls(
            number=row.number,
            due=row.due,
            days=row.days,
            principal=row.principal,
            interest=row.interest,
            fee=row.fee,
            accrues=row.interest,
        )

    def __init__(self, **facts: Any) -> None:
        super().__init__(**(dict.fromkeys(_ZEROES, 0) | {"plan": 1} | facts))

    def owed(self, day: date, charge: int = 0) -> Owed:
        """What it still asks for; `charge` is what it costs for being late beside its own `penalty`."""
        return Owed(
            self.number,
            self.due <= day,
            penalty=max(0, self.penalty - self.paid_penalty + charge),
            fee=self.fee - self.paid_fee,
            interest=self.interest - self.paid_interest,
            principal=self.principal - self.paid_principal,
        )

    def interest_earned(self, day: date, *, thirty: bool) -> int:
        """What of the interest it asks for is earned at the end of `day`, in cents."""
        return self.interest - self.accrues + self._earned(day, thirty=thirty)

    def _earned(self, day: date, *, thirty: bool) -> int:
        elapsed = serial(day, thirty=thirty) - self.accrues_from
        return self.accrues if day >= self.due else earned(self.accrues, elapsed, self.accrues_days)

    def stop_earning(self, day: date, *, thirty: bool) -> None:
        """From `day` on another plan earns."""
        if self.accrues_until > day:
            self.accrues = self._earned(day, thirty=thirty)
            self.accrues_days = max(1, min(self.accrues_days, serial(day, thirty=thirty) - self.accrues_from))
            self.accrues_after = min(self.accrues_after, day)
            self.accrues_until = day

    def leave(self, day: date) -> None:
        """Give what is unpaid of it up to a plan that begins on `day`. What fell due before is remembered as moved."""
        if self.due <= day:
            self.moved_principal += self.principal - self.paid_principal
            self.moved_interest += self.interest - self.paid_interest
        for name in COMPONENTS:
            setattr(self, name, getattr(self, f"paid_{name}"))

    @property
    def untouched(self) -> bool:
        """Whether nothing was paid of it and nothing earned: it leaves no trace but in the plan it belonged to."""
        return self.accrues_after == self.accrues_until and not any(
            getattr(self, f"paid_{name}") for name in COMPONENTS
        )

    def pay(self, part: Part) -> None:
        self.paid_principal += part.principal
        self.paid_interest += part.interest
        self.paid_fee += part.fee
        self.paid_penalty += part.penalty

    def covers(self, part: "RepaymentPart") -> bool:
        """Whether so much was paid of it."""
        return all(getattr(part, name) <= getattr(self, f"paid_{name}") for name in COMPONENTS)

    def unpay(self, part: "RepaymentPart") -> None:
        for name in COMPONENTS:
            setattr(self, f"paid_{name}", getattr(self, f"paid_{name}") - getattr(part, name))

    @property
    def outstanding(self) -> int:
        return self.owed(self.due).total


_ZEROES = ("fee", "penalty", "moved_principal", "moved_interest", *(f"paid_{name}" for name in COMPONENTS))
