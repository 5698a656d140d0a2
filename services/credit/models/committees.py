"""The committees of a fund: who sits on them, in whose name, and with whom she may not decide."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.base import Account, Base, Code, Identified, Label
from services.credit.rules.governance import SEATED, Conflicts
from shared.database import Versioned
from shared.kernel import Invalid, NotFound, Refused

POSITIONS = ("chair", "secretary", "member")
RELATIONS = ("self", "relative", "partner")
CONDUCTING = frozenset({"chair", "secretary"})


class Committee(Identified, Versioned, Base):
    """A committee of a fund: `credit`, which decides on applications, or `trust_fund`, which watches over it all."""

    __tablename__ = "committee"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    name: Mapped[Label]
    kind: Mapped[Code] = mapped_column(default="credit")

    seats: Mapped[list["Seat"]] = relationship(order_by="Seat.id")

    @classmethod
    def watching(cls, session: Session, fund_id: UUID) -> "Committee | None":
        """The Trust Fund Committee of a fund; None where none was formed."""
        return session.scalar(select(cls).where(cls.fund_id == fund_id, cls.kind == "trust_fund"))

    @classmethod
    def watched_by(cls, session: Session, fund_id: UUID, subject: str, day: date) -> bool:
        """Whether this person sits on the Trust Fund Committee of a fund on `day`, or none was formed."""
        body = cls.watching(session, fund_id)
        return body is None or any(seat.subject == subject for seat in body.sitting(day))

    def sitting(self, day: date) -> list["Seat"]:
        """The seats held on `day`; an alternate sits only as long as the mandate lasts that she stands in for."""
        held = [seat for seat in self.seats if seat.held_on(day)]
        principals = {None, *(seat.id for seat in held)}
        return [seat for seat in held if seat.alternate_for_id in principals]

    def take_seat(self, seat: "Seat") -> None:
        """Give a mandate; refuses a constituency that sends nobody to it, a second seat for one person, a second chair,
        and a second alternate of one seat.
        """
        if seat.constituency not in SEATED[self.kind]:
            raise Invalid("committee.constituency_sends_nobody", pointer="/constituency")
        others = [other for other in self.seats if other.meets(seat)]
        if any(other.subject == seat.subject for other in others):
            raise Refused("committee.has_seat_already", name=seat.name)
        for other in others:
            if other.position == seat.position == "chair":
                raise Refused("committee.has_chair_already", name=other.name)
            if seat.alternate_for_id and other.alternate_for_id == seat.alternate_for_id:
                raise Refused("committee.has_alternate_already", name=other.name)
        self.seats.append(seat)

    def seat(self, seat_id: UUID) -> "Seat":
        """One of its seats, of today or of former days."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise NotFound("committee.seat_unknown")

    def conducted_by(self, subject: str, day: date) -> bool:
        """Whether this person chairs the committee or keeps its minutes."""
        return any(seat.subject == subject and seat.position in CONDUCTING for seat in self.sitting(day))


class Seat(Identified, Base):
    """A mandate in a committee: a person, the constituency she speaks for, and its time.

    An alternate (`alternate_for_id`) answers the roll only where the holder of that seat does not.
    """

    __tablename__ = "seat"

    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"), index=True)
    constituency: Mapped[Code]
    position: Mapped[Code]
    subject: Mapped[Account] = mapped_column(index=True)
    name: Mapped[Label]
    organization: Mapped[Label]
    since: Mapped[date]
    until: Mapped[date | None]
    alternate_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    mandate_file_id: Mapped[UUID | None]

    interests: Mapped[list["DeclaredInterest"]] = relationship()

    @property
    def chair_of(self) -> UUID:
        """The seat that is answered for: her own, or that of her principal."""
        return self.alternate_for_id or self.id

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

    def stand_in(self, principal: "Seat") -> None:
        """She is the alternate of `principal`: of the same constituency, and never in the chair herself."""
        if principal.alternate_for_id is not None or not principal.meets(self):
            raise Refused("committee.no_principal", name=principal.name)
        if self.position == "chair":
            raise Invalid("committee.alternate_in_chair", pointer="/position")
        if self.constituency != principal.constituency:
            raise Invalid("committee.other_constituency", pointer="/constituency", name=principal.name)
        self.alternate_for_id = principal.id

    def declare_interest(self, entrepreneur_id: UUID, relation: str, degree: int | None = None) -> None:
        """She owns, or is close to who owns, an enterprise. `degree` is that of kinship, of a relative. What was
        declared before is never made less of.
        """
        if degree is not None and relation != "relative":
            raise Invalid("committee.degree_of_relatives", pointer="/degree")
        for interest in self.interests:
            if interest.entrepreneur_id == entrepreneur_id:
                interest.come_closer(relation, degree)
                return
        self.interests.append(DeclaredInterest(entrepreneur_id=entrepreneur_id, relation=relation, degree=degree))


class DeclaredInterest(Identified, Base):
    """An entrepreneur whose applications the holder of a seat may not decide."""

    __tablename__ = "declared_interest"
    __table_args__ = (UniqueConstraint("seat_id", "entrepreneur_id"),)

    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    entrepreneur_id: Mapped[UUID] = mapped_column(index=True)
    relation: Mapped[str] = mapped_column(String(12))
    degree: Mapped[int | None]

    def come_closer(self, relation: str, degree: int | None) -> None:
        """Take what is closer than what was declared: a relative of no known degree is as close as can be."""
        if self.relation == "relative" and self.degree is not None and (degree is None or degree < self.degree):
            self.relation, self.degree = relation, degree

    @classmethod
    def barring(
        cls, session: Session, subject: str, owner_ids: Collection[str], conflicts: Conflicts
    ) -> list["DeclaredInterest"]:
        """What a person declared, in any seat she holds or held, that by the regulations keeps her from deciding about
        these owners.
        """
        declared = session.scalars(select(cls).join(Seat).where(Seat.subject == subject))
        return [
            interest
            for interest in declared
            if str(interest.entrepreneur_id) in owner_ids and conflicts.bars(interest.relation, interest.degree)
        ]


class CommitteeKey(Base):
    """The key that signs a committee's minutes: its public half for everybody, the other sealed."""

    __tablename__ = "committee_key"

    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"), primary_key=True)
    public: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]
