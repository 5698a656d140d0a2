"""How the enterprises of women stood on which day, as the registry and credit told it, and reports printed of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity

LENT, LATE = "lent", "late"


class CopyStanding(Entity):
    """How an enterprise stood from a day on, until the next day that something was told of it."""

    __tablename__ = "copy_standing"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    jobs: Mapped[int]
    formal: Mapped[bool]
    sector: Mapped[str] = mapped_column(String(1))
    """Section of CIIU Rev. 4."""
    sales_low: Mapped[int | None] = mapped_column(BigInteger)
    """The lower limit of its band of sales of a year, in the smallest unit of its currency; None where nobody knows."""


class CopyCreditDay(Entity):
    """A day on which an enterprise was lent money, or on which a loan of its became overdue."""

    __tablename__ = "copy_credit_day"
    __table_args__ = (Index("ix_copy_credit_day_enterprise_id", "enterprise_id"),)

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID]


class IssuedDonorReport(Entity):
    """A donor report that was printed, by the hash of what it says."""

    __tablename__ = "issued_donor_report"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit: Mapped[str] = mapped_column(String(200))
    as_of: Mapped[date]
    issued_on: Mapped[date]


RESULT_TABLES = [Entity.metadata.tables[entity.__tablename__] for entity in (CopyStanding, CopyCreditDay)]
