"""How a round, as the team set it up, becomes a question to placement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.training.rules.placement.round import Facilitator, Place, Room, Round, Venue, Woman

METRES = 1000
SPANISH = "es"
PART = "@"
"""Between a venue and the hour of it in which another round's group already sits."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A woman who needs something that is taught, through one of her enterprises. `needs` are points by need."""

    id: UUID
    enterprise_id: UUID
    municipality: str
    chain: str
    place: Place | None
    needs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """How she can come, as she told the team; no hour means any."""

    slots: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({SPANISH})
    children: int = 0
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """A room, somebody who teaches and places for children that a group formed before holds in an hour."""

    venue: str
    slot: str
    room: str
    facilitator: str
    children: int


Pairs = Iterable[tuple[UUID, UUID, str]]


def question(
    asked: Mapping[str, Any],
    learners: Iterable[Learner],
    told: Mapping[UUID, Told],
    pairs: Pairs,
    taken: Sequence[Taken] = (),
) -> Round:
    """The round `asked` about these women: `asked` holds sizes, `topics` (topic to need), `families`, `chain_match`,
    `reach_km`, `slots` and `venues`. A pair counts only where both are among the women.
    """
    women = tuple(_woman(one, told.get(one.id, Told()), asked) for one in sorted(learners, key=lambda one: one.id))
    known = {woman.id for woman in women}
    kept = [(min(one, other), max(one, other), kind) for one, other, kind in pairs if {one, other} <= known]
    return Round(
        women=women,
        venues=tuple(part for venue in asked["venues"] for part in _parts(_venue(venue), taken)),
        topics=frozenset(asked["topics"]),
        minimum=asked["minimum"],
        maximum=asked["maximum"],
        reach_m=asked["reach_km"] * METRES,
        families=asked["families"],
        together=frozenset((one, other) for one, other, kind in kept if kind == "together"),
        apart=frozenset((one, other) for one, other, kind in kept if kind == "apart"),
        chain_match=asked["chain_match"],
    )


def _woman(learner: Learner, told: Told, asked: Mapping[str, Any]) -> Woman:
    return Woman(
        id=learner.id,
        chain=learner.chain,
        needs={topic: learner.needs[need] for topic, need in asked["topics"].items() if need in learner.needs},
        place=learner.place,
        slots=told.slots or frozenset(asked["slots"]),
        languages=told.languages,
        children=told.children,
        priority=told.priority,
    )


def _venue(told: Mapping[str, Any]) -> Venue:
    return Venue(
        id=told["id"],
        place=(told["lon"], told["lat"]),
        rooms=tuple(Room(room["name"], room["seats"]) for room in told["rooms"]),
        facilitators=tuple(
            Facilitator(one["name"], frozenset(one["topics"]), frozenset(one["languages"]), frozenset(one["slots"]))
            for one in told["facilitators"]
        ),
        slots=frozenset(told["slots"]),
        child_care={slot: places for slot, places in told["child_care"].items() if slot in told["slots"]},
    )


def _parts(venue: Venue, taken: Sequence[Taken]) -> list[Venue]:
    """The venue in the hours that are wholly free, and for each hour in which somebody sits, what is left of it."""
    here = [one for one in taken if one.venue == venue.id and one.slot in venue.slots]
    busy = {one.slot for one in here}
    free = replace(
        venue,
        slots=venue.slots - busy,
        child_care={slot: places for slot, places in venue.child_care.items() if slot not in busy},
    )
    parts = [_rest(venue, slot, [one for one in here if one.slot == slot]) for slot in sorted(busy)]
    return [part for part in (free, *parts) if part.slots and part.rooms and part.facilitators] if busy else [venue]


def _rest(venue: Venue, slot: str, taken: Sequence[Taken]) -> Venue:
    rooms, teaching = {one.room for one in taken}, {one.facilitator for one in taken}
    care = venue.child_care.get(slot, 0) - sum(one.children for one in taken)
    return Venue(
        id=f"{venue.id}{PART}{slot}",
        place=venue.place,
        rooms=tuple(room for room in venue.rooms if room.id not in rooms),
        facilitators=tuple(one for one in venue.facilitators if one.id not in teaching),
        slots=frozenset({slot}),
        child_care={slot: care} if care > 0 else {},
    )


def venue_of(id_: str) -> str:
    """The venue of which this is a part."""
    return id_.partition(PART)[0]
