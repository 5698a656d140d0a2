"""On which day of a year a public holiday is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

HolidayKind = Literal["date", "bridge", "easter", "weekday", "following"]
HOLIDAY_KINDS: tuple[HolidayKind, ...] = ("date", "bridge", "easter", "weekday", "following")
_MONDAY, _WEDNESDAY = 1, 3


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of every year.

    `date` is a day of the year; `bridge` one that Guatemala's Decreto 19-2018 moves to a Monday; `easter` lies `offset`
    days from Easter Sunday; `weekday` lies `offset` days after the first weekday `day` (1 = Monday) of `month`;
    `following` is the Monday of the week after a day of the year.
    """

    kind: HolidayKind
    month: int = 0
    day: int = 0
    offset: int = 0

    @classmethod
    def read(cls, row: Mapping[str, str]) -> "Holiday":
        """From a row of the reference table; refuses a kind that is none."""
        kinds: dict[str, HolidayKind] = {kind: kind for kind in HOLIDAY_KINDS}
        return cls(kinds[row["kind"]], *(int(row[name] or 0) for name in ("month", "day", "offset")))

    def on(self, year: int) -> date:
        """The day on which it is kept in `year`."""
        if self.kind == "easter":
            return easter(year) + timedelta(days=self.offset)
        if self.kind == "weekday":
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.day - first.isoweekday()) % 7 + self.offset)
        day = date(year, self.month, self.day)
        if self.kind == "following":
            return day + timedelta(days=8 - day.isoweekday())
        return _to_monday(day) if self.kind == "bridge" else day


def _to_monday(day: date) -> date:
    """Tuesday and Wednesday go back to the Monday before, later days on to the next (Decreto 19-2018, Guatemala)."""
    weekday = day.isoweekday()
    if weekday == _MONDAY:
        return day
    return day + timedelta(days=_MONDAY - weekday + (0 if weekday <= _WEDNESDAY else 7))


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)
