"""Told groups taken up again as a draft."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.training.rules.placement.cells import Field, Spot, kind_of
from services.training.rules.placement.draft import Draft, Open
from services.training.rules.placement.round import Cell, Group, Round


def spot_numbers(known: Field) -> dict[tuple[str, str, str, str, str], int]:
    """Spots by venue, slot, topic, kind and language."""
    return {_named(known, spot): number for number, spot in enumerate(known.spots)}


def _named(known: Field, spot: Spot) -> tuple[str, str, str, str, str]:
    block = known.blocks[spot.block]
    return block.venue.id, block.slot, spot.taught[0], spot.kind, spot.taught[1]


def _wide(round_: Round, cell: Cell) -> tuple[str, str, str, str, str]:
    return cell.venue, cell.slot, cell.topic, kind_of(round_, cell.type), cell.language


def kept(known: Field, keep: Mapping[UUID, Cell]) -> dict[int, int]:
    """The spot in which each party of confirmed women is, for those where it still is one."""
    numbers, index = spot_numbers(known), {woman.id: number for number, woman in enumerate(known.women)}
    party_of = {one: party for party, inside in enumerate(known.parties) for one in inside}
    found: dict[int, int] = {}
    for id_, cell in keep.items():
        spot = numbers.get(_wide(known.round, cell))
        if spot is not None and id_ in index:
            found[party_of[index[id_]]] = spot
    return found


def drafted(known: Field, groups: Iterable[Group], keep: Mapping[UUID, Cell] | None = None) -> Draft:
    """A draft of these groups, as far as the round still allows them: who may no longer come is left out, and a group
    for which there are too few, or no room or facilitator, is not opened.
    """
    draft = Draft(known, kept(known, keep or {}))
    for spot, parties, _ in _seated(known, groups):
        sat = _open(draft, spot, parties)
        if draft.women(sat) < max(known.round.minimum, 1):
            draft.close(sat)
    return draft


def continued(known: Field, groups: Iterable[Group], keep: Mapping[UUID, Cell]) -> Draft:
    """A draft that goes on from groups formed before: one that became too small is filled from those without a place,
    and given up where that is not enough.
    """
    draft = Draft(known, kept(known, keep))
    low = max(known.round.minimum, 1)
    opened = [_open(draft, spot, parties) for spot, parties, _ in _seated(known, groups)]
    for group in opened:
        if not group.parties:
            draft.close(group)
    for group in [one for one in opened if one.parties and draft.women(one) < low]:
        for party in draft.waiting(group.spot):
            if draft.women(group) < low and draft.fits(party, group):
                draft.seat(party, group)
        if draft.women(group) < low:
            draft.close(group)
    return draft


def as_told(known: Field, groups: Iterable[Group]) -> Draft:
    """A draft of exactly these groups, which keep the conditions of the round; some may be under the minimum."""
    draft = Draft(known)
    for spot, parties, group in _seated(known, groups):
        draft.open(spot, parties).room = group.room
    return draft


def _seated(known: Field, groups: Iterable[Group]) -> Iterable[tuple[int, list[int], Group]]:
    numbers, index = spot_numbers(known), {woman.id: number for number, woman in enumerate(known.women)}
    party_of = {one: party for party, inside in enumerate(known.parties) for one in inside}
    for group in groups:
        spot = numbers.get(_wide(known.round, group.cell))
        if spot is not None:
            women = {index[id_] for id_ in group.women if id_ in index}
            able = set(known.able(spot).tolist())
            parties = sorted({party_of[one] for one in women} & able)
            yield spot, [party for party in parties if women.issuperset(known.parties[party])], group


def _open(draft: Draft, spot: int, parties: Iterable[int]) -> Open:
    most = draft.most(spot)
    care = draft.care_left(draft.field.spots[spot].block)
    made = draft.open(spot, ())
    women = 0
    for party in parties:
        enemies = draft.enemies.get(party, frozenset())
        free = draft.of[party] is None and enemies.isdisjoint(made.parties)
        if free and women + draft.size[party] <= most and draft.children[party] <= care:
            draft.seat(party, made)
            women += draft.size[party]
            care -= draft.children[party]
    return made
