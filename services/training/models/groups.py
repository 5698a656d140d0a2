"""Groups of women who are trained together."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Invalid, Refused, clock


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
    withdrawn: Mapped[int] = mapped_column(default=0)
    """How many of its women withdrew from the network since."""
    completed_on: Mapped[date | None]
    dissolved_on: Mapped[date | None]
    """When it was given up, because its women went to others."""
    members: Mapped[list["GroupMember"]] = relationship(cascade="all, delete-orphan")

    def rename(self, name: str) -> None:
        if not name.strip():
            raise Refused("group.name_missing")
        self.name = name.strip()

    def give_up(self, day: date) -> None:
        """Nobody is in it any more."""
        if self.completed_on is not None:
            raise Refused("group.completed_already", day=self.completed_on)
        self.members.clear()
        self.dissolved_on = day

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

    def take_in(self, members: Collection["GroupMember"]) -> None:
        """Women who come later; refused once its training ended."""
        if self.completed_on is not None:
            raise Refused("group.completed_already", day=self.completed_on)
        self.members.extend(members)

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
