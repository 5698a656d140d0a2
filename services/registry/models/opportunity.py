"""An opportunity for enterprises, whom it is for, and what became of who was told of it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity, rows_of
from services.registry.models.institutions import Institution
from services.registry.rules.chains import folded
from services.registry.rules.opportunities import NEXT_STATES, Conditions, is_open
from shared.database import CurrencyCode, Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock, uuid7


class Opportunity(Versioned, Entity):
    """Finance, an exchange, a market, a tender or a training, open until its deadline. `link` is a text: nobody here
    ever fetches it.
    """

    __tablename__ = "opportunity"
    __table_args__ = (Index("ix_opportunity_deadline", "deadline", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(String(4000))
    source: Mapped[str] = mapped_column(String(300))
    institution_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    link: Mapped[str | None] = mapped_column(String(500))
    deadline: Mapped[date | None]
    currency: Mapped[str | None] = mapped_column(CurrencyCode())
    amount_min_minor: Mapped[int | None] = mapped_column(BigInteger)
    amount_max_minor: Mapped[int | None] = mapped_column(BigInteger)
    conditions_said: Mapped[dict[str, Any]]
    search_text: Mapped[str] = mapped_column(String(6000))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    institution: Mapped[Institution | None] = relationship(lazy="joined")
    units: Mapped[list["OpportunityUnit"]] = relationship(
        cascade="all, delete-orphan", order_by="OpportunityUnit.unit", lazy="selectin"
    )

    @classmethod
    def offer(cls, **facts: Any) -> Self:
        """A new opportunity."""
        self = cls(id=uuid7(), created_at=clock.now(), units=[])
        self.describe(**facts)
        return self

    def describe(
        self,
        *,
        kind: str,
        title: str,
        description: str | None,
        source: str,
        institution: Institution | None,
        link: str | None,
        deadline: date | None,
        amounts: tuple[Money | None, Money | None],
        conditions: Conditions,
    ) -> None:
        """Take what is said of it. Refuses amounts of two currencies, and what ends before it begins: the amounts, and
        the years in business.
        """
        lowest, highest = amounts
        if lowest is not None and highest is not None:
            if lowest.currency != highest.currency:
                raise Invalid("opportunity.two_currencies", pointer="/amount_max")
            if highest < lowest:
                raise Invalid("opportunity.amounts_reversed", pointer="/amount_max", lowest=str(lowest))
        years = conditions.years_min, conditions.years_max
        if years[0] is not None and years[1] is not None and years[1] < years[0]:
            raise Invalid("opportunity.years_reversed", pointer="/conditions/years_max", lowest=years[0])
        self.kind, self.title, self.description, self.source = kind, title, description, source
        self.institution, self.link, self.deadline = institution, link, deadline
        some = lowest or highest
        self.currency = None if some is None else some.currency
        self.amount_min_minor = None if lowest is None else lowest.minor
        self.amount_max_minor = None if highest is None else highest.minor
        self.conditions_said = conditions.to_json()
        self.units = rows_of(OpportunityUnit, self.units, "unit", conditions.units)
        name = "" if institution is None else institution.name
        self.search_text = folded(" ".join((title, source, name, description or "")))[:6000]
        self.changed_at = clock.now()

    @property
    def conditions(self) -> Conditions:
        """What it asks for, its places among it."""
        return Conditions.from_json(self.conditions_said, sorted(unit.unit for unit in self.units))

    @property
    def amounts(self) -> tuple[Money | None, Money | None]:
        if self.currency is None:
            return None, None
        minors = self.amount_min_minor, self.amount_max_minor
        lowest, highest = (None if minor is None else Money(minor, self.currency) for minor in minors)
        return lowest, highest

    def facts(self) -> Mapping[str, Any]:
        """What is said of it today, also for its history."""
        names = ("kind", "title", "description", "source", "link", "deadline")
        lowest, highest = self.amounts
        return {name: getattr(self, name) for name in names} | {
            "institution_id": None if self.institution is None else self.institution.id,
            "amount_min": None if lowest is None else str(lowest),
            "amount_max": None if highest is None else str(highest),
            "currency": self.currency,
            "conditions": asdict(self.conditions),
        }


class OpportunityUnit(Entity):
    """A country, department or municipality that an opportunity is for."""

    __tablename__ = "opportunity_unit"
    __table_args__ = (Index("ix_opportunity_unit", "unit", "opportunity_id"),)

    opportunity_id: Mapped[UUID] = mapped_column(ForeignKey("opportunity.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True)


class FollowUp(Versioned, Entity):
    """An enterprise was told of an opportunity: who told it and when; whether it applied, and what was decided."""

    __tablename__ = "opportunity_follow_up"

    opportunity_id: Mapped[UUID] = mapped_column(ForeignKey("opportunity.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(12))
    told_on: Mapped[date]
    told_by: Mapped[str] = mapped_column(String(120))
    told_by_name: Mapped[str] = mapped_column(String(200))
    applied_on: Mapped[date | None]
    decided_on: Mapped[date | None]

    @classmethod
    def tell(cls, opportunity: Opportunity, enterprise_id: UUID, on: date, by: Caller) -> Self:
        """She was told; refuses a day that has not come, and one after the deadline."""
        _require_past(on)
        if not is_open(opportunity.deadline, on):
            raise Refused("opportunity.closed", deadline=str(opportunity.deadline))
        return cls(
            opportunity_id=opportunity.id,
            enterprise_id=enterprise_id,
            state="told",
            told_on=on,
            told_by=by.subject,
            told_by_name=by.name,
        )

    def move(self, state: str, on: date, deadline: date | None) -> None:
        """She applied, won or lost on a day: none that has not come, none before what went before, and no application
        after the deadline.
        """
        if state not in NEXT_STATES[self.state]:
            raise Refused("follow_up.not_now", state=self.state, wanted=state)
        _require_past(on)
        before = self.told_on if state == "applied" or self.applied_on is None else self.applied_on
        if on < before:
            raise Invalid("follow_up.too_early", pointer="/on", before=before.isoformat())
        if state == "applied" and not is_open(deadline, on):
            raise Invalid("follow_up.too_late", pointer="/on", deadline=str(deadline))
        self.state = state
        if state == "applied":
            self.applied_on = on
        else:
            self.decided_on = on

    def facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("state", "told_on", "applied_on", "decided_on")}


def _require_past(on: date) -> None:
    if on > clock.today():
        raise Invalid("follow_up.in_the_future", pointer="/on", today=clock.today().isoformat())
