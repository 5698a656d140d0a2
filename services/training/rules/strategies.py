"""Which training strategy is in force for a kind of enterprise and a need, at a place on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

ANY = "any"
"""Of every chain."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as it was decided. `unit` is the place that it holds in ("" everywhere); `order` tells which of one
    day was decided last; `facts` is what it says.
    """

    unit: str
    type: str
    need: str
    since: date
    order: int
    facts: Mapping[str, Any]


def in_force(
    decided: Iterable[Strategy], *, chain: str, family: str | None, need: str, unit: str, day: date
) -> Strategy | None:
    """The strategy to follow, or None: of those that hold at the place, the narrowest kind of enterprise (chain before
    family before any), then the narrowest place, then the latest; of one day the one decided last.
    """
    kinds = {chain: 2} | ({f"family:{family}": 1} if family else {}) | {ANY: 0}
    fitting = [
        one
        for one in decided
        if one.need == need and one.type in kinds and unit.startswith(one.unit) and one.since <= day
    ]
    return max(fitting, key=lambda one: (kinds[one.type], len(one.unit), one.since, one.order), default=None)
