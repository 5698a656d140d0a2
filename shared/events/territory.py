"""What the territory service announces: boundaries in force, plans, and what keeps enterprises from growing."""

from dataclasses import dataclass, field
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


@event("org.csem.territory.plan-adopted.v1")
class PlanAdopted(Event):
    """A plan of a municipality, a department or a country was declared, with what it puts first."""

    plan_id: UUID
    level: str
    """`national`, `departmental` or `municipal`."""
    unit: str
    """Official code of that country, department or municipality: HN, HN17, HN1709."""
    kind: str
    """One of `vocabulary.PLAN_KINDS`."""
    title: str
    valid_from: date
    valid_until: date | None = None
    """Its last day; None where it holds until it is withdrawn."""
    chains: list[str]
    """The value chains it puts first."""
    purposes: list[str] = field(default_factory=list)
    """Of `vocabulary.PURPOSES`, the kinds of project it puts first; empty where it does not say."""


@event("org.csem.territory.plan-withdrawn.v1")
class PlanWithdrawn(Event):
    """That plan does not hold any more: it was replaced, or declared by mistake."""

    plan_id: UUID
    withdrawn_on: date


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A subject in which many enterprises of a chain are weak: demand for credit, or for training in it."""

    subject: str
    """One of `vocabulary.SUBJECTS`."""
    enterprises: int
    """How many are weak in it; never fewer than the criteria in force tell of."""
    women: int
    """How many women work in these."""
    known: int
    """Of how many the level is known."""


@event("org.csem.territory.gaps-found.v1")
class GapsFound(Event):
    """What keeps the levels of a chain low in a municipality; replaces what was said of the two before."""

    unit: str
    """Official code of the municipality."""
    chain: str
    gaps: list[Gap] = field(default_factory=list)
    """The most women first; empty where none is left, or only of too few to be told."""
    found_on: date


@event("org.csem.territory.erasure-completed.v1")
class TerritoryErasureCompleted(Event):
    """What territory erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)
