"""Proposals of groups, and why each woman left out is left out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity


class Proposal(Entity):
    """A proposal of groups: what was asked for, what came out, and why each woman left out is left out."""

    __tablename__ = "proposal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str | None] = mapped_column(String(24))
    need: Mapped[str | None] = mapped_column(String(16))
    minimum: Mapped[int]
    maximum: Mapped[int]
    diameter_km: Mapped[float]
    considered: Mapped[int]
    placed: Mapped[int]
    left_out: Mapped[int]
    in_groups: Mapped[int]
    """Women with the need who were in a group for it already; considered = placed + left_out + in_groups."""
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    units: Mapped[list["ProposalUnit"]] = relationship(cascade="all, delete-orphan", order_by="ProposalUnit.unit")


class ProposalUnit(Entity):
    """A territory that the proposal was asked for."""

    __tablename__ = "proposal_unit"

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True)


class ProposedGroup(Entity):
    """One group of a proposal. `diameter_km` is the largest distance between two of its members."""

    __tablename__ = "proposed_group"
    __table_args__ = (Index("ix_proposed_group_proposal_id", "proposal_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    chain: Mapped[str] = mapped_column(String(24))
    need: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str] = mapped_column(String(6))
    diameter_km: Mapped[float]
    members: Mapped[list["ProposedMember"]] = relationship(cascade="all, delete-orphan")


class ProposedMember(Entity):
    """A woman in a proposed group, through one of her enterprises."""

    __tablename__ = "proposed_member"
    __table_args__ = (Index("ix_proposed_member_entrepreneur_id", "entrepreneur_id"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("proposed_group.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6))
    placed_by: Mapped[str] = mapped_column(String(12))
    """point, or municipality where her point is missing or contradicted."""


class LeftOutWoman(Entity):
    """A woman with the need who is in no proposed group, and the one reason."""

    __tablename__ = "left_out"
    __table_args__ = (Index("ix_left_out_entrepreneur_id", "entrepreneur_id"),)

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(24), primary_key=True)
    need: Mapped[str] = mapped_column(String(16), primary_key=True)
    enterprise_id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]]
