"""Who may go where: a round as arrays, for the search.

Women who come together are one *party*; a party is placed whole. Of the chains of one family any may learn together, so
the search sees *kinds* (a family, or a chain of no family); which type a group is called follows from its women.
A *block* is a venue in a slot: its groups share rooms, facilitators and child care.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.training.rules.nearness import EARTH_KM
from services.training.rules.placement.round import Place, Round, Venue, Woman

Numbers = NDArray[np.int64]
Radians = NDArray[np.float64]
Taught = tuple[str, str]
"""A topic and a language."""


@dataclass(frozen=True, slots=True)
class Block:
    """A venue in a slot: `seats` of its rooms, as far as groups fill them, most first; what its facilitators teach."""

    venue: Venue
    slot: str
    seats: tuple[int, ...]
    care: int
    teaches: tuple[frozenset[Taught], ...]

    def hosts(self, sizes: Iterable[int], taught: Sequence[Taught]) -> bool:
        """Whether groups of these sizes, in what is taught, can meet at once."""
        ordered = sorted(sizes, reverse=True)
        fits = len(ordered) <= len(self.seats) and all(
            size <= seats for size, seats in zip(ordered, self.seats, strict=False)
        )
        return fits and staffed(self.teaches, taught) is not None


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell as the search sees it: its block, what is taught in which language, and the kind of women."""

    block: int
    taught: Taught
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Parties and spots. The parties of spot `s` are `who[start[s]:start[s + 1]]`, rising, with what each would meet
    of her need (`need`, summed over the party) and travel (`metres`, likewise).
    """

    round: Round
    women: tuple[Woman, ...]
    parties: tuple[tuple[int, ...], ...]
    kinds: tuple[str | None, ...]
    size: Numbers
    children: Numbers
    priority: Numbers
    apart: dict[int, frozenset[int]]
    blocks: tuple[Block, ...]
    spots: tuple[Spot, ...]
    start: Numbers
    who: Numbers
    need: Numbers
    metres: Numbers
    of_block: tuple[tuple[int, ...], ...]
    """The spots of each block."""

    def entries(self, spot: int) -> slice:
        return slice(int(self.start[spot]), int(self.start[spot + 1]))

    def able(self, spot: int) -> Numbers:
        """The parties who may go to `spot`."""
        return self.who[self.entries(spot)]

    def spots_of(self) -> list[list[int]]:
        """For each party the spots it may go to."""
        found: list[list[int]] = [[] for _ in self.parties]
        for spot in range(len(self.spots)):
            for party in self.able(spot).tolist():
                found[party].append(spot)
        return found


def staffed(teaches: Sequence[frozenset[Taught]], taught: Sequence[Taught]) -> list[int] | None:
    """A facilitator for each of `taught`, nobody twice; None when there are too few."""
    chosen: dict[int, int] = {}

    def seat(group: int, tried: set[int]) -> bool:
        for one, topics in enumerate(teaches):
            if taught[group] in topics and one not in tried:
                tried.add(one)
                if one not in chosen or seat(chosen[one], tried):
                    chosen[one] = group
                    return True
        return False

    if not all(seat(group, set()) for group in range(len(taught))):
        return None
    by_group = {group: one for one, group in chosen.items()}
    return [by_group[group] for group in range(len(taught))]


def kind_of(round_: Round, chain: str) -> str:
    """The family of a chain written as the type of a group, or the chain where it has none."""
    family = round_.families.get(chain)
    return f"family:{family}" if family is not None else chain


def field_of(round_: Round, least: int | None = None) -> Field:
    """The round as arrays; only spots for which there are `least` women (the minimum, where it is not told)."""
    women = tuple(sorted(round_.women, key=lambda woman: woman.id))
    number = {woman.id: index for index, woman in enumerate(women)}
    parties = _parties(women, _numbered(round_.together, number))
    party_of = {woman: index for index, party in enumerate(parties) for woman in party}
    apart: dict[int, set[int]] = {}
    for first, second in _numbered(round_.apart, number):
        apart.setdefault(party_of[first], set()).add(party_of[second])
        apart.setdefault(party_of[second], set()).add(party_of[first])
    blocks = tuple(_blocks(round_))
    impossible = {one for one in apart if one in apart[one]}
    least = round_.minimum if least is None else least
    spots, who, need, metres = _spots(_Folk(round_, women, parties, impossible), blocks, least)
    of_block: list[list[int]] = [[] for _ in blocks]
    for index, spot in enumerate(spots):
        of_block[spot.block].append(index)
    none = np.zeros(0, dtype=np.int64)
    return Field(
        round_,
        women,
        parties,
        tuple(_shared_kind(round_, [women[one] for one in party]) for party in parties),
        np.array([len(party) for party in parties], dtype=np.int64),
        np.array([sum(women[one].children for one in party) for party in parties], dtype=np.int64),
        np.array([sum(women[one].priority for one in party) for party in parties], dtype=np.int64),
        {party: frozenset(others) for party, others in apart.items()},
        blocks,
        tuple(spots),
        np.cumsum([0, *(len(one) for one in who)], dtype=np.int64),
        np.concatenate([none, *who]),
        np.concatenate([none, *need]),
        np.concatenate([none, *metres]),
        tuple(map(tuple, of_block)),
    )


def metres_to(place: Place, lon: Radians, lat: Radians) -> Numbers:
    """Great-circle distances of points to a place, in whole metres (haversine formula)."""
    there = np.radians(place)
    chord = np.sin((lat - there[1]) / 2) ** 2 + np.cos(lat) * np.cos(there[1]) * np.sin((lon - there[0]) / 2) ** 2
    away: Numbers = np.rint(2000 * EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))).astype(np.int64)
    return away


def _numbered(pairs: Iterable[tuple[UUID, UUID]], number: dict[UUID, int]) -> list[tuple[int, int]]:
    return sorted((number[one], number[other]) for one, other in pairs if one in number and other in number)


def _parties(women: Sequence[Woman], together: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Who comes with whom, each party in the order of ids and the parties by who is first in them."""
    head = list(range(len(women)))

    def find(one: int) -> int:
        while head[one] != one:
            head[one] = head[head[one]]
            one = head[one]
        return one

    for one, other in together:
        low, high = sorted((find(one), find(other)))
        head[high] = low
    members: dict[int, list[int]] = {}
    for one in range(len(women)):
        members.setdefault(find(one), []).append(one)
    return tuple(tuple(party) for _, party in sorted(members.items()))


