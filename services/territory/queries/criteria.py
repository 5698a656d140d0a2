"""The criteria that analyses judge by: thresholds and weights, as dated records with their source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.territory import reference


@dataclass(frozen=True)
class Criteria:
    """What one kind of analysis judges by, from which day on, and who says so."""

    kind: str
    valid_from: date
    source: str
    values: Mapping[str, Any]


@cache
def shipped(kind: str) -> Criteria:
    """The criteria that the project ships: `reference/criteria/KIND.json`."""
    record = json.loads((Path(reference.HERE) / "criteria" / f"{kind}.json").read_bytes())
    return Criteria(kind, date.fromisoformat(record["valid_from"]), record["source"], record["values"])


def in_force(kind: str) -> Criteria:
    """The criteria of a kind that are in force today."""
    return shipped(kind)
