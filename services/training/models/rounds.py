"""Rounds of groups: where and when what could be taught, and what is known of how women can come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from shared.database import Versioned


class TrainingRound(Versioned, Entity):
    """A round: the venues, topics and sizes with which the women of some units are put into groups."""

    __tablename__ = "training_round"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    topics: Mapped[list[Any]]
    minimum: Mapped[int]
    maximum: Mapped[int]
    reach_km: Mapped[int]
    budget: Mapped[int]
    """Iterations of the improvement."""
    seed: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    units: Mapped[list["RoundUnit"]] = relationship(cascade="all, delete-orphan", order_by="RoundUnit.unit")
    venues: Mapped[list["RoundVenue"]] = relationship(cascade="all, delete-orphan", order_by="RoundVenue.id")

    def change(self, told: Mapping[str, Any]) -> None:
        """Take over what was told anew of it; its units stay."""
        for name in ("name", "begins_on", "ends_on", "topics", "minimum", "maximum", "reach_km", "budget", "seed"):
            setattr(self, name, told.get(name, getattr(self, name)))


class RoundUnit(Entity):
    """A territory whose women the round is for."""

    __tablename__ = "round_unit"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("training_round.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True)


class RoundVenue(Versioned, Entity):
    """Where groups of a round could meet: rooms, open hours, child care by hour, who teaches."""

    __tablename__ = "round_venue"
    __table_args__ = (Index("ix_round_venue_round_id", "round_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("training_round.id"))
    name: Mapped[str] = mapped_column(String(120))
    municipality: Mapped[str] = mapped_column(String(6))
    lon: Mapped[float]
    lat: Mapped[float]
    slots: Mapped[list[Any]]
    rooms: Mapped[list[Any]]
    """Of `name` and `seats`."""
    child_care: Mapped[dict[str, Any]]
    """Hour to places for children."""
    facilitators: Mapped[list[Any]]
    """Of `name`, `topics`, `languages` and `slots`."""

    def change(self, told: Mapping[str, Any]) -> None:
        """All that was told anew of it replaces what was known."""
        for name in ("name", "municipality", "lon", "lat", "slots", "rooms", "child_care", "facilitators"):
            setattr(self, name, told[name])


class WomanProfile(Versioned, Entity):
    """How a woman can come, as the team noted it; who has none counts with what the round says of nobody asked."""

    __tablename__ = "woman_profile"

    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    slots: Mapped[list[Any]]
    """When she can come; empty while nothing was told: any hour."""
    languages: Mapped[list[Any]]
    children: Mapped[int]
    priority: Mapped[int]
    noted_by_name: Mapped[str] = mapped_column(String(200))
    noted_at: Mapped[datetime]

    def note(self, *, slots: Sequence[str], languages: Sequence[str], children: int, priority: int) -> None:
        self.slots, self.languages = sorted(slots), sorted(languages)
        self.children, self.priority = children, priority


class WomanPair(Entity):
    """Two women who come together or not at all, or who are never in one group; the lesser id first."""

    __tablename__ = "woman_pair"
    __table_args__ = (Index("ix_woman_pair_second_id", "second_id"),)

    first_id: Mapped[UUID] = mapped_column(primary_key=True)
    second_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """together or apart."""
