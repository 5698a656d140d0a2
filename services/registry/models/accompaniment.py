"""How a centre stands beside a project: an accompaniment and its visits on site."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.rules.project_cycle import Standing, hindrance, is_back
from services.registry.rules.visits import PlannedVisit
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7


class Accompaniment(Versioned, Entity):
    """The standing-by of one project, from its idea or from its money on; at most one for a loan. Where it stands is
    told by its `phase`, how it came there by its `steps`.
    """

    __tablename__ = "accompaniment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(unique=True)
    municipality: Mapped[str] = mapped_column(String(6))
    phase: Mapped[str] = mapped_column(String(16))
    title: Mapped[str | None] = mapped_column(String(200))
    aim: Mapped[str | None] = mapped_column(Text)
    needs: Mapped[list[str]]
    resolved_needs: Mapped[list[str]]
    financed_how: Mapped[str | None] = mapped_column(Text)
    technician: Mapped[str | None] = mapped_column(String(120), index=True)
    technician_name: Mapped[str | None] = mapped_column(String(200))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]
    visits: Mapped[list["Visit"]] = relationship(
        cascade="all, delete-orphan", order_by="Visit.due_on, Visit.id", lazy="selectin", back_populates="accompaniment"
    )
    steps: Mapped[list["CaseStep"]] = relationship(
        cascade="all, delete-orphan", order_by="CaseStep.id", lazy="selectin"
    )

    @classmethod
    def open(
        cls,
        enterprise_id: UUID,
        municipality: str,
        *,
        loan_id: UUID | None,
        needs: list[str],
        opened_on: date,
        caller: Caller,
        phase: str = "implementation",
        title: str | None = None,
        aim: str | None = None,
    ) -> Self:
        """A new accompaniment; nobody is assigned yet."""
        self = cls(
            id=uuid7(),
            enterprise_id=enterprise_id,
            loan_id=loan_id,
            municipality=municipality,
            phase=phase,
            title=title,
            aim=aim,
            needs=needs,
            resolved_needs=[],
            opened_on=opened_on,
            visits=[],
            steps=[],
        )
        self._step("opened", opened_on, caller)
        return self

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    def describe(self, *, title: str | None, aim: str | None, needs: list[str], resolved: list[str]) -> None:
        """What the project is about, what it needs, and which of that is resolved. Refuses to take away what its phase
        stands on, and a need that is resolved and was never named.
        """
        self.require_open()
        if set(resolved) - set(needs):
            raise Invalid("project.resolved_not_named", pointer="/resolved_needs")
        if self.phase in {"planning", "financing"}:
            if not title or not aim:
                raise Invalid("project.idea_not_written", pointer="/aim" if title else "/title")
            if not needs:
                raise Invalid("project.needs_not_named", pointer="/needs")
        self.title, self.aim, self.needs, self.resolved_needs = title, aim, needs, resolved

    def name_needs(self, needs: list[str]) -> None:
        """These belong to what it needs too."""
        self.needs = list(dict.fromkeys([*self.needs, *needs]))

    def move(
        self, to: str, on: date, *, reason: str | None, financed_how: str | None, plan_ready: bool, caller: Caller
    ) -> None:
        """Go to a phase: on to the next one with all that it needs, or back with a reason."""
        self.require_open()
        self._require_timely(on)
        case = Standing(
            phase=self.phase,
            idea_written=bool(self.title and self.aim),
            needs_named=bool(self.needs),
            plan_ready=plan_ready,
            has_loan=self.loan_id is not None,
            says_how_financed=bool(financed_how),
            visits_waiting=sum(visit.waits for visit in self.visits),
        )
        if code := hindrance(case, to, reason=bool(reason)):
            raise Refused(code, phase=self.phase, visits=case.visits_waiting)
        if to == "implementation" and not is_back(self.phase, to):
            self.financed_how = financed_how
        self.phase = to
        self._step("moved", on, caller, reason)

    def take_loan(self, loan_id: UUID, on: date, caller: Caller) -> None:
        """The project's loan was paid out: it is implemented from now on, wherever it stood before."""
        self.require_open()
        self.loan_id = loan_id
        self.phase = "implementation"
        self._step("moved", max(on, self._last_day), caller)

    def plan(self, visits: list[PlannedVisit]) -> None:
        """Add visits to the plan."""
        self.require_open()
        self.visits.extend(Visit.planned(visit) for visit in visits)

    def assign(self, technician: str, name: str, caller: Caller, note: str | None = None) -> None:
        """Make somebody of the team responsible; `note` is what the one before hands over."""
        self.require_open()
        self.technician, self.technician_name = technician, name
        self._step("assigned", clock.today(), caller, note)

    def visit(self, visit_id: UUID) -> "Visit":
        """One of its visits."""
        found = next((visit for visit in self.visits if visit.id == visit_id), None)
        if found is None:
            raise Refused("visit.of_another_plan")
        self.require_open()
        return found

    def add_visit(self, day: date, purposes: tuple[str, ...]) -> "Visit":
        """A visit that the plan did not foresee."""
        self.require_open()
        visit = Visit.planned(PlannedVisit(day, purposes, ()))
        self.visits.append(visit)
        return visit

    def touch(self) -> None:
        """Something below it changed: its version moves on with `reviewed_at`."""
        self.reviewed_at = clock.now()

    def close(self, on: date, caller: Caller, reason: str | None = None) -> None:
        """End it. What is implemented is consolidated with it; what never came so far is given up, with a reason."""
        self.require_open()
        if on < self.opened_on:
            raise Invalid("accompaniment.closed_before_opened", pointer="/closed_on", opened=self.opened_on.isoformat())
        if is_back("implementation", self.phase):
            if not reason:
                raise Invalid("project.given_up_why", pointer="/reason")
        else:
            self.phase = "consolidation"
        self.closed_on = on
        self._step("closed", on, caller, reason)

    def forget(self, caller: Caller) -> int:
        """The woman withdrew: what was written about her project goes, and it ends. Says how many visits lost their
        notes.
        """
        blanked = self.forget_words()
        if self.is_open:
            self.closed_on = max(clock.today(), self.opened_on)
            self._step("closed", self.closed_on, caller)
        return blanked

    def forget_words(self) -> int:
        """One of its women withdrew: what was written goes, because it may be of her. Says how many visits lost their
        notes.
        """
        self.title = self.aim = self.financed_how = None
        for step in self.steps:
            step.reason = None
        self.touch()
        return sum(visit.forget() for visit in self.visits)

    def require_open(self) -> None:
        """Refuses what is closed."""
        if self.closed_on is not None:
            raise Refused("accompaniment.closed", on=self.closed_on.isoformat())

    @property
    def _last_day(self) -> date:
        return max([self.opened_on, *(step.happened_on for step in self.steps if step.kind == "moved")])

    def _require_timely(self, on: date) -> None:
        if on > clock.today():
            raise Invalid("project.in_the_future", pointer="/on", today=clock.today().isoformat())
        if on < self._last_day:
            raise Invalid("project.before_last_step", pointer="/on", last=self._last_day.isoformat())

    def _step(self, kind: str, on: date, caller: Caller, reason: str | None = None) -> None:
        self.steps.append(CaseStep.taken(kind, on, self.phase, self.technician_name, reason, caller))
        self.touch()


