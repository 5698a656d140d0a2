"""The terms on which a loan is lent, and the dates on which its instalments fall due."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import pairwise
from typing import Literal

from services.credit.rules.business_days import EVERY_DAY, BusinessDays
from services.credit.rules.fees import Paid
from shared.kernel import Invalid

Method = Literal["equal_instalment", "equal_principal", "flat", "bullet", "agreed_shares"]
Engine = Literal["progressive", "cumulative"]
Unit = Literal["days", "weeks", "months"]
DayCount = Literal["30/360", "actual/360", "actual/365", "actual/actual", "actual/actual-feb29"]
InterestPeriod = Literal["daily", "as_repayment"]

METHODS: tuple[Method, ...] = ("equal_instalment", "equal_principal", "flat", "bullet", "agreed_shares")
ENGINES: tuple[Engine, ...] = ("progressive", "cumulative")
UNITS: tuple[Unit, ...] = ("days", "weeks", "months")
DAY_COUNTS: tuple[DayCount, ...] = ("30/360", "actual/360", "actual/365", "actual/actual", "actual/actual-feb29")
INTEREST_PERIODS: tuple[InterestPeriod, ...] = ("daily", "as_repayment")

PRECISION = Context(prec=19, rounding=ROUND_HALF_EVEN)
LONGEST = 600
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract says; amounts in cents, `annual_rate` in percent a year.

    `seed` is the day from which due dates are counted when it is not the day interest starts. `multiple` is
    the number of cents an instalment is rounded to (100 = whole units, 0 = cents). The three graces count
    instalments: without principal, with the interest put off to the first instalment after it, and without any
    interest at all. `year_split` says on which side of New Year the day that belongs to both years falls.

    `first_due` is the first due date where it is free; the others are counted from it. A `calendar` gives every due
    date, as harvests do, and `shares` what part of the principal each pays, in percent. Due dates on days of rest move
    as `business_days` say, and interest runs until the day they move to, except where whole months count 30 days. A
    `down_payment`, in percent, is paid back on the first day; the instalments pay the rest. A `fee` for opening the
    loan is kept back when it is handed over, or paid with the first instalment (`fee_paid`).
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
    first_due: date | None = None
    calendar: tuple[date, ...] = ()
    shares: tuple[Decimal, ...] = ()
    business_days: BusinessDays = EVERY_DAY
    down_payment: Decimal = Decimal(0)
    fee: int = 0
    fee_paid: Paid = "at_disbursement"

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
        if not 0 <= self.down_payment < WHOLE:
            raise Invalid("schedule.down_payment_out_of_range", pointer="/down_payment")
        self._check_calendar()
        self._check_shares()

    def _check_calendar(self) -> None:
        if self.calendar and len(self.calendar) != self.instalments:
            raise Invalid("schedule.calendar_length", pointer="/calendar", instalments=self.instalments)
        if self.calendar and (self.engine != "progressive" or self.first_due or self.seed):
            raise Invalid("schedule.calendar_needs_progressive", pointer="/calendar")

    def _check_shares(self) -> None:
        agreed = self.method == "agreed_shares"
        whole = len(self.shares) == self.instalments and min(self.shares) >= 0 and sum(self.shares) == WHOLE
        if agreed != bool(self.shares) or (agreed and (not whole or self.grace_principal)):
            raise Invalid("schedule.shares_wrong", pointer="/shares", instalments=self.instalments)

    @property
    def financed(self) -> int:
        """What the instalments pay back, in cents: the principal less the down payment."""
        if not self.down_payment:
            return self.principal
        return self.principal - min(self.principal, self.to_multiple(self.principal * self.down_payment / WHOLE))

    @property
    def withheld(self) -> int:
        """What of the principal is kept back when it is handed over, in cents."""
        return self.fee if self.fee_paid == "at_disbursement" else 0

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
    """The time one instalment pays for: interest runs from `start` to `due`. `whole` says that it is one of the
    contract's equal steps, not a first one of another length or a part of a calendar given by dates.
    """

    number: int
    start: date
    due: date
    whole: bool = True

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
    fee: int = 0

    @property
    def payment(self) -> int:
        return self.principal + self.interest + self.fee


def add_months(day: date, months: int) -> date:
    """`day` moved by whole months; the day of the month is kept where the month has it, else its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_dates(terms: Terms) -> list[date]:
    """Every due date, counted each time from the seed (31 January, 29 February, 31 March), then off days of rest."""
    return [terms.business_days.moved(day) for day in planned_dates(terms)]


def planned_dates(terms: Terms) -> list[date]:
    """The due dates before those on days of rest are moved."""
    if terms.calendar:
        return list(terms.calendar)
    seed = terms.first_due or terms.seed or terms.start
    first = 0 if terms.first_due else 1
    steps = [terms.every * number for number in range(first, first + terms.instalments)]
    if terms.unit == "months":
        return [add_months(seed, step) for step in steps]
    days = 7 if terms.unit == "weeks" else 1
    return [seed + timedelta(days=step * days) for step in steps]


def periods(terms: Terms) -> Iterator[Period]:
    """The periods of the loan, the first one from the day the money is handed over; refuses days that do not rise."""
    days = [terms.start, *due_dates(terms)]
    if days[1] <= terms.start:
        raise Invalid("schedule.first_due_date_too_early", pointer="/first_due", first_due=days[1])
    odd_first = terms.first_due is not None and terms.first_due != planned_dates(replace(terms, first_due=None))[0]
    for number, (start, due) in enumerate(pairwise(days), start=1):
        if due <= start:
            raise Invalid("schedule.due_dates_not_rising", pointer="/calendar", due=due)
        yield Period(number, start, due, whole=not terms.calendar and not (odd_first and number == 1))
