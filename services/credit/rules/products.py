"""The kinds of credit that a set of regulations offers."""

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.credit.rules import business_days, calendars, terms
from services.credit.rules.business_days import NO_HOLIDAYS, BusinessDays, Holidays, RestDays
from services.credit.rules.demands import demand, rate
from services.credit.rules.fees import NO_FEE, Fee, read_fee
from services.credit.rules.words import shown
from shared.kernel import Invalid

_ROUNDINGS = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP, decimal.ROUND_DOWN, decimal.ROUND_UP)
_GRACES = ("longest_grace", "longest_grace_interest_payment", "longest_grace_interest")
_FIRST_PERIODS = ("shortest_first_period", "longest_first_period", "agreed_dates_within")
_WHOLE_NUMBERS = (
    "minimum",
    "maximum",
    "shortest",
    "longest",
    "every",
    "multiple",
    "tranches",
    *_GRACES,
    *_FIRST_PERIODS,
)
_IN_TRANCHES = ("equal_instalment", "equal_principal", "bullet")
"""The methods by which what is left can be paid back in the instalments that are left."""
MOST_TRANCHES = 12
_LONGEST_STEP = 366
_LONGEST_WAIT = 3660
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
    and `shortest_first_period`. Where `agreed_dates_within` is more than 0, all due dates of one loan may be agreed,
    within so many days after it and none before `shortest_first_period`. A `calendar` of days ("12-15": every year;
    "2027-12-15": once) replaces equal steps, and `shares` say what part of the principal each of them pays, in percent.
    Due dates on days of `rest` and holidays move by `shift`; `closed` are the days on which the fund itself rests, from
    a section of their own. The money is handed out in up to so many `tranches`. A `fee` is paid once for the loan.
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
    agreed_dates_within: int = 0
    calendar: tuple[str, ...] = ()
    shares: tuple[Decimal, ...] = ()
    shift: business_days.Shift = "none"
    rest: tuple[str, ...] = business_days.WEEKEND
    tranches: int = 1
    fee: Fee = NO_FEE
    closed: tuple[str, ...] = ()

    @classmethod
    def read(cls, item: Mapping[str, Any], at: str = "") -> "Product":
        read = {**item, "annual_rate": rate(item["annual_rate"], f"{at}/annual_rate")}
        read |= {name: tuple(item[name]) for name in ("calendar", "rest") if name in item}
        demand("closed" not in item, f"{at}/closed")
        if "fee" in item:
            read["fee"] = read_fee(item["fee"], f"{at}/fee", item["minimum"])
        return cls(**read | {"shares": tuple(rate(one, f"{at}/shares") for one in item.get("shares", ()))})

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

    def check_first_due(
        self, start: date, first_due: date | None, pointer: str = "/first_due", *, agreed: bool = False
    ) -> None:
        """Refuses a first due date where it is not free, or one outside the days the product gives."""
        if first_due is None:
            return
        if not self.longest_first_period or agreed:
            raise Invalid("application.first_due_not_free", pointer=pointer)
        earliest = start + timedelta(days=self.shortest_first_period)
        latest = start + timedelta(days=self.longest_first_period)
        if not earliest <= first_due <= latest:
            raise Invalid("application.first_due_out_of_range", pointer=pointer, earliest=earliest, latest=latest)

    def check_due_dates(self, start: date, dates: Sequence[date], instalments: int) -> None:
        """Refuses due dates of a loan's own where the product has none, one for another number of instalments, and one
        outside the days the product gives; they rise.
        """
        if not self.agreed_dates_within:
            raise Invalid("application.due_dates_not_free", pointer="/due_dates")
        if len(dates) != instalments:
            raise Invalid("application.due_dates_count", pointer="/due_dates", dates=len(dates), needed=instalments)
        earliest = start + timedelta(days=self.shortest_first_period)
        latest = start + timedelta(days=self.agreed_dates_within)
        if list(dates) != sorted(set(dates)) or not earliest <= dates[0] <= dates[-1] <= latest:
            raise Invalid("application.due_dates_wrong", pointer="/due_dates", earliest=earliest, latest=latest)

    def terms(
        self,
        principal: int,
        instalments: int,
        start: date,
        grace: int = 0,
        *,
        first_due: date | None = None,
        due_dates: Sequence[date] = (),
        holidays: Holidays = NO_HOLIDAYS,
    ) -> terms.Terms:
        """The terms of a loan of this product; refuses a calendar that has too few days left, and `due_dates` agreed
        for this loan that the product does not give.
        """
        if due_dates:
            self.check_due_dates(start, due_dates, instalments)
        self.check_first_due(start, first_due, agreed=bool(due_dates))
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
            calendar=tuple(due_dates) or calendars.coming(self.calendar, earliest, instalments),
            shares=self.shares,
            business_days=self._business_days(holidays),
            fee=self.fee.of(principal),
            fee_paid=self.fee.paid,
        )

    def resting(self, rest: RestDays, *, shifts: bool) -> "Product":
        """With the days on which the fund rests; due dates move as `rest` says unless the product `shifts` itself."""
        shift = self.shift if shifts else rest.shift
        return replace(self, closed=rest.days, shift=shift)

    def _business_days(self, holidays: Holidays) -> BusinessDays:
        if self.shift == "none":
            return BusinessDays(self.shift, self.rest)
        return BusinessDays(self.shift, self.rest, replace(holidays, own=self.closed))


