"""The public holidays of Guatemala, El Salvador and Honduras, with the law of each."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from services.training.rules.holidays import Met, PublicHoliday, met

TABLE = Path(__file__).parent / "holidays.csv"


def holidays(unit: str, first: date, last: date, *, starts: str = "00:00", ends: str = "24:00") -> list[Met]:
    """The holidays at a place between two days, in those hours of each day. They are those of the labour codes; of
    local festivities only the ones of the two capitals that the law or its custom fixes.
    """
    return met(_known(), unit, first, last, starts, ends)


@cache
def _known() -> tuple[PublicHoliday, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(PublicHoliday.read(row) for row in csv.DictReader(file))
