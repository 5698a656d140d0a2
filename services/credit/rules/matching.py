"""Which movement of the books a line of the trustee's statement is likely to be."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

WINDOW = 5
"""Days between the book's day and the bank's that are looked across, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a statement, or a movement of the cash at the trustee: its day and its cents, what came in positive."""

    id: UUID
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and the movement that it may be; `certain` where neither could be anything else."""

    line: UUID
    entry: UUID
    days: int
    certain: bool


def suggest(lines: Sequence[Item], entries: Sequence[Item], window: int = WINDOW) -> list[Pair]:
    """Pairs of the same amount at most `window` days apart, nearest first; no line and no movement is in two of them.

    Of two equally near the earlier line and the earlier movement come first, so that the same lists always give the
    same pairs.
    """
    by_amount: dict[int, list[tuple[int, Item]]] = defaultdict(list)
    for place, entry in enumerate(entries):
        by_amount[entry.amount].append((place, entry))
    near = [
        (abs((line.day - entry.day).days), at, place, line, entry)
        for at, line in enumerate(lines)
        for place, entry in by_amount[line.amount]
        if abs((line.day - entry.day).days) <= window
    ]
    of_line, of_entry = _counted(line.id for *_, line, _ in near), _counted(entry.id for *_, entry in near)
    taken: set[UUID] = set()
    pairs = []
    for days, _, _, line, entry in sorted(near, key=lambda found: found[:3]):
        if line.id not in taken and entry.id not in taken:
            taken |= {line.id, entry.id}
            pairs.append(Pair(line.id, entry.id, days, of_line[line.id] == of_entry[entry.id] == 1))
    return pairs


def _counted(ids: Iterable[UUID]) -> dict[UUID, int]:
    counts: dict[UUID, int] = defaultdict(int)
    for one in ids:
        counts[one] += 1
    return counts
