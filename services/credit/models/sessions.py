"""A session of the committee: its frozen roll, its agenda, its votes, and what was resolved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.applications import Application, Appraisal
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.committees import Seat
from services.credit.models.copies import CopyEnterprise
from services.credit.models.funds import CreditRegulations
from services.credit.rules import quorum
from shared.database import Versioned
from shared.kernel import Forbidden, NotFound, Refused, clock

SESSION_STATES = ("convened", "open", "closed")


class CommitteeSession(Identified, Versioned, Base):
    """One meeting of the committee. The roll is a copy of the seats at the moment the session was opened."""

    __tablename__ = "committee_session"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"), index=True)
    regulations_id: Mapped[UUID | None] = mapped_column(ForeignKey("regulations.id"))
    scheduled_for: Mapped[datetime]
    place: Mapped[Label]
    state: Mapped[str] = mapped_column(String(10), default="convened", index=True)
    convened_by: Mapped[Account]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[Account | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Account | None]

    roll: Mapped[list["RollSeat"]] = relationship(order_by="RollSeat.id")
    agenda: Mapped[list["AgendaItem"]] = relationship(order_by="AgendaItem.position", back_populates="session")

    def place_on_agenda(self, application: Application) -> "AgendaItem":
        """Add an application at the end; its last appraisal is the motion. What this session has dealt with already
        waits for another.
        """
        if self.state == "closed":
            raise Refused("session.is_closed", number=self.number)
        if any(item.application_id == application.id and item.state != "pending" for item in self.agenda):
            raise Refused("session.dealt_with_already", number=self.number, application=application.number)
        application.place_on_agenda()
        motion = application.appraisal
        item = AgendaItem(
            application_id=application.id,
            appraisal=motion,
            position=len(self.agenda) + 1,
            state="pending",
            amount=motion.amount,
            instalments=motion.instalments,
            grace=motion.grace,
            conditions=motion.conditions,
        )
        self.agenda.append(item)
        return item

    def open(self, seats: list[Seat], present: set[UUID], regulations_id: UUID, subject: str) -> None:
        """Freeze the roll and note who answered it; `present` are ids of seats."""
        if self.state != "convened":
            raise Refused(f"session.is_{self.state}", number=self.number)
        if not self.agenda:
            raise Refused("session.agenda_empty", number=self.number)
        if unknown := present - {seat.id for seat in seats}:
            raise NotFound("session.seat_not_on_roll", seat=min(unknown))
        now = clock.now()
        for seat in seats:
            self.roll.append(RollSeat.of(seat, now if seat.id in present else None))
        self.regulations_id = regulations_id
        self.state, self.opened_at, self.opened_by = "open", now, subject

    def seat_of(self, subject: str) -> "RollSeat":
        """The roll's seat of a person; refuses who is not on it."""
        for seat in self.roll:
            if seat.subject == subject:
                return seat
        raise Forbidden("committee.not_a_member", number=self.number)

    def item(self, item_id: UUID) -> "AgendaItem":
        for item in self.agenda:
            if item.id == item_id:
                return item
        raise NotFound("session.item_unknown", number=self.number)

    def note_attendance(self, roll_seat_id: UUID, *, present: bool) -> None:
        """Somebody came in or went out; a vote she has cast stands."""
        self.require_open()
        for seat in self.roll:
            if seat.id == roll_seat_id:
                seat.note(present=present)
                return
        raise NotFound("session.seat_not_on_roll", seat=roll_seat_id)

    def members(self, item: "AgendaItem") -> list[quorum.Member]:
        """The roll as the rules see it for one item."""
        choices = {vote.roll_seat_id: vote.choice for vote in item.votes}
        recused = {recusal.roll_seat_id for recusal in item.recusals}
        return [
            quorum.Member(
                seat=str(seat.id),
                constituency=seat.constituency,
                present=seat.present,
                recused=seat.id in recused,
                chair=seat.position == "chair",
                choice=choices.get(seat.id),  # type: ignore[arg-type]
            )
            for seat in self.roll
        ]

    def close(self, subject: str) -> list["AgendaItem"]:
        """End the session; comes back with the items whose turn did not come."""
        self.require_open()
        left = [item for item in self.agenda if item.state == "pending"]
        for item in left:
            item.leave_undealt()
        self.state, self.closed_at, self.closed_by = "closed", clock.now(), subject
        return left

    def require_opened(self) -> None:
        if self.regulations_id is None:
            raise Refused(f"session.is_{self.state}", number=self.number)

    def require_open(self) -> None:
        if self.state != "open":
            raise Refused(f"session.is_{self.state}", number=self.number)