def _shared_kind(round_: Round, party: Sequence[Woman]) -> str | None:
    kinds = {kind_of(round_, woman.chain) for woman in party}
    return kinds.pop() if len(kinds) == 1 else None


def _blocks(round_: Round) -> Iterator[Block]:
    for venue in sorted(round_.venues, key=lambda venue: venue.id):
        seats = tuple(sorted((min(room.seats, round_.maximum) for room in venue.rooms), reverse=True))
        roomy = bool(seats) and seats[0] >= max(round_.minimum, 1)
        for slot in sorted(venue.slots):
            teaches = tuple(
                frozenset((topic, spoken) for topic in one.topics & round_.topics for spoken in one.languages)
                for one in sorted(venue.facilitators, key=lambda one: one.id)
                if slot in one.slots
            )
            if roomy and any(teaches):
                yield Block(venue, slot, seats, venue.child_care.get(slot, 0), teaches)


def _spots(
    folk: "_Folk", blocks: Sequence[Block], least: int
) -> tuple[list[Spot], list[Numbers], list[Numbers], list[Numbers]]:
    spots, who, need, metres = [], [], [], []
    near: tuple[str, Numbers, Numbers] = ("", folk.nobody, folk.nobody)
    for number, block in enumerate(blocks):
        if near[0] != block.venue.id:
            near = (block.venue.id, *folk.near(block.venue.place))
        here = (
            folk.free(near[1], block.slot)
            & (folk.children[near[1]] <= block.care)
            & (folk.size[near[1]] <= block.seats[0])
        )
        for taught in sorted(frozenset[Taught]().union(*block.teaches)):
            able = np.flatnonzero(here & folk.learns(near[1], taught))
            for kind, which in folk.by_kind(near[1][able]):
                chosen = near[1][able[which]]
                if folk.size[chosen].sum() >= least:
                    spots.append(Spot(number, taught, kind))
                    who.append(chosen)
                    need.append(folk.need[taught[0]][chosen])
                    metres.append(near[2][able[which]])
    return spots, who, need, metres


