"""Which public holidays a plan meets: by its place, its days and its hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from shared.holidays import Holiday


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """A holiday of a country or a municipality since a day, from `starts` to `ends` where it is not the whole day."""

    place: str
    since: date
    holiday: Holiday
    starts: str
    ends: str
    name_es: str
    name_en: str
    source: str

    @classmethod
    def read(cls, row: Mapping[str, str]) -> Self:
        """From a row of the reference table."""
        hours = row["starts"] or "00:00", row["ends"] or "24:00"
        told = row["name_es"], row["name_en"], row["source"]
        return cls(row["place"], date.fromisoformat(row["since"]), Holiday.read(row), *hours, *told)


@dataclass(frozen=True, slots=True)
class Met:
    """A holiday on a day of a plan, by its Spanish and its English name."""

    day: date
    es: str
    en: str


def met(known: Iterable[PublicHoliday], unit: str, first: date, last: date, starts: str, ends: str) -> list[Met]:
    """The holidays at a place between two days that lie in the hours of each day, by day."""
    found = {
        Met(day, one.name_es, one.name_en)
        for one in known
        if unit.startswith(one.place) and one.starts < ends and starts < one.ends
        for year in range(first.year, last.year + 1)
        if first <= (day := one.holiday.on(year)) <= last and one.since <= day
    }
    return sorted(found, key=lambda one: (one.day, one.es))
