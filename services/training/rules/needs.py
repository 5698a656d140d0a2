"""What a need weighs, by who told it, how weak the enterprise is in it, and whether many like it are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

ORIGINS = ("profile", "loan", "level", "gap")
"""She said it; the appraisal of her loan found it; her profile judged her weak in it; territory found that many
enterprises of her chain in her municipality are.
"""
MOST = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Where a need is known from. `level` is how the enterprise stands in it, 0 to 4, where a profile judged it."""

    need: str
    origin: str
    since: date
    level: int | None = None


def points(source: Source, weights: Mapping[str, Any]) -> int:
    """What one source says of a need, from 0 to 100: nothing where a profile judged it and she is not weak."""
    if source.origin == "level":
        level = source.level or 0
        return int(weights["levels"][level]) if level <= weights["weak"] else 0
    return int(weights[source.origin])


def weigh(sources: Iterable[Source], weights: Mapping[str, Any]) -> dict[str, int]:
    """The points of each need, 1 to 100: what weighs most of her own sources, and on top of it the gap's."""
    own: dict[str, int] = {}
    gaps: dict[str, int] = {}
    for source in sources:
        table = gaps if source.origin == "gap" else own
        table[source.need] = max(table.get(source.need, 0), points(source, weights))
    weighed = {need: min(own.get(need, 0) + gaps.get(need, 0), MOST) for need in own.keys() | gaps.keys()}
    return {need: value for need, value in sorted(weighed.items()) if value > 0}
