"""How enterprises stand beside each other: mean, quartiles and interval by group, without telling of a single one."""

import math
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

BY = ("sector", "size", "country", "workshop")
ALL = ("all", "")
_NOTHING = 1e-9
Group = tuple[str, str]
"""A way of grouping and one of its values; `ALL` are all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An enterprise in a benchmark: its values by way of grouping, and its exact scores by area."""

    groups: Mapping[str, Collection[str]]
    scores: Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What is told of a group's scores; `low` and `high` are Student's interval of the mean, None for a single one."""

    enterprises: int
    mean: Fraction
    lower_quartile: Fraction
    median: Fraction
    upper_quartile: Fraction
    low: float | None
    high: float | None


def summarise(scores: Sequence[Fraction], confidence: float) -> Summary:
    """The summary of at least one score: mean and quartiles exactly (Hyndman and Fan's type 7), the interval of the
    mean by Student's t, cut at 0 and 1.
    """
    ordered, count = sorted(scores), len(scores)
    mean = sum(ordered, Fraction(0)) / count
    low = high = None
    if count > 1:
        from scipy.special import stdtrit

        variance = float(sum(((one - mean) ** 2 for one in ordered), Fraction(0)) / (count - 1))
        half = float(stdtrit(count - 1, (1 + confidence) / 2)) * math.sqrt(variance / count)
        low, high = max(0.0, float(mean) - half), min(1.0, float(mean) + half)
    lower, median, upper = (_quantile(ordered, Fraction(part, 4)) for part in (1, 2, 3))
    return Summary(count, mean, lower, median, upper, low, high)


def _quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def benchmark(
    standings: Sequence[Standing], areas: Sequence[str], *, smallest: int, confidence: float
) -> dict[str, dict[Group, Summary | None]]:
    """By area, the summary of all enterprises and of each group, None where it is withheld: groups of fewer than
    `smallest` that have a score there, and those from which theirs would follow.
    """
    told: dict[str, dict[Group, Summary | None]] = {}
    for area in areas:
        found = [(one, value) for one in standings if (value := one.scores.get(area)) is not None]
        members = members_of([one for one, _ in found])
        shown = publishable(members, smallest)
        told[area] = {
            group: summarise([found[place][1] for place in sorted(those)], confidence) if group in shown else None
            for group, those in members.items()
        }
    return told


def members_of(standings: Sequence[Standing]) -> dict[Group, frozenset[int]]:
    """The places in the sequence of who belongs to each group, all of them first."""
    found: dict[Group, set[int]] = {ALL: set(range(len(standings)))}
    for place, one in enumerate(standings):
        for by in BY:
            for value in one.groups.get(by, ()):
                found.setdefault((by, value), set()).add(place)
    return {group: frozenset(those) for group, those in found.items()}


def publishable(members: Mapping[Group, frozenset[int]], smallest: int) -> frozenset[Group]:
    """The groups whose sums can be told together: from no combination of them (adding and subtracting) follows the sum
    of fewer than `smallest` enterprises that are a group, are alike in every group, or are what one group has more than
    another.
    """
    shown = {group for group, those in members.items() if len(those) >= smallest}
    tender = sorted(_tender(members, smallest), key=sorted)
    while shown and (told := _following(tender, shown, members)):
        ordered = sorted(shown, key=lambda group: (group == ALL, len(members[group]), group))
        helps = (group for group in ordered if _following(tender, shown - {group}, members) < told)
        shown.remove(next(helps, ordered[0]))
    return frozenset(shown)


def _cells(members: Mapping[Group, frozenset[int]]) -> list[frozenset[int]]:
    """Those who are alike in every group."""
    alike: dict[frozenset[Group], set[int]] = {}
    for place in members.get(ALL, ()):
        alike.setdefault(frozenset(group for group, those in members.items() if place in those), set()).add(place)
    return [frozenset(those) for those in alike.values()]


def _tender(members: Mapping[Group, frozenset[int]], smallest: int) -> set[frozenset[int]]:
    """The sets of few enterprises that must not be told of."""
    found = {*_cells(members), *members.values()}
    found |= {whole - part for whole in members.values() for part in members.values() if part < whole}
    return {those for those in found if 0 < len(those) < smallest}


def _following(
    tender: Sequence[frozenset[int]], shown: AbstractSet[Group], members: Mapping[Group, frozenset[int]]
) -> int:
    """How many of the sets have a sum that is a combination of the sums that are shown."""
    cells = [min(cell) for cell in _cells(members)]
    rows = np.array([[cell in members[group] for cell in cells] for group in sorted(shown)], dtype=float)
    wanted = np.array([[cell in those for cell in cells] for those in tender], dtype=float)
    if not rows.size or not wanted.size:
        return 0
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    spanned = directions[sizes > _NOTHING]
    left = wanted - wanted @ spanned.T @ spanned
    return int((np.abs(left).max(axis=1) < _NOTHING).sum())
