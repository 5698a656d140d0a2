"""Which movement of the books a line of the trustee's statement is likely to be."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
    by_amount = defaultdict[int, list[tuple[date, int, Item]]](list)
    for place, entry in enumerate(entries):
        by_amount[entry.amount].append((entry.day, place, entry))
    for same in by_amount.values():
        same.sort(key=_when)
    reach = timedelta(days=window)
    near = [
        (abs((line.day - entry.day).days), at, place, line, entry)
        for at, line in enumerate(lines)
        for _, place, entry in _between(by_amount.get(line.amount, []), line.day - reach, line.day + reach)
    ]
    of_line, of_entry = _counted(line.id for *_, line, _ in near), _counted(entry.id for *_, entry in near)
    taken: set[UUID] = set()
    pairs = []
    for days, _, _, line, entry in sorted(near, key=lambda found: found[:3]):
        if line.id not in taken and entry.id not in taken:
            taken |= {line.id, entry.id}
            pairs.append(Pair(line.id, entry.id, days, of_line[line.id] == of_entry[entry.id] == 1))
    return pairs


def _when(found: tuple[date, int, Item]) -> date:
    return found[0]


def _between(found: Sequence[tuple[date, int, Item]], first: date, last: date) -> Sequence[tuple[date, int, Item]]:
    """Those of these days; they must be sorted by them."""
    return found[bisect_left(found, first, key=_when) : bisect_right(found, last, key=_when)]


class Nearest:
    """Movements, of which those nearest to a line are asked for; of equally near ones those given first."""

    def __init__(self, entries: Iterable[Item]) -> None:
        self._by_amount: dict[int, dict[date, list[tuple[int, Item]]]] = defaultdict(dict)
        for place, entry in enumerate(entries):
            self._by_amount[entry.amount].setdefault(entry.day, []).append((place, entry))
        self._days = {amount: sorted(by_day) for amount, by_day in self._by_amount.items()}

    def to(self, day: date, amount: int, most: int) -> list[UUID]:
        """At most so many of this amount, nearest to `day` first: they lie on so many days before it or after."""
        days = self._days.get(amount, [])
        at = bisect_left(days, day)
        near = [
            (abs((day - one).days), place, entry.id)
            for one in days[max(0, at - most) : at + most]
            for place, entry in self._by_amount[amount][one][:most]
        ]
        return [id_ for _, _, id_ in sorted(near)[:most]]


def _counted(ids: Iterable[UUID]) -> dict[UUID, int]:
    counts: dict[UUID, int] = defaultdict(int)
    for one in ids:
        counts[one] += 1
    return counts
