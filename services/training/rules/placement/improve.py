"""Better answers: some neighbouring venues are emptied and filled anew as well as can be, again and again.

Which venues is drawn from a seed, those that were emptied least often first; what comes out is kept unless it is worth
less. The work of one iteration is limited by nodes of the search tree and not by a clock.
"""

from collections.abc import Iterator
from random import Random

import numpy as np

from services.training.rules.placement.cells import Field, Numbers, metres_to
from services.training.rules.placement.draft import Draft
from services.training.rules.placement.greedy import settle
from services.training.rules.placement.model import Model, model_of
from services.training.rules.placement.programme import Chosen, Programme, Solve, by_highs

ENTRIES = 1000
"""So many ways of placing a party are opened at once, more or less; more and more when nothing is found any longer."""
WIDEST = 2500
NODES = 6
_PATIENCE = 3
_PLACED, _GROUP = 1000.0, 4.0
"""Weights for whom and how many groups: in a neighbourhood there are too few groups to outweigh a woman."""


def better(
    start: Draft, *, seed: int, budget: int, first: str | None = None, solve: Solve = by_highs
) -> Iterator[Draft]:
    """The best draft after each iteration; `start` is not changed. The venue `first`, if told, is emptied first."""
    chance = Random(seed)  # noqa: S311 - not a secret
    known = start.field
    districts = Districts(known, first)
    best = start.copy()
    settle(best)
    value, idle = best.value(), 0
    futile: set[tuple[int, ...]] = set()
    for _ in range(budget):
        spots = districts.next(chance)
        attempt = refilled(best, spots, solve) if spots and tuple(spots) not in futile else None
        idle += len(spots)
        futile.add(tuple(spots))
        if attempt is not None:
            settle(attempt)
            reached = attempt.value()
            if reached > value:
                best, value, idle = attempt, reached, 0
                futile.clear()
        if idle > _PATIENCE * len(known.spots):
            idle, districts.width = 0, min(districts.width * 3 // 2, WIDEST)
        yield best


class Districts:
    """Neighbouring venues, drawn such that each has its turn."""

    def __init__(self, known: Field, first: str | None = None) -> None:
        places = {block.venue.id: block.venue.place for block in known.blocks}
        self._venues = sorted(places)
        self._places = np.radians(np.array([places[venue] for venue in self._venues]).reshape(-1, 2))
        self._spots: dict[str, list[int]] = {venue: [] for venue in self._venues}
        for number, spot in enumerate(known.spots):
            self._spots[known.blocks[spot.block].venue.id].append(number)
        self._known, self._at = known, places
        self.width = ENTRIES
        self._emptied = {
            venue: int(first is not None and venue != first) for venue in self._venues if self._spots[venue]
        }

    def next(self, chance: Random) -> list[int]:
        """The spots of the venues whose turn it is; none when there is nothing to be taught anywhere."""
        if not self._emptied:
            return []
        least = min(self._emptied.values())
        centre = chance.choice([venue for venue, times in self._emptied.items() if times == least])
        metres = metres_to(self._at[centre], self._places[:, 0], self._places[:, 1])
        order = sorted(
            (one * chance.uniform(1.0, 1.6), venue) for one, venue in zip(metres.tolist(), self._venues, strict=True)
        )
        chosen: list[int] = []
        entries = 0
        for _, venue in order:
            more = sum(int(self._known.start[spot + 1] - self._known.start[spot]) for spot in self._spots[venue])
            if chosen and entries + more > self.width:
                if chance.random() < 0.5:
                    break
                continue
            chosen += self._spots[venue]
            entries += more
            if self._spots[venue]:
                self._emptied[venue] += 1
            if entries > 0.9 * self.width:
                break
        return sorted(chosen)


def refilled(draft: Draft, spots: list[int], solve: Solve = by_highs) -> Draft | None:
    """The draft with the groups of `spots` formed anew; None when the search of this size found nothing."""
    known, inside = draft.field, set(spots)
    free = np.array([group is None or group.spot in inside for group in draft.of], dtype=bool)
    model = model_of(known, spots, free)
    stays = _stays(draft, model)
    seat, room = _weights(draft, model, stays)
    wished = seat * known.priority[model.entry_party] + stays
    gain = np.concatenate([wished, np.full(len(model.room_spot), -room)])
    opened = solve(Programme(gain, model.rows, model.limit, NODES, known=_known(draft, model)))
    if opened is None:
        return None
    seated = _reseated(known, model, opened, stays, solve)
    attempt = draft.copy()
    for group in [group for groups in attempt.at for group in groups if group.spot in inside]:
        attempt.close(group)
    _open(attempt, model, opened if seated is None else seated)
    return attempt


def _known(draft: Draft, model: Model) -> Chosen:
    """The draft itself as a choice: who sits where, and in how many rooms of each spot."""
    at = [-1 if group is None else group.spot for group in draft.of]
    sits = np.array(at, dtype=np.int64)[model.entry_party] == model.entry_spot
    taken = np.zeros(len(model.room_spot), dtype=bool)
    for groups in draft.at:
        for rank, group in enumerate(sorted(groups, key=lambda one: (-draft.women(one), one.spot, min(one.parties)))):
            rooms = np.flatnonzero(model.room_spot == group.spot)
            taken[rooms[rank : rank + 1]] = True
    return np.concatenate([sits, taken])


def _weights(draft: Draft, model: Model, stays: Numbers) -> tuple[float, float]:
    """What placing somebody weighs, and a group: where women are confirmed, all groups less than one who stays, and
    all who stay less than one who is placed.
    """
    if not draft.keep:
        return _PLACED, _GROUP
    return float(stays.sum()) + 2.0, 0.5 / max(len(model.room_spot), 1)


def _stays(draft: Draft, model: Model) -> Numbers:
    kept = [
        draft.size[party] if draft.keep.get(party) == spot else 0
        for party, spot in zip(model.entry_party.tolist(), model.entry_spot.tolist(), strict=True)
    ]
    return np.array(kept, dtype=np.int64)


def _reseated(known: Field, model: Model, opened: Chosen, stays: Numbers, solve: Solve) -> Chosen | None:
    """The same groups, as many placed: who sits where such that few move, the need is met best and travel is least."""
    rooms = opened[model.entries :].astype(np.float64)
    need, metres = np.zeros(model.entries), np.zeros(model.entries)
    for spot in np.unique(model.entry_spot).tolist():
        here = model.entry_spot == spot
        who = np.searchsorted(known.able(spot), model.entry_party[here])
        need[here] = known.need[known.entries(spot)][who]
        metres[here] = known.metres[known.entries(spot)][who]
    priority = known.priority[model.entry_party].astype(np.float64)
    gain = stays * (need.max(initial=0) * 100 + 1) + need - metres / (metres.sum() + 1)
    there = np.isin(model.entry_spot, model.room_spot[rooms > 0]).astype(np.float64)
    return solve(
        Programme(
            np.concatenate([gain, 0 * rooms]),
            model.rows,
            model.limit,
            1,
            low=np.concatenate([np.zeros(model.entries), rooms]),
            high=np.concatenate([there, rooms]),
            reached=(np.concatenate([priority, 0 * rooms]), float(priority @ opened[: model.entries])),
            known=opened,
        )
    )


def _open(draft: Draft, model: Model, chosen: Chosen) -> None:
    known = draft.field
    parties: dict[int, list[int]] = {}
    for entry in np.flatnonzero(chosen[: model.entries]).tolist():
        parties.setdefault(int(model.entry_spot[entry]), []).append(int(model.entry_party[entry]))
    rooms = np.flatnonzero(chosen[model.entries :]).tolist()
    first = {int(spot): number for number, spot in reversed(list(enumerate(model.room_spot.tolist())))}
    taken: dict[int, list[int]] = {}
    for number in rooms:
        spot = int(model.room_spot[number])
        taken.setdefault(spot, []).append(known.blocks[known.spots[spot].block].seats[number - first[spot]])
    for spot, seats in sorted(taken.items()):
        for group in split(draft, parties.get(spot, []), seats):
            draft.open(spot, group)


def split(draft: Draft, parties: list[int], seats: list[int]) -> list[list[int]]:
    """Parties of one spot in groups for these rooms, women of one chain beside each other; who fits nowhere is left."""
    low = draft.field.round.minimum
    waiting = sorted(parties, key=lambda party: (-draft.size[party], sorted(draft.chains[party]), party))
    total = sum(draft.size[party] for party in parties)
    groups: list[list[int]] = []
    for number, most in enumerate(seats):
        later = low * (len(seats) - number - 1)
        group, size = list[int](), 0
        for party in waiting:
            if size + draft.size[party] <= min(most, total - later):
                group.append(party)
                size += draft.size[party]
        if size >= low:
            groups.append(group)
            total -= size
            waiting = [party for party in waiting if party not in group]
    return groups
