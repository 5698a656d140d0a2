"""A session of the committee: its frozen roll, its agenda, its votes, and what was resolved."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.agreements import AgreementLetter
from services.credit.models.applications import Application, Appraisal
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.committees import Seat
from services.credit.models.conditions import Condition
from services.credit.models.conflicts import interested
from services.credit.models.exceptions import Excepted
from services.credit.models.funds import CreditRegulations
from services.credit.models.notices import Movement, Notified, Observer
from services.credit.models.votes import Recusal, Vote
from services.credit.rules import quorum
from services.credit.rules.governance import Conflicts
from shared.database import Versioned
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock

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
    short_notice: Mapped[str] = mapped_column(Text, default="")

    roll: Mapped[list["RollSeat"]] = relationship(order_by="RollSeat.id")
    agenda: Mapped[list["AgendaItem"]] = relationship(
        order_by="AgendaItem.position", back_populates="session", cascade="all, delete-orphan"
    )
    notified: Mapped[list["Notified"]] = relationship(order_by="Notified.id")
    observers: Mapped[list["Observer"]] = relationship(order_by="Observer.id")
    corrections: Mapped[list["Correction"]] = relationship(order_by="Correction.id")

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
            position=max((other.position for other in self.agenda), default=0) + 1,
            state="pending",
            amount=motion.amount,
            instalments=motion.instalments,
            grace=motion.grace,
            conditions=motion.conditions,
        )
        self.agenda.append(item)
        return item

    def take_off_agenda(self, item_id: UUID) -> "AgendaItem":
        """Take an item off an agenda that is not before the committee yet."""
        self.require_convened()
        item = self.item(item_id)
        self.agenda.remove(item)
        self._number()
        return item

    def reorder(self, item_ids: list[UUID]) -> None:
        """Put the items of the agenda in this order; refuses a list that names others, or not all of them."""
        self.require_convened()
        if sorted(item_ids) != sorted(item.id for item in self.agenda):
            raise Invalid("session.order_incomplete", pointer="/items")
        self.agenda.sort(key=lambda item: item_ids.index(item.id))
        self._number()

    def _number(self) -> None:
        for position, item in enumerate(self.agenda, start=1):
            item.position = position

    def notify(self, seat: Seat, channel: str, subject: str) -> None:
        """Note that the holder of a seat was told of the session; the first time counts."""
        self.require_convened()
        if not any(one.seat_id == seat.id for one in self.notified):
            told = Notified(seat_id=seat.id, name=seat.name, channel=channel, at=clock.now(), noted_by=subject)
            self.notified.append(told)

    def not_notified(self, seats: list[Seat], by: date) -> list[str]:
        """The principals among `seats` whom nobody had told of the session on the day `by`, by name. Where a reason for
        a shorter notice is noted, it is enough that they were told.
        """
        told = {one.seat_id for one in self.notified if self.short_notice or one.local_day <= by}
        return [seat.name for seat in seats if seat.alternate_for_id is None and seat.id not in told]

    def open(self, seats: list[Seat], present: set[UUID], regulations_id: UUID, subject: str) -> None:
        """Freeze the roll and note who answered it; `present` are ids of seats."""
        if self.state != "convened":
            raise Refused(f"session.is_{self.state}", number=self.number)
        if not self.agenda:
            raise Refused("session.agenda_empty", number=self.number)
        if unknown := present - {seat.id for seat in seats}:
            raise NotFound("session.seat_not_on_roll", seat=min(unknown))
        here = {seat.id: seat.name for seat in seats if seat.id in present}
        for seat in seats:
            if seat.id in here and seat.alternate_for_id in here:
                raise Refused("committee.principal_answers", name=seat.name, principal=here[seat.alternate_for_id])
        for seat in seats:
            called = RollSeat.of(seat)
            self.roll.append(called)
            if seat.id in present:
                called.note(present=True, subject=subject)
        now = clock.now()
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

    def note_attendance(self, roll_seat_id: UUID, subject: str, *, present: bool) -> None:
        """Somebody came in or went out; a vote she has cast stands. Where a principal comes in, her alternate gives
        the place back; an alternate is not noted while her principal is there.
        """
        self.require_open()
        seat = self.roll_seat(roll_seat_id)
        if present:
            for other in self.roll:
                if other is not seat and other.chair_of == seat.chair_of and other.present:
                    if seat.alternate_for_id is not None:
                        raise Refused("committee.principal_answers", name=seat.name, principal=other.name)
                    other.note(present=False, subject=subject)
        seat.note(present=present, subject=subject)

    def roll_seat(self, roll_seat_id: UUID) -> "RollSeat":
        for seat in self.roll:
            if seat.id == roll_seat_id:
                return seat
        raise NotFound("session.seat_not_on_roll", seat=roll_seat_id)

    def holders(self, item: "AgendaItem") -> list["RollSeat"]:
        """Who answers for each seat on one item: who voted on it, else who is in the room, else its principal."""
        voted = {vote.roll_seat_id for vote in item.votes}
        first: dict[UUID, RollSeat] = {}
        for seat in sorted(self.roll, key=lambda s: (s.id in voted, s.present, not s.alternate_for_id), reverse=True):
            first.setdefault(seat.chair_of, seat)
        return [seat for seat in self.roll if first[seat.chair_of] is seat]

    def members(self, item: "AgendaItem") -> list[quorum.Member]:
        """The seats of the roll as the rules see them for one item: one member each, principal or alternate. A seat is
        present while either of the two is in the room.
        """
        there = {seat.chair_of for seat in self.roll if seat.present}
        choices = {vote.roll_seat_id: vote.choice for vote in item.votes}
        recused = {recusal.roll_seat_id for recusal in item.recusals}
        return [
            quorum.Member(
                seat=str(seat.id),
                constituency=seat.constituency,
                present=seat.chair_of in there,
                recused=seat.id in recused,
                chair=seat.position == "chair",
                choice=choices.get(seat.id),  # type: ignore[arg-type]
            )
            for seat in self.holders(item)
        ]

    def in_the_room(self) -> list[quorum.Member]:
        """Who is in the room, for what is not the matter of one applicant."""
        return [quorum.Member(str(seat.id), seat.constituency, present=True) for seat in self.roll if seat.present]

    def close(self, subject: str) -> list["AgendaItem"]:
        """End the session; comes back with the items whose turn did not come."""
        self.require_open()
        left = [item for item in self.agenda if item.state == "pending"]
        for item in left:
            item.leave_undealt()
        self.state, self.closed_at, self.closed_by = "closed", clock.now(), subject
        return left

    def observed_by(self, subject: str, name: str) -> bool:
        """Note who observes it; comes back with whether that is new. Refuses who is on its roll."""
        self.require_open()
        if any(seat.subject == subject for seat in self.roll):
            raise Refused("session.sits_in_it", number=self.number)
        if any(one.subject == subject for one in self.observers):
            return False
        self.observers.append(Observer(subject=subject, name=name, at=clock.now()))
        return True

    def require_opened(self) -> None:
        if self.regulations_id is None:
            raise Refused(f"session.is_{self.state}", number=self.number)

    def require_convened(self) -> None:
        if self.state != "convened":
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
    alternate_for_id: Mapped[UUID | None]
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]

    movements: Mapped[list["Movement"]] = relationship(order_by="Movement.id")

    @classmethod
    def of(cls, seat: Seat) -> "RollSeat":
        return cls(
            seat_id=seat.id,
            constituency=seat.constituency,
            position=seat.position,
            subject=seat.subject,
            name=seat.name,
            organization=seat.organization,
            alternate_for_id=seat.alternate_for_id,
        )

    @property
    def chair_of(self) -> UUID:
        """The seat that is answered for: her own, or that of her principal."""
        return self.alternate_for_id or self.seat_id

    @property
    def present(self) -> bool:
        return self.arrived_at is not None and self.left_at is None

    def conflict_with(self, session: Session, application: Application, conflicts: Conflicts) -> str | None:
        """The code of why this member may not vote on an application, or None; `conflicts` are those that the
        regulations know. What she declared under another mandate, before or since, is as true under this one.
        """
        if application.appraised_by(self.subject):
            return "segregation.appraiser_votes"
        return "segregation.interested_votes" if interested(session, self.subject, application, conflicts) else None

    def note(self, *, present: bool, subject: str) -> None:
        """She came in or went out, now; what changes nothing is not written down."""
        if present == self.present:
            return
        now = clock.now()
        if present:
            self.arrived_at, self.left_at = self.arrived_at or now, None
        else:
            self.left_at = now
        self.movements.append(Movement(present=present, at=now, noted_by=subject))


class AgendaItem(Identified, Excepted, Base):
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
    terms: Mapped[list["Condition"]] = relationship(order_by="Condition.position", cascade="all, delete-orphan")
    votes: Mapped[list["Vote"]] = relationship(order_by="Vote.id")
    recusals: Mapped[list["Recusal"]] = relationship(order_by="Recusal.id")

    def cast(self, seat: RollSeat, choice: str, reason: str, reason_code: str | None = None) -> "Vote":
        """Take a vote; refuses one who voted, who is recused or who is not in the room, and a second vote of one
        seat by its other holder.
        """
        self.require_pending()
        if not seat.present:
            raise Refused("committee.not_present", name=seat.name)
        if self.is_recused(seat):
            raise Refused("committee.recused", name=seat.name)
        if any(vote.roll_seat_id == seat.id for vote in self.votes):
            raise Refused("committee.voted_already", name=seat.name)
        if seat not in self.session.holders(self):
            raise Refused("committee.seat_voted", name=seat.name)
        vote = Vote(
            roll_seat_id=seat.id,
            subject=seat.subject,
            choice=choice,
            reason=reason,
            reason_code=reason_code,
            cast_at=clock.now(),
        )
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

    def ask(self, text: str, due_on: date | None, verifier: str) -> "Condition":
        """Make something a condition of paying out; the motion does not change any more once somebody has voted."""
        self.require_unvoted()
        condition = Condition(
            application_id=self.application_id,
            position=max((other.position for other in self.terms), default=0) + 1,
            text=text,
            due_on=due_on,
            verifier=verifier,
        )
        self.terms.append(condition)
        return condition

    def also_decide(self, text: str) -> None:
        """Put what else is decided into the motion, below its conditions."""
        self.require_unvoted()
        self.conditions = "\n".join(filter(None, (self.conditions, text)))

    def drop(self, condition_id: UUID) -> None:
        """Take a condition out of the motion."""
        self.require_unvoted()
        for condition in self.terms:
            if condition.id == condition_id:
                self.terms.remove(condition)
                return
        raise NotFound("condition.unknown")

    def except_from(self, rules: dict[str, Any], reason: str) -> None:
        """Say why it may be approved although these rules are not met; nobody has voted for it yet."""
        self.require_pending()
        if any(vote.choice == "approve" for vote in self.votes):
            raise Refused("session.voting_began", position=self.position)
        self.exceptions, self.exception_reason = rules, reason

    def require_unvoted(self) -> None:
        self.require_pending()
        if self.votes:
            raise Refused("session.voting_began", position=self.position)

    def decide(self, outcome: str) -> None:
        self.require_pending()
        self.state, self.outcome, self.decided_at = "decided", outcome, clock.now()

    def leave_undealt(self) -> None:
        self.require_pending()
        self.state = "undealt"

    def require_pending(self) -> None:
        if self.state != "pending":
            raise Refused("session.item_closed", position=self.position)


class Resolution(Identified, Excepted, Base):
    """What the committee resolved about one application; numbers of a fund and year have no gaps.

    It cites the edition of the regulations it was `decided_under` (quorum, majority) and the one the money is
    `lent_under` (the product's terms), which the application was measured against; and the Agreement Letter of its day.
    `level` is who was competent for it, by the name the regulations give, `assents_needed` how many members of the
    Trust Fund Committee must say yes before it is paid out.
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
    reason_code: Mapped[Code | None]
    expires_on: Mapped[date | None]
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    level: Mapped[str] = mapped_column(String(100), default="")
    assents_needed: Mapped[int] = mapped_column(default=0)

    agreement: Mapped[AgreementLetter | None] = relationship()
    decided_under: Mapped[CreditRegulations] = relationship(foreign_keys=[regulations_id])
    lent_under: Mapped[CreditRegulations] = relationship(foreign_keys=[lent_under_id])


def earlier_terms(session: Session, item: AgendaItem) -> list[Condition]:
    """The conditions of the last session that deferred this item's application, without those its motion has."""
    before = select(AgendaItem).where(
        AgendaItem.application_id == item.application_id, AgendaItem.outcome == "deferred", AgendaItem.id != item.id
    )
    deferred = session.scalar(before.order_by(AgendaItem.decided_at.desc()).limit(1))
    asked = {condition.text for condition in item.terms}
    return [] if deferred is None else [one for one in deferred.terms if one.text not in asked]


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
    public_key: Mapped[str | None] = mapped_column(String(64))
    signature: Mapped[str | None] = mapped_column(String(128))


class Correction(Identified, Base):
    """What a session corrects in the minutes of an earlier one."""

    __tablename__ = "correction"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("committee_session.id"), index=True)
    acta_id: Mapped[UUID] = mapped_column(ForeignKey("acta.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    noted_by: Mapped[Account]
    noted_at: Mapped[datetime]

    acta: Mapped[Acta] = relationship()