class _Folk:
    """What parties are able to, as bits and sums."""

    def __init__(
        self, round_: Round, women: Sequence[Woman], parties: Sequence[tuple[int, ...]], impossible: set[int]
    ) -> None:
        self._reach, self._women = round_.reach_m, women
        self.nobody = np.zeros(0, dtype=np.int64)
        self._heads = np.cumsum([0, *(len(party) for party in parties)])[:-1]
        self._order = [one for party in parties for one in party]
        shared = [_shared_kind(round_, [women[one] for one in party]) for party in parties]
        self._kinds = sorted({kind for kind in shared if kind is not None})
        index = {kind: number for number, kind in enumerate(self._kinds)}
        self._kind = np.array([-1 if kind is None else index[kind] for kind in shared], dtype=np.int64)
        self.size = np.array([len(party) for party in parties], dtype=np.int64)
        self.children = np.array([sum(women[one].children for one in party) for party in parties], dtype=np.int64)
        self._possible = np.array([number not in impossible for number in range(len(parties))], dtype=bool)
        self._slots = self._bits([woman.slots for woman in women], parties)
        self._languages = self._bits([woman.languages for woman in women], parties)
        self._needs = self._bits(
            [{one for one, weight in woman.needs.items() if weight > 0} for woman in women], parties
        )
        self.need = {
            topic: np.array([sum(women[one].needs.get(topic, 0) for one in party) for party in parties], dtype=np.int64)
            for topic in sorted(round_.topics)
        }
        self._placed = np.array([women[one].place is not None for one in self._order], dtype=bool)
        places = np.radians(np.array([women[one].place or (0.0, 0.0) for one in self._order]).reshape(-1, 2))
        self._lon, self._lat = places[:, 0].copy(), places[:, 1].copy()

    def _bits(self, has: Sequence[Iterable[str]], parties: Sequence[tuple[int, ...]]) -> dict[str, NDArray[np.bool_]]:
        holders: dict[str, list[int]] = {}
        for number, party in enumerate(parties):
            for word in reduce(set[str].intersection, (set(has[one]) for one in party)):
                holders.setdefault(word, []).append(number)
        found = {}
        for word, who in holders.items():
            found[word] = np.zeros(len(parties), dtype=bool)
            found[word][who] = True
        return found

    def near(self, place: Place) -> tuple[Numbers, Numbers]:
        """The parties of whom everybody is in reach of a place, and the metres they would travel together."""
        metres = metres_to(place, self._lon, self._lat)
        reached = np.logical_and.reduceat((metres <= self._reach) & self._placed, self._heads)
        who = np.flatnonzero(reached & self._possible & (self._kind >= 0))
        return who, np.add.reduceat(metres, self._heads)[who]

    def free(self, who: Numbers, slot: str) -> NDArray[np.bool_]:
        return self._has(self._slots, slot, who)

    def learns(self, who: Numbers, taught: Taught) -> NDArray[np.bool_]:
        return self._has(self._needs, taught[0], who) & self._has(self._languages, taught[1], who)

    def by_kind(self, who: Numbers) -> Iterator[tuple[str, Numbers]]:
        """The kinds among `who`, each with the positions of its parties."""
        kinds = self._kind[who]
        for number in np.unique(kinds).tolist():
            yield self._kinds[number], np.flatnonzero(kinds == number)

    def _has(self, bits: dict[str, NDArray[np.bool_]], word: str, who: Numbers) -> NDArray[np.bool_]:
        return bits[word][who] if word in bits else np.zeros(len(who), dtype=bool)
