"""What a credit costs a year: the annual percentage rate and the effective annual rate of its dated payments.

The annual percentage rate follows the actuarial method of Regulation Z (12 CFR part 1026, appendix J): the rate i of a
unit-period for which the advances A and the payments P are worth the same,

    sum A_k / ((1 + e_k i) (1 + i)^q_k) = sum P_j / ((1 + f_j i) (1 + i)^t_j),    paragraph (b)(8),

q and t being whole unit-periods and e and f what is left of one, times the unit-periods of a year (paragraph (b)(1)).
The effective annual rate is the e for which sum A_k / (1 + e)^(d_k / 365) = sum P_j / (1 + e)^(d_j / 365), d being days
from the first advance (Directive 2008/48/EC, annex I).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from services.credit.rules.terms import Row, Terms, add_months, periods, planned_dates

UnitName = Literal["days", "weeks", "semimonths", "months"]
YEAR_MONTHS, YEAR_DAYS, YEAR_WEEKS = 12, 365, 52
_HUNDREDTH = Decimal("0.01")
_HALVINGS = 200
_HIGHEST = 1e9


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that changes hands on a day, in cents."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """The interval of time by which a credit is counted, at most a year long."""

    length: int
    unit: UnitName

    @property
    def a_year(self) -> float:
        """How many of them a year has: paragraph (b)(5)(ii) to (v)."""
        return {"days": YEAR_DAYS, "weeks": YEAR_WEEKS, "semimonths": 24, "months": YEAR_MONTHS}[
            self.unit
        ] / self.length

    @property
    def days(self) -> float:
        """How long it is, to tell the smaller of two."""
        return YEAR_DAYS / self.a_year


YEAR = UnitPeriod(YEAR_MONTHS, "months")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a credit costs: both rates in percent a year, to two decimals; the other amounts in cents."""

    annual_percentage_rate: Decimal
    effective_annual_rate: Decimal
    finance_charge: int
    total: int


def cost(terms: Terms, rows: Sequence[Row], fees: Sequence[Flow] = ()) -> Cost:
    """The cost of a credit with this schedule, what is kept back of it, and the fees its borrower pays besides. What is
    kept back is a prepaid finance charge (12 CFR 1026.2(a)(23)): paid on the day the money is handed over.

    Due dates that moved off days of rest count where they were planned for the annual percentage rate, as
    12 CFR 1026.17(c)(3) allows; the effective rate goes by the real days.
    """
    fees = [*fees, *([Flow(terms.start, terms.withheld)] if terms.withheld else [])]
    paid = [Flow(row.due, row.payment) for row in rows if row.payment] + [fee for fee in fees if fee.amount]
    total = sum(flow.amount for flow in paid)
    return Cost(
        annual_percentage_rate=_of_terms(terms, rows, fees),
        effective_annual_rate=effective_annual_rate([Flow(terms.start, terms.principal)], paid),
        finance_charge=total - terms.principal,
        total=total,
    )


def cost_of_flows(
    advances: Sequence[Flow], payments: Sequence[Flow], planned: Mapping[date, date], unit: UnitPeriod | None = None
) -> Cost:
    """The cost of a credit that is advanced in one or more parts and paid back in these payments.

    For the annual percentage rate a payment counts where it was `planned`, as in `cost`; the equation of paragraph
    (b)(8) is the same for several advances, whose terms all begin with the first.
    """
    total, lent = (sum(flow.amount for flow in flows) for flows in (payments, advances))
    steps = [Flow(planned.get(flow.day, flow.day), flow.amount) for flow in payments]
    return Cost(
        annual_percentage_rate=annual_percentage_rate(advances, steps, unit),
        effective_annual_rate=effective_annual_rate(advances, payments),
        finance_charge=total - lent,
        total=total,
    )


def annual_percentage_rate(
    advances: Sequence[Flow], payments: Sequence[Flow], unit: UnitPeriod | None = None
) -> Decimal:
    """The annual percentage rate in percent; the unit-period is found from the dates unless it is given."""
    start = min(flow.day for flow in advances)
    unit = unit or unit_period(sorted({flow.day for flow in advances}), sorted({flow.day for flow in payments}))
    return _rate(
        [(flow.amount, *elapsed(start, flow.day, unit)) for flow in advances],
        [(flow.amount, *elapsed(start, flow.day, unit)) for flow in payments],
        unit,
    )


def effective_annual_rate(advances: Sequence[Flow], payments: Sequence[Flow]) -> Decimal:
    """The effective annual rate in percent."""
    start = min(flow.day for flow in advances)
    flows = [(flow.amount, (flow.day - start).days / YEAR_DAYS) for flow in payments]
    flows += [(-flow.amount, (flow.day - start).days / YEAR_DAYS) for flow in advances]
    return _percent(_root(lambda rate: sum(amount * (1 + rate) ** -years for amount, years in flows)))