class RollSeat(Identified, Base):
    """A seat as it was when the roll was called."""

    __tablename__ = "roll_seat"
    __table_args__ = (UniqueConstraint("session_id", "subject"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"), index=True)
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    constituency: Mapped[Code]
    position: Mapped[Code]
    subject: Mapped[Account]
    name: Mapped[Label]
    organization: Mapped[Label]
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    @classmethod
    def of(cls, seat: Seat, arrived_at: datetime | None) -> "RollSeat":
        return cls(
            seat_id=seat.id,
            constituency=seat.constituency,
            position=seat.position,
            subject=seat.subject,
            name=seat.name,
            organization=seat.organization,
            arrived_at=arrived_at,
        )

    @property
    def present(self) -> bool:
        return self.arrived_at is not None and self.left_at is None

    def conflict_with(self, session: Session, application: Application) -> str | None:
        """The code of why this member may not vote on an application, or None."""
        if application.appraised_by(self.subject):
            return "segregation.appraiser_votes"
        enterprise = CopyEnterprise.standing(session, application.enterprise_id)
        owners = [] if enterprise is None else enterprise.every_owner(session)
        if session.get_one(Seat, self.seat_id).interested_in(owners):
            return "segregation.interested_votes"
        return None

    def note(self, *, present: bool) -> None:
        if present and not self.present:
            self.arrived_at, self.left_at = self.arrived_at or clock.now(), None
        elif not present and self.present:
            self.left_at = clock.now()


class AgendaItem(Identified, Base):
    """One application before the committee, with the motion it votes on: what one appraisal recommends."""

    __tablename__ = "agenda_item"
    __table_args__ = (UniqueConstraint("session_id", "application_id"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    appraisal_id: Mapped[UUID] = mapped_column(ForeignKey("appraisal.id"), nullable=True)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="pending")
    amount: Mapped[Cents]
    instalments: Mapped[int]
    grace: Mapped[int]
    conditions: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(10))
    decided_at: Mapped[datetime | None]

    session: Mapped[CommitteeSession] = relationship(back_populates="agenda")
    appraisal: Mapped[Appraisal] = relationship()
    votes: Mapped[list["Vote"]] = relationship(order_by="Vote.id")
    recusals: Mapped[list["Recusal"]] = relationship(order_by="Recusal.id")

    def cast(self, seat: RollSeat, choice: str, reason: str) -> "Vote":
        """Take a vote; refuses one who voted, who is recused or who is not in the room."""
        self.require_pending()
        if not seat.present:
            raise Refused("committee.not_present", name=seat.name)
        if self.is_recused(seat):
            raise Refused("committee.recused", name=seat.name)
        if any(vote.roll_seat_id == seat.id for vote in self.votes):
            raise Refused("committee.voted_already", name=seat.name)
        vote = Vote(roll_seat_id=seat.id, subject=seat.subject, choice=choice, reason=reason, cast_at=clock.now())
        self.votes.append(vote)
        return vote

    def recuse(self, seat: RollSeat, reason: str) -> None:
        """Take a member out of this item; a vote she has cast cannot be taken back by it."""
        self.require_pending()
        if self.is_recused(seat):
            raise Refused("committee.recused", name=seat.name)
        if any(vote.roll_seat_id == seat.id for vote in self.votes):
            raise Refused("committee.voted_already", name=seat.name)
        self.recusals.append(Recusal(roll_seat_id=seat.id, reason=reason, declared_at=clock.now()))

    def is_recused(self, seat: RollSeat) -> bool:
        return any(recusal.roll_seat_id == seat.id for recusal in self.recusals)

    def decide(self, outcome: str) -> None:
        self.require_pending()
        self.state, self.outcome, self.decided_at = "decided", outcome, clock.now()

    def leave_undealt(self) -> None:
        self.require_pending()
        self.state = "undealt"

    def require_pending(self) -> None:
        if self.state != "pending":
            raise Refused("session.item_closed", position=self.position)


class Vote(Identified, Base):
    """How a member voted, and why."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("item_id", "roll_seat_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    roll_seat_id: Mapped[UUID] = mapped_column(ForeignKey("roll_seat.id"))
    subject: Mapped[Account]
    choice: Mapped[Code]
    reason: Mapped[str] = mapped_column(Text)
    cast_at: Mapped[datetime]


class Recusal(Identified, Base):
    """A member who left the quorum of one item, and why."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("item_id", "roll_seat_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"))
    roll_seat_id: Mapped[UUID] = mapped_column(ForeignKey("roll_seat.id"))
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]


class Resolution(Identified, Base):
    """What the committee resolved about one application; numbers of a fund and year have no gaps.

    It cites the edition of the regulations it was `decided_under` (quorum, majority) and the one the money is
    `lent_under` (the product's terms), which the application was measured against.
    """

    __tablename__ = "resolution"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"))
    lent_under_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"), nullable=True)
    outcome: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Cents]
    instalments: Mapped[int]
    grace: Mapped[int]
    conditions: Mapped[str] = mapped_column(Text)
    tally: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]

    decided_under: Mapped[CreditRegulations] = relationship(foreign_keys=[regulations_id])
    lent_under: Mapped[CreditRegulations] = relationship(foreign_keys=[lent_under_id])


class Acta(Identified, Base):
    """The signed minutes of a session: a file whose content hash covers the hash of the minutes before it."""

    __tablename__ = "acta"
    __table_args__ = (UniqueConstraint("committee_id", "sequence"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"), unique=True)
    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committee.id"))
    sequence: Mapped[int]
    number: Mapped[Code] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    file_id: Mapped[UUID]
    made_at: Mapped[datetime]
