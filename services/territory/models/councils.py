"""Councils and the seats of women's organizations in them, what they discuss, and what is promised there."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Invalid, NotFound, Refused, clock

COUNCIL_KINDS = ("comude", "codede", "cocode", "municipal", "departmental", "sectoral", "other")
"""COMUDE, CODEDE and COCODE are Guatemala's councils of municipality, department and community."""
TITULAR, ALTERNATE = "titular", "alternate"
SEAT_KINDS = (TITULAR, ALTERNATE)
DIALOGUE_KINDS = ("public_hearing", "multi_stakeholder", "open_council", "other")
ATTENDANTS = (
    *("women_organizations", "municipality", "government", "private", "producers"),
    *("academy", "cooperation", "community", "other"),
)
OPEN, KEPT, NOT_KEPT = "open", "kept", "not_kept"
COMMITMENT_STATES = (OPEN, KEPT, NOT_KEPT)
SETTLED = (KEPT, NOT_KEPT)


class Recorded:
    """By whom and when something was written down."""

    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_by_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]


class Council(Versioned, Recorded, Entity):
    """A council in which a territory decides or is heard; `seats_total` counts everybody's titular seats."""

    __tablename__ = "council"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    seats_total: Mapped[int]

    seats: Mapped[list["CouncilSeat"]] = relationship(order_by="CouncilSeat.id")
    sessions: Mapped[list["CouncilSession"]] = relationship(order_by="CouncilSession.held_on.desc()")

    def give(self, seat: "CouncilSeat") -> None:
        """A women's organization holds a seat from a day on; refused where it ends before it begins, and where all its
        titular seats would be more than the council has.
        """
        if seat.held_until is not None and seat.held_until < seat.held_from:
            raise Invalid("council.seat_ends_before", pointer="/held_until", day=seat.held_from)
        at_once = [other for other in self.seats if other.kind == TITULAR and other.meets(seat)]
        if seat.kind == TITULAR and len(at_once) >= self.seats_total:
            raise Refused("council.no_seat_left", seats=self.seats_total)
        self.seats.append(seat)

    def resize(self, *, name: str, seats_total: int) -> None:
        """Its name and how many seats it has; refused where women's organizations hold more of them today."""
        held = sum(seat.kind == TITULAR and seat.holds(clock.today()) for seat in self.seats)
        if seats_total < held:
            raise Invalid("council.fewer_than_held", pointer="/seats_total", held=held)
        self.name, self.seats_total = name, seats_total

    def seat(self, seat_id: UUID) -> "CouncilSeat":
        """One of its seats, of today or of former days."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise NotFound("council.seat_unknown")

    def end_seat(self, seat_id: UUID, day: date) -> None:
        """The last day one of its seats is held; a new version of the council, whose seats it tells."""
        self.seat(seat_id).end(day)
        flag_modified(self, "seats_total")

    def hold(self, session: "CouncilSession") -> None:
        """It met; refused for a day that has not come."""
        _require_past(session.held_on)
        self.sessions.append(session)


class CouncilSeat(Recorded, Entity):
    """A seat that a women's organization holds, in the name of a constituency; its last day counts."""

    __tablename__ = "council_seat"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    council_id: Mapped[UUID] = mapped_column(ForeignKey("council.id"), index=True)
    organization: Mapped[str] = mapped_column(String(200))
    constituency: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    held_from: Mapped[date]
    held_until: Mapped[date | None]

    def holds(self, day: date) -> bool:
        return self.held_from <= day and (self.held_until is None or day <= self.held_until)

    def meets(self, other: "CouncilSeat") -> bool:
        """Whether both are held on some day."""
        return self.held_from <= (other.held_until or date.max) and other.held_from <= (self.held_until or date.max)

    def end(self, day: date) -> None:
        """The last day it is held; refused before its first one, and where it ended earlier."""
        if day < self.held_from:
            raise Invalid("council.seat_ends_before", pointer="/day", day=self.held_from)
        if self.held_until is not None and self.held_until <= day:
            raise Refused("council.seat_ended", day=self.held_until)
        self.held_until = day


class CouncilSession(Recorded, Entity):
    """A session of a council, with counts of who was there; no names of persons."""

    __tablename__ = "council_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    council_id: Mapped[UUID] = mapped_column(ForeignKey("council.id"), index=True)
    held_on: Mapped[date]
    agenda: Mapped[str] = mapped_column(Text)
    women: Mapped[int]
    men: Mapped[int]
    organizations: Mapped[list[str]]
    """The women's organizations that were there."""


class Dialogue(Versioned, Recorded, Entity):
    """A public hearing or a dialogue of many sides: who was there, as counts by kind of institution and sex."""

    __tablename__ = "dialogue"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date]
    topics: Mapped[str] = mapped_column(Text)
    participants: Mapped[list[Any]]
    """`kind`, `institutions`, `women` and `men` of each kind of institution."""

    @classmethod
    def held(cls, **facts: Any) -> "Dialogue":
        """One that took place; refused for a day that has not come."""
        _require_past(facts["held_on"])
        return cls(**facts)


class Commitment(Versioned, Recorded, Entity):
    """What an institution promised in a session or agreed to in a dialogue, until when, and whether it was kept."""

    __tablename__ = "commitment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("council_session.id"), index=True)
    dialogue_id: Mapped[UUID | None] = mapped_column(ForeignKey("dialogue.id"), index=True)
    what: Mapped[str] = mapped_column(String(1000))
    responsible: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12), default=OPEN)
    note: Mapped[str | None] = mapped_column(String(1000))
    settled_on: Mapped[date | None]
    proof_id: Mapped[UUID | None]

    def settle(self, state: str, note: str | None) -> None:
        """It was kept or not; what was said before may be put right."""
        if state == self.state:
            raise Refused("commitment.settled_so_already")
        self.state, self.note, self.settled_on = state, note, clock.today()

    def show(self, file_id: UUID) -> UUID | None:
        """Keep the paper that shows it; comes back with the one it replaces."""
        before, self.proof_id = self.proof_id, file_id
        return before


class Alliance(Versioned, Recorded, Entity):
    """An alliance of women's organizations with each other or with institutions."""

    __tablename__ = "alliance"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(1000))
    members: Mapped[list[str]]
    agreement: Mapped[str | None] = mapped_column(String(200))
    """The paper it rests on, where there is one."""
    begun_on: Mapped[date]
    ended_on: Mapped[date | None]

    def end(self, day: date) -> None:
        """Its last day; refused before its first, and a second time."""
        if self.ended_on is not None:
            raise Refused("alliance.ended_already", day=self.ended_on)
        if day < self.begun_on:
            raise Invalid("alliance.ends_before_it_begins", pointer="/day", day=self.begun_on)
        self.ended_on = day


def _require_past(day: date) -> None:
    if day > clock.today():
        raise Invalid("council.day_in_future", pointer="/held_on", today=clock.today())
