"""Entities of the training service: what it knows of women's needs, proposals of groups, and groups."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.database import COLUMN_TYPES, Versioned, new_metadata
from shared.kernel import Invalid, Refused, clock
from shared.merged import Merged


class Entity(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = dict(COLUMN_TYPES)


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


class TrainingGroup(Versioned, Entity):
    """A confirmed group of women who will be trained together."""

    __tablename__ = "training_group"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(120))
    chain: Mapped[str] = mapped_column(String(24))
    need: Mapped[str] = mapped_column(String(16))
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    diameter_km: Mapped[float]
    formed_on: Mapped[date]
    formed_by: Mapped[str] = mapped_column(String(120))
    formed_by_name: Mapped[str] = mapped_column(String(200))
    proposed_group_id: Mapped[UUID] = mapped_column(ForeignKey("proposed_group.id"), unique=True)
    withdrawn: Mapped[int] = mapped_column(default=0)
    """How many of its women withdrew from the network since."""
    completed_on: Mapped[date | None]
    members: Mapped[list["GroupMember"]] = relationship(cascade="all, delete-orphan")

    def rename(self, name: str) -> None:
        if not name.strip():
            raise Refused("group.name_missing")
        self.name = name.strip()

    def complete(self, day: date, entrepreneur_ids: Collection[UUID]) -> None:
        """Its training ended on a day, completed by these of its women; refuses a second end, a day before it was
        formed or still to come, nobody, and who is not in it.
        """
        if self.completed_on is not None:
            raise Refused("group.completed_already", day=self.completed_on)
        if not self.formed_on <= day <= clock.today():
            raise Invalid("group.end_out_of_range", pointer="/completed_on", formed=self.formed_on)
        if not entrepreneur_ids:
            raise Invalid("group.nobody_completed", pointer="/entrepreneur_ids")
        if strangers := set(entrepreneur_ids) - {member.entrepreneur_id for member in self.members}:
            raise Invalid("group.not_a_member", pointer="/entrepreneur_ids", women=len(strangers))
        self.completed_on = day
        for member in self.members:
            member.completed = member.entrepreneur_id in entrepreneur_ids

    def forget(self, entrepreneur_id: UUID) -> None:
        """Strike out a woman who withdrew; that there was one stays."""
        gone = [member for member in self.members if member.entrepreneur_id == entrepreneur_id]
        for member in gone:
            self.members.remove(member)
        self.withdrawn += len(gone)


class GroupMember(Entity):
    """A woman in a group, through one of her enterprises."""

    __tablename__ = "group_member"
    __table_args__ = (Index("ix_group_member_entrepreneur_id", "entrepreneur_id"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6))
    completed: Mapped[bool] = mapped_column(default=False)


class GroupNumber(Entity):
    """The number that the last group got: one row, locked by who takes the next."""

    __tablename__ = "group_number"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]

    def take(self) -> int:
        """The next number."""
        self.last += 1
        return self.last
