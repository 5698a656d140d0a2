"""Groups changed by hand: whether they keep every condition, what they are worth, and who fits into a group."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from services.training.rules.placement.answer import Violation
from services.training.rules.placement.checking import metres, violations, worth
from services.training.rules.placement.round import Cell, Group, Place, Round, Woman

FAMILY = "family:"
_ABOUT = ("venue", "slot", "room", "woman", "other")


def broken(
    round_: Round, before: Mapping[int, Group], after: Mapping[int, Group], excepted: Iterable[int]
) -> Violation | None:
    """The first condition that the groups break and did not break before, as the checker of placements finds it, said
    with the number of its group; groups `excepted` may be too small.
    """
    was = {_about(one) for one in _found(round_, before, excepted)}
    one = next((one for one in _found(round_, after, excepted) if _about(one) not in was), None)
    return _said(round_, after, one) if one else None


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
    """The worth as four whole numbers: priorities placed, less the groups, points of match, less the metres. Who is
    not of the round any more counts for nothing.
    """
    known = {woman.id for woman in round_.women}
    there = {venue.id for venue in round_.venues}
    kept = [replace(group, women=tuple(one for one in group.women if one in known)) for group in groups]
    found = worth(round_, [group for group in kept if group.women and group.cell.venue in there])
    return [found.placed, found.fewer_groups, found.match, found.less_travel]


def fits(round_: Round, woman: Woman, cell: Cell, place: Place, care: int) -> bool:
    """Whether she can join a group in this cell at `place` with so many places for children, there being room."""
    return why_not(round_, woman, cell, place) is None and woman.children <= care


def why_not(round_: Round, woman: Woman, cell: Cell, place: Place) -> str | None:
    """The first condition of her own that a place in such a group would break; None where she could learn there."""
    holds = {
        "no_need": woman.needs.get(cell.topic, 0) > 0,
        "other_type": cell.type in {woman.chain, f"{FAMILY}{round_.families.get(woman.chain)}"},
        "no_slot": cell.slot in woman.slots,
        "no_language": cell.language in woman.languages,
        "too_far": woman.place is not None and metres(woman.place, place) <= round_.reach_m,
    }
    return next((code for code, kept in holds.items() if not kept), None)


def match_and_metres(round_: Round, woman: Woman, cell: Cell, place: Place) -> tuple[int, int]:
    """What her place in such a group is worth: the points of need and type, and the metres that she travels."""
    points = woman.needs.get(cell.topic, 0) + (round_.chain_match if cell.type == woman.chain else 0)
    return points, metres(woman.place, place) if woman.place else 0


def _found(round_: Round, groups: Mapping[int, Group], excepted: Iterable[int]) -> tuple[Violation, ...]:
    seats = [(groups[number].cell, groups[number].room) for number in excepted if number in groups]
    return violations(round_, [group for group in groups.values() if group.women], seats)


def _about(one: Violation) -> tuple[str, tuple[object, ...]]:
    """A condition without how far it is broken: a group that was too small stays so, be it by one more."""
    return one.code, tuple(one.facts.get(name) for name in _ABOUT)


def _said(round_: Round, groups: Mapping[int, Group], one: Violation) -> Violation:
    """The violation with the number of the group; where a woman may not be in her group, with the condition of hers."""
    number, group = _group_of(groups, one)
    code = one.code
    if code == "not_for_her" and group is not None:
        woman = next(woman for woman in round_.women if str(woman.id) == one.facts["woman"])
        place = next(venue.place for venue in round_.venues if venue.id == group.cell.venue)
        code = why_not(round_, woman, group.cell, place) or "no_child_care"
    kept = {name: fact for name, fact in one.facts.items() if name not in _ABOUT}
    return Violation(code, {**kept, "group": number})


def _group_of(groups: Mapping[int, Group], one: Violation) -> tuple[int, Group | None]:
    for number, group in groups.items():
        seat = {"venue": group.cell.venue, "slot": group.cell.slot, "room": group.room}
        here = {name: one.facts[name] for name in seat if name in one.facts}
        woman = one.facts.get("woman")
        inside = woman is None or UUID(str(woman)) in group.women
        if inside and all(seat[name] == fact for name, fact in here.items()):
            return number, group
    return 0, None
