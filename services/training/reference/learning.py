"""For how long answers are taken through a link, by date, and the questionnaires that a trainer may begin from."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel import clock

HERE = Path(__file__).parent


def link_days(day: date | None = None) -> int:
    """For how many days from its opening a measurement may take answers, by the edition in force on a day (today)."""
    wanted = (day or clock.today()).isoformat()
    editions = sorted(_read("learning.json")["editions"], key=lambda one: str(one["valid_from"]), reverse=True)
    return int(next((one for one in editions if one["valid_from"] <= wanted), editions[-1])["link_days"])


def questionnaires() -> list[dict[str, str]]:
    """Code, title, purpose and questions of each that one may begin from."""
    found: list[dict[str, str]] = _read("questionnaires.json")["questionnaires"]
    return found


@cache
def _read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))
