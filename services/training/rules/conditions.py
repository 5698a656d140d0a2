"""The conditions that every group of a round keeps, one by one: what a change by hand is refused for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from services.training.rules.nearness import EARTH_KM
from services.training.rules.placement.answer import Violation
from services.training.rules.placement.round import Group, Place, Round, Venue, Woman

FAMILY = "family:"
_METRES = 1000


def broken_conditions(round_: Round, groups: Mapping[int, Group], excepted: Iterable[int]) -> list[Violation]:
    """Every condition that the groups (by number) break: a code with the number of the group it is about. Groups
    `excepted` may be under the least size; who is in none of the groups breaks nothing.
    """
    women = {woman.id: woman for woman in round_.women}
    venues = {venue.id: venue for venue in round_.venues}
    present = {number: group for number, group in groups.items() if group.women}
    found: list[Violation] = []
    for number, group in present.items():
        venue = venues.get(group.cell.venue)
        if venue is None or group.cell.slot not in venue.slots:
            found.append(Violation("closed", {"group": number}))
            continue
        found += _of_size(round_, number, group, venue, number in set(excepted))
        found += _of_teaching(number, group, venue)
        for woman in group.women:
            found += _of_woman(round_, number, group, venue, women.get(woman))
    return [*found, *_at_once(present, venues, women), *_of_pairs(round_, present)]


def metres_between(one: Place, other: Place) -> int:
    """The great-circle distance in whole metres (haversine formula)."""
    (lon, lat), (lon_, lat_) = ([radians(degrees) for degrees in place] for place in (one, other))
    half = sin((lat - lat_) / 2) ** 2 + cos(lat) * cos(lat_) * sin((lon - lon_) / 2) ** 2
    return round(2 * EARTH_KM * _METRES * asin(sqrt(min(half, 1.0))))


def is_of_type(round_: Round, chain: str, type_: str) -> bool:
    """Whether a woman of this chain may be in a group of this type: her chain's, or her family's."""
    return type_ == chain or (chain in round_.families and type_ == f"{FAMILY}{round_.families[chain]}")


def _of_size(round_: Round, number: int, group: Group, venue: Venue, excepted: bool) -> Iterator[Violation]:
    seats = next((room.seats for room in venue.rooms if room.id == group.room), 0)
    most = min(round_.maximum, seats)
    if len(group.women) > most:
        yield Violation("too_large", {"group": number, "most": most})
    if len(group.women) < round_.minimum and not excepted:
        yield Violation("too_small", {"group": number, "minimum": round_.minimum})


def _of_teaching(number: int, group: Group, venue: Venue) -> Iterator[Violation]:
    one = next((one for one in venue.facilitators if one.id == group.facilitator), None)
    cell = group.cell
    if one is None or cell.topic not in one.topics or cell.language not in one.languages or cell.slot not in one.slots:
        yield Violation("not_taught", {"group": number})


def _of_woman(round_: Round, number: int, group: Group, venue: Venue, woman: Woman | None) -> Iterator[Violation]:
    if woman is None:
        yield Violation("unknown_woman", {"group": number})
        return
    cell = group.cell
    holds = {
        "no_need": cell.topic in woman.needs,
        "no_slot": cell.slot in woman.slots,
        "no_language": cell.language in woman.languages,
        "other_type": is_of_type(round_, woman.chain, cell.type),
        "too_far": woman.place is not None and metres_between(woman.place, venue.place) <= round_.reach_m,
    }
    for code, kept in holds.items():
        if not kept:
            yield Violation(code, {"group": number})


def _at_once(
    groups: Mapping[int, Group], venues: Mapping[str, Venue], women: Mapping[UUID, Woman]
) -> Iterator[Violation]:
    """Rooms, those who teach and places for children are shared by the groups of a venue in an hour."""
    rooms = Counter((group.cell.venue, group.cell.slot, group.room) for group in groups.values())
    teaching = Counter((group.cell.venue, group.cell.slot, group.facilitator) for group in groups.values())
    children: Counter[tuple[str, str]] = Counter()
    for number, group in groups.items():
        cell = group.cell
        if rooms[cell.venue, cell.slot, group.room] > 1 or teaching[cell.venue, cell.slot, group.facilitator] > 1:
            yield Violation("taken", {"group": number})
        children[cell.venue, cell.slot] += sum(women[one].children for one in group.women if one in women)
    for (venue, slot), count in children.items():
        places = venues[venue].child_care.get(slot, 0) if venue in venues else 0
        if count > places:
            yield Violation("no_child_care", {"children": count, "places": places})


def _of_pairs(round_: Round, groups: Mapping[int, Group]) -> Iterator[Violation]:
    of = {woman: number for number, group in groups.items() for woman in group.women}
    for one, other in sorted(round_.together):
        if of.get(one) != of.get(other):
            yield Violation("separated", {"group": of.get(one) or of.get(other) or 0})
    for one, other in sorted(round_.apart):
        if one in of and of[one] == of.get(other):
            yield Violation("apart", {"group": of[one]})