def unit_period(advances: Sequence[date], payments: Sequence[date]) -> UnitPeriod:
    """The unit-period of a credit by paragraph (b)(4): the commonest period, the smaller of two as common, at most a
    year; where no period occurs twice, the standard interval nearest to their average. The term, where all is advanced
    and paid back at once. The days rise.
    """
    start, last = advances[0], payments[-1]
    if len(advances) == len(payments) == 1:
        return _single(start, last)
    found = [_interval(a, b) for days in (advances, [start, *payments]) for a, b in pairwise(days) if a < b]
    common = [(count, unit) for unit, count in Counter(found).items() if count > 1 and unit.days <= YEAR_DAYS]
    if common:
        most = max(count for count, _ in common)
        return min((unit for count, unit in common if count == most), key=lambda unit: unit.days)
    average = sum(unit.days for unit in found) / len(found)
    return min(_standard_intervals(), key=lambda unit: (abs(unit.days - average), unit.days))


def elapsed(start: date, day: date, unit: UnitPeriod) -> tuple[int, float]:
    """The whole unit-periods from `start` to `day` and what is left of one: paragraph (b)(5)."""
    if unit.unit in {"days", "weeks"}:
        return _divided((day - start).days, unit.length * (7 if unit.unit == "weeks" else 1))
    months, days = _months_back(start, day)
    if unit == YEAR:
        years, rest = divmod(months, YEAR_MONTHS)
        left = (add_months(day, -YEAR_MONTHS * years) - start).days / YEAR_DAYS if days else rest / YEAR_MONTHS
        return years, left
    if unit == UnitPeriod(1, "months"):
        return months, days / 30
    return _divided(30 * months + days, 15 if unit.unit == "semimonths" else 30 * unit.length)


def _divided(days: int, length: int) -> tuple[int, float]:
    whole, rest = divmod(days, length)
    return whole, rest / length


def _months_back(start: date, day: date) -> tuple[int, int]:
    """Whole months measured back from the later day, and the days that remain."""
    months = (day.year - start.year) * 12 + day.month - start.month
    if add_months(start, months) == day:
        return months, 0
    if add_months(day, -months) < start:
        months -= 1
    return months, (add_months(day, -months) - start).days


def _interval(start: date, day: date) -> UnitPeriod:
    months, days = _months_back(start, day)
    if months and not days:
        return UnitPeriod(months, "months")
    weeks, days = divmod((day - start).days, 7)
    return UnitPeriod(weeks, "weeks") if not days else UnitPeriod(weeks * 7 + days, "days")


def _standard_intervals() -> list[UnitPeriod]:
    """Paragraph (b)(3)(iii)."""
    weeks = [UnitPeriod(length, "weeks") for length in range(1, YEAR_WEEKS + 1)]
    months = [UnitPeriod(length, "months") for length in range(1, YEAR_MONTHS + 1)]
    return [UnitPeriod(1, "days"), UnitPeriod(1, "semimonths"), *weeks, *months]


def _single(start: date, day: date) -> UnitPeriod:
    """The term, where it is no longer than a year: paragraph (b)(4)(ii), (b)(5)(vi) and (vii)."""
    months, days = _months_back(start, day)
    if months >= YEAR_MONTHS:
        return YEAR
    return UnitPeriod((day - start).days, "days") if days or not months else UnitPeriod(months, "months")


def _of_terms(terms: Terms, rows: Sequence[Row], fees: Sequence[Flow]) -> Decimal:
    """The annual percentage rate of a schedule, its steps taken for as equal as the contract calls them."""
    plan = planned_dates(terms)
    down = [Flow(terms.start, row.payment) for row in rows[: len(rows) - len(plan)]]
    paying = [(row.payment, day) for row, day in zip(rows[len(down) :], plan, strict=True) if row.payment]
    advance = [Flow(terms.start, terms.principal)]
    besides = [*down, *fees]
    regular = not terms.calendar and len(paying) > 1 and not (terms.unit == "months" and terms.every > YEAR_MONTHS)
    if not regular:
        return annual_percentage_rate(
            advance, [Flow(day, amount) for amount, day in paying] + besides, _unit(terms, paying)
        )
    unit = UnitPeriod(terms.every, terms.unit)
    first = (1, 0.0) if next(periods(terms)).whole else elapsed(terms.start, plan[0], unit)
    payments = [
        (row.payment, first[0] + number, first[1]) for number, row in enumerate(rows[len(down) :]) if row.payment
    ]
    payments += [(fee.amount, *elapsed(terms.start, fee.day, unit)) for fee in besides]
    return _rate([(terms.principal, 0, 0.0)], payments, unit)


def _unit(terms: Terms, paying: Sequence[tuple[int, date]]) -> UnitPeriod:
    return unit_period([terms.start], [day for _, day in paying])


def _rate(
    advances: Sequence[tuple[int, int, float]], payments: Sequence[tuple[int, int, float]], unit: UnitPeriod
) -> Decimal:
    flows = [*payments, *((-amount, whole, left) for amount, whole, left in advances)]
    rate = _root(lambda i: sum(amount / ((1 + left * i) * (1 + i) ** whole) for amount, whole, left in flows))
    return _percent(rate * unit.a_year)


def _root(worth: Callable[[float], float]) -> float:
    """The rate at which payments less advances are worth nothing; 0 where no more is paid than was advanced."""
    if worth(0.0) <= 0:
        return 0.0
    low, high = 0.0, 1.0
    while worth(high) > 0 and high < _HIGHEST:
        low, high = high, high * 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if worth(middle) > 0 else (low, middle)
    return (low + high) / 2


def _percent(rate: float) -> Decimal:
    return (Decimal(rate) * 100).quantize(_HUNDREDTH)
