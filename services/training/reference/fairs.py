"""What an enterprise gets ready before a fair, by date."""

import json
from datetime import date
from functools import cache
from pathlib import Path

from services.training.rules.fair_readiness import Checklist

HERE = Path(__file__).parent


def checklist(day: date) -> Checklist:
    """The list in force on a day; the first one before its time."""
    return next((one for one in _editions() if one.valid_from <= day), _editions()[-1])


@cache
def _editions() -> tuple[Checklist, ...]:
    """Every edition, the latest first."""
    record = json.loads((HERE / "fairs.json").read_bytes())
    found = (
        Checklist(date.fromisoformat(one["valid_from"]), one["source"], tuple(one["items"]))
        for one in record["editions"]
    )
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))
