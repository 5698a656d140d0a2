"""Groups that go on when a round is planned anew: which group each of them was before, and who moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.training.rules.edits import typed
from services.training.rules.placement.checking import Recount, violations
from services.training.rules.placement.round import Cell, Group, Round
from services.training.rules.rounds import venue_of

Spot = tuple[str, str, str, str]
"""Where, when, what and in which language somebody learns: who keeps all of it keeps her place."""


@dataclass(frozen=True, slots=True)
class Formed:
    """A group formed before: its cell in terms of today's round, and who is in it."""

    id: UUID
    cell: Cell
    women: frozenset[UUID]


def spot_of(cell: Cell) -> Spot:
    return venue_of(cell.venue), cell.slot, cell.topic, cell.language


def seated_again(round_: Round, groups: Sequence[Group], formed: Sequence[Formed]) -> tuple[Group, ...]:
    """The groups, with women of one spot exchanged where that lets more of them sit with those they sat with. Every
    condition that held still holds.
    """
    held = list(groups)
    goes_on = continued(held, formed)
    of = {woman: one.id for one in formed for woman in one.women}
    at = {id_: number for number, id_ in goes_on.items()}
    for number, group in enumerate(groups):
        for woman in group.women:
            home = at.get(of[woman]) if woman in of else None
            if home is None or home == number or woman in held[home].women:
                continue
            if spot_of(held[home].cell) == spot_of(group.cell):
                _bring_home(round_, held, woman, (number, home), of, goes_on)
    return tuple(sorted(held, key=lambda one: (one.cell, one.room)))


def continued(groups: Sequence[Group], formed: Sequence[Formed]) -> dict[int, UUID]:
    """For positions of groups, the group formed before that each goes on as: first those that stay in their spot, by
    how many stay together; then those of which half or more go elsewhere together to learn the same.
    """
    found: dict[int, UUID] = {}
    for stays in (True, False):
        pairs = [
            (len(one.women.intersection(group.women)), number, one)
            for number, group in enumerate(groups)
            for one in formed
            if (spot_of(group.cell) == spot_of(one.cell)) is stays and group.cell.topic == one.cell.topic
        ]
        for shared, number, one in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2].id)):
            enough = shared > 0 if stays else 2 * shared >= len(one.women) > 0
            if enough and number not in found and one.id not in found.values():
                found[number] = one.id
    return found


def moved(groups: Sequence[Group], formed: Sequence[Formed]) -> frozenset[UUID]:
    """The women of groups formed before who would not stay: out, in another spot, or with other women."""
    goes_on = continued(groups, formed)
    stay: set[UUID] = set()
    for number, group in enumerate(groups):
        for one in formed:
            if goes_on.get(number) == one.id and spot_of(group.cell) == spot_of(one.cell):
                stay |= one.women.intersection(group.women)
    return frozenset(woman for one in formed for woman in one.women) - stay


def keeps_place(was: Mapping[str, Any], goes_on: UUID | None, spot: Spot | None) -> bool:
    """Whether she whose group `was` keeps her place in a group that goes on as `goes_on` in a spot."""
    there = tuple(was[name] for name in ("venue", "slot", "topic", "language"))
    return str(goes_on) == was["group"] and spot == there


def kept_cells(formed: Iterable[Formed]) -> dict[UUID, Cell]:
    """The cell in which each confirmed woman is."""
    return {woman: one.cell for one in formed for woman in one.women}


def _bring_home(
    round_: Round,
    held: list[Group],
    woman: UUID,
    between: tuple[int, int],
    of: Mapping[UUID, UUID],
    goes_on: Mapping[int, UUID],
) -> None:
    """Exchange her for somebody who is not at home there, or let her in where there is room."""
    here, home = between
    if len(Recount(round_).companions.get(woman, ())) > 1:
        return
    strangers = [other for other in held[home].women if of.get(other) != goes_on.get(home)]
    for other in [*sorted(strangers, key=lambda one: of.get(one) != goes_on.get(here)), None]:
        attempt = list(held)
        attempt[here] = _with(round_, held[here], woman, other)
        attempt[home] = _with(round_, held[home], other, woman)
        if not violations(round_, attempt):
            held[:] = attempt
            return


def _with(round_: Round, group: Group, gone: UUID | None, come: UUID | None) -> Group:
    women = {*group.women, come} - {gone, None}
    return typed(round_, replace(group, women=tuple(sorted(one for one in women if one is not None))))
