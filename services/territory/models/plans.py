"""Plans of municipalities, departments and countries, as far as others need them: what they put first, and when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Refused, clock

LEVELS = {2: "national", 4: "departmental", 6: "municipal"}
"""The level of a plan by the length of its unit's official code."""
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

    @property
    def level(self) -> str:
        return LEVELS[len(self.unit)]

    def withdraw(self) -> None:
        """It holds no more; refused a second time."""
        if self.state == WITHDRAWN:
            raise Refused("development_plan.withdrawn_already", title=self.title)
        self.state, self.withdrawn_on = WITHDRAWN, clock.today()