def read_products(items: Iterable[Mapping[str, Any]]) -> tuple[Product, ...]:
    """The products of a set of regulations; refuses what contradicts itself."""
    products = tuple(Product.read(item, f"/products/{number}") for number, item in enumerate(items))
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
        demand(product.annual_rate <= 100, f"{at}/annual_rate")
        demand(1 <= product.every <= _LONGEST_STEP and product.multiple >= 0, f"{at}/every")
        for field in (*_GRACES, *_FIRST_PERIODS):
            demand(0 <= getattr(product, field) <= _LONGEST_WAIT, f"{at}/{field}")
        for field, choices in _CHOICES.items():
            demand(getattr(product, field) in choices, f"{at}/{field}")
        _demand_calendar(product, at)
        _demand_tranches(product, at)
    return products


def _demand_calendar(product: Product, at: str) -> None:
    """Refuses days of payment, shares of principal and days of rest that contradict each other."""
    first = product.longest_first_period
    demand(product.shortest_first_period <= first or not first, f"{at}/longest_first_period")
    demand(calendars.readable(product.calendar), f"{at}/calendar")
    demand(not product.calendar or (product.engine == "progressive" and not first), f"{at}/calendar")
    within = product.agreed_dates_within
    demand(not within or (product.engine == "progressive" and not product.calendar), f"{at}/agreed_dates_within")
    demand(not within or product.shortest_first_period <= within, f"{at}/agreed_dates_within")
    demand((product.method == "agreed_shares") == bool(product.shares), f"{at}/shares")
    if product.shares:
        demand(sum(product.shares) == terms.WHOLE, f"{at}/shares")
        demand(product.shortest == product.longest == len(product.shares), f"{at}/shares")
        demand(product.longest_grace == 0, f"{at}/longest_grace")
    demand(set(product.rest) < set(business_days.WEEKDAYS), f"{at}/rest")


def _demand_tranches(product: Product, at: str) -> None:
    """Refuses tranches where the rest of a schedule cannot be found anew when one more is paid out."""
    demand(1 <= product.tranches <= MOST_TRANCHES, f"{at}/tranches")
    if product.tranches > 1:
        demand(product.engine == "progressive" and product.method in _IN_TRANCHES, f"{at}/tranches")
        demand(product.longest_grace_interest_payment == 0, f"{at}/tranches")
        demand(product.fee == NO_FEE, f"{at}/fee")
