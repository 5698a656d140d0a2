"""Days of payment that a product gives by date, as harvests do."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count, islice

from shared.kernel import Invalid

_DAY_OF_YEAR = 5
_ANY_YEAR = 2001


def readable(calendar: Sequence[str]) -> bool:
    """Whether every day is "MM-DD" or every one "YYYY-MM-DD", in their order and none twice. 29 February is none of
    every year.
    """
    if not all(type(day) is str and re.fullmatch(r"([0-9]{4}-)?[0-9]{2}-[0-9]{2}", day) for day in calendar):
        return False
    try:
        days = [_on(day, _ANY_YEAR) for day in calendar]
    except ValueError:
        return False
    return len({len(day) for day in calendar}) <= 1 and days == sorted(set(days))


def coming(calendar: Sequence[str], earliest: date, count_: int) -> tuple[date, ...]:
    """The next so many days of the calendar, none before `earliest`; none where there is no calendar, and refuses one
    that has fewer left.
    """
    found = tuple(islice((day for day in _from(calendar, earliest.year) if day >= earliest), count_))
    if calendar and len(found) < count_:
        raise Invalid("application.calendar_too_short", pointer="/instalments", left=len(found))
    return found


def _from(calendar: Sequence[str], year: int) -> Iterator[date]:
    every_year = bool(calendar) and len(calendar[0]) == _DAY_OF_YEAR
    for cycle in count(year) if every_year else range(year, year + bool(calendar)):
        yield from (_on(day, cycle) for day in calendar)


def _on(day: str, year: int) -> date:
    return date.fromisoformat(day if len(day) != _DAY_OF_YEAR else f"{year:04}-{day}")
