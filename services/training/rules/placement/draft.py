"""Groups in the making: what is open, who sits in it, and what else fits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.training.rules.placement.cells import Field, staffed
from services.training.rules.placement.cohort import largest
from services.training.rules.placement.round import Cell, Group, Worth


@dataclass(slots=True, eq=False)
class Open:
    """A group: its spot and its parties."""

    spot: int
    parties: set[int] = field(default_factory=set)
    room: str = ""
    """Its room, where somebody has said which."""


class Draft:
    """An answer that changes. Every change keeps it within the conditions of the round."""

    def __init__(self, known: Field, keep: Mapping[int, int] | None = None) -> None:
        """`keep` says in which spots confirmed parties are."""
        self.field = known
        self.keep = keep or {}
        self.spots_of = known.spots_of()
        self.of: list[Open | None] = [None] * len(known.parties)
        self.at: list[list[Open]] = [[] for _ in known.blocks]
        self.size: list[int] = known.size.tolist()
        self.children: list[int] = known.children.tolist()
        self.priority: list[int] = known.priority.tolist()
        self.enemies: Mapping[int, frozenset[int]] = known.apart
        self.chains = [frozenset(known.women[one].chain for one in party) for party in known.parties]
        self._need: dict[int, dict[int, tuple[int, int]]] = {}

    def copy(self) -> "Draft":
        other = Draft.__new__(Draft)
        other.__dict__.update(self.__dict__)
        again = {id(one): Open(one.spot, set(one.parties)) for groups in self.at for one in groups}
        other.of = [None if one is None else again[id(one)] for one in self.of]
        other.at = [[again[id(one)] for one in groups] for groups in self.at]
        return other

    def open(self, spot: int, parties: Iterable[int]) -> Open:
        made = Open(spot)
        self.at[self.field.spots[spot].block].append(made)
        for party in parties:
            self.seat(party, made)
        return made

    def seat(self, party: int, group: Open) -> None:
        group.parties.add(party)
        self.of[party] = group

    def leave(self, party: int) -> None:
        group = self.of[party]
        assert group is not None
        group.parties.remove(party)
        self.of[party] = None

    def close(self, group: Open) -> None:
        for party in list(group.parties):
            self.leave(party)
        self.at[self.field.spots[group.spot].block].remove(group)

    def women(self, group: Open) -> int:
        return sum(self.size[party] for party in group.parties)

    def care_left(self, block: int) -> int:
        used = sum(self.children[party] for group in self.at[block] for party in group.parties)
        return self.field.blocks[block].care - used

    def fits(self, party: int, group: Open, instead_of: int | None = None) -> bool:
        """Whether a party, who may go to the spot, can be seated in its group, perhaps once another has left."""
        block = self.field.spots[group.spot].block
        gone_size, gone_children = (0, 0) if instead_of is None else (self.size[instead_of], self.children[instead_of])
        minded = self.children[party] - gone_children
        if minded > 0 and minded > self.care_left(block):
            return False
        enemies = self.field.apart.get(party)
        if enemies and not group.parties.isdisjoint(enemies - {instead_of}):
            return False
        if gone_size == self.size[party]:
            return True
        size = self.women(group) - gone_size + self.size[party]
        if size < self.field.round.minimum and gone_size > self.size[party]:
            return False
        sizes = [size, *(self.women(other) for other in self.at[block] if other is not group)]
        here = self.field.blocks[block]
        return all(one <= seats for one, seats in zip(sorted(sizes, reverse=True), here.seats, strict=False))

    def most(self, spot: int) -> int:
        """How many women a further group in `spot` could have; 0 when no room or no facilitator is left."""
        number, taught = self.field.spots[spot].block, self.field.spots[spot].taught
        block, groups = self.field.blocks[number], self.at[number]
        if len(groups) >= min(len(block.seats), len(block.teaches)):
            return 0
        if staffed(block.teaches, [*(self.field.spots[one.spot].taught for one in groups), taught]) is None:
            return 0
        sizes = [self.women(one) for one in groups]
        fitting = (seats for seats in block.seats if self._roomy([*sizes, seats], block.seats))
        return next(fitting, 0)

    @staticmethod
    def _roomy(sizes: Sequence[int], seats: Sequence[int]) -> bool:
        return all(size <= most for size, most in zip(sorted(sizes, reverse=True), seats, strict=False))

    def waiting(self, spot: int) -> list[int]:
        """Those without a place who may go to a spot, whom it would serve best first."""
        return sorted(self._free(spot), key=lambda party: self._wish(spot, party))

    def _free(self, spot: int) -> list[int]:
        return [party for party in self.field.able(spot).tolist() if self.of[party] is None]

    def cohort(self, spot: int, most: int) -> list[int]:
        """Who of those without a place would open a further group of at most `most` women; empty if too few can."""
        if sum(self.size[party] for party in self._free(spot)) < self.field.round.minimum:
            return []
        order = self.waiting(spot)
        chosen = largest(self, order, self.field.round.minimum, most, self.care_left(self.field.spots[spot].block))
        return chosen or []

    def _wish(self, spot: int, party: int) -> tuple[float, int, int, int, int, int]:
        need, metres = self.merit(spot, party)
        size = self.size[party]
        return (-self.priority[party] / size, self.children[party], len(self.spots_of[party]), -need, metres, party)

    def merit(self, spot: int, party: int) -> tuple[int, int]:
        """The need that is met and the metres, if this party learns in this spot."""
        if spot not in self._need:
            here = self.field.entries(spot)
            facts = zip(self.field.need[here].tolist(), self.field.metres[here].tolist(), strict=True)
            self._need[spot] = dict(zip(self.field.able(spot).tolist(), facts, strict=True))
        return self._need[spot][party]

    def match(self, group: Open, parties: Iterable[int]) -> int:
        """Points of match if these parties were in a group."""
        inside = list(parties)
        chains = frozenset[str]().union(*(self.chains[party] for party in inside))
        own = self.field.round.chain_match * sum(self.size[party] for party in inside) if len(chains) == 1 else 0
        return own + sum(self.merit(group.spot, party)[0] for party in inside)

    def worth(self) -> Worth:
        groups = [group for here in self.at for group in here]
        return Worth(
            sum(self.priority[party] for group in groups for party in group.parties),
            -len(groups),
            sum(self.match(group, group.parties) for group in groups),
            -sum(self.merit(group.spot, party)[1] for group in groups for party in group.parties),
        )

    def value(self) -> tuple[int, int, int, int, int]:
        """What drafts are compared by: as `worth`, with who stays in her place directly after who is placed."""
        worth = self.worth()
        return worth.placed, self._stayed(), worth.fewer_groups, worth.match, worth.less_travel

    def _stayed(self) -> int:
        kept = ((self.of[party], spot, self.size[party]) for party, spot in self.keep.items())
        return sum(size for group, spot, size in kept if group is not None and group.spot == spot)

    def groups(self) -> tuple[Group, ...]:
        """The groups as they are told: with their type, a room and a facilitator, in the order of cells and rooms."""
        return tuple(sorted((one for block in range(len(self.at)) for one in self._told(block)), key=_order))

    def rooms(self, number: int) -> dict[int, str]:
        """The room of each group of a block, by the identity of the group: the most women in the most seats."""
        rooms = sorted(
            self.field.blocks[number].venue.rooms,
            key=lambda room: (-min(room.seats, self.field.round.maximum), room.id),
        )
        return {id(one): one.room or room.id for one, room in zip(self._ordered(number), rooms, strict=False)}

    def _ordered(self, number: int) -> list[Open]:
        return sorted(self.at[number], key=lambda one: (-self.women(one), one.spot, min(one.parties)))

    def _told(self, number: int) -> Iterable[Group]:
        block, women, rooms = self.field.blocks[number], self.field.women, self.rooms(number)
        ordered = self._ordered(number)
        teachers = [one for one in sorted(block.venue.facilitators, key=lambda one: one.id) if block.slot in one.slots]
        found = staffed(block.teaches, [self.field.spots[one.spot].taught for one in ordered])
        assert found is not None
        for group, teacher in zip(ordered, found, strict=True):
            spot = self.field.spots[group.spot]
            chains = frozenset[str]().union(*(self.chains[party] for party in group.parties))
            type_ = next(iter(chains)) if len(chains) == 1 else spot.kind
            inside = sorted(one for party in group.parties for one in self.field.parties[party])
            cell = Cell(block.venue.id, block.slot, spot.taught[0], type_, spot.taught[1])
            yield Group(cell, rooms[id(group)], teachers[teacher].id, tuple(women[one].id for one in inside))


def _order(group: Group) -> tuple[Cell, str]:
    return (group.cell, group.room)
