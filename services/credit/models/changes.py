"""What changed a running loan beside repayments: its new plan, another tranche, or its end in the books."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label


@dataclass(frozen=True, slots=True)
class Moving:
    """What a new plan takes over of the one before it, in cents: the principal, the interest earned and not paid
    (negative: paid and not earned), fees, and what was charged for being late.
    """

    principal: int
    interest: int
    fee: int
    charges: int

    @property
    def total(self) -> int:
        """What would have to be paid to end the loan."""
        return self.principal + max(0, self.interest) + self.fee + self.charges


class LoanChange(Identified, Base):
    """A change of a running loan: "tranche", "reschedule", "refinance" (the loan was paid off by another one) or
    "write_off".

    `principal` is by how much it moved what is owed in the books; `interest` and `charges` what the new plan asks for
    of before; `replaced` the schedule as it was, `terms` those of the new plan. `journal` is the last number of the
    fund's journal when it was made.
    """

    __tablename__ = "loan_change"

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), index=True)
    kind: Mapped[Code]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("resolution.id"))
    plan: Mapped[int]
    done_on: Mapped[date]
    done_by: Mapped[Account]
    done_by_name: Mapped[Label]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))
    journal: Mapped[int]
    principal: Mapped[Cents]
    interest: Mapped[Cents]
    charges: Mapped[Cents]
    terms: Mapped[dict[str, Any]]
    replaced: Mapped[list[Any]]
