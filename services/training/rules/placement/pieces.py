"""A round too large for one search is divided by territory; the pieces are answered each by itself and joined again.

What is asked for is divided the same way wherever the pieces are answered, so that the answer is the same. The bound
is not divided: no piece knows of the women whom two of them could have placed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.training.rules.placement.cells import field_of, metres_to
from services.training.rules.placement.drafted import drafted
from services.training.rules.placement.greedy import settle
from services.training.rules.placement.improve import better
from services.training.rules.placement.programme import Solve, by_highs
from services.training.rules.placement.round import Cell, Group, Round

WHOLE = 25_000
"""A round of so many women is searched as a whole: on one machine that takes minutes."""
WOMEN = 10_000
"""Of a larger one, each piece has about so many at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a round with the groups that its search begins from, and how that is done."""

    round: Round
    groups: tuple[Group, ...]
    seed: int
    budget: int
    keep: Mapping[UUID, Cell]


def divided(
    round_: Round, start: Sequence[Group], *, seed: int, budget: int, keep: Mapping[UUID, Cell] | None = None
) -> list[Piece]:
    """The round in pieces, none of which shares a woman or a venue with another: neighbouring venues with the women
    in their groups, and with those women without a group who live nearer to them than to any other. Each has its
    share of the budget. A round that is not too large is one piece.
    """
    keep = keep or {}
    if len(round_.women) <= WHOLE:
        return [Piece(round_, tuple(start), seed, budget, keep)]
    venue_of = _venue_of(round_, start)
    venues = sorted(set(venue_of.values()))
    weight = dict.fromkeys(venues, 0)
    for venue in venue_of.values():
        weight[venue] += 1
    at = {venue.id: venue.place for venue in round_.venues}
    found = []
    for number, inside in enumerate(_cut([(at[venue], venue, weight[venue]) for venue in venues])):
        women = tuple(woman for woman in round_.women if venue_of.get(woman.id) in inside)
        ids = {woman.id for woman in women}
        part = replace(
            round_,
            women=women,
            venues=tuple(venue for venue in round_.venues if venue.id in inside),
            together=frozenset(pair for pair in round_.together if ids.issuperset(pair)),
            apart=frozenset(pair for pair in round_.apart if ids.issuperset(pair)),
        )
        groups = tuple(group for group in start if group.cell.venue in inside)
        kept = {woman: cell for woman, cell in keep.items() if woman in ids}
        found.append(Piece(part, groups, seed + number, max(budget * len(women) // len(round_.women), 1), kept))
    return found


def answered(piece: Piece, solve: Solve = by_highs) -> Iterator[tuple[Group, ...]]:
    """The best groups of a piece after each iteration of its budget."""
    draft = drafted(field_of(piece.round), piece.groups, piece.keep)
    for best in better(draft, seed=piece.seed, budget=piece.budget, solve=solve):
        yield best.groups()


def joined(round_: Round, pieces: Sequence[Sequence[Group]], keep: Mapping[UUID, Cell] | None = None) -> list[Group]:
    """The groups of all pieces in the whole round; who lives between two pieces and was left out is seated where a
    group of another piece has room for her.
    """
    draft = drafted(field_of(round_), [group for groups in pieces for group in groups], keep)
    settle(draft)
    return list(draft.groups())


def _venue_of(round_: Round, start: Sequence[Group]) -> dict[UUID, str]:
    """The venue whose piece a woman belongs to: of her group, of those she comes with, or the nearest; of who lives
    beyond the reach of all, none.
    """
    venues = sorted(round_.venues, key=lambda venue: venue.id)
    women = sorted((woman for woman in round_.women if woman.place is not None), key=lambda woman: woman.id)
    if not venues or not women:
        return {}
    places = np.radians(np.array([woman.place for woman in women]))
    away = np.array([metres_to(venue.place, places[:, 0], places[:, 1]) for venue in venues])
    nearest: NDArray[np.int64] = away.argmin(axis=0)
    found = {woman.id: venues[one].id for woman, one in zip(women, nearest.tolist(), strict=True)}
    beyond = away.min(axis=0) > round_.reach_m
    for woman, far in zip(women, beyond.tolist(), strict=True):
        if far:
            del found[woman.id]
    for group in start:
        found |= dict.fromkeys(group.women, group.cell.venue)
    seated = {one for group in start for one in group.women}
    for one, other in sorted(round_.together):
        if one in found and other in found and one not in seated:
            found[other] = found[one]
    return found


def _cut(venues: list[tuple[tuple[float, float], str, int]]) -> Iterator[frozenset[str]]:
    """Venues cut in two, across the longer side of where they lie and at half the women, until each part is small
    enough.
    """
    total = sum(weight for _, _, weight in venues)
    if total <= WOMEN or len(venues) < 2:
        yield frozenset(venue for _, venue, _ in venues)
        return
    lon, lat = ([place[side] for place, _, _ in venues] for side in (0, 1))
    side = 0 if max(lon) - min(lon) >= max(lat) - min(lat) else 1
    ordered = sorted(venues, key=lambda one: (one[0][side], one[1]))
    before = np.cumsum([weight for _, _, weight in ordered])
    middle = int(np.clip(np.searchsorted(before, total / 2) + 1, 1, len(ordered) - 1))
    yield from _cut(ordered[:middle])
    yield from _cut(ordered[middle:])
