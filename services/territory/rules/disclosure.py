"""What may be told of small numbers: counts under five are withheld, and with them whatever would give them away.

Published tables are seen as cells and sums (`total = part + part`), over every level and table that is published
together. First every small cell is withheld. Then the tables are attacked as a reader would: from what is shown, each
withheld figure is enclosed between a least and a greatest value (bounds tightened over all sums until nothing moves).
Where the enclosure is too narrow, another cell of the same sum is withheld, the least important and then the smallest
there is, and the attack is made again. A cell is the more important the more sums it is the total of.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

THRESHOLD = 5
LEAST_WIDTH = 2
"""The attack must leave at least three values in a row that a small count may have."""

Key: TypeAlias = tuple[str, ...]
Bounds: TypeAlias = dict[Key, tuple[float, float]]


@dataclass(frozen=True)
class Sum:
    """A figure that is published beside the parts it is the sum of. Where parts may overlap (an enterprise stands
    at two links) the total is at least the largest and at most the sum of them.
    """

    total: Key
    parts: tuple[Key, ...]
    overlapping: bool = False


def is_small(count: int) -> bool:
    """Whether a count points at few enough to know who they are. Zero points at nobody."""
    return 0 < count < THRESHOLD


def withheld(measures: Sequence[Mapping[Key, int]], sums: Sequence[Sum]) -> frozenset[Key]:
    """The cells not to be shown. `measures` are the counts published for the same cells (enterprises first, then for
    example women): a cell that must be withheld in one is withheld in all.
    """
    small = frozenset(key for cells in measures for key, count in cells.items() if is_small(count))
    hidden = small
    involving = _involving(sums)
    while True:
        more: set[Key] = set()
        for measure, cells in enumerate(measures):
            more |= _also(cells, small, hidden | more, sums, involving, _floor(measure))
        if not more:
            return _spared(measures, small, hidden, sums)
        hidden |= more


def _spared(
    measures: Sequence[Mapping[Key, int]], small: frozenset[Key], hidden: frozenset[Key], sums: Sequence[Sum]
) -> frozenset[Key]:
    """`hidden` without the cells that need not have been withheld after all, the most important given back first."""
    weight = _weight(sums)
    told = _all_exposed(measures, small, hidden, sums)
    for key in sorted(hidden - small, key=lambda key: (-weight[key], -measures[0][key], key)):
        if _all_exposed(measures, small, hidden - {key}, sums) <= told:
            hidden -= {key}
    return hidden


def _all_exposed(
    measures: Sequence[Mapping[Key, int]], small: frozenset[Key], hidden: frozenset[Key], sums: Sequence[Sum]
) -> set[tuple[int, Key]]:
    return {
        (measure, key)
        for measure, cells in enumerate(measures)
        for key in _exposed(cells, small, hidden, sums, floor=_floor(measure))
    }


def _floor(measure: int) -> int:
    """A withheld cell counts at least one enterprise; of women there may be none."""
    return 1 if measure == 0 else 0


def _exposed(
    cells: Mapping[Key, int], small: frozenset[Key], hidden: frozenset[Key], sums: Sequence[Sum], *, floor: int
) -> list[Key]:
    """The small cells that the attack encloses too narrowly."""
    enclosed = attack(cells, hidden, sums, floor=floor)
    return [key for key in sorted(small) if cells[key] and enclosed[key][1] - enclosed[key][0] < LEAST_WIDTH]


def _also(
    cells: Mapping[Key, int],
    small: frozenset[Key],
    hidden: frozenset[Key],
    sums: Sequence[Sum],
    involving: Mapping[Key, Sequence[Sum]],
    floor: int,
) -> set[Key]:
    """One more cell to withhold for each small one that the attack encloses too narrowly."""
    chosen: set[Key] = set()
    weight = _weight(sums)
    for key in _exposed(cells, small, hidden, sums, floor=floor):
        candidates = _around(key, cells, hidden | chosen, involving)
        if candidates:
            chosen.add(min(candidates, key=lambda other: (weight[other], cells[other], other)))
    return chosen


def _around(
    key: Key, cells: Mapping[Key, int], hidden: frozenset[Key] | set[Key], involving: Mapping[Key, Sequence[Sum]]
) -> list[Key]:
    """The shown cells nearest to a withheld one: in its own sums, else in the sums of what is withheld there."""
    seen, edge = {key}, [key]
    while edge:
        reached = {
            other for one in edge for beside in involving.get(one, ()) for other in (*beside.parts, beside.total)
        }
        shown = sorted(other for other in reached if cells.get(other) and other not in hidden)
        if shown:
            return shown
        edge = sorted(reached - seen)
        seen |= reached
    return []


def attack(cells: Mapping[Key, int], hidden: Iterable[Key], sums: Sequence[Sum], *, floor: int = 1) -> Bounds:
    """The least and greatest value that each withheld cell can have, for a reader who knows everything shown, that a
    count is never below zero, and that a withheld one is at least `floor`.
    """
    unknown = set(hidden) & cells.keys()
    bounds: Bounds = {key: (floor, inf) if key in unknown else (count, count) for key, count in cells.items()}
    touched = [one for one in sums if not unknown.isdisjoint((one.total, *one.parts))]
    moved = True
    while moved:
        moved = False
        for one in touched:
            moved |= _tighten_overlapping(bounds, one) if one.overlapping else _tighten(bounds, one)
    return {key: bounds[key] for key in unknown}


def _tighten(bounds: Bounds, one: Sum) -> bool:
    """Whether the sum narrowed the bounds of its total or of a part."""
    lows = sum(bounds[part][0] for part in one.parts)
    highs = [bounds[part][1] for part in one.parts]
    moved = _narrow(bounds, one.total, lows, sum(highs))
    total_low, total_high = bounds[one.total]
    infinite = highs.count(inf)
    finite = sum(high for high in highs if high != inf)
    for part in one.parts:
        low, high = bounds[part]
        others_high = inf if infinite - (high == inf) else finite - (0 if high == inf else high)
        others_low = lows - low
        if _narrow(bounds, part, total_low - others_high, total_high - others_low):
            moved, lows = True, others_low + bounds[part][0]
            if bounds[part][1] != high:
                infinite -= high == inf
                finite += bounds[part][1] - (0 if high == inf else high)
    return moved


def _tighten_overlapping(bounds: Bounds, one: Sum) -> bool:
    """The same where parts may overlap."""
    highs = [bounds[part][1] for part in one.parts]
    moved = _narrow(bounds, one.total, max(bounds[part][0] for part in one.parts), sum(highs))
    total_low, total_high = bounds[one.total]
    for number, part in enumerate(one.parts):
        others = sum(high for other, high in enumerate(highs) if other != number)
        moved |= _narrow(bounds, part, total_low - others, total_high)
    return moved


def _narrow(bounds: Bounds, key: Key, low: float, high: float) -> bool:
    before = bounds[key]
    bounds[key] = (max(before[0], low), min(before[1], high))
    return bounds[key] != before


def _weight(sums: Sequence[Sum]) -> Counter[Key]:
    return Counter(one.total for one in sums)


def _involving(sums: Sequence[Sum]) -> dict[Key, list[Sum]]:
    found: dict[Key, list[Sum]] = {}
    for one in sums:
        for key in (one.total, *one.parts):
            found.setdefault(key, []).append(one)
    return found
