"""On which days a cash desk is closed, and to which day a due date moves that falls on one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from services.credit.rules import calendars
from services.credit.rules.demands import demand
from shared.holidays import Holiday

Shift = Literal["none", "next", "previous"]

SHIFTS: tuple[Shift, ...] = ("none", "next", "previous")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = ("saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of a country, and the day since which this list of them stands; `own` are the days on which the
    fund itself rests ("12-24": every year; "2027-08-05": once).
    """

    country: str = ""
    since: date = date.min
    kept: tuple[Holiday, ...] = ()
    own: tuple[str, ...] = ()

    def __contains__(self, day: date) -> bool:
        return day in _year(self.kept, day.year) or not {day.isoformat(), f"{day:%m-%d}"}.isdisjoint(self.own)


NO_HOLIDAYS = Holidays()


@lru_cache(maxsize=512)
def _year(kept: tuple[Holiday, ...], year: int) -> frozenset[date]:
    return frozenset(holiday.on(year) for holiday in kept)


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """What a contract says of due dates on days of rest: whether and which way they move."""

    shift: Shift = "none"
    rest: tuple[str, ...] = WEEKEND
    holidays: Holidays = NO_HOLIDAYS

    def open_on(self, day: date) -> bool:
        """Whether a payment can be made on `day`."""
        return WEEKDAYS[day.weekday()] not in self.rest and day not in self.holidays

    def moved(self, day: date) -> date:
        """`day`, or the nearest open day on the side that the contract says."""
        if self.shift == "none":
            return day
        step = timedelta(days=1 if self.shift == "next" else -1)
        while not self.open_on(day):
            day += step
        return day


EVERY_DAY = BusinessDays()
MOST_REST_DAYS = 60


@dataclass(frozen=True, slots=True)
class RestDays:
    """The days on which a fund rests beside the holidays of its country, and to which side due dates move off all of
    them where a product does not say.
    """

    days: tuple[str, ...] = ()
    shift: Shift = "none"
    source: str = ""


def read_rest_days(item: Mapping[str, Any]) -> RestDays:
    """`{"days": ["12-24", "12-31"], "shift": "next", "source": "art. 7"}`."""
    found = RestDays(**{"shift": "next", **item, "days": tuple(item["days"])})
    demand(len(found.days) <= MOST_REST_DAYS, "/holidays/days")
    demand(all(calendars.readable([day]) for day in found.days), "/holidays/days")
    demand(found.shift in SHIFTS, "/holidays/shift")
    demand(type(found.source) is str and bool(found.source.strip()), "/holidays/source")
    return found


def read_holidays(country: str, since: date, rows: Iterable[Mapping[str, str]]) -> Holidays:
    """The holidays of `country` among the rows of a reference table that stands since a day."""
    return Holidays(country, since, tuple(Holiday.read(row) for row in rows if row["country"] == country))
