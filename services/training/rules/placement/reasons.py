"""Why a woman has no place: one reason each, with what it takes to see that it is so."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from services.training.rules.placement.answer import Fact, LeftOut, Reason
from services.training.rules.placement.cells import metres_to
from services.training.rules.placement.cohort import most_seated
from services.training.rules.placement.draft import Draft, Open
from services.training.rules.placement.greedy import exchanged, groups_for
from services.training.rules.placement.round import Round, Venue, Woman

Found = tuple[Reason, Mapping[str, Fact]]


def left_out(draft: Draft) -> tuple[LeftOut, ...]:
    """A reason for each woman whom the draft does not place; its field has every spot, however few may go there."""
    known = draft.field
    parties = [party for party, group in enumerate(draft.of) if group is None]
    women = [one for party in parties for one in known.parties[party]]
    alone = dict(zip(women, _alone(known.round, [known.women[one] for one in women]), strict=True))
    shared = _Groups(draft)
    reasons: list[LeftOut] = []
    for party in parties:
        inside = known.parties[party]
        theirs: Found | None = None
        for one in inside:
            reason = alone[one]
            if reason is None and len(inside) > 1 and not draft.spots_of[party]:
                companions = tuple(str(known.women[other].id) for other in inside if other != one)
                reason = (Reason.TOGETHER, {"companions": companions})
            if reason is None:
                theirs = theirs or shared.reason(party)
                reason = theirs
            reasons.append(LeftOut(known.women[one].id, *reason))
    return tuple(sorted(reasons, key=lambda one: one.woman))


def _alone(round_: Round, women: Sequence[Woman]) -> Iterator[Found | None]:
    """What keeps each of the women out of every cell, whoever else comes; None where nothing does."""
    venues = sorted(round_.venues, key=lambda venue: venue.id)
    places = np.radians(np.array([woman.place or (0.0, 0.0) for woman in women]).reshape(-1, 2))
    away = np.array([metres_to(venue.place, places[:, 0], places[:, 1]) for venue in venues]).reshape(
        len(venues), len(women)
    )
    for number, woman in enumerate(women):
        topics = {topic for topic, weight in woman.needs.items() if weight > 0} & round_.topics
        if woman.place is None:
            yield Reason.NO_PLACE, {}
        elif not topics:
            yield Reason.NO_NEED, {}
        elif not venues:
            yield Reason.TOO_FAR, {}
        elif int(away[:, number].min()) > round_.reach_m:
            nearest = int(away[:, number].argmin())
            yield Reason.TOO_FAR, {"metres": int(away[nearest, number]), "venue": venues[nearest].id}
        else:
            near = [venues[one] for one in np.flatnonzero(away[:, number] <= round_.reach_m).tolist()]
            yield _there(round_, woman, topics, near)


def _there(round_: Round, woman: Woman, topics: set[str], near: Sequence[Venue]) -> Found | None:
    """What keeps a woman out of the venues in her reach."""
    open_ = [(venue, slot) for venue in near for slot in sorted(venue.slots & woman.slots)]
    teachers = [(venue, slot, one) for venue, slot in open_ for one in venue.facilitators if slot in one.slots]
    teaching = [(venue, slot, one) for venue, slot, one in teachers if one.topics & topics]
    spoken = [(venue, slot) for venue, slot, one in teaching if one.languages & woman.languages]
    places = [venue.child_care.get(slot, 0) for venue, slot in spoken]
    minded = [venue for (venue, _), care in zip(spoken, places, strict=True) if care >= woman.children]
    seats = [min(room.seats, round_.maximum) for venue in minded for room in venue.rooms]
    if not open_:
        return Reason.NO_SLOT, {}
    if not teaching:
        return Reason.NO_FACILITATOR, {"topics": tuple(sorted(topics))}
    if not spoken:
        return Reason.NO_LANGUAGE, {"languages": tuple(sorted(woman.languages))}
    if not minded:
        return Reason.NO_CHILD_CARE, {"children": woman.children, "places": max(places)}
    if max(seats, default=0) < max(round_.minimum, 1):
        return Reason.NO_ROOM, {"seats": max(seats, default=0)}
    return None


class _Groups:
    """What keeps parties, who could learn somewhere, out of the groups there are and could be."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._free: dict[int, list[int]] = {}

    def reason(self, party: int) -> Found:
        draft = self._draft
        joined = next((group for group in groups_for(draft, party) if draft.fits(party, group)), None)
        if joined is not None:
            return Reason.PLACEABLE, self._cell(joined.spot)
        holders: set[str] = set()
        fewest: tuple[int, int] | None = None
        for spot in draft.spots_of[party]:
            holders.update(self._name(group) for group in self._here(spot) if group.spot == spot)
            block, most = draft.field.blocks[draft.field.spots[spot].block], draft.most(spot)
            short = draft.field.round.minimum - self._cohort(party, spot, block.seats[0], block.care)
            if short > 0:
                fewest = min(fewest or (short, spot), (short, spot))
            elif most and self._cohort(party, spot, most, draft.care_left(draft.field.spots[spot].block)) >= (
                draft.field.round.minimum
            ):
                return Reason.PLACEABLE, self._cell(spot)
            else:
                holders.update(map(self._name, self._here(spot)))
        exchange = self._exchange(party)
        if exchange is not None:
            return Reason.DISPLACED, exchange
        if holders or fewest is None:
            return Reason.CAPACITY, {"holders": tuple(sorted(holders))}
        return Reason.NO_COHORT, {"more": fewest[0], **self._cell(fewest[1])}

    def _cohort(self, party: int, spot: int, high: int, care: int) -> int:
        """The most women without a place, she among them, who could begin a group; counted only until it is enough."""
        draft = self._draft
        if draft.size[party] > high or draft.children[party] > care:
            return 0
        if spot not in self._free:
            self._free[spot] = [one for one in draft.field.able(spot).tolist() if draft.of[one] is None]
        friends = [one for one in self._free[spot] if one != party and one not in draft.enemies.get(party, frozenset())]
        everybody = [party, *friends]
        women = sum(draft.size[one] for one in everybody)
        children = sum(draft.children[one] for one in everybody)
        if women <= high and children <= care and not any(one in draft.enemies for one in everybody):
            return women
        return sum(draft.size[one] for one in most_seated(draft, [party], friends, high, care))

    def _exchange(self, party: int) -> Mapping[str, Fact] | None:
        """The exchange with a party that has a place which costs least."""
        draft = self._draft
        found: tuple[tuple[int, int, int, int], Open, int] | None = None
        for group in groups_for(draft, party):
            for other in sorted(group.parties):
                if draft.fits(party, group, other):
                    gain = exchanged(draft, party, group, other)
                    if found is None or gain > found[0]:
                        found = (gain, group, other)
        if found is None:
            return None
        (placed, _, match, metres), group, other = found
        out = tuple(str(draft.field.women[one].id) for one in draft.field.parties[other])
        lost: dict[str, Fact] = {"placed": -placed, "match": -match, "metres": -metres}
        return {**self._cell(group.spot), "room": self._room(group), "out": out, **lost}

    def _here(self, spot: int) -> Sequence[Open]:
        return self._draft.at[self._draft.field.spots[spot].block]

    def _room(self, group: Open) -> str:
        return self._draft.rooms(self._draft.field.spots[group.spot].block)[id(group)]

    def _name(self, group: Open) -> str:
        block = self._draft.field.blocks[self._draft.field.spots[group.spot].block]
        return f"{block.venue.id}/{block.slot}/{self._room(group)}"

    def _cell(self, spot: int) -> dict[str, Fact]:
        here = self._draft.field.spots[spot]
        block = self._draft.field.blocks[here.block]
        return {
            "venue": block.venue.id,
            "slot": block.slot,
            "topic": here.taught[0],
            "type": here.kind,
            "language": here.taught[1],
        }
