"""How a centre stands beside a project: an accompaniment and its visits on site."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.rules.visits import PlannedVisit
from shared.database import Versioned
from shared.kernel import Invalid, Refused, clock, uuid7

PHASES = ("idea", "planning", "financing", "implementation", "consolidation")


class Accompaniment(Versioned, Entity):
    """The standing-by of one project; opened once per loan, assigned to a technician, closed at the end."""

    __tablename__ = "accompaniment"
    __table_args__ = (Index("ix_accompaniment_municipality", "municipality", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(unique=True)
    municipality: Mapped[str] = mapped_column(String(6))
    phase: Mapped[str] = mapped_column(String(16))
    needs: Mapped[list[str]]
    technician: Mapped[str | None] = mapped_column(String(120), index=True)
    technician_name: Mapped[str | None] = mapped_column(String(200))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    reviewed_at: Mapped[datetime | None]
    visits: Mapped[list["Visit"]] = relationship(
        cascade="all, delete-orphan", order_by="Visit.due_on, Visit.id", lazy="selectin", back_populates="accompaniment"
    )

    @classmethod
    def open(
        cls, enterprise_id: UUID, municipality: str, *, loan_id: UUID | None, needs: list[str], opened_on: date
    ) -> Self:
        """A new accompaniment in its implementation phase; nobody is assigned yet."""
        return cls(
            id=uuid7(),
            enterprise_id=enterprise_id,
            loan_id=loan_id,
            municipality=municipality,
            phase="implementation",
            needs=needs,
            opened_on=opened_on,
            visits=[],
        )

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    def plan(self, visits: list[PlannedVisit]) -> None:
        """Add visits to the plan."""
        self._require_open()
        self.visits.extend(Visit.planned(visit) for visit in visits)

    def assign(self, technician: str, name: str) -> None:
        """Make somebody of the team responsible."""
        self._require_open()
        self.technician, self.technician_name = technician, name

    def visit(self, visit_id: UUID) -> "Visit":
        """One of its visits."""
        found = next((visit for visit in self.visits if visit.id == visit_id), None)
        if found is None:
            raise Refused("visit.of_another_plan")
        self._require_open()
        return found

    def add_visit(self, day: date, purposes: tuple[str, ...]) -> "Visit":
        """A visit that the plan did not foresee."""
        self._require_open()
        visit = Visit.planned(PlannedVisit(day, purposes, ()))
        self.visits.append(visit)
        return visit

    def touch(self) -> None:
        """Something below it changed: its version moves on with `reviewed_at`."""
        self.reviewed_at = clock.now()

    def close(self, on: date) -> None:
        self._require_open()
        if on < self.opened_on:
            raise Invalid("accompaniment.closed_before_opened", pointer="/closed_on", opened=self.opened_on.isoformat())
        self.closed_on = on
        self.phase = "consolidation"

    def _require_open(self) -> None:
        if self.closed_on is not None:
            raise Refused("accompaniment.closed", on=self.closed_on.isoformat())


class Visit(Entity):
    """A visit on site, planned or made."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_accompaniment", "accompaniment_id", "due_on"),)

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
    accompaniment: Mapped[Accompaniment] = relationship(back_populates="visits")

    @classmethod
    def planned(cls, visit: PlannedVisit) -> Self:
        return cls(id=uuid7(), due_on=visit.due_on, purposes=list(visit.purposes), needs=list(visit.needs))

    def make(
        self, on: date, *, minutes: int | None, notes: str | None, agreements: str | None, by: str, by_name: str
    ) -> None:
        """Write down that the visit took place; a visit is written down once."""
        if self.made_on is not None:
            raise Refused("visit.recorded_already", on=self.made_on.isoformat())
        if on > clock.today():
            raise Invalid("visit.in_the_future", pointer="/made_on", today=clock.today().isoformat())
        self.made_on, self.minutes = on, minutes
        self.notes, self.agreements = notes, agreements
        self.made_by, self.made_by_name = by, by_name

    def forget(self) -> bool:
        """The woman withdrew: that a visit took place stays, what was written about her goes. Says whether any was."""
        written = bool(self.notes or self.agreements)
        self.notes = self.agreements = None
        return written
