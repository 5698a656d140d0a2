"""How long a workshop was by its agenda, and for how much of it somebody was there by the roll of its days."""

from collections.abc import Mapping, Sequence
from typing import Any

_A_TENTH = 6
"""Minutes in a tenth of an hour."""
_GENDER = "gender"


def day_minutes(agenda: Mapping[str, Any], *, gender_module: bool) -> list[int]:
    """How many minutes each day took: its sessions, the module on gender equality only where it was taught."""
    return [
        sum(item["minutes"] for item in items if gender_module or item["code"] != _GENDER) for items in agenda["days"]
    ]


def whole_tenths(minutes: Sequence[int]) -> int:
    """How long all days were, in full tenths of an hour."""
    return sum(minutes) // _A_TENTH


def attended_tenths(minutes: Sequence[int], attended: Sequence[bool | None]) -> int:
    """The tenths of an hour of the days on which she was there, a tenth that was begun counts; never more than the
    workshop had. A day of which nobody said whether she was there counts nothing.
    """
    there = sum(day for day, present in zip(minutes, attended, strict=False) if present)
    return min(whole_tenths(minutes), -(-there // _A_TENTH))
