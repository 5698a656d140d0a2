"""A fair, the enterprises that take part in it, and what each of them sold there."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.models.institutions import Centre, Institution
from services.registry.rules.outreach import NEXT_STATES
from shared.database import Versioned
from shared.kernel import COUNTRY_CURRENCY, Invalid, Money, Refused, clock, uuid7


class Fair(Versioned, Entity):
    """A fair of some days in one place; once it is closed, its results stand."""

    __tablename__ = "fair"
    __table_args__ = (Index("ix_fair_begins", "begins_on", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"), index=True)
    organizer_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    municipality: Mapped[str] = mapped_column(String(6))
    venue: Mapped[str | None] = mapped_column(String(200))
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    visitors: Mapped[int | None]
    visitors_how: Mapped[str | None] = mapped_column(String(300))
    closed_at: Mapped[datetime | None]
    closed_by_name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    centre: Mapped[Centre | None] = relationship(lazy="joined")
    organizer: Mapped[Institution | None] = relationship(lazy="joined")

    @classmethod
    def announce(cls, **facts: Any) -> Self:
        """A new fair."""
        self = cls(id=uuid7(), created_at=clock.now())
        self.describe(**facts)
        return self

    def describe(
        self,
        *,
        name: str,
        centre: Centre | None,
        organizer: Institution | None,
        municipality: str,
        venue: str | None,
        begins_on: date,
        ends_on: date,
        visitors: int | None,
        visitors_how: str | None,
    ) -> None:
        """Take what is said of it. Refuses an end before its beginning, visitors of a fair that has not begun, and
        visitors nobody says how they were counted.
        """
        self.require_open()
        if ends_on < begins_on:
            raise Invalid("fair.ends_before", pointer="/ends_on", begins=begins_on.isoformat())
        if visitors is not None and begins_on > clock.today():
            raise Invalid("fair.not_begun", pointer="/visitors", begins=begins_on.isoformat())
        if visitors is not None and not visitors_how:
            raise Invalid("reach.without_how", pointer="/visitors_how")
        self.name, self.centre, self.organizer = name, centre, organizer
        self.municipality, self.venue = municipality, venue
        self.begins_on, self.ends_on = begins_on, ends_on
        self.visitors, self.visitors_how = visitors, visitors_how

    @property
    def currency(self) -> str:
        """What is paid with where it is held."""
        return COUNTRY_CURRENCY[self.municipality[:2]]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def require_open(self) -> None:
        if self.closed_at is not None:
            raise Refused("fair.closed", closed=self.closed_at.date().isoformat())

    def require_begun(self) -> None:
        if self.begins_on > clock.today():
            raise Refused("fair.not_begun", begins=self.begins_on.isoformat())

    def close(self, by_name: str, *, undecided: int, untold: int) -> None:
        """Its results stand. Refuses it before its last day is over, while it is not said of everybody confirmed
        whether she came, and while the sales of somebody who came are neither told nor said to be unknown.
        """
        self.require_open()
        if self.ends_on >= clock.today():
            raise Refused("fair.not_over", ends=self.ends_on.isoformat())
        if undecided:
            raise Refused("fair.undecided", count=undecided)
        if untold:
            raise Refused("fair.sales_untold", count=untold)
        self.closed_at, self.closed_by_name = clock.now(), by_name

    def reopen(self) -> None:
        """Something was told wrongly: it can be put right."""
        if self.is_open:
            raise Refused("fair.is_open")
        self.closed_at = self.closed_by_name = None

    def facts(self) -> Mapping[str, Any]:
        """What is said of it today, also for its history."""
        names = ("name", "municipality", "venue", "begins_on", "ends_on", "visitors", "visitors_how", "closed_at")
        told = {name: getattr(self, name) for name in names}
        return told | {
            "centre_id": self.centre and self.centre.id,
            "organizer_id": self.organizer and self.organizer.id,
        }


class Stand(Versioned, Entity):
    """An enterprise at a fair: invited, confirmed, and then it took part or was absent; what came of it."""

    __tablename__ = "fair_stand"
    __table_args__ = (UniqueConstraint("fair_id", "enterprise_id", name="uq_fair_stand"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fair_id: Mapped[UUID] = mapped_column(ForeignKey("fair.id"))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    place: Mapped[str | None] = mapped_column(String(40))
    products: Mapped[str | None] = mapped_column(String(500))
    women: Mapped[int | None]
    sales_minor: Mapped[int | None] = mapped_column(BigInteger)
    sales_unknown: Mapped[bool]
    orders: Mapped[int | None]
    orders_minor: Mapped[int | None] = mapped_column(BigInteger)
    contacts: Mapped[int | None]
    costs_minor: Mapped[int | None] = mapped_column(BigInteger)
    notes: Mapped[str | None] = mapped_column(String(1000))
    fair: Mapped[Fair] = relationship(lazy="joined")

    @classmethod
    def invite(cls, fair: Fair, enterprise_id: UUID, *, place: str | None, products: str | None) -> Self:
        """Invite an enterprise to a fair that is not closed."""
        fair.require_open()
        self = cls(id=uuid7(), fair=fair, enterprise_id=enterprise_id, state="invited", sales_unknown=False)
        self.place, self.products = place, products
        return self

    def move(self, state: str) -> None:
        """Go on to `state`; whether she came is not known before the fair has begun. Who was absent has no result."""
        self.fair.require_open()
        if state not in NEXT_STATES[self.state]:
            raise Refused("stand.not_now", state=self.state, wanted=state)
        if state in {"took_part", "absent"}:
            self.fair.require_begun()
        self.state = state
        if state == "absent":
            self._tell(None, None, None, None, None, None, unknown=False)

    def show(self, *, place: str | None, products: str | None) -> None:
        """Where the stand is, and what it shows."""
        self.fair.require_open()
        self.place, self.products = place, products

    def tell(
        self,
        *,
        women: int | None,
        sales: Money | None,
        sales_unknown: bool,
        orders: int | None,
        orders_amount: Money | None,
        contacts: int | None,
        costs: Money | None,
        notes: str | None,
    ) -> None:
        """What came of it, of who took part. Sales are an amount, or not told yet, or said to be unknown: never both;
        refuses another currency than the fair's.
        """
        self.fair.require_open()
        if self.state != "took_part":
            raise Refused("stand.took_no_part", state=self.state)
        if sales_unknown and sales is not None:
            raise Invalid("stand.sales_and_unknown", pointer="/sales_unknown")
        for pointer, money in (("/sales", sales), ("/orders_amount", orders_amount), ("/costs", costs)):
            if money is not None and money.currency != self.fair.currency:
                raise Invalid("fair.currency", pointer=pointer, currency=self.fair.currency)
        self._tell(women, sales, orders, orders_amount, contacts, costs, unknown=sales_unknown)
        self.notes = notes

    def forget(self) -> bool:
        """She withdrew: the amounts stay, without words about her, and nobody waits for her. Returns whether there were
        any words.
        """
        if self.state in {"invited", "confirmed"}:
            self.state = "absent"
        self.sales_unknown = self.state == "took_part" and self.sales_minor is None
        return self.forget_words()

    def forget_words(self) -> bool:
        """One of its women withdrew: what was written goes, because it may be of her. Returns whether anything was."""
        had = bool(self.products or self.notes or self.place)
        self.products = self.notes = self.place = None
        return had

    @property
    def sales(self) -> Money | None:
        return self._money(self.sales_minor)

    @property
    def orders_amount(self) -> Money | None:
        return self._money(self.orders_minor)

    @property
    def costs(self) -> Money | None:
        return self._money(self.costs_minor)

    @property
    def told(self) -> bool:
        """Whether its sales are an amount or said to be unknown."""
        return self.sales_minor is not None or self.sales_unknown

    def facts(self) -> dict[str, Any]:
        """What its history keeps: no words, which a withdrawal would have to find there."""
        names = ("state", "women", "sales_minor", "sales_unknown", "orders", "orders_minor", "contacts", "costs_minor")
        return {name: getattr(self, name) for name in names}

    def _tell(
        self,
        women: int | None,
        sales: Money | None,
        orders: int | None,
        orders_amount: Money | None,
        contacts: int | None,
        costs: Money | None,
        *,
        unknown: bool,
    ) -> None:
        self.women, self.orders, self.contacts, self.sales_unknown = women, orders, contacts, unknown
        self.sales_minor = None if sales is None else sales.minor
        self.orders_minor = None if orders_amount is None else orders_amount.minor
        self.costs_minor = None if costs is None else costs.minor

    def _money(self, minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, self.fair.currency)
