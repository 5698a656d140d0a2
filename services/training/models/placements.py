"""Answers to a round: groups by venue, hour and topic, every woman placed or left out for one reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Refused

IMPROVING, READY, REPLACED = "improving", "ready", "replaced"


class Placement(Versioned, Entity):
    """An answer to a round as it stands: found at once, improved, then changed by hand."""

    __tablename__ = "placement"
    __table_args__ = (Index("ix_placement_round_id", "round_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("training_round.id"))
    state: Mapped[str] = mapped_column(String(12))
    asked: Mapped[dict[str, Any]]
    """What the round and its venues were when it was asked: an answer is judged by the question it answers."""
    job_id: Mapped[UUID | None]
    first_placed: Mapped[int]
    """Women placed by the first answer."""
    considered: Mapped[int]
    in_groups: Mapped[int]
    """Women left aside: they are in a group for every need of theirs that the round would meet."""
    worth: Mapped[list[Any]]
    bound: Mapped[int | None]
    """Never more than this can be placed (priorities); none is known before the improvement."""
    relaxations: Mapped[list[Any]]
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    keeps: Mapped[bool] = mapped_column(default=False)
    """Planned anew: the groups formed before go on in it, and their women move as little as possible."""
    carried_out_at: Mapped[datetime | None]
    """When what it would change in the groups formed before was done."""
    touched_at: Mapped[datetime | None]
    """When it was last changed by hand."""
    groups: Mapped[list["PlacementGroup"]] = relationship(
        cascade="all, delete-orphan", order_by="PlacementGroup.number"
    )
    women: Mapped[list["PlacementWoman"]] = relationship(
        cascade="all, delete-orphan", order_by="PlacementWoman.entrepreneur_id"
    )

    def improve_by(self, job_id: UUID) -> None:
        """A job works on it from now on; refused while another does."""
        self.require_ready()
        self.state, self.job_id = IMPROVING, job_id

    def settle(self) -> None:
        """Nothing works on it any more."""
        self.state = READY

    def require_ready(self) -> None:
        """Refuses a change by hand while the improvement goes on."""
        if self.state == IMPROVING:
            raise Refused("placement.improving")
        if self.state == REPLACED:
            raise Refused("placement.replaced")

    def require_open_plan(self) -> None:
        """Refuses to carry out what is no plan made anew, and what was carried out."""
        self.require_ready()
        if not self.keeps:
            raise Refused("replan.nothing_kept")
        if self.carried_out_at is not None:
            raise Refused("replan.carried_out", at=self.carried_out_at.date())

    def carry_out(self, at: datetime) -> None:
        self.require_open_plan()
        self.carried_out_at = at

    def replace(self) -> None:
        """Another plan took its place: nothing of it is changed or formed any more."""
        self.state = REPLACED

    def touch(self, at: datetime) -> None:
        """Somebody changed it: whoever looked before has to look again."""
        self.touched_at = at

    def answer(self, told: Mapping[str, Any]) -> None:
        """Take over what an answer is worth: `worth`, `bound` and `relaxations`, as far as they are told."""
        self.worth = told.get("worth", self.worth)
        self.bound = told.get("bound", self.bound)
        self.relaxations = told.get("relaxations", self.relaxations)


class PlacementGroup(Entity):
    """A group of a placement; below the least size it stands by the exception of a named person."""

    __tablename__ = "placement_group"
    __table_args__ = (Index("ix_placement_group_placement_id", "placement_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"))
    number: Mapped[int]
    venue: Mapped[str] = mapped_column(String(60))
    slot: Mapped[str] = mapped_column(String(12))
    topic: Mapped[str] = mapped_column(String(24))
    type: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    room: Mapped[str] = mapped_column(String(80))
    facilitator: Mapped[str] = mapped_column(String(200))
    exception_by: Mapped[str | None] = mapped_column(String(200))
    exception_why: Mapped[str | None] = mapped_column(String(400))
    training_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"), unique=True)
    continues_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"))
    """The group formed before that it goes on as, in a plan made anew."""

    def except_(self, name: str, why: str) -> None:
        """It may stay under the least size, because a named person says why."""
        self.require_open()
        self.exception_by, self.exception_why = name, why

    def require_open(self) -> None:
        """Refuses a change of a group that was formed."""
        if self.training_group_id is not None:
            raise Refused("placement.group_formed", number=self.number)

    def call(self, type_: str) -> None:
        """Its women make it a group of another type: of one chain, or of a family."""
        self.require_open()
        self.type = type_

    def form(self, group_id: UUID) -> None:
        self.require_open()
        self.training_group_id = group_id

    def hand_over(self) -> None:
        """The group that was formed from it goes on in another plan."""
        self.training_group_id = None


class PlacementWoman(Entity):
    """A woman of a placement: in one of its groups, or left out for one reason with the facts that prove it."""

    __tablename__ = "placement_woman"
    __table_args__ = (Index("ix_placement_woman_entrepreneur_id", "entrepreneur_id"),)

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6))
    chain: Mapped[str] = mapped_column(String(24))
    group_number: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]]
    was: Mapped[dict[str, Any]]
    """The group formed before that she is in, where a plan is made anew: `group` (id), `number`, `name`, `venue`,
    `venue_name`, `slot`, `topic`, `type`, `language`; empty for who is in none.
    """

    def place(self, number: int) -> None:
        self.group_number, self.reason, self.facts = number, None, {}

    def leave_out(self, reason: str, facts: Mapping[str, Any]) -> None:
        self.group_number, self.reason, self.facts = None, reason, dict(facts)

    def forget_companion(self, woman: UUID) -> None:
        """Somebody who comes with her withdrew: the reason names her no more."""
        self.facts = {**self.facts, "companions": [one for one in self.facts["companions"] if one != str(woman)]}


class PlacementMove(Entity):
    """A woman was moved by hand, and what that did to the worth of the placement; taken back, it is gone."""

    __tablename__ = "placement_move"

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entrepreneur_id: Mapped[UUID] = mapped_column(index=True)
    from_number: Mapped[int | None]
    to_number: Mapped[int | None]
    gained: Mapped[list[Any]]
    moved_by_name: Mapped[str] = mapped_column(String(200))
    moved_at: Mapped[datetime]


class Invitation(Entity):
    """A woman of a group that was formed from a round: asked to come, and what she said."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_entrepreneur_id", "entrepreneur_id"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10))
    """invited, accepted or declined."""
    answered_at: Mapped[datetime | None]

    def answer(self, state: str, at: datetime) -> None:
        self.state, self.answered_at = state, at

    def ask_again(self) -> None:
        """What she said was of another place or hour."""
        self.state, self.answered_at = "invited", None
