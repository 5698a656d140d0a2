"""What training keeps of the facts of others."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from shared.merged import Merged


class CopyEnterprise(Entity):
    """What training keeps of the registry's facts of an enterprise. A loan that arrives before the enterprise makes
    a stub; one whose owners withdrew stays as a blank, so that nothing brings it back.
    """

    __tablename__ = "copy_enterprise"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    """stub, known or withdrawn."""
    municipality: Mapped[str] = mapped_column(String(6), default="", index=True)
    chain: Mapped[str] = mapped_column(String(24), default="")
    place_state: Mapped[str] = mapped_column(String(12), default="missing")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    active: Mapped[bool] = mapped_column(default=True)


class CopyMerged(Merged, Entity):
    """Women and enterprises that became part of others."""


class CopyOwner(Entity):
    """A woman behind an enterprise."""

    __tablename__ = "copy_owner"
    __table_args__ = (Index("ix_copy_owner_entrepreneur_id", "entrepreneur_id"),)

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.enterprise_id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)


class CopyNeed(Entity):
    """A need of an enterprise and where it is known from: her profile, or the appraisal of a loan."""

    __tablename__ = "copy_need"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    need: Mapped[str] = mapped_column(String(16), primary_key=True)
    origin_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The enterprise itself, or the loan."""
    origin: Mapped[str] = mapped_column(String(8))
    """profile or loan."""
    since: Mapped[date]


class CopyLoan(Entity):
    """A loan that was paid out: the project that its borrower is stood beside."""

    __tablename__ = "copy_loan"

    loan_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[str] = mapped_column(String(24))
    disbursed_on: Mapped[date]


COPY_TABLES = [
    Entity.metadata.tables[entity.__tablename__]
    for entity in (CopyLoan, CopyNeed, CopyOwner, CopyEnterprise, CopyMerged)
]
