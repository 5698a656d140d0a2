"""The first answer: the group that places most is opened first; the rest is mended until nothing simple helps."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

import numpy as np

from services.training.rules.placement.cells import Field
from services.training.rules.placement.draft import Draft, Open


def first_draft(known: Field) -> Draft:
    """Groups opened one after another, each time the one that places most (priorities), then settled."""
    draft = Draft(known)
    hopes = [(-_hope(draft, spot), spot) for spot in range(len(known.spots))]
    heapify(hopes)
    while hopes:
        hope, spot = heappop(hopes)
        cohort = draft.cohort(spot, draft.most(spot))
        value = -sum(draft.priority[party] for party in cohort)
        if cohort and (value, spot) > (hope, spot) and hopes and (value, spot) > hopes[0]:
            heappush(hopes, (value, spot))
        elif cohort:
            draft.open(spot, cohort)
            heappush(hopes, (value, spot))
    settle(draft)
    return draft


def _hope(draft: Draft, spot: int) -> int:
    most = draft.field.blocks[draft.field.spots[spot].block].seats[0]
    able = draft.field.able(spot)
    return int(np.sort(draft.field.priority[able])[::-1][:most].sum())


def settle(draft: Draft) -> None:
    """Seat who fits, exchange who is worth more, open what can be opened, until none of it is possible.

    After it, nobody without a place can be added to a group, begin one with others, or take one's place for a better
    worth.
    """
    rounds = _Rounds(draft)
    changed = True
    while changed:
        changed = rounds.seat_or_exchange()
        for spot in rounds.openable():
            cohort = draft.cohort(spot, draft.most(spot))
            if cohort:
                rounds.touch(draft.open(spot, cohort))
                changed = True


class _Rounds:
    """Passes over those without a place; who was looked at is looked at again when one of her venues has changed."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._now = 1
        self._changed = [1] * len(draft.at)
        self._seen = [0] * len(draft.of)
        self._spot_seen = [0] * len(draft.field.spots)

    def touch(self, group: Open) -> None:
        self._now += 1
        self._changed[self._draft.field.spots[group.spot].block] = self._now

    def seat_or_exchange(self) -> bool:
        draft, changed = self._draft, False
        waiting = [party for party, group in enumerate(draft.of) if group is None and draft.spots_of[party]]
        waiting.sort(key=lambda party: (-draft.priority[party], party))
        while waiting:
            again: list[int] = []
            for party in waiting:
                blocks = {draft.field.spots[spot].block for spot in draft.spots_of[party]}
                if draft.of[party] is not None or max(self._changed[one] for one in blocks) < self._seen[party]:
                    continue
                self._now += 1
                self._seen[party] = self._now
                moved = self._seat(party) or self._exchange(party, again)
                changed = changed or moved
            waiting = again
        return changed

    def openable(self) -> Iterator[int]:
        """The spots in which those without a place are as many as the minimum, and that may have room."""
        draft, known = self._draft, self._draft.field
        free = np.array([group is None for group in draft.of], dtype=bool)
        women = np.concatenate([[0], np.cumsum((known.size * free)[known.who])])
        there = women[known.start[1:]] - women[known.start[:-1]]
        for spot in np.flatnonzero(there >= max(known.round.minimum, 1)).tolist():
            if draft.most(spot):
                yield spot

    def _seat(self, party: int) -> bool:
        fitting = [group for group in groups_for(self._draft, party) if self._draft.fits(party, group)]
        if fitting:
            best = max(fitting, key=lambda group: self._gain(party, group))
            self._draft.seat(party, best)
            self.touch(best)
        return bool(fitting)

    def _gain(self, party: int, group: Open) -> tuple[bool, int, int]:
        stays = self._draft.keep.get(party) == group.spot
        more = self._draft.match(group, {*group.parties, party}) - self._draft.match(group, group.parties)
        return stays, more, -self._draft.merit(group.spot, party)[1]

    def _exchange(self, party: int, again: list[int]) -> bool:
        draft = self._draft
        best: tuple[tuple[int, int, int, int], Open, int] | None = None
        for group in groups_for(draft, party):
            for other in sorted(group.parties):
                if draft.priority[other] <= draft.priority[party] and draft.fits(party, group, other):
                    gain = exchanged(draft, party, group, other)
                    if gain > (0, 0, 0, 0) and (best is None or gain > best[0]):
                        best = (gain, group, other)
        if best is None:
            return False
        draft.leave(best[2])
        draft.seat(party, best[1])
        self.touch(best[1])
        self._seen[best[2]] = 0
        again.append(best[2])
        return True


def groups_for(draft: Draft, party: int) -> Iterator[Open]:
    """The groups of the kinds, topics, languages, places and hours that would do for a party."""
    for spot in draft.spots_of[party]:
        for group in draft.at[draft.field.spots[spot].block]:
            if group.spot == spot:
                yield group


def exchanged(draft: Draft, party: int, group: Open, other: int) -> tuple[int, int, int, int]:
    """What is gained if `party` sits in a group instead of `other`: placed, women who stay, match, less travel."""
    placed = draft.priority[party] - draft.priority[other]
    stayed = sum(
        sign * draft.size[one] * (draft.keep.get(one) == group.spot) for sign, one in ((1, party), (-1, other))
    )
    match = draft.match(group, (group.parties - {other}) | {party}) - draft.match(group, group.parties)
    travel = draft.merit(group.spot, other)[1] - draft.merit(group.spot, party)[1]
    return placed, stayed, match, travel
