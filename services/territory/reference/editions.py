"""The administrative units that the project ships, each with the days on which it holds."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from shared import places

DISTRICT, VILLAGE = "district", "village"
LEVELS = (*places.LEVELS, DISTRICT, VILLAGE)
REFORM = date(2024, 5, 1)
"""El Salvador's Decreto Legislativo 762 of 2023 is in force from this day: it made 44 municipalities, and of the 262 of
before their districts.
"""
_LAST_BEFORE = date(2024, 4, 30)


@dataclass(frozen=True, slots=True)
class Edition:
    """A unit as it is during some time: `valid_to` is its last day; None where no first or last day is known."""

    code: str
    name: str
    level: str
    inside: str | None
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the unit is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@cache
def editions() -> tuple[Edition, ...]:
    """All editions by code and first day: countries, departments, municipalities; of El Salvador the municipalities of
    before and after the reform of 2024, and the districts.
    """
    found = [
        Edition(code, name, places.level_of(code), code[:-2] or None, None, _last_day(code))
        for code, name in places.names().items()
    ]
    divisions = places.divisions_2024()
    found += [Edition(one.code, one.name, places.MUNICIPALITY, one.code[:4], REFORM) for one in set(divisions.values())]
    found += [Edition(code, places.name_of(code), DISTRICT, one.code, REFORM) for code, one in divisions.items()]
    return tuple(sorted(found, key=lambda one: (one.code, one.valid_from or date.min)))


def _last_day(code: str) -> date | None:
    return _LAST_BEFORE if code in places.divisions_2024() else None
