"""Part of a round as a mixed-integer programme.

A variable for each party in each spot it may go to, and one for each spot and room (how many groups are open there).
Groups of one spot are counted together: who is in which of them is told afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from services.training.rules.placement.cells import Block, Field, Numbers

_MANY_FACILITATORS = 6
"""Up to so many at a venue, each set of them is asked for what only it can teach; beyond, each one alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """`rows @ x <= limit`, all in whole numbers. First the entries (a party in a spot), then the rooms."""

    entry_spot: Numbers
    entry_party: Numbers
    room_spot: Numbers
    rows: csr_array
    limit: Numbers

    @property
    def entries(self) -> int:
        return len(self.entry_spot)

    @property
    def variables(self) -> int:
        return len(self.entry_spot) + len(self.room_spot)


class _Rows:
    def __init__(self) -> None:
        self.limit: list[int] = []
        self._at: list[int] = []
        self._columns: list[int] = []
        self._values: list[int] = []

    def add(self, columns: Sequence[int], values: Iterable[int], limit: int) -> None:
        self._at.extend([len(self.limit)] * len(columns))
        self._columns.extend(columns)
        self._values.extend(values)
        self.limit.append(limit)

    def matrix(self, variables: int) -> csr_array:
        shape = (len(self.limit), variables)
        values = np.array(self._values, dtype=np.float64)
        return csr_array((values, (self._at, self._columns)), shape=shape)


def model_of(known: Field, spots: Sequence[int], free: NDArray[np.bool_], *, apart: bool = True) -> Model:
    """The programme of `spots` for the parties that are `free`.

    With `apart`, those who must be apart are not in the same spot, which is more than is asked (it may have two
    groups); without, nothing is asked of them, as a bound must.
    """
    spot_of: list[int] = []
    party_of: list[int] = []
    inside: dict[int, range] = {}
    for spot in spots:
        able = known.able(spot)
        chosen = able[free[able]].tolist()
        inside[spot] = range(len(party_of), len(party_of) + len(chosen))
        party_of += chosen
        spot_of += [spot] * len(chosen)
    rooms = [(spot, seats) for spot in spots for seats in known.blocks[known.spots[spot].block].seats]
    room_of: dict[int, list[int]] = {spot: [] for spot in spots}
    for number, (spot, _) in enumerate(rooms):
        room_of[spot].append(len(party_of) + number)
    rows = _Rows()
    _one_place_each(rows, party_of)
    for spot in spots:
        _groups(rows, known, spot, inside[spot], room_of[spot], [party_of[entry] for entry in inside[spot]], apart)
    blocks: dict[int, list[int]] = {}
    for spot in spots:
        blocks.setdefault(known.spots[spot].block, []).append(spot)
    for block, here in blocks.items():
        _block(rows, known, known.blocks[block], here, room_of)
        cared = list(chain.from_iterable(inside[spot] for spot in here))
        children = [int(known.children[party_of[entry]]) for entry in cared]
        if sum(children) > known.blocks[block].care:
            rows.add(cared, children, known.blocks[block].care)
    return Model(
        np.array(spot_of, dtype=np.int64),
        np.array(party_of, dtype=np.int64),
        np.array([spot for spot, _ in rooms], dtype=np.int64),
        rows.matrix(len(party_of) + len(rooms)),
        np.array(rows.limit, dtype=np.int64),
    )


def _one_place_each(rows: _Rows, party_of: Sequence[int]) -> None:
    entries: dict[int, list[int]] = {}
    for entry, party in enumerate(party_of):
        entries.setdefault(party, []).append(entry)
    for own in entries.values():
        rows.add(own, [1] * len(own), 1)


def _groups(
    rows: _Rows, known: Field, spot: int, inside: range, rooms: Sequence[int], parties: Sequence[int], apart: bool
) -> None:
    """The women of a spot are as many as its groups ask for and its rooms hold, and there only if a group is."""
    sizes = [int(known.size[party]) for party in parties]
    seats = known.blocks[known.spots[spot].block].seats
    rows.add([*inside, *rooms], [*sizes, *(-one for one in seats)], 0)
    rows.add([*inside, *rooms], [*(-one for one in sizes), *([known.round.minimum] * len(rooms))], 0)
    for entry in inside:
        rows.add([entry, *rooms], [1, *([-1] * len(rooms))], 0)
    if apart:
        at = dict(zip(parties, inside, strict=True))
        for party in parties:
            for other in sorted(known.apart.get(party, ())):
                if party < other and other in at:
                    rows.add([at[party], at[other]], [1, 1], 1)


def _block(rows: _Rows, known: Field, block: Block, spots: Sequence[int], room_of: dict[int, list[int]]) -> None:
    """A room has one group; each set of facilitators teaches no more groups than it has members."""
    for rank in range(len(block.seats)):
        rows.add([room_of[spot][rank] for spot in spots], [1] * len(spots), 1)
    everybody = range(len(block.teaches))
    most = len(block.teaches) if len(block.teaches) <= _MANY_FACILITATORS else 1
    asked = {frozenset(some) for number in range(1, most + 1) for some in combinations(everybody, number)}
    for some in sorted(asked | {frozenset(everybody)}, key=sorted):
        others = frozenset[tuple[str, str]]().union(*(block.teaches[one] for one in everybody if one not in some))
        theirs = [room for spot in spots if known.spots[spot].taught not in others for room in room_of[spot]]
        if len(some) < len(block.seats) and theirs:
            rows.add(theirs, [1] * len(theirs), len(some))
