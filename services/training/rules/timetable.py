"""When and where a session is: its days, its time of day and its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from shared.kernel import LOCAL_TIME, Invalid

CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"


@dataclass(frozen=True, slots=True)
class Timetable:
    """From the first day to the last one, each day from `starts` to `ends` (local time, "08:30"), at a place."""

    first_day: date
    last_day: date
    starts: str
    ends: str
    place: str

    @classmethod
    def of(cls, first_day: date, last_day: date | None, starts: str, ends: str, place: str, *, longest: int) -> Self:
        """Refuses a last day before the first, more days than `longest`, and an end that is not after the beginning."""
        made = cls(first_day, last_day or first_day, starts, ends, place.strip())
        if made.last_day < first_day:
            raise Invalid("session.ends_before", pointer="/last_day", day=first_day)
        if made.days > longest:
            raise Invalid("session.too_many_days", pointer="/last_day", most=longest)
        if made.ends <= made.starts:
            raise Invalid("session.no_time", pointer="/ends", starts=starts)
        return made

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    @property
    def minutes(self) -> int:
        """The minutes of all its days, breaks included."""
        return self.days * self.daily_minutes

    @property
    def daily_minutes(self) -> int:
        return _minutes(self.ends) - _minutes(self.starts)

    @property
    def begins(self) -> datetime:
        return self._moment(self.first_day, self.starts)

    def meetings(self) -> Iterator[tuple[datetime, datetime]]:
        """Its beginning and end on each of its days."""
        for number in range(self.days):
            day = self.first_day + timedelta(days=number)
            yield self._moment(day, self.starts), self._moment(day, self.ends)

    def meets(self, other: "Timetable") -> bool:
        """Whether both are at some moment."""
        same_days = self.first_day <= other.last_day and other.first_day <= self.last_day
        return same_days and self.starts < other.ends and other.starts < self.ends

    @staticmethod
    def _moment(day: date, clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL_TIME)


def _minutes(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return 60 * hour + minute
