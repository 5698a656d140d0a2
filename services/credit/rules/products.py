"""The kinds of credit that a set of regulations offers."""

import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.credit.rules import business_days, calendars, terms
from services.credit.rules.business_days import NO_HOLIDAYS, BusinessDays, Holidays
from services.credit.rules.demands import demand
from services.credit.rules.words import shown
from shared.kernel import Invalid

_ROUNDINGS = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP, decimal.ROUND_DOWN, decimal.ROUND_UP)
_GRACES = ("longest_grace", "longest_grace_interest_payment", "longest_grace_interest")
_FIRST_PERIODS = ("shortest_first_period", "longest_first_period")
_WHOLE_NUMBERS = ("minimum", "maximum", "shortest", "longest", "every", "multiple", *_GRACES, *_FIRST_PERIODS)
_CHOICES: dict[str, tuple[str, ...]] = {
    "method": terms.METHODS,
    "day_count": terms.DAY_COUNTS,
    "interest_period": terms.INTEREST_PERIODS,
    "engine": terms.ENGINES,
    "unit": terms.UNITS,
    "rounding": _ROUNDINGS,
    "shift": business_days.SHIFTS,
}


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of credit: amounts in cents, `annual_rate` in percent, length in instalments.

    Who applies chooses the instalments of grace, up to `longest_grace`: they are without principal; the first
    `longest_grace_interest_payment` of them put their interest off too, and the first `longest_grace_interest` bear
    none. The first due date is free where `longest_first_period` is more than 0, between so many days after the loan
    and `shortest_first_period`. A `calendar` of days ("12-15": every year; "2027-12-15": once) replaces equal steps,
    and `shares` say what part of the principal each of them pays, in percent. Due dates on days of `rest` and holidays
    move by `shift`.
    """

    code: str
    name: str
    minimum: int
    maximum: int
    shortest: int
    longest: int
    annual_rate: Decimal
    method: terms.Method = "equal_instalment"
    day_count: terms.DayCount = "30/360"
    interest_period: terms.InterestPeriod = "daily"
    engine: terms.Engine = "progressive"
    every: int = 1
    unit: terms.Unit = "months"
    multiple: int = 0
    rounding: str = decimal.ROUND_HALF_EVEN
    longest_grace: int = 0
    longest_grace_interest_payment: int = 0
    longest_grace_interest: int = 0
    shortest_first_period: int = 1
    longest_first_period: int = 0
    calendar: tuple[str, ...] = ()
    shares: tuple[Decimal, ...] = ()
    shift: business_days.Shift = "none"
    rest: tuple[str, ...] = business_days.WEEKEND

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> "Product":
        read = {**item, "annual_rate": Decimal(str(item["annual_rate"]))}
        read |= {name: tuple(item[name]) for name in ("calendar", "rest") if name in item}
        return cls(**read | {"shares": tuple(Decimal(str(share)) for share in item.get("shares", ()))})

    def check_amount(self, amount: int, pointer: str = "/amount") -> None:
        """Refuses an amount outside what the product lends."""
        if amount < self.minimum:
            raise Invalid("application.amount_under_minimum", pointer=pointer, minimum=shown(self.minimum))
        if amount > self.maximum:
            raise Invalid("application.amount_over_maximum", pointer=pointer, maximum=shown(self.maximum))

    def check_length(self, instalments: int, grace: int = 0, pointer: str = "/instalments") -> None:
        """Refuses a number of instalments, or of instalments without principal, outside what the product gives."""
        if not self.shortest <= instalments <= self.longest:
            raise Invalid(
                "application.instalments_out_of_range", pointer=pointer, shortest=self.shortest, longest=self.longest
            )
        if grace > min(self.longest_grace, instalments - 1):
            raise Invalid("application.grace_too_long", pointer="/grace", longest=self.longest_grace)

    def check_first_due(self, start: date, first_due: date | None, pointer: str = "/first_due") -> None:
        """Refuses a first due date where it is not free, or one outside the days the product gives."""
        if first_due is None:
            return
        if not self.longest_first_period:
            raise Invalid("application.first_due_not_free", pointer=pointer)
        earliest = start + timedelta(days=self.shortest_first_period)
        latest = start + timedelta(days=self.longest_first_period)
        if not earliest <= first_due <= latest:
            raise Invalid("application.first_due_out_of_range", pointer=pointer, earliest=earliest, latest=latest)

    def terms(
        self,
        principal: int,
        instalments: int,
        start: date,
        grace: int = 0,
        *,
        first_due: date | None = None,
        holidays: Holidays = NO_HOLIDAYS,
    ) -> terms.Terms:
        """The terms of a loan of this product; refuses a calendar that has too few days left."""
        self.check_first_due(start, first_due)
        earliest = start + timedelta(days=self.shortest_first_period)
        return terms.Terms(
            principal=principal,
            annual_rate=self.annual_rate,
            instalments=instalments,
            start=start,
            method=self.method,
            day_count=self.day_count,
            every=self.every,
            unit=self.unit,
            interest_period=self.interest_period,
            engine=self.engine,
            multiple=self.multiple,
            rounding=self.rounding,
            grace_principal=grace,
            grace_interest_payment=min(grace, self.longest_grace_interest_payment),
            grace_interest=min(grace, self.longest_grace_interest),
            first_due=first_due,
            calendar=calendars.coming(self.calendar, earliest, instalments),
            shares=self.shares,
            business_days=BusinessDays(self.shift, self.rest, holidays if self.shift != "none" else NO_HOLIDAYS),
        )


def read_products(items: Iterable[Mapping[str, Any]]) -> tuple[Product, ...]:
    """The products of a set of regulations; refuses what contradicts itself."""
    products = tuple(Product.read(item) for item in items)
    demand(bool(products), "/products")
    codes = [product.code for product in products]
    demand(len(set(codes)) == len(codes), "/products")
    for number, product in enumerate(products):
        at = f"/products/{number}"
        for field in _WHOLE_NUMBERS:
            demand(type(getattr(product, field)) is int, f"{at}/{field}")
        for field in ("code", "name"):
            demand(type(getattr(product, field)) is str and bool(getattr(product, field)), f"{at}/{field}")
        demand(0 < product.minimum <= product.maximum, f"{at}/maximum")
        demand(1 <= product.shortest <= product.longest <= terms.LONGEST, f"{at}/longest")
        demand(0 <= product.annual_rate <= 100, f"{at}/annual_rate")
        demand(product.every >= 1 and product.multiple >= 0, f"{at}/every")
        for field in (*_GRACES, *_FIRST_PERIODS):
            demand(getattr(product, field) >= 0, f"{at}/{field}")
        for field, choices in _CHOICES.items():
            demand(getattr(product, field) in choices, f"{at}/{field}")
        _demand_calendar(product, at)
    return products


def _demand_calendar(product: Product, at: str) -> None:
    """Refuses days of payment, shares of principal and days of rest that contradict each other."""
    first = product.longest_first_period
    demand(product.shortest_first_period <= first or not first, f"{at}/longest_first_period")
    demand(calendars.readable(product.calendar), f"{at}/calendar")
    demand(not product.calendar or (product.engine == "progressive" and not first), f"{at}/calendar")
    demand((product.method == "agreed_shares") == bool(product.shares), f"{at}/shares")
    if product.shares:
        demand(sum(product.shares) == terms.WHOLE and min(product.shares) >= 0, f"{at}/shares")
        demand(product.shortest == product.longest == len(product.shares), f"{at}/shares")
        demand(product.longest_grace == 0, f"{at}/longest_grace")
    demand(set(product.rest) < set(business_days.WEEKDAYS), f"{at}/rest")
