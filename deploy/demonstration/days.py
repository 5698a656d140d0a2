"""Days to come of the demonstration: nobody is invited on a Sunday or at Christmas."""

from datetime import date, timedelta
from itertools import count

from services.training.reference.holidays import holidays
from shared.kernel import clock

_SATURDAY = 5


def working_day(days: int, unit: str = "HN17", *, lasts: int = 1) -> date:
    """The first day at least so many days from now from which on that many are neither of a weekend nor holidays."""
    first = clock.today() + timedelta(days=days)
    for day in (first + timedelta(days=more) for more in count()):
        last = day + timedelta(days=lasts - 1)
        if day.weekday() <= last.weekday() < _SATURDAY and not holidays(unit, day, last):
            return day
    raise AssertionError("there is always a working day")
