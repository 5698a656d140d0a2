"""What would place most women if it were changed: what those left out lack is counted, the likeliest changes are tried.

Each change is tried by solving again from the answer with the same seed and budget. What the budget places without any
change is taken off.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from services.training.rules.placement.answer import Answer, Change, Fact, Relaxation
from services.training.rules.placement.cells import field_of, kind_of
from services.training.rules.placement.checking import metres
from services.training.rules.placement.draft import Draft
from services.training.rules.placement.drafted import drafted
from services.training.rules.placement.greedy import settle
from services.training.rules.placement.improve import better
from services.training.rules.placement.programme import Solve, by_highs
from services.training.rules.placement.round import Cell, Facilitator, Room, Round, Venue, Woman

FARTHER_M = 5_000
"""By how much the reach is widened."""
MORE_PLACES = 10
"""For how many children more there would be care."""
_LOOKED_AT, _TRIED = 5, 2
"""For each change that is asked for, so many are settled quickly and so many are solved again."""

Proposal = tuple[Change, Mapping[str, Fact]]


def relaxations(
    round_: Round, answer: Answer, *, seed: int, budget: int, at_most: int = 10, solve: Solve = by_highs
) -> Iterator[Relaxation]:
    """Changes that place more, as they are found; the caller sorts them (`placed`) and keeps `at_most` of them."""
    again = partial(_solved, answer=answer, seed=seed, budget=budget, solve=solve)
    usual = again(round_)
    likely = [one for _, one in sorted(_likely(round_, answer), key=lambda one: (-one[0], str(one[1])))]
    general = [one for one in likely if one[0] in (Change.REACH, Change.MINIMUM)]
    chosen = [*general, *[one for one in likely if one not in general][: _LOOKED_AT * at_most]]
    quick = []
    for number, (change, facts) in enumerate(chosen):
        draft = drafted(field_of(changed(round_, change, facts)), answer.groups)
        settle(draft)
        quick.append((-draft.worth().placed, number))
    for _, number in sorted(quick)[: _TRIED * at_most]:
        change, facts = chosen[number]
        venue = str(facts["venue"]) if "venue" in facts else None
        found = again(changed(round_, change, facts), first=venue)
        more = found.worth().placed - usual.worth().placed
        if more > 0:
            yield Relaxation(change, facts, more, _women(found) - _women(usual))


def changed(round_: Round, change: Change, facts: Mapping[str, Fact]) -> Round:
    """The round with a change made."""
    match change:
        case Change.REACH:
            return replace(round_, reach_m=round_.reach_m + int(str(facts["metres"])))
        case Change.MINIMUM:
            return replace(round_, minimum=int(str(facts["women"])))
        case _:
            at = next(venue for venue in round_.venues if venue.id == facts["venue"])
            venues = tuple(_changed(at, change, facts) if venue is at else venue for venue in round_.venues)
            return replace(round_, venues=venues)


def _changed(venue: Venue, change: Change, facts: Mapping[str, Fact]) -> Venue:
    slot = str(facts.get("slot", ""))
    match change:
        case Change.SLOT:
            there = tuple(replace(one, slots=one.slots | {slot}) for one in venue.facilitators)
            return replace(venue, slots=venue.slots | {slot}, facilitators=there)
        case Change.CHILD_CARE:
            places = venue.child_care.get(slot, 0) + int(str(facts["places"]))
            return replace(venue, child_care={**venue.child_care, slot: places})
        case Change.ROOM:
            return replace(
                venue, rooms=(*venue.rooms, Room(_new(room.id for room in venue.rooms), int(str(facts["seats"]))))
            )
        case _:
            topic, language = str(facts["topic"]), str(facts["language"])
            id_ = _new(one.id for one in venue.facilitators)
            more = Facilitator(id_, frozenset({topic}), frozenset({language}), venue.slots)
            return replace(venue, facilitators=(*venue.facilitators, more))


def _new(ids: Iterator[str]) -> str:
    """An id that is not taken."""
    return f"{max(ids, default='')}+"


def _solved(round_: Round, answer: Answer, seed: int, budget: int, solve: Solve, first: str | None = None) -> Draft:
    draft = drafted(field_of(round_), answer.groups)
    settle(draft)
    *_, best = draft, *better(draft, seed=seed, budget=budget, first=first, solve=solve)
    return best


def _women(draft: Draft) -> int:
    return sum(draft.women(group) for groups in draft.at for group in groups)


def _likely(round_: Round, answer: Answer) -> Iterator[tuple[int, Proposal]]:
    """Changes that could help, with the number of those left out who would begin a group together, or join one."""
    women = {woman.id: woman for woman in round_.women}
    waiting = [women[one.woman] for one in answer.left_out]
    far = sum(1 for one in answer.left_out if 0 < int(str(one.facts.get("metres", 0))) <= round_.reach_m + FARTHER_M)
    yield far, (Change.REACH, {"metres": FARTHER_M})
    if round_.minimum > 1:
        one_short = sum(1 for one in answer.left_out if one.facts.get("more") == 1)
        yield one_short, (Change.MINIMUM, {"women": round_.minimum - 1})
    together = Counter(cell for woman in waiting for cell in _wishes(round_, woman))
    minded = Counter(cell for woman in waiting if woman.children for cell in _wishes(round_, woman))
    venues = {venue.id: venue for venue in round_.venues}
    found: dict[str, tuple[int, Proposal]] = {}
    for cell, number in sorted(together.items()):
        for proposal in _proposals(round_, venues[cell.venue], cell):
            helped = minded[cell] if proposal[0] is Change.CHILD_CARE else number
            if proposal[0] is Change.CHILD_CARE or number >= round_.minimum:
                found[str(proposal)] = max(
                    found.get(str(proposal), (0, proposal)), (helped, proposal), key=lambda one: one[0]
                )
    yield from (one for one in found.values() if one[0])


def _wishes(round_: Round, woman: Woman) -> Iterator[Cell]:
    """The cells of the venues in reach that would do for a woman, whether or not they are open and taught."""
    for venue in round_.venues:
        if woman.place is not None and metres(woman.place, venue.place) <= round_.reach_m:
            for slot in woman.slots:
                for topic in sorted(topic for topic, weight in woman.needs.items() if weight > 0):
                    for language in woman.languages if topic in round_.topics else ():
                        yield Cell(venue.id, slot, topic, kind_of(round_, woman.chain), language)


def _proposals(round_: Round, venue: Venue, cell: Cell) -> Iterator[Proposal]:
    where: dict[str, Fact] = {"venue": venue.id, "slot": cell.slot}
    able = [one for one in venue.facilitators if cell.topic in one.topics and cell.language in one.languages]
    if cell.slot not in venue.slots:
        if able:
            yield Change.SLOT, where
        return
    yield Change.FACILITATOR, {"venue": venue.id, "topic": cell.topic, "language": cell.language}
    if any(cell.slot in one.slots for one in able):
        yield Change.ROOM, {"venue": venue.id, "seats": round_.maximum}
        yield Change.CHILD_CARE, {**where, "places": MORE_PLACES}


def strongest(found: Sequence[Relaxation], at_most: int = 10) -> tuple[Relaxation, ...]:
    """Those that place most, most first."""
    return tuple(sorted(found, key=lambda one: (-one.placed, -one.women, one.change, str(one.facts)))[:at_most])
