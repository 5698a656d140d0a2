"""The rule of who completed a training, and the limits of sessions, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel import clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Completion:
    """Who completed a training: whoever was there for at least `share_percent` of its hours."""

    valid_from: date
    source: str
    share_percent: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many days in a row a session may take; for how many days after it the rows of a printed sheet open; for how
    many days from today a calendar may be shown through an address; for how many hours a phone keeps an
    attendance list.
    """

    valid_from: date
    source: str
    longest_days: int
    sheet_days: int
    calendar_days: int
    kept_hours: int


def completion(day: date | None = None) -> Completion:
    """The rule in force on a day, today where none is named; the first one before its time."""
    return Completion(**_in_force("completion.json", day or clock.today()))


def limits(day: date | None = None) -> Limits:
    """The limits in force, likewise."""
    return Limits(**_in_force("sessions.json", day or clock.today()))


def _in_force(name: str, day: date) -> Mapping[str, Any]:
    editions = _editions(name)
    return next((one for one in editions if one["valid_from"] <= day), editions[-1])


@cache
def _editions(name: str) -> tuple[Mapping[str, Any], ...]:
    """Every edition of a file, the latest first."""
    found = json.loads((HERE / name).read_bytes())["editions"]
    dated = [{**one, "valid_from": date.fromisoformat(one["valid_from"])} for one in found]
    return tuple(sorted(dated, key=lambda one: one["valid_from"], reverse=True))
