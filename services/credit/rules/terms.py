"""The terms on which a loan is lent, and the dates on which its instalments fall due."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Literal

from shared.kernel import Invalid

Method = Literal["equal_instalment", "equal_principal", "flat"]
Engine = Literal["progressive", "cumulative"]
Unit = Literal["days", "weeks", "months"]
DayCount = Literal["30/360", "actual/360", "actual/365", "actual/actual", "actual/actual-feb29"]
InterestPeriod = Literal["daily", "as_repayment"]

METHODS: tuple[Method, ...] = ("equal_instalment", "equal_principal", "flat")
ENGINES: tuple[Engine, ...] = ("progressive", "cumulative")
UNITS: tuple[Unit, ...] = ("days", "weeks", "months")
DAY_COUNTS: tuple[DayCount, ...] = ("30/360", "actual/360", "actual/365", "actual/actual", "actual/actual-feb29")
INTEREST_PERIODS: tuple[InterestPeriod, ...] = ("daily", "as_repayment")

PRECISION = Context(prec=19, rounding=ROUND_HALF_EVEN)
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says; amounts in cents, `annual_rate` in percent a year.

    `seed` is the day from which due dates are counted when it is not the day interest starts. `multiple` is
    the number of cents an instalment is rounded to (100 = whole units, 0 = cents). The three graces count
    instalments: without principal, with the interest put off to the first instalment after it, and without any
    interest at all. `year_split` says on which side of New Year the day that belongs to both years falls.
    """

    principal: int
    annual_rate: Decimal
    instalments: int
    start: date
    method: Method = "equal_instalment"
    day_count: DayCount = "30/360"
    every: int = 1
    unit: Unit = "months"
    interest_period: InterestPeriod = "daily"
    engine: Engine = "progressive"
    seed: date | None = None
    multiple: int = 0
    rounding: str = ROUND_HALF_EVEN
    grace_principal: int = 0
    grace_interest_payment: int = 0
    grace_interest: int = 0
    year_split: Literal["31-december", "1-january"] = "31-december"

    def __post_init__(self) -> None:
        if self.principal <= 0:
            raise Invalid("schedule.principal_not_positive", pointer="/amount")
        if not 1 <= self.instalments <= LONGEST or self.every < 1:
            raise Invalid("schedule.instalments_out_of_range", pointer="/instalments", maximum=LONGEST)
        if not 0 <= self.annual_rate <= 1000:
            raise Invalid("schedule.rate_out_of_range", pointer="/annual_rate")
        graces = (self.grace_principal, self.grace_interest_payment, self.grace_interest)
        if min(graces) < 0 or max(graces) >= self.instalments:
            raise Invalid("schedule.grace_too_long", pointer="/grace", instalments=self.instalments)

    @property
    def rate(self) -> Decimal:
        """The annual rate as a fraction of one."""
        return self.annual_rate / 100

    def to_cents(self, amount: Decimal) -> int:
        """`amount` (in cents and parts of a cent) rounded as the contract says."""
        return int(amount.quantize(Decimal(1), rounding=self.rounding))

    def to_multiple(self, amount: Decimal) -> int:
        """`amount` rounded to the instalment's multiple; kept in cents where the multiple would make it nothing."""
        if self.multiple:
            whole = int((amount / self.multiple).quantize(Decimal(1), rounding=self.rounding)) * self.multiple
            if whole:
                return whole
        return self.to_cents(amount)


@dataclass(frozen=True, slots=True)
class Period:
    """The time one instalment pays for: interest runs from `start` to `due`."""

    number: int
    start: date
    due: date

    @property
    def days(self) -> int:
        return (self.due - self.start).days


@dataclass(frozen=True, slots=True)
class Row:
    """One instalment of a schedule, in cents; `balance` is what is still owed after it."""

    number: int
    days: int
    due: date
    principal: int
    interest: int
    balance: int

    @property
    def payment(self) -> int:
        return self.principal + self.interest


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months; the day of the month is kept where the month has it, else its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_dates(terms: Terms) -> list[date]:
    """Every due date, counted each time from the seed: 31 January, 29 February, 31 March."""
    seed = terms.seed or terms.start
    steps = [terms.every * number for number in range(1, terms.instalments + 1)]
    if terms.unit == "months":
        return [add_months(seed, step) for step in steps]
    days = 7 if terms.unit == "weeks" else 1
    return [seed + timedelta(days=step * days) for step in steps]


def periods(terms: Terms) -> Iterator[Period]:
    """The periods of the loan, the first one from the day the money is handed over."""
    days = [terms.start, *due_dates(terms)]
    if days[1] <= terms.start:
        raise Invalid("schedule.first_due_date_too_early", pointer="/first_due", first_due=days[1])
    for number, (start, due) in enumerate(pairwise(days), start=1):
        yield Period(number, start, due)