class CaseStep(Entity):
    """One step of a case: it was opened, moved to another phase, given to somebody, or closed."""

    __tablename__ = "case_step"
    __table_args__ = (Index("ix_case_step_accompaniment", "accompaniment_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    accompaniment_id: Mapped[UUID] = mapped_column(ForeignKey("accompaniment.id"))
    kind: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[date]
    phase: Mapped[str] = mapped_column(String(16))
    technician_name: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_by_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]

    @classmethod
    def taken(
        cls, kind: str, on: date, phase: str, technician_name: str | None, reason: str | None, caller: Caller
    ) -> Self:
        """A step, with where the case stands after it."""
        return cls(
            id=uuid7(),
            kind=kind,
            happened_on=on,
            phase=phase,
            technician_name=technician_name,
            reason=reason,
            recorded_by=caller.subject,
            recorded_by_name=caller.name,
            recorded_at=clock.now(),
        )


class Visit(Entity):
    """A visit on site: planned, then made or cancelled."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_accompaniment", "accompaniment_id", "due_on"),
        Index("ix_visit_due_on", "due_on", "id"),
        Index("uq_visit_arrears", "loan_id", "arrears_since", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    accompaniment_id: Mapped[UUID] = mapped_column(ForeignKey("accompaniment.id"))
    due_on: Mapped[date]
    purposes: Mapped[list[str]]
    needs: Mapped[list[str]]
    made_on: Mapped[date | None]
    minutes: Mapped[int | None]
    notes: Mapped[str | None] = mapped_column(Text)
    agreements: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str | None] = mapped_column(String(120))
    made_by_name: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(300))
    photo_id: Mapped[UUID | None]
    loan_id: Mapped[UUID | None]
    arrears_since: Mapped[date | None]
    cancelled_on: Mapped[date | None]
    cancelled_by_name: Mapped[str | None] = mapped_column(String(200))
    cancelled_because: Mapped[str | None] = mapped_column(Text)
    accompaniment: Mapped[Accompaniment] = relationship(back_populates="visits")

    @classmethod
    def planned(cls, visit: PlannedVisit) -> Self:
        return cls(id=uuid7(), due_on=visit.due_on, purposes=list(visit.purposes), needs=list(visit.needs))

    def make(
        self,
        on: date,
        *,
        minutes: int | None,
        notes: str | None,
        agreements: str | None,
        place: str | None,
        needs: list[str] | None,
        caller: Caller,
    ) -> None:
        """Write down that the visit took place; a visit is written down once. `needs` are those it answered, where
        they are others than the planned ones.
        """
        self._require_waiting()
        if on > clock.today():
            raise Invalid("visit.in_the_future", pointer="/made_on", today=clock.today().isoformat())
        self.made_on, self.minutes = on, minutes
        self.notes, self.agreements, self.place = notes, agreements, place
        self.needs = self.needs if needs is None else needs
        self.made_by, self.made_by_name = caller.subject, caller.name

    @property
    def waits(self) -> bool:
        """Whether somebody is still to make it."""
        return self.made_on is None and self.cancelled_on is None

    def cancel(self, reason: str, caller: Caller) -> None:
        """It will not take place, and why. Refuses a visit that was made, or is cancelled."""
        self._require_waiting()
        self.cancelled_on, self.cancelled_by_name, self.cancelled_because = clock.today(), caller.name, reason

    def for_arrears(self, loan_id: UUID, since: date) -> None:
        """It was asked for because the loan has owed an instalment without a break since that day."""
        self.loan_id, self.arrears_since = loan_id, since

    def keep_photo(self, file_id: UUID | None) -> None:
        """Its photograph is this stored file; None where it has none any more."""
        self.photo_id = file_id

    def forget(self) -> bool:
        """The woman withdrew: that a visit took place stays, what was written about her goes. Says whether any was."""
        written = bool(self.notes or self.agreements or self.place or self.cancelled_because)
        self.notes = self.agreements = self.place = self.cancelled_because = None
        return written

    def _require_waiting(self) -> None:
        if self.made_on is not None:
            raise Refused("visit.recorded_already", on=self.made_on.isoformat())
        if self.cancelled_on is not None:
            raise Refused("visit.cancelled_already", on=self.cancelled_on.isoformat(), by=self.cancelled_by_name or "")


WAITS = and_(Visit.made_on.is_(None), Visit.cancelled_on.is_(None))
"""Of the visits those that somebody is still to make."""
