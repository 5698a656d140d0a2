"""What is published only of enough: levels, sales and purchases, which are no counts.

A figure of fewer than five is withheld, one that one or two have nearly all of, and one of a place or a chain whose own
count is withheld. Levels are told of a department, of its municipalities and of its chains: what remains when some are
taken from their department must not be of few either, so the smallest of those that are told is withheld with them.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from services.territory.rules.disclosure import is_small
from services.territory.rules.doubles import Key

if TYPE_CHECKING:
    from services.territory.rules.dominance import Dominance
    from services.territory.rules.figures import Count

BY_CHAIN_OF_ENOUGH = ("chain_level", "sales", "leakage")
"""Of the chains of a department."""
OF_ENOUGH = ("level", *BY_CHAIN_OF_ENOUGH)
HIGH = "high"
"""Beside the sum of the lower limits of sales that of the upper ones: told where no band is open above."""


def of_few(
    counts: "Mapping[Key, Count]", hidden: Collection[Key], department: str, rule: "Dominance | None"
) -> frozenset[Key]:
    """Which of these figures are not told."""
    kept = {key: count for key, count in counts.items() if key[1] in OF_ENOUGH}
    found = {key for key, count in kept.items() if _base(key) in hidden or _points_at_few(count, rule)}
    for key in [key for key in kept if key[-1] == HIGH]:
        low = key[:-1]
        if low in found or key in found:
            found |= {low, key}
        elif kept[key].number < kept[low].number:
            found.add(key)
    for subject in sorted({key[2] for key in kept if key[1] == "level"}):
        whole = (department, "level", subject)
        places = {key for key in kept if key[1:] == whole[1:] and key != whole}
        chains = {key for key in kept if key[:3] == (department, "chain_level", subject)}
        for parts in (places, chains):
            found |= _with_them({key: kept[key].number for key in parts}, found & parts, told=whole not in found)
    return frozenset(found)


def _base(key: Key) -> Key:
    """The count of those a figure is of."""
    unit, table, *rest = key
    if table == "level":
        return (unit, "all")
    return (unit, "chain", rest[1] if table == "chain_level" else rest[0])


def _points_at_few(count: "Count", rule: "Dominance | None") -> bool:
    return count.amounts_point_at_few(rule) if rule else is_small(count.number)


def _with_them(numbers: Mapping[Key, int], apart: set[Key], *, told: bool) -> set[Key]:
    """The parts that are withheld, and as many more as it takes that together they are not few."""
    apart = set(apart)
    while told and is_small(sum(numbers[key] for key in apart)):
        left = [(number, key) for key, number in numbers.items() if key not in apart and number]
        if not left:
            break
        apart.add(min(left)[1])
    return apart
