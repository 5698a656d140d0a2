"""What the territory service announces: the boundaries in force."""

from dataclasses import field
from datetime import date
from uuid import UUID

from shared.events import Event, event


@event("org.csem.territory.boundaries-replaced.v1")
class BoundariesReplaced(Event):
    """Other municipal boundaries are in force for a country: places settled before may be judged anew."""

    country: str
    kind: str
    """`approximate` or `official`."""
    source: str
    valid_from: date


@event("org.csem.territory.erasure-completed.v1")
class TerritoryErasureCompleted(Event):
    """What territory erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)
