"""The template of a workshop's days: dated reference data."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent.parent / "reference" / "csr_workshop.json"


@cache
def _editions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return sorted(found, key=lambda edition: edition["valid_from"])


def template_on(day: date) -> dict[str, Any]:
    """The edition that holds on a day, the first one for a day before it: `valid_from`, `source` and its `days`, each a
    list of items with `code`, `minutes`, whether it is `interactive`, and its words in `es` and `en`.
    """
    begun = [edition for edition in _editions() if edition["valid_from"] <= day.isoformat()]
    return (begun or _editions())[-1]
