"""The business plan of a project, version by version."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.models.accompaniment import Accompaniment
from services.registry.models.entity import Entity
from services.registry.rules.plan_values import PlanBody
from shared.database import CurrencyCode, Versioned
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7


class BusinessPlan(Versioned, Entity):
    """One version of a plan: a draft until it is ready, frozen from then on, superseded by the next one that is."""

    __tablename__ = "business_plan"
    __table_args__ = (Index("uq_business_plan_number", "accompaniment_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    accompaniment_id: Mapped[UUID] = mapped_column(ForeignKey("accompaniment.id"))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    municipality: Mapped[str] = mapped_column(String(6))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    currency: Mapped[str] = mapped_column(CurrencyCode())
    starts_on: Mapped[date]
    months: Mapped[int]
    sections: Mapped[dict[str, Any]]
    lines: Mapped[dict[str, Any]]
    written_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ready_on: Mapped[date | None]
    ready_by_name: Mapped[str | None] = mapped_column(String(200))

    @classmethod
    def begin(cls, case: Accompaniment, number: int, currency: str, body: PlanBody, caller: Caller) -> Self:
        """A new draft that says what `body` says."""
        self = cls(
            id=uuid7(),
            accompaniment_id=case.id,
            enterprise_id=case.enterprise_id,
            municipality=case.municipality,
            number=number,
            state="draft",
            currency=currency,
            created_at=clock.now(),
            written_by_name=caller.name,
        )
        self.write(body, caller)
        return self

    @property
    def body(self) -> PlanBody:
        """What it says."""
        return PlanBody.of(self.starts_on, self.months, self.sections, self.lines)

    @property
    def label(self) -> str:
        """How it is called on paper."""
        return f"PN-{self.accompaniment_id.hex[-6:].upper()}-{self.number}"

    def write(self, body: PlanBody, caller: Caller) -> None:
        """Say what `body` says; what is ready is not written in any more."""
        if self.state != "draft":
            raise Refused("plan.frozen", number=self.number)
        self.starts_on, self.months = body.starts_on, body.months
        self.sections, self.lines = dict(body.sections), body.lines()
        self.written_by_name = caller.name

    def finish(self, caller: Caller) -> None:
        """It is ready: from now on it stands as it is."""
        if self.state != "draft":
            raise Refused("plan.frozen", number=self.number)
        self.state, self.ready_on, self.ready_by_name = "ready", clock.today(), caller.name

    def supersede(self) -> None:
        """A later version is ready."""
        self.state = "superseded"

    def forget_woman(self) -> bool:
        """One of several owners withdrew: what was written about the women goes, whatever the state. Says whether any
        was.
        """
        written = bool(self.sections.get("woman"))
        self.sections = {name: text for name, text in self.sections.items() if name != "woman"}
        return written


class IssuedPlan(Entity):
    """A ready version that was printed, by the hash of what the paper says: whoever holds it can have it verified."""

    __tablename__ = "issued_plan"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("business_plan.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    dated: Mapped[date]
    issued_at: Mapped[datetime]
