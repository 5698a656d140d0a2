"""Seed capital that is given in parts: the plan of an appraisal, the award, what was paid, shown and brought back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.attempts import NotApart
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.rules import seed
from shared.database import Versioned
from shared.kernel import NotFound, Refused, clock


class SeedPlan(Identified, Base):
    """The parts in which an appraisal proposes to pay, and what the woman brings herself (cents)."""

    __tablename__ = "seed_plan"
    __table_args__ = (UniqueConstraint("application_id", "appraisal"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    appraisal: Mapped[int]
    own_contribution: Mapped[Cents]
    proposed_on: Mapped[date]
    proposed_by: Mapped[Account]
    proposed_by_name: Mapped[Label]

    milestones: Mapped[list["SeedMilestone"]] = relationship(
        order_by="SeedMilestone.position", cascade="all, delete-orphan"
    )

    @classmethod
    def of(cls, session: Session, application_id: UUID, appraisal: int) -> "SeedPlan | None":
        """The plan that belongs to one appraisal of an application."""
        return session.scalar(select(cls).where(cls.application_id == application_id, cls.appraisal == appraisal))

    @classmethod
    def voted_on(
        cls, session: Session, application_id: UUID, appraisal: int, conditions: str
    ) -> tuple["SeedPlan | None", str]:
        """The plan that stands in the conditions of a motion, and what else they say; no plan where it was proposed
        anew since.
        """
        found = cls.of(session, application_id, appraisal)
        if found is None or found.motion not in conditions:
            return None, conditions
        return found, conditions.replace(found.motion, "").strip()

    @property
    def motion(self) -> str:
        """The plan as the committee votes on it."""
        rows = [(one.text, one.evidence_wanted, one.amount, one.due_on) for one in self.milestones]
        return seed.motion(self.own_contribution, rows)


class SeedMilestone(Identified, Base):
    """One part: what it is for, how much, until when it must be shown, and what came of it."""

    __tablename__ = "seed_milestone"
    __table_args__ = (UniqueConstraint("plan_id", "position"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("seed_plan.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    evidence_wanted: Mapped[str] = mapped_column(Text)
    amount: Mapped[Cents]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="open")
    evidence_file_id: Mapped[UUID | None]
    shown_by: Mapped[Account | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[Account | None]
    verified_by_name: Mapped[Label | None]
    note: Mapped[str] = mapped_column(Text, default="")
    paid_on: Mapped[date | None]
    paid_by: Mapped[Account | None]
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))

    def show(self, file_id: UUID, subject: str) -> UUID | None:
        """Keep the paper that shows it; comes back with the one it takes the place of. Refuses a part that was not
        paid: nothing can have been done with it.
        """
        self.require("open", "shown")
        if self.paid_on is None:
            raise Refused("seed.part_not_paid", position=self.position)
        before, self.evidence_file_id = self.evidence_file_id, file_id
        self.state, self.shown_by = "shown", subject
        return before

    def verify(self, subject: str, name: str, note: str) -> None:
        """Somebody looked and found it done."""
        if self.state == "open":
            raise Refused("seed.nothing_shown", position=self.position)
        self.require("shown")
        self.state, self.verified_at, self.note = "verified", clock.now(), note
        self.verified_by, self.verified_by_name = subject, name

    def pay(self, day: date, subject: str, entry_id: UUID) -> None:
        self.require("open")
        self.paid_on, self.paid_by, self.entry_id = day, subject, entry_id

    def lapse(self) -> None:
        self.state = "lapsed"

    def forget_evidence(self) -> UUID | None:
        """Empty what was noted; comes back with the file to erase, where nobody has verified it."""
        file_id = self.evidence_file_id if self.state != "verified" else None
        self.note = ""
        if file_id is not None:
            self.evidence_file_id = None
        return file_id

    @property
    def promised(self) -> bool:
        """Whether it is still to be paid."""
        return self.paid_on is None and self.state != "lapsed"

    def require(self, *states: str) -> None:
        """Refuses any other state, saying which it is: seed.part_verified, seed.part_lapsed …"""
        if self.state not in states:
            raise Refused(f"seed.part_{self.state}", position=self.position)


class SeedAward(Identified, Versioned, Base):
    """Seed capital that a committee approved and the fund agreed to in writing."""

    __tablename__ = "seed_award"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("resolution.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("seed_plan.id"), unique=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[Code]
    amount: Mapped[Cents]
    return_by: Mapped[date | None]
    awarded_on: Mapped[date]
    awarded_by: Mapped[Account]
    awarded_by_name: Mapped[Label]
    agreement_file_id: Mapped[UUID]
    agreement_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="active")
    report_file_id: Mapped[UUID | None]
    reported_by: Mapped[Account | None]
    closed_on: Mapped[date | None]
    closed_by: Mapped[Account | None]
    closed_by_name: Mapped[Label | None]

    plan: Mapped[SeedPlan] = relationship()
    returns: Mapped[list["SeedReturn"]] = relationship(order_by="SeedReturn.id")

    @property
    def milestones(self) -> list[SeedMilestone]:
        return self.plan.milestones

    @property
    def paid(self) -> int:
        """What was paid out, in cents."""
        return sum(one.amount for one in self.milestones if one.paid_on is not None)

    @property
    def to_come_back(self) -> int:
        """What of a contribution is still to come back, in cents; nothing of a grant."""
        return self.paid - sum(one.amount for one in self.returns) if self.kind == "contribution" else 0

    def verify(self, part: SeedMilestone, subject: str, name: str, note: str) -> None:
        """Somebody else than who paid a part and who showed it looked and found it done."""
        if part.paid_by == subject:
            raise NotApart("segregation.payer_verifies", subject, self, position=part.position)
        if part.state == "shown" and subject == part.shown_by:
            raise NotApart("segregation.shower_verifies", subject, self, position=part.position)
        part.verify(subject, name, note)

    def milestone(self, milestone_id: UUID) -> SeedMilestone:
        """One of its parts."""
        for one in self.milestones:
            if one.id == milestone_id:
                return one
        raise NotFound("seed.part_unknown")

    def next_part(self) -> SeedMilestone:
        """The part that may be paid now; refuses while the one before it is not shown and verified."""
        self.require_active()
        before: SeedMilestone | None = None
        for one in self.milestones:
            if one.paid_on is None:
                if before is not None and before.state != "verified":
                    raise Refused("seed.part_before_not_verified", position=one.position, before=before.position)
                one.require("open")
                return one
            before = one
        raise Refused("seed.all_paid", number=self.number)

    def lapse(self, day: date) -> int:
        """What was not shown in time, and what would have followed it, lapses; comes back with the cents set free.
        Refuses an award of which nothing is late.
        """
        self.require_active()
        if not any(one.state in {"open", "shown"} and one.due_on < day for one in self.milestones):
            raise Refused("seed.nothing_late", number=self.number)
        return self.release()

    def release(self) -> int:
        """Nothing more is paid; comes back with the cents that are free again."""
        free = sum(one.amount for one in self.milestones if one.promised)
        for one in self.milestones:
            if one.state in {"open", "shown"}:
                one.lapse()
        return free

    def report(self, file_id: UUID, subject: str) -> UUID | None:
        """Keep the final report of what the money was used for; comes back with the one it takes the place of."""
        self.require_active()
        before, self.report_file_id, self.reported_by = self.report_file_id, file_id, subject
        return before

    def close(self, subject: str, name: str, day: date) -> None:
        """All is shown or lapsed, reported, and back where it was to come back; somebody else than who reported it
        says so.
        """
        self.require_active()
        if any(one.state not in {"verified", "lapsed"} for one in self.milestones):
            raise Refused("seed.parts_open", number=self.number)
        if self.report_file_id is None:
            raise Refused("seed.no_report", number=self.number)
        if subject == self.reported_by:
            raise NotApart("segregation.reporter_closes", subject, self, number=self.number)
        if self.to_come_back:
            raise Refused("seed.not_returned", number=self.number)
        self.state, self.closed_on, self.closed_by, self.closed_by_name = "closed", day, subject, name

    def require_active(self) -> None:
        if self.state != "active":
            raise Refused("seed.award_closed", number=self.number)

    @classmethod
    def promised_of(cls, session: Session, fund_id: UUID) -> int:
        """What the awards of a fund still promise, in cents."""
        query = (
            select(func.coalesce(func.sum(SeedMilestone.amount), 0))
            .join(cls, cls.plan_id == SeedMilestone.plan_id)
            .where(cls.fund_id == fund_id, SeedMilestone.paid_on.is_(None), SeedMilestone.state != "lapsed")
        )
        return int(session.scalar(query) or 0)


class SeedReturn(Identified, Base):
    """What came back of a contribution."""

    __tablename__ = "seed_return"

    number: Mapped[Code] = mapped_column(unique=True)
    award_id: Mapped[UUID] = mapped_column(ForeignKey("seed_award.id"), index=True)
    amount: Mapped[Cents]
    channel: Mapped[Code]
    paid_on: Mapped[date]
    posted_at: Mapped[datetime]
    posted_by: Mapped[Account]
    posted_by_name: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
