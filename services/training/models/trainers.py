"""Trainers: who can teach what, in which languages, where and when."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.models.smes import Recorded, name_key
from shared.database import Versioned
from shared.kernel import Invalid, Refused, clock


class Trainer(Versioned, Recorded, Entity):
    """Somebody who teaches for the centres; `unit` is the territory that keeps her entry, `units` where she goes."""

    __tablename__ = "trainer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    account: Mapped[str | None] = mapped_column(String(120), unique=True)
    """The account she signs in with, where she has one."""
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(480), index=True)
    topics: Mapped[list[Any]]
    languages: Mapped[list[Any]]
    slots: Mapped[list[Any]]
    """When she can come; empty: any hour."""
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("csr_partner.id"), index=True)
    """The learning centre or organisation she comes from."""
    left_on: Mapped[date | None]

    units: Mapped[list["TrainerUnit"]] = relationship(cascade="all, delete-orphan", order_by="TrainerUnit.unit")

    def describe(self, facts: Mapping[str, Any], units: Iterable[str]) -> None:
        """Who she is, what she teaches and where; refuses a name without letters, and nothing to teach."""
        for name in ("unit", "account", "topics", "languages", "slots", "partner_id"):
            setattr(self, name, facts[name])
        self.name, self.name_key = facts["name"].strip(), name_key(facts["name"])
        if not self.name_key:
            raise Invalid("trainer.name_without_letters", pointer="/name")
        known, wanted = {one.unit: one for one in self.units}, sorted(set(units))
        self.units = [known.get(unit) or TrainerUnit(unit=unit) for unit in wanted]

    def goes_to(self, unit: str) -> bool:
        """Whether she teaches in this place."""
        return any(unit.startswith(one.unit) for one in self.units)

    def leave(self) -> None:
        """She teaches no more."""
        self.require_active()
        self.left_on = clock.today()

    def come_back(self) -> None:
        """She teaches again."""
        if self.left_on is None:
            raise Refused("trainer.active_already")
        self.left_on = None

    def require_active(self) -> None:
        """Refuses who teaches no more."""
        if self.left_on is not None:
            raise Refused("trainer.left", day=self.left_on)


class TrainerUnit(Entity):
    """A territory where a trainer goes to teach."""

    __tablename__ = "trainer_unit"

    trainer_id: Mapped[UUID] = mapped_column(ForeignKey("trainer.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True, index=True)
