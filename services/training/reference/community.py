"""The spaces of the community, and the limits that keep it from being flooded, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from shared.kernel import clock

_TABLE = Path(__file__).parent / "community.json"


@dataclass(frozen=True, slots=True)
class CommunityPolicy:
    """Its spaces in both languages; how much one member writes, how long she may change it, how many files it has."""

    valid_from: date
    source: str
    spaces: tuple[Mapping[str, str], ...]
    topics_per_day: int
    posts_per_hour: int
    reports_per_day: int
    resources_per_day: int
    edit_minutes: int
    most_files: int
    firm_space: str
    """Where topics stand that firms open."""
    firm_posts_per_day: int


def community() -> CommunityPolicy:
    """What applies today; the first edition before its time."""
    return next((one for one in _editions() if one.valid_from <= clock.today()), _editions()[-1])


def space_codes() -> tuple[str, ...]:
    """The codes of every space that there is or was."""
    return tuple(dict.fromkeys(space["code"] for one in _editions() for space in one.spaces))


@cache
def _editions() -> tuple[CommunityPolicy, ...]:
    rows = json.loads(_TABLE.read_bytes())["editions"]
    found = [
        CommunityPolicy(**{**row, "valid_from": date.fromisoformat(row["valid_from"]), "spaces": tuple(row["spaces"])})
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))
