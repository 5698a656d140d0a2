"""The dated tables of credit: which one is in force on a day."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from services.credit.rules.business_days import Holidays, read_holidays

_FOLDER = Path(__file__).parent / "reference"


def holidays_on(day: date, country: str) -> Holidays:
    """The holidays of a country (its ISO code, or a place code that begins with it) as known on `day`."""
    dated = _dated("holidays")
    begun = [since for since in dated if since <= day]
    return _holidays(begun[-1] if begun else dated[0], country[:2])


@cache
def _dated(kind: str) -> list[date]:
    """The days since which the files of a kind stand, the oldest first."""
    return sorted(date.fromisoformat(path.stem.rpartition("_")[2]) for path in _FOLDER.glob(f"{kind}_*.csv"))


@cache
def _holidays(since: date, country: str) -> Holidays:
    with (_FOLDER / f"holidays_{since}.csv").open(encoding="utf-8", newline="") as file:
        return read_holidays(country, since, csv.DictReader(file))
