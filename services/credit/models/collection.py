"""What was done to have a loan paid: visits, calls, letters, promises."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label

ACTIONS = ("visit", "call", "message", "letter", "promise", "guarantors")
RESULTS = ("reached", "not_found", "refuses", "cannot_pay", "disputes", "other")


class CollectionAction(Identified, Base):
    """One action on a loan: what, by whom, with which result, and when the next one is due. A promise has its day and
    amount; whether it was kept is found from the repayments, never written.
    """

    __tablename__ = "collection_action"

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    kind: Mapped[Code]
    result: Mapped[Code]
    note: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date]
    promised_on: Mapped[date | None]
    promised_amount: Mapped[Cents | None]
    next_on: Mapped[date | None]
    noted_at: Mapped[datetime]
    noted_by: Mapped[Account]
    noted_by_name: Mapped[Label]

    def forget(self) -> None:
        """Erase what was written about her."""
        self.note = ""
