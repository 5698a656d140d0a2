"""Groups changed by hand: whether they keep every condition, what they are worth, and who fits into a group."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.training.rules.conditions import FAMILY, broken_conditions, is_of_type, metres_between
from services.training.rules.placement.answer import Violation
from services.training.rules.placement.round import Cell, Group, Place, Round, Woman


def broken(
    round_: Round, before: Mapping[int, Group], after: Mapping[int, Group], excepted: Iterable[int]
) -> Violation | None:
    """The first condition that the groups break and did not break before; groups `excepted` may be too small."""
    was = [_plain(one) for one in broken_conditions(round_, before, excepted)]
    for one in broken_conditions(round_, after, excepted):
        if _plain(one) not in was:
            return one
        was.remove(_plain(one))
    return None


def typed(round_: Round, group: Group) -> Group:
    """The group under the type that its women make it: their chain, or their family where they are of several."""
    mine = set(group.women)
    chains = {woman.chain for woman in round_.women if woman.id in mine}
    families = {round_.families.get(chain) for chain in chains}
    if len(chains) == 1:
        return replace(group, cell=replace(group.cell, type=chains.pop()))
    if len(families) == 1 and None not in families:
        return replace(group, cell=replace(group.cell, type=f"{FAMILY}{families.pop()}"))
    return group


def worth_of(round_: Round, groups: Iterable[Group]) -> list[int]:
    """The worth as four whole numbers: priorities placed, less the groups, points of match, less the metres."""
    women = {woman.id: woman for woman in round_.women}
    places = {venue.id: venue.place for venue in round_.venues}
    placed = match = metres = count = 0
    for group in groups:
        count += bool(group.women)
        for woman in (women[one] for one in group.women if one in women):
            points, way = match_and_metres(round_, woman, group.cell, places[group.cell.venue])
            placed, match, metres = placed + woman.priority, match + points, metres + way
    return [placed, -count, match, -metres]


def fits(round_: Round, woman: Woman, cell: Cell, place: Place, care: int) -> bool:
    """Whether she can join a group in this cell at `place` with so many places for children, there being room."""
    return (
        woman.place is not None
        and cell.topic in woman.needs
        and cell.slot in woman.slots
        and cell.language in woman.languages
        and is_of_type(round_, woman.chain, cell.type)
        and woman.children <= care
        and metres_between(woman.place, place) <= round_.reach_m
    )


def match_and_metres(round_: Round, woman: Woman, cell: Cell, place: Place) -> tuple[int, int]:
    """What her place in such a group is worth: the points of need and type, and the metres that she travels."""
    points = woman.needs.get(cell.topic, 0) + (round_.chain_match if cell.type == woman.chain else 0)
    return points, metres_between(woman.place, place) if woman.place else 0


def _plain(one: Violation) -> tuple[str, tuple[tuple[str, object], ...]]:
    """A condition without how far it is broken: a group that was too small stays so, be it by one more."""
    return one.code, tuple(sorted((name, fact) for name, fact in one.facts.items() if name == "group"))
