"""How women of one kind of enterprise with one need are put together into training groups.

A group has at least `minimum` and at most `maximum` women and no two of its members live farther apart than
`diameter_km`. Partners of one enterprise go together. The proposal is built greedily from several starting orders and
repaired; of these the one is taken that places most women, in fewest groups, with least travel. It is a good answer,
not a proven best one. The same candidates in any order give the same groups.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.training.rules.cells import Candidate, Group, Grouping, LeftOut, Limits
from services.training.rules.draft import TOLERANCE, Draft, Field
from services.training.rules.nearness import diameter_km, distances_km

_PASSES = 6
_WAYS = tuple(
    (order, size) for size in ("fair", "least") for order in ("scarcest", "densest", "west", "east", "south", "north")
)
"""The starting orders, and whether groups are begun at an even size or at the least one."""
_MANY = 300
"""From so many candidates in one piece on, only two ways are tried."""


def group(candidates: Iterable[Candidate], limits: Limits) -> Grouping:
    """Groups for candidates of one kind and one need."""
    ordered = sorted(candidates, key=lambda candidate: candidate.id)
    left_out: dict[UUID, LeftOut] = {}
    placed: list[Candidate] = []
    for candidate in ordered:
        if candidate.women > limits.maximum:
            left_out[candidate.id] = LeftOut("too_many_partners", {"women": candidate.women})
        elif candidate.place is None:
            left_out[candidate.id] = LeftOut("no_place")
        else:
            placed.append(candidate)
    if not placed:
        return Grouping((), left_out)
    groups: list[Group] = []
    for island in _islands(placed, limits):
        ways = _WAYS if len(island.candidates) <= _MANY else _WAYS[:2]
        best = min((_attempt(island, *way) for way in ways), key=Draft.cost)
        groups += _groups(best)
        left_out |= _reasons(best)
    return Grouping(tuple(sorted(groups, key=lambda one: (-one.women, one.members))), left_out)


def _islands(candidates: Sequence[Candidate], limits: Limits) -> Iterator[Field]:
    """The candidates in pieces between which nobody is near anybody: each can be grouped by itself."""
    distances = distances_km([candidate.place for candidate in candidates if candidate.place])
    near = distances <= limits.diameter_km + TOLERANCE
    waiting = np.ones(len(candidates), dtype=bool)
    while waiting.any():
        island = np.zeros(len(candidates), dtype=bool)
        edge = np.zeros(len(candidates), dtype=bool)
        edge[int(np.argmax(waiting))] = True
        while edge.any():
            island |= edge
            edge = near[edge].any(axis=0) & ~island
        waiting &= ~island
        here = np.flatnonzero(island)
        yield Field([candidates[int(who)] for who in here], limits, distances[np.ix_(here, here)])


def _attempt(field_: Field, order: str, size: str) -> Draft:
    draft = Draft(field_)
    _found_groups(draft, order, size)
    _admit(draft)
    _borrow(draft)
    _admit(draft)
    _shorten(draft)
    return draft


def _found_groups(draft: Draft, order: str, size: str) -> None:
    """Found groups one after another, each around the free candidate who comes first in `order`."""
    field_, limits = draft.field, draft.field.limits
    founders = np.ones(len(field_.candidates), dtype=bool)
    neighbours = field_.near.astype(np.float64) @ field_.women
    while True:
        possible = np.flatnonzero((draft.of < 0) & founders & (neighbours >= limits.minimum))
        if not len(possible):
            return
        founder = int(possible[int(np.argmin(_key(field_, neighbours, order)[possible]))])
        target = limits.minimum if size == "least" else _fair_size(int(neighbours[founder]), limits)
        members = _grow(field_, founder, draft.of < 0, target)
        if int(field_.women[members].sum()) >= limits.minimum:
            draft.found(members)
            neighbours -= field_.women[members] @ field_.near[members]
            founders[:] = True
        else:
            founders[founder] = False


def _key(field_: Field, neighbours: NDArray[np.float64], order: str) -> NDArray[np.float64]:
    """What the founders are ordered by, least first: free women near them, or where they live."""
    match order:
        case "scarcest":
            return neighbours
        case "densest":
            return -neighbours
        case "west" | "east":
            return field_.lon if order == "west" else -field_.lon
        case _:
            return field_.lat if order == "south" else -field_.lat


def _fair_size(women: int, limits: Limits) -> int:
    """The size at which `women` near each other fill the fewest groups evenly: 35 with room for 30 make 18 and 17."""
    groups = -(-women // limits.maximum)
    return max(limits.minimum, min(limits.maximum, -(-women // groups)))


def _grow(field_: Field, founder: int, allowed: NDArray[np.bool_], target: int) -> list[int]:
    """The founder and, nearest first, those of `allowed` who are near everybody taken before, up to `target` women."""
    members, size = [founder], int(field_.women[founder])
    eligible = allowed & field_.near[founder]
    eligible[founder] = False
    for who in np.argsort(field_.distances[founder], kind="stable"):
        if size >= target:
            break
        if eligible[who] and size + field_.women[who] <= field_.limits.maximum:
            members.append(int(who))
            size += int(field_.women[who])
            eligible &= field_.near[who]
    return members


def _admit(draft: Draft) -> None:
    """Let everybody left out join the nearest group that takes her."""
    for who in np.flatnonzero(draft.of < 0):
        open_ = draft.taking(int(who))
        if len(open_):
            draft.put(int(who), int(open_[int(np.argmin(draft.mean_km(int(who), open_)))]))


def _borrow(draft: Draft) -> None:
    """Found a group around somebody left out, with members that other groups can spare."""
    field_, limits = draft.field, draft.field.limits
    for founder in np.flatnonzero(draft.of < 0):
        if draft.of[founder] >= 0:
            continue
        members = _grow(field_, int(founder), draft.of < 0, limits.maximum)
        borrowed = _borrowed(draft, int(founder), members)
        if int(field_.women[members + list(borrowed)].sum()) >= limits.minimum:
            draft.found(members + list(borrowed))
        else:
            for who, group_ in borrowed.items():
                draft.put(who, group_)


def _borrowed(draft: Draft, founder: int, members: Sequence[int]) -> dict[int, int]:
    """Taken out of their groups, nearest first: who brings `members` to the least size, and where she came from."""
    field_, limits = draft.field, draft.field.limits
    size = int(field_.women[members].sum())
    eligible = (draft.of >= 0) & field_.near[members].all(axis=0)
    taken: dict[int, int] = {}
    for who in map(int, np.argsort(field_.distances[founder], kind="stable")):
        if size >= limits.minimum:
            break
        if eligible[who] and draft.spares(who) and size + field_.women[who] <= limits.maximum:
            taken[who] = int(draft.of[who])
            draft.put(who, -1)
            size += int(field_.women[who])
            eligible &= field_.near[who]
    return taken


def _shorten(draft: Draft) -> None:
    """Move single members to a nearer group as long as that shortens the travel; nobody loses her place."""
    for _ in range(_PASSES):
        moves = sum(_move_nearer(draft, who) for who in range(len(draft.of)))
        if not moves:
            return


def _move_nearer(draft: Draft, who: int) -> bool:
    here = int(draft.of[who])
    if here < 0 or not draft.spares(who):
        return False
    others = draft.taking(who)
    others = others[others != here]
    if not len(others):
        return False
    means = draft.mean_km(who, others)
    there = int(others[int(np.argmin(means))])
    if means.min() >= draft.km[here, who] / (draft.size[here] - 1):
        return False
    before = draft.travel(here) + draft.travel(there)
    draft.put(who, there)
    if draft.travel(here) + draft.travel(there) < before - TOLERANCE:
        return True
    draft.put(who, here)
    return False


def _groups(draft: Draft) -> list[Group]:
    made: list[Group] = []
    for group_ in range(draft.count):
        members = [int(who) for who in draft.members(group_)]
        ids = tuple(draft.field.candidates[who].id for who in members)
        made.append(Group(ids, int(draft.women_in[group_]), diameter_km(draft.field.distances, members)))
    return made


def _reasons(draft: Draft) -> dict[UUID, LeftOut]:
    left = [int(who) for who in np.flatnonzero(draft.of < 0)]
    return {draft.field.candidates[who].id: _reason(draft, who) for who in left}


def _reason(draft: Draft, who: int) -> LeftOut:
    field_, limits = draft.field, draft.field.limits
    near = int(field_.women[field_.near[who]].sum())
    if near < limits.minimum:
        return LeftOut("too_few_near", {"near": near, "missing": limits.minimum - near})
    in_reach = int((draft.too_far[: draft.count, who] == 0).sum())
    if in_reach:
        return LeftOut("no_room", {"groups": in_reach, "women": int(field_.women[who])})
    placed = int(field_.women[field_.near[who] & (draft.of >= 0)].sum())
    return LeftOut("neighbours_placed", {"near": near, "placed": placed})
