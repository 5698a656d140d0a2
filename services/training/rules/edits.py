"""Whether groups changed by hand keep every condition, what they are worth, and who fits into a group."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import asin, cos, radians, sin, sqrt

from services.training.rules.nearness import EARTH_KM
from services.training.rules.placement.answer import Violation
from services.training.rules.placement.checking import broken_conditions, worth
from services.training.rules.placement.round import Cell, Group, Place, Round, Woman

FAMILY = "family:"
_METRES = 1000


def broken(
    round_: Round, before: Mapping[int, Group], after: Mapping[int, Group], excepted: frozenset[int]
) -> Violation | None:
    """The first condition that the groups break and did not break before; groups `excepted` may be too small."""
    was = set(_all(round_, before, excepted))
    return next((one for one in _all(round_, after, excepted) if one not in was), None)


def typed(round_: Round, group: Group) -> Group:
    """The group under the type that its women make it: their chain, or their family where they are of several."""
    chains = sorted({woman.chain for woman in round_.women if woman.id in set(group.women)})
    if len(chains) == 1:
        return replace(group, cell=replace(group.cell, type=chains[0]))
    families = {round_.families.get(chain) for chain in chains}
    if len(families) == 1 and None not in families:
        return replace(group, cell=replace(group.cell, type=f"{FAMILY}{families.pop()}"))
    return group


def worth_of(round_: Round, groups: Iterable[Group]) -> list[int]:
    """The worth as four whole numbers: placed, groups (less), match, metres (less)."""
    found = worth(round_, tuple(group for group in groups if group.women))
    return [found.placed, found.fewer_groups, found.match, found.less_travel]


def fits(round_: Round, woman: Woman, cell: Cell, place: Place, care: int) -> bool:
    """Whether she can join a group in this cell at `place` with so many places for children, there being room."""
    family = f"{FAMILY}{round_.families.get(woman.chain)}"
    return (
        woman.place is not None
        and cell.topic in woman.needs
        and cell.slot in woman.slots
        and cell.language in woman.languages
        and cell.type in {woman.chain, family}
        and woman.children <= care
        and metres_between(woman.place, place) <= round_.reach_m
    )


def match_and_metres(round_: Round, woman: Woman, cell: Cell, place: Place) -> tuple[int, int]:
    """What her place in such a group is worth: the points of need and type, and the metres that she travels."""
    points = woman.needs[cell.topic] + (round_.chain_match if cell.type == woman.chain else 0)
    return points, metres_between(woman.place, place) if woman.place else 0


def metres_between(one: Place, other: Place) -> int:
    """The great-circle distance in whole metres (haversine formula)."""
    (lon, lat), (lon_, lat_) = ((radians(degrees) for degrees in place) for place in (one, other))
    half = sin((lat - lat_) / 2) ** 2 + cos(lat) * cos(lat_) * sin((lon - lon_) / 2) ** 2
    return round(2 * EARTH_KM * _METRES * asin(sqrt(min(half, 1.0))))


def _all(round_: Round, groups: Mapping[int, Group], excepted: frozenset[int]) -> list[Violation]:
    small = tuple(groups[number] for number in sorted(excepted & groups.keys()))
    present = tuple(group for group in groups.values() if group.women)
    return list(broken_conditions(round_, present, excepted=small))
