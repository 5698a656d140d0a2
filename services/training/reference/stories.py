"""How many pictures a case story has, and how long the link to it holds, by date."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel import clock

_TABLE = Path(__file__).parent / "stories.json"


@dataclass(frozen=True, slots=True)
class StoryPolicy:
    """How many pictures a story has, how long the link of its owner holds, in days."""

    valid_from: date
    source: str
    most_pictures: int
    link_days: int


def story_policy() -> StoryPolicy:
    """What applies today; the first edition before its time."""
    return next((one for one in _editions() if one.valid_from <= clock.today()), _editions()[-1])


@cache
def _editions() -> tuple[StoryPolicy, ...]:
    rows = json.loads(_TABLE.read_bytes())["editions"]
    found = [StoryPolicy(**{**row, "valid_from": date.fromisoformat(row["valid_from"])}) for row in rows]
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))
