"""The credit committee: who sits on it, in whose name, and with whom she may not decide."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Code, Identified, Label
from shared.database import Versioned
from shared.kernel import Refused

POSITIONS = ("chair", "secretary", "member")
RELATIONS = ("self", "relative", "partner")
CONDUCTING = frozenset({"chair", "secretary"})


class Committee(Identified, Versioned, Base):
    """The credit committee of a fund."""

    __tablename__ = "committee"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    name: Mapped[Label]

    seats: Mapped[list["Seat"]] = relationship(order_by="Seat.id")

    def sitting(self, day: date) -> list["Seat"]:
        """The seats held on `day`."""
        return [seat for seat in self.seats if seat.held_on(day)]

    def take_seat(self, seat: "Seat") -> None:
        """Give a mandate; refuses a second seat for one person and a second chair."""
        others = [other for other in self.seats if other.meets(seat)]
        if any(other.subject == seat.subject for other in others):
            raise Refused("committee.has_seat_already", name=seat.name)
        for other in others:
            if other.position == seat.position == "chair":
                raise Refused("committee.has_chair_already", name=other.name)
        self.seats.append(seat)

    def conducted_by(self, subject: str, day: date) -> bool:
        """Whether this person chairs the committee or keeps its minutes."""
        return any(seat.subject == subject and seat.position in CONDUCTING for seat in self.sitting(day))


class Seat(Identified, Base):
    """A mandate in a committee: a person, the constituency she speaks for, and its time."""

    __tablename__ = "seat"

    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"), index=True)
    constituency: Mapped[Code]
    position: Mapped[Code]
    subject: Mapped[Account] = mapped_column(index=True)
    name: Mapped[Label]
    organization: Mapped[Label]
    since: Mapped[date]
    until: Mapped[date | None]

    interests: Mapped[list["DeclaredInterest"]] = relationship()

    def held_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def meets(self, other: "Seat") -> bool:
        """Whether there is a day on which both mandates are held."""
        begins_before = other.until is None or self.since < other.until
        return begins_before and (self.until is None or other.since < self.until)

    def end(self, day: date) -> None:
        """The mandate ends before `day`."""
        if not self.held_on(day):
            raise Refused("committee.mandate_ended", name=self.name)
        self.until = day

    def declare_interest(self, entrepreneur_id: UUID, relation: str) -> None:
        """She owns, or is close to who owns, an enterprise: she will never vote on it."""
        if not any(interest.entrepreneur_id == entrepreneur_id for interest in self.interests):
            self.interests.append(DeclaredInterest(entrepreneur_id=entrepreneur_id, relation=relation))

    def interested_in(self, owner_ids: list[str]) -> bool:
        return any(str(interest.entrepreneur_id) in owner_ids for interest in self.interests)


class DeclaredInterest(Identified, Base):
    """An entrepreneur whose applications the holder of a seat may not decide."""

    __tablename__ = "declared_interest"
    __table_args__ = (UniqueConstraint("seat_id", "entrepreneur_id"),)

    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    entrepreneur_id: Mapped[UUID] = mapped_column(index=True)
    relation: Mapped[str] = mapped_column(String(12))
