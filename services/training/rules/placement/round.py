"""A round as it is asked: women with their needs and free hours, venues with what they can teach and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class Woman:
    """Somebody who would be taught. She is placed in one group of the round at most."""

    id: UUID
    chain: str
    needs: Mapping[str, int]
    """Topic to the weight of her need for it, 1 to 100."""
    place: Place | None
    slots: frozenset[str]
    """When she can come."""
    languages: frozenset[str]
    children: int = 0
    """Who must be looked after while she learns."""
    priority: int = 1
    """What placing her is worth, 1 or more."""


@dataclass(frozen=True, slots=True)
class Room:
    """One group at a time learns in it."""

    id: str
    seats: int


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Teaches one group at a time, in the slots in which the venue is open and she is there."""

    id: str
    topics: frozenset[str]
    languages: frozenset[str]
    slots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Venue:
    """Where groups meet."""

    id: str
    place: Place
    rooms: tuple[Room, ...]
    facilitators: tuple[Facilitator, ...]
    slots: frozenset[str]
    """When it is open."""
    child_care: Mapping[str, int] = field(default_factory=dict)
    """Slot to the number of children who can be looked after in it, over all its groups."""


@dataclass(frozen=True, slots=True)
class Round:
    """All that a proposal answers to. Each condition is hard; what is weighed is the objective alone (`Worth`).

    `families` says which chains may be taught in one group; a group is of one chain, or of one family and then worth
    less of a match. `together` are pairs who come in the same group or not at all, `apart` pairs never in the same.
    """

    women: tuple[Woman, ...]
    venues: tuple[Venue, ...]
    topics: frozenset[str]
    minimum: int
    maximum: int
    reach_m: int
    """Metres that a woman travels at most, one way, in a straight line."""
    families: Mapping[str, str] = field(default_factory=dict)
    together: frozenset[tuple[UUID, UUID]] = frozenset()
    apart: frozenset[tuple[UUID, UUID]] = frozenset()
    chain_match: int = 100
    """Points of match for learning with women of her own chain; 0 for a group of her family."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a group is: where, when, in what, for whom and in which language. A cell may hold a group in each room."""

    venue: str
    slot: str
    topic: str
    type: str
    """A chain, or a family written `family:NAME`."""
    language: str


@dataclass(frozen=True, slots=True)
class Group:
    """Women who would be taught together in a room, by somebody."""

    cell: Cell
    room: str
    facilitator: str
    women: tuple[UUID, ...]
    """In the order of their ids."""


@dataclass(frozen=True, slots=True, order=True)
class Worth:
    """How good an answer is, compared in this order; every part is a whole number, the larger the better."""

    placed: int
    """The priorities of those who are placed."""
    fewer_groups: int
    """Less the number of groups."""
    match: int
    """The weight of the need that is met and the points of type, over those who are placed."""
    less_travel: int
    """Less the metres they travel."""
