"""Whether each woman who has no place has it for the reason that is told, from first principles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from uuid import UUID

from services.training.rules.placement.answer import Answer, Fact, LeftOut, Reason, Seat, Violation
from services.training.rules.placement.checking import Recount, hosted, metres, violations, worth
from services.training.rules.placement.round import Cell, Group, Round, Venue, Woman

_ALONE = (
    Reason.NO_PLACE, Reason.NO_NEED, Reason.TOO_FAR, Reason.NO_SLOT, Reason.NO_FACILITATOR, Reason.NO_LANGUAGE,
    Reason.NO_CHILD_CARE, Reason.NO_ROOM,
)  # fmt: skip


def checked(round_: Round, answer: Answer, exceptions: Iterable[Seat] = ()) -> tuple[Violation, ...]:
    """Everything that is wrong with an answer: conditions, else its worth, else the reasons that do not hold.

    `exceptions` are the groups that somebody, by name, allows to be smaller than the minimum.
    """
    wrong = violations(round_, answer.groups, exceptions)
    if wrong:
        return wrong
    found = worth(round_, answer.groups)
    if found != answer.worth:
        return (
            Violation("other_worth", {"placed": found.placed, "groups": -found.fewer_groups, "match": found.match}),
        )
    return tuple(_false_reasons(Recount(round_), answer))


def _false_reasons(count: Recount, answer: Answer) -> Iterator[Violation]:
    """Who has no reason, more than one, or one that is not so."""
    placed = {woman for group in answer.groups for woman in group.women}
    told = [one.woman for one in answer.left_out]
    if sorted(told) != sorted(set(count.women) - placed) or told != sorted(told):
        yield Violation("not_one_reason_each", {"told": len(told), "without": len(count.women) - len(placed)})
        return
    inquiry = _Inquiry(count, answer.groups, set(told))
    for one in answer.left_out:
        if not inquiry.holds(one):
            yield Violation("false_reason", {"woman": str(one.woman), "reason": one.reason.value})


class _Inquiry:
    def __init__(self, count: Recount, groups: Sequence[Group], free: set[UUID]) -> None:
        self._count, self._groups = count, groups
        self._here: dict[tuple[str, str], list[Group]] = {}
        for group in groups:
            self._here.setdefault((group.cell.venue, group.cell.slot), []).append(group)
        self._waiting: dict[Cell, list[frozenset[UUID]]] = {}
        self._cells: dict[UUID, list[Cell]] = {}
        for party in sorted({frozenset(count.companions[one]) for one in free}, key=sorted):
            cells = [cell for cell in self._all_cells(count.women[min(party)]) if self._all_may(party, cell)]
            for one in party:
                self._cells[one] = cells
            for cell in cells:
                self._waiting.setdefault(cell, []).append(party)

    def holds(self, told: LeftOut) -> bool:
        """Whether a reason is the first that is true, and its facts are so."""
        woman = self._count.women[told.woman]
        party = frozenset(self._count.companions[woman.id])
        alone = self._alone(woman)
        if alone is not None:
            return alone == (told.reason, dict(told.facts))
        if not self._cells[woman.id]:
            others = tuple(str(one) for one in sorted(party - {woman.id}))
            return told.reason is Reason.TOGETHER and bool(others) and told.facts == {"companions": others}
        return self._held_back(told, party)

    def _held_back(self, told: LeftOut, party: frozenset[UUID]) -> bool:
        """Whether it is so that the groups there are and could be have no place for a party, as it is told."""
        cells = self._cells[told.woman]
        free, holders, more = self._search(party, cells)
        exchanges = list(self._exchanges(party, cells))
        if told.reason is Reason.PLACEABLE:
            return free
        if told.reason is Reason.DISPLACED:
            return not free and dict(told.facts) in exchanges
        if told.reason is Reason.CAPACITY:
            named = told.facts == {"holders": tuple(sorted(holders))}
            return bool(holders) and named and not (free or exchanges)
        if told.reason is Reason.NO_COHORT and more:
            cell = Cell(*(str(told.facts.get(word)) for word in ("venue", "slot", "topic", "type", "language")))
            fewest = min(more.values())
            return not (free or exchanges or holders) and told.facts.get("more") == fewest == more.get(cell)
        return False

    def _alone(self, woman: Woman) -> tuple[Reason, dict[str, Fact]] | None:
        """The first of the conditions that no venue meets, though one meets those before it."""
        round_, venues = self._count.round, self._count.round.venues
        needs = {topic for topic in round_.topics if woman.needs.get(topic, 0) > 0}
        if woman.place is None:
            return Reason.NO_PLACE, {}
        if not needs:
            return Reason.NO_NEED, {}
        away = sorted((metres(woman.place, venue.place), venue.id) for venue in venues)
        if not away:
            return Reason.TOO_FAR, {}
        if away[0][0] > round_.reach_m:
            return Reason.TOO_FAR, {"metres": away[0][0], "venue": away[0][1]}
        best = Reason.NO_SLOT
        places = seats = 0
        for far, id_ in away:
            venue = self._count.venues[id_]
            for slot in venue.slots & woman.slots if far <= round_.reach_m else ():
                step = self._step(woman, needs, venue, slot)
                best = max(best, step or Reason.NO_ROOM, key=_ALONE.index)
                if step is None:
                    return None
                if _ALONE.index(step) >= _ALONE.index(Reason.NO_CHILD_CARE):
                    places = max(places, venue.child_care.get(slot, 0))
                if step is Reason.NO_ROOM:
                    seats = max(seats, *(min(room.seats, round_.maximum) for room in venue.rooms), 0)
        facts: dict[Reason, dict[str, Fact]] = {
            Reason.NO_FACILITATOR: {"topics": tuple(sorted(needs))},
            Reason.NO_LANGUAGE: {"languages": tuple(sorted(woman.languages))},
            Reason.NO_CHILD_CARE: {"children": woman.children, "places": places},
            Reason.NO_ROOM: {"seats": seats},
        }
        return best, facts.get(best, {})

    def _step(self, woman: Woman, needs: set[str], venue: Venue, slot: str) -> Reason | None:
        """What a venue in a slot, open when she can come, lacks for a woman."""
        able = [one for one in venue.facilitators if slot in one.slots and needs & one.topics]
        if not able:
            return Reason.NO_FACILITATOR
        if not any(woman.languages & one.languages for one in able):
            return Reason.NO_LANGUAGE
        if venue.child_care.get(slot, 0) < woman.children:
            return Reason.NO_CHILD_CARE
        most = max((min(room.seats, self._count.round.maximum) for room in venue.rooms), default=0)
        return Reason.NO_ROOM if most < max(self._count.round.minimum, 1) else None

    def _all_cells(self, woman: Woman) -> Iterator[Cell]:
        type_ = self._count.wide(woman.chain)
        for venue in self._count.round.venues:
            if woman.place is None or metres(woman.place, venue.place) > self._count.round.reach_m:
                continue
            for slot in venue.slots & woman.slots:
                able = [one for one in venue.facilitators if slot in one.slots]
                taught = {(topic, spoken) for one in able for topic in one.topics for spoken in one.languages}
                for topic, spoken in taught:
                    if topic in woman.needs and topic in self._count.round.topics and spoken in woman.languages:
                        yield Cell(venue.id, slot, topic, type_, spoken)

    def _all_may(self, party: frozenset[UUID], cell: Cell) -> bool:
        venue, women = self._count.venues[cell.venue], self._count.women
        return (
            all(self._count.may(women[one], cell) for one in party)
            and sum(women[one].children for one in party) <= venue.child_care.get(cell.slot, 0)
            and self._most(venue) >= max(len(party), self._count.round.minimum)
            and not any(self._enemies(one, other) for one, other in combinations(sorted(party), 2))
        )

    def _most(self, venue: Venue) -> int:
        return max((min(room.seats, self._count.round.maximum) for room in venue.rooms), default=0)

    def _enemies(self, one: UUID, other: UUID) -> bool:
        return other in self._count.apart.get(one, ())

    def _search(self, party: frozenset[UUID], cells: Sequence[Cell]) -> tuple[bool, set[str], dict[Cell, int]]:
        """Whether there is simply room; who holds what she would need; how many are missing in each cell."""
        holders: set[str] = set()
        more: dict[Cell, int] = {}
        least = self._count.round.minimum
        for cell in cells:
            here = self._here.get((cell.venue, cell.slot), [])
            venue = self._count.venues[cell.venue]
            for group in here:
                if self._same(group.cell, cell):
                    if self._sits(party, group, frozenset()):
                        return True, set(), {}
                    holders.add(_name(group))
            care = venue.child_care.get(cell.slot, 0)
            reached = self._sizes(party, cell, self._most(venue), care)
            if max(reached, default=0) < least:
                more[cell] = least - max(reached, default=0)
                continue
            others = [(len(group.women), group.cell.topic, group.cell.language) for group in here]
            left = care - sum(self._count.women[one].children for group in here for one in group.women)
            for size in self._sizes(party, cell, self._most(venue), left):
                new = (size, cell.topic, cell.language)
                if size >= least and hosted(self._count, [*others, new], venue, cell.slot):
                    return True, set(), {}
            holders.update(map(_name, here))
        return False, holders, more

    def _same(self, told: Cell, wide: Cell) -> bool:
        return (self._count.wide(told.type), told.topic, told.language) == (wide.type, wide.topic, wide.language)

    def _sizes(self, party: frozenset[UUID], cell: Cell, high: int, care: int) -> set[int]:
        """Every number of women, up to `high`, in which she and others without a place could begin a group."""
        others = [
            one
            for one in self._waiting[cell]
            if one != party and not any(self._enemies(a, b) for a in one for b in party)
        ]
        quarrelling = [one for one in others if any(self._enemies(a, b) for x in others for a in one for b in x)]
        friendly = [one for one in others if one not in quarrelling]
        women = self._count.women
        reached: set[tuple[int, int]] = set()
        for number in range(len(quarrelling) + 1):
            for some in combinations(quarrelling, number):
                both = [id_ for one in some for id_ in one]
                if not any(self._enemies(a, b) for a, b in combinations(both, 2)):
                    inside = [*party, *both]
                    reached.add((len(inside), sum(women[one].children for one in inside)))
        reached = {(size, minded) for size, minded in reached if size <= high and minded <= care}
        for one in friendly:
            minded_here = sum(women[id_].children for id_ in one)
            grown = {(size + len(one), minded + minded_here) for size, minded in reached}
            reached |= {(size, minded) for size, minded in grown if size <= high and minded <= care}
        return {size for size, _ in reached}

    def _sits(self, party: frozenset[UUID], group: Group, out: frozenset[UUID]) -> bool:
        """Whether a group, without those of `out`, could take the party."""
        venue = self._count.venues[group.cell.venue]
        here = self._here[group.cell.venue, group.cell.slot]
        inside = (set(group.women) - out) | party
        if len(inside) < min(self._count.round.minimum, len(group.women)):
            return False
        if any(self._enemies(one, other) for one in party for other in inside):
            return False
        women = self._count.women
        attending = inside | {one for other in here if other is not group for one in other.women}
        if sum(women[one].children for one in attending) > venue.child_care.get(group.cell.slot, 0):
            return False
        sizes = [(len(inside) if one is group else len(one.women), one.cell.topic, one.cell.language) for one in here]
        return hosted(self._count, sizes, venue, group.cell.slot)

    def _exchanges(self, party: frozenset[UUID], cells: Sequence[Cell]) -> Iterator[Mapping[str, Fact]]:
        """Each exchange with one party that has a place, and what of the worth it takes."""
        for cell in cells:
            for group in self._here.get((cell.venue, cell.slot), []):
                for out in {frozenset(self._count.companions[one]) for one in group.women}:
                    if self._same(group.cell, cell) and self._sits(party, group, out):
                        before, after = (
                            self._worth(cell, who) for who in (set(group.women), set(group.women) - out | party)
                        )
                        lost = dict(
                            zip(
                                ("placed", "match", "metres"),
                                (a - b for a, b in zip(before, after, strict=True)),
                                strict=True,
                            )
                        )
                        where = {"venue": cell.venue, "slot": cell.slot, "topic": cell.topic, "type": cell.type}
                        ids = tuple(str(one) for one in sorted(out))
                        yield {**where, "language": cell.language, "room": group.room, "out": ids, **lost}

    def _worth(self, cell: Cell, ids: set[UUID]) -> tuple[int, int, int]:
        women = [self._count.women[one] for one in ids]
        venue = self._count.venues[cell.venue]
        own = self._count.round.chain_match if len({woman.chain for woman in women}) == 1 else 0
        travel = sum(metres(woman.place, venue.place) for woman in women if woman.place is not None)
        return (
            sum(woman.priority for woman in women),
            sum(woman.needs[cell.topic] + own for woman in women),
            -travel,
        )


def _name(group: Group) -> str:
    return f"{group.cell.venue}/{group.cell.slot}/{group.room}"
