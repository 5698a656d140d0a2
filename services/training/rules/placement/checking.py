"""Whether an answer is what it says: every condition, its worth and every reason, from first principles.

Nothing here is shared with the search but the words of a round and of an answer: all is recounted, woman by woman.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from services.training.rules.placement.answer import Seat, Violation
from services.training.rules.placement.round import Cell, Group, Place, Round, Venue, Woman, Worth

_EARTH_M = 6_371_008.8


def metres(one: Place, other: Place) -> int:
    """Great-circle distance in whole metres."""
    (lon, lat), (east, north) = ((radians(a), radians(b)) for a, b in (one, other))
    chord = sin((north - lat) / 2) ** 2 + cos(lat) * cos(north) * sin((east - lon) / 2) ** 2
    return round(2 * _EARTH_M * asin(min(1.0, sqrt(chord))))


class Recount:
    """A round with its women and venues by id."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.women = {woman.id: woman for woman in round_.women}
        self.venues = {venue.id: venue for venue in round_.venues}
        self.companions: dict[UUID, set[UUID]] = {one: {one} for one in self.women}
        for one, other in round_.together:
            if one in self.women and other in self.women:
                both = self.companions[one] | self.companions[other]
                for member in both:
                    self.companions[member] = both
        self.apart: dict[UUID, set[UUID]] = {}
        for one, other in round_.apart:
            self.apart.setdefault(one, set()).add(other)
            self.apart.setdefault(other, set()).add(one)

    def admits(self, type_: str, chain: str) -> bool:
        """Whether a group of a type is for women of a chain."""
        return type_ in (chain, self.wide(chain))

    def wide(self, type_: str) -> str:
        """The widest type that a group of this type could have with further women."""
        family = self.round.families.get(type_)
        return type_ if family is None else f"family:{family}"

    def may(self, woman: Woman, cell: Cell) -> bool:
        """Whether a woman alone could learn in a cell that somebody teaches."""
        venue = self.venues[cell.venue]
        return (
            woman.place is not None
            and metres(woman.place, venue.place) <= self.round.reach_m
            and cell.slot in woman.slots
            and cell.slot in venue.slots
            and woman.needs.get(cell.topic, 0) > 0
            and cell.language in woman.languages
            and self.admits(cell.type, woman.chain)
            and woman.children <= venue.child_care.get(cell.slot, 0)
        )


def violations(round_: Round, groups: Sequence[Group], exceptions: Iterable[Seat] = ()) -> tuple[Violation, ...]:
    """What is wrong with groups; empty when every condition holds.

    `exceptions` are the groups that somebody, by name, allows to be smaller than the minimum.
    """
    count = Recount(round_)
    allowed = frozenset(exceptions)
    return (*_of_groups(count, groups, allowed), *_of_women(count, groups), *_of_blocks(count, groups))


def _of_groups(count: Recount, groups: Sequence[Group], exceptions: frozenset[Seat]) -> Iterator[Violation]:
    for group in groups:
        seat = {"venue": group.cell.venue, "slot": group.cell.slot, "room": group.room}
        venue = count.venues.get(group.cell.venue)
        if venue is None:
            yield Violation("unknown_venue", seat)
            continue
        seats = {room.id: room.seats for room in venue.rooms}.get(group.room)
        if seats is None:
            yield Violation("unknown_room", seat)
        elif len(group.women) > min(count.round.maximum, seats):
            yield Violation("too_many", {**seat, "women": len(group.women), "at_most": min(count.round.maximum, seats)})
        allowed = 1 if (group.cell, group.room) in exceptions else max(count.round.minimum, 1)
        if len(group.women) < allowed:
            yield Violation("too_few", {**seat, "women": len(group.women), "at_least": count.round.minimum})
        if group.cell.topic not in count.round.topics:
            yield Violation("unknown_topic", {**seat, "topic": group.cell.topic})
        if not _teaches(venue, group):
            yield Violation("not_taught", {**seat, "facilitator": group.facilitator, "topic": group.cell.topic})
        yield from _not_for(count, group)


def _not_for(count: Recount, group: Group) -> Iterator[Violation]:
    seat = {"venue": group.cell.venue, "slot": group.cell.slot, "room": group.room}
    for woman in sorted(set(group.women)):
        if woman not in count.women:
            yield Violation("unknown_woman", {**seat, "woman": str(woman)})
        elif not count.may(count.women[woman], group.cell):
            yield Violation("not_for_her", {**seat, "woman": str(woman)})


def _teaches(venue: Venue, group: Group) -> bool:
    return any(
        one.id == group.facilitator
        and group.cell.topic in one.topics
        and group.cell.language in one.languages
        and group.cell.slot in one.slots
        for one in venue.facilitators
    )


def _of_women(count: Recount, groups: Sequence[Group]) -> Iterator[Violation]:
    where: dict[UUID, int] = {}
    for number, group in enumerate(groups):
        for woman in group.women:
            if woman in where:
                yield Violation("twice", {"woman": str(woman)})
            where[woman] = number
    for pairs, code in ((count.round.together, "not_together"), (count.round.apart, "not_apart")):
        for one, other in sorted(pairs):
            known = one in count.women and other in count.women
            same = where.get(one) == where.get(other)
            if known and (not same if code == "not_together" else same and one in where):
                yield Violation(code, {"woman": str(one), "other": str(other)})


def _of_blocks(count: Recount, groups: Sequence[Group]) -> Iterator[Violation]:
    blocks: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        blocks.setdefault((group.cell.venue, group.cell.slot), []).append(group)
    for (venue, slot), here in sorted(blocks.items()):
        facts = {"venue": venue, "slot": slot}
        if len({group.room for group in here}) < len(here):
            yield Violation("room_twice", facts)
        if len({group.facilitator for group in here}) < len(here):
            yield Violation("facilitator_twice", facts)
        children = sum(count.women[one].children for group in here for one in group.women if one in count.women)
        places = count.venues[venue].child_care.get(slot, 0) if venue in count.venues else 0
        if children > places:
            yield Violation("too_many_children", {**facts, "children": children, "places": places})


def worth(round_: Round, groups: Sequence[Group]) -> Worth:
    """What groups are worth; their women and venues are of the round."""
    women = {woman.id: woman for woman in round_.women}
    venues = {venue.id: venue for venue in round_.venues}
    placed = match = travel = 0
    for group in groups:
        for one in (women[id_] for id_ in group.women):
            placed += one.priority
            match += one.needs.get(group.cell.topic, 0)
            match += round_.chain_match if group.cell.type == one.chain else 0
            travel += metres(one.place, venues[group.cell.venue].place) if one.place is not None else 0
    return Worth(placed, -len(groups), match, -travel)


def hosted(count: Recount, groups: Sequence[tuple[int, str, str]], venue: Venue, slot: str) -> bool:
    """Whether a venue has, in a slot, a room and a facilitator for each of the groups (women, topic, language)."""
    rooms = [min(room.seats, count.round.maximum) for room in venue.rooms]
    there = [one for one in venue.facilitators if slot in one.slots]
    if len(groups) > min(len(rooms), len(there)):
        return False
    housed = any(
        all(women <= seats for (women, _, _), seats in zip(groups, some, strict=True))
        for some in permutations(rooms, len(groups))
    )
    return housed and any(
        all(
            topic in one.topics and spoken in one.languages
            for (_, topic, spoken), one in zip(groups, some, strict=True)
        )
        for some in permutations(there, len(groups))
    )
