"""On-site training and technical assistance of a borrower, project by project."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock

ON_SITE, TECHNICAL = "on_site_training", "technical_assistance"
ASSISTANCE_KINDS = (ON_SITE, TECHNICAL)
OUTCOMES = ("reached", "partly", "not_reached")
OPEN, ENDED = "open", "ended"
ASSISTANCE_STATES = (OPEN, ENDED)


class Assistance(Versioned, Entity):
    """The plan of what somebody teaches a borrower at her workplace, for the project that a loan finances."""

    __tablename__ = "assistance"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(index=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    topics: Mapped[list[str]]
    goal: Mapped[str] = mapped_column(String(500))
    planned_minutes: Mapped[int]
    begins_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(12))
    lessons: Mapped[str | None] = mapped_column(String(1000))
    ended_on: Mapped[date | None]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str] = mapped_column(String(120))
    planned_by_name: Mapped[str] = mapped_column(String(200))
    visits: Mapped[list["AssistanceVisit"]] = relationship(
        cascade="all, delete-orphan", order_by="(AssistanceVisit.day, AssistanceVisit.at, AssistanceVisit.id)"
    )

    def visit(
        self, visit_id: UUID, day: date, minutes: int, topics: Sequence[str], done: str, by: Caller
    ) -> "AssistanceVisit":
        """A visit that was made; refuses a day still to come or before it begins, and topics outside the plan."""
        if self.state == ENDED:
            raise Refused("assistance.ended", day=self.ended_on)
        if not self.begins_on <= day <= clock.today():
            raise Invalid("assistance.day_out_of_range", pointer="/day", begins=self.begins_on)
        if strange := set(topics) - set(self.topics):
            raise Invalid("assistance.other_topic", pointer="/topics", topics=len(strange))
        made = AssistanceVisit(
            id=visit_id,
            day=day,
            minutes=minutes,
            topics=list(topics),
            done=done.strip(),
            by=by.subject,
            by_name=by.name,
            at=clock.now(),
        )
        self.visits.append(made)
        return made

    def end(self, day: date, outcome: str, lessons: str | None) -> None:
        """What came of it; refuses an end without a visit, before the last visit or in the future."""
        if self.state == ENDED:
            raise Refused("assistance.ended", day=self.ended_on)
        if not self.visits:
            raise Refused("assistance.no_visit")
        last = max(visit.day for visit in self.visits)
        if not last <= day <= clock.today():
            raise Invalid("assistance.end_out_of_range", pointer="/ended_on", last=last)
        self.state, self.ended_on, self.outcome = ENDED, day, outcome
        self.lessons = lessons.strip() if lessons else None

    def forget(self) -> None:
        """Its borrower withdrew: days and hours stay, the words about her do not."""
        self.goal, self.lessons = "", None
        for visit in self.visits:
            visit.forget()


class AssistanceVisit(Entity):
    """One visit: its day, how long it took, and what was done."""

    __tablename__ = "assistance_visit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made by who sends it, so that sending twice notes once."""
    assistance_id: Mapped[UUID] = mapped_column(ForeignKey("assistance.id"), index=True)
    day: Mapped[date]
    minutes: Mapped[int]
    topics: Mapped[list[str]]
    done: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(120))
    by_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    def forget(self) -> None:
        self.done = ""
