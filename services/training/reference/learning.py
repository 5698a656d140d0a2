"""How long answers are taken and which ages a report tells apart, by date; questionnaires that one may begin from."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel import clock

HERE = Path(__file__).parent


def link_days(day: date | None = None) -> int:
    """For how many days from its opening a measurement may take answers, by the edition in force on a day (today)."""
    return int(_in_force("learning.json", day or clock.today())["link_days"])


def age_from(day: date) -> list[int]:
    """The ages at which the bands of donor reports begin, by the edition in force on a day."""
    found: list[int] = _in_force("donor_report.json", day)["age_from"]
    return found


def questionnaires() -> list[dict[str, str]]:
    """Code, title, purpose and questions of each that one may begin from."""
    found: list[dict[str, str]] = _read("questionnaires.json")["questionnaires"]
    return found


def _in_force(name: str, day: date) -> Any:
    editions = sorted(_read(name)["editions"], key=lambda one: str(one["valid_from"]), reverse=True)
    return next((one for one in editions if one["valid_from"] <= day.isoformat()), editions[-1])


@cache
def _read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
