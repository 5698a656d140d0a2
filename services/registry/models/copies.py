"""What the registry keeps of the facts of other services; written by events alone."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.models.entity import Entity
from shared.database import CurrencyCode


class CopyLoan(Entity):
    """A loan of an enterprise as credit announced it. A repayment that comes before its loan makes a stub."""

    __tablename__ = "copy_loan"

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6))
    chain: Mapped[str | None] = mapped_column(String(24))
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    outstanding_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(CurrencyCode())
    term_months: Mapped[int | None]
    disbursed_on: Mapped[date | None]
    last_repayment_on: Mapped[date | None]
    settled_on: Mapped[date | None]
