"""Plans of municipalities, departments and countries, as far as others need them: what they put first, and when."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.territory.models.entity import Entity
from shared import places
from shared.database import Versioned
from shared.kernel import NotFound, Refused, clock

LEVELS = {places.COUNTRY: "national", places.DEPARTMENT: "departmental", places.MUNICIPALITY: "municipal"}
"""The level of a plan by that of its unit."""
ADOPTED, WITHDRAWN = "adopted", "withdrawn"
PLAN_STATES = (ADOPTED, WITHDRAWN)


class DevelopmentPlan(Versioned, Entity):
    """A plan somebody declared for a unit, with the value chains and the purposes it puts first."""

    __tablename__ = "development_plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    """The act that adopted it, so that others can look it up."""
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    chains: Mapped[list[str]]
    purposes: Mapped[list[str]]
    state: Mapped[str] = mapped_column(String(12))
    declared_by: Mapped[str] = mapped_column(String(120))
    declared_by_name: Mapped[str] = mapped_column(String(200))
    declared_at: Mapped[datetime]
    withdrawn_on: Mapped[date | None]

    lines: Mapped[list["PlanLine"]] = relationship(order_by="PlanLine.number, PlanLine.id")

    @property
    def level(self) -> str:
        return LEVELS[places.level_of(self.unit)]

    def withdraw(self) -> None:
        """It holds no more; refused a second time."""
        if self.state == WITHDRAWN:
            raise Refused("development_plan.withdrawn_already", title=self.title)
        self.state, self.withdrawn_on = WITHDRAWN, clock.today()

    def take_line(self, line: "PlanLine") -> None:
        """Write one of its programme lines down; refuses a number that another has, and once it was withdrawn."""
        self.require_adopted()
        if any(other.number == line.number for other in self.lines):
            raise Refused("development_plan.number_taken", number=line.number)
        self.lines.append(line)

    def rewritten(self) -> None:
        """Its lines or their projects changed: a new version, so that nobody takes out what she has not seen."""
        flag_modified(self, "state")

    def require_adopted(self) -> None:
        """Refused once it was withdrawn."""
        if self.state == WITHDRAWN:
            raise Refused("development_plan.withdrawn_already", title=self.title)

    def line(self, line_id: UUID) -> "PlanLine":
        """One of its lines."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise NotFound("development_plan.line_unknown")


class PlanLine(Entity):
    """A programme line of a plan, by the number it has there."""

    __tablename__ = "plan_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("development_plan.id"), index=True)
    number: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    chain: Mapped[str | None] = mapped_column(String(40))

    projects: Mapped[list["PlanProject"]] = relationship(order_by="PlanProject.id", cascade="all, delete-orphan")

    def project(self, project_id: UUID) -> "PlanProject":
        """One of its projects."""
        for project in self.projects:
            if project.id == project_id:
                return project
        raise NotFound("development_plan.project_unknown")


class PlanProject(Entity):
    """A project under a line of a plan, with its money."""

    __tablename__ = "plan_project"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("plan_line.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    chain: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    budget: Mapped[list[Any]]
    """`year`, `source` and `amount` (minor units) of each part."""
