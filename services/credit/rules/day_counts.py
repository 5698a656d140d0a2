"""How much of a year a period is: the day-count conventions a contract may name."""

import calendar
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from services.credit.rules.terms import PRECISION, DayCount, Period, Terms

PERIODS_A_YEAR = {"days": Decimal(365), "weeks": Decimal(52), "months": Decimal(12)}


def rate_factor(terms: Terms, period: Period, day_count: DayCount | None = None) -> Decimal:
    """The interest on one cent over `period`, to 19 digits; nothing while interest is free.

    Days are counted as the terms say, or as `day_count` where a method counts them otherwise.
    """
    if period.number <= terms.grace_interest:
        return Decimal(0)
    if terms.interest_period == "as_repayment":
        steps = Decimal(terms.every) if period.whole else _steps(terms, period)
        return PRECISION.divide(terms.rate * steps, PERIODS_A_YEAR[terms.unit])
    return PRECISION.multiply(terms.rate, _YEARS[day_count or terms.day_count](terms, period))


def _thirty_360(terms: Terms, period: Period) -> Decimal:
    """Whole months count 30 days each, however long they are; weeks and days are counted as they are."""
    if terms.unit != "months":
        return PRECISION.divide(Decimal(period.days), Decimal(360))
    days = 30 * terms.every if period.whole else days_of_30(period.start, period.due)
    return PRECISION.divide(Decimal(days), Decimal(360))


def days_of_30(start: date, end: date) -> int:
    """The days between two dates were all months 30 days long (30E/360: ISDA 2006, section 4.16(g))."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


def _steps(terms: Terms, period: Period) -> Decimal:
    """How many of the terms' units a period of another length is."""
    if terms.unit == "months":
        return PRECISION.divide(Decimal(days_of_30(period.start, period.due)), Decimal(30))
    return PRECISION.divide(Decimal(period.days), Decimal(7 if terms.unit == "weeks" else 1))


def _actual_360(terms: Terms, period: Period) -> Decimal:  # noqa: ARG001 - one signature for all conventions
    return PRECISION.divide(Decimal(period.days), Decimal(360))


def _actual_365(terms: Terms, period: Period) -> Decimal:  # noqa: ARG001
    return PRECISION.divide(Decimal(period.days), Decimal(365))


def _actual_actual(terms: Terms, period: Period) -> Decimal:
    """Each part of a period is divided by the length of the year it lies in (ISDA 1992, section 4.16(b))."""
    if period.start.year == period.due.year:
        return PRECISION.divide(Decimal(period.days), _days_in_year(period.start.year))
    years, start = Decimal(0), period.start
    for year in range(period.start.year, period.due.year + 1):
        last = date(year, 12, 31) if terms.year_split == "31-december" else date(year + 1, 1, 1)
        end = min(last, period.due)
        years += PRECISION.divide(Decimal((end - start).days), _days_in_year(year))
        start = end
    return years


def _actual_actual_feb29(terms: Terms, period: Period) -> Decimal:  # noqa: ARG001
    """366 only for the period that holds a 29 February; 365 for every other."""
    leap_days = (date(y, 2, 29) for y in range(period.start.year, period.due.year + 1) if calendar.isleap(y))
    length = 366 if any(period.start < day <= period.due for day in leap_days) else 365
    return PRECISION.divide(Decimal(period.days), Decimal(length))


def _days_in_year(year: int) -> Decimal:
    return Decimal(366 if calendar.isleap(year) else 365)


_YEARS: dict[DayCount, Callable[[Terms, Period], Decimal]] = {
    "30/360": _thirty_360,
    "actual/360": _actual_360,
    "actual/365": _actual_365,
    "actual/actual": _actual_actual,
    "actual/actual-feb29": _actual_actual_feb29,
}
