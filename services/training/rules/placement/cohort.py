"""Which of those who could begin a group together do so."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Known(Protocol):
    """What is asked about parties: their women and children, what they are worth, and who must be apart."""

    size: list[int]
    children: list[int]
    priority: list[int]
    enemies: Mapping[int, frozenset[int]]


def largest(known: Known, order: Sequence[int], low: int, high: int, care: int) -> list[int] | None:
    """Parties of `low` to `high` women and at most `care` children, no two of whom must be apart; None: there are none.

    Taken as they come in `order` where that is enough; else searched for, so that None is proven.
    """
    chosen: list[int] = []
    size = minded = 0
    for party in order:
        enemies = known.enemies.get(party)
        if size + known.size[party] > high or minded + known.children[party] > care:
            continue
        if enemies and not enemies.isdisjoint(chosen):
            continue
        chosen.append(party)
        size += known.size[party]
        minded += known.children[party]
    if size >= low:
        return chosen
    return _searched(known, [], order, low, high, care) if sum(known.size[one] for one in order) >= low else None


def _searched(
    known: Known, chosen: list[int], order: Sequence[int], low: int, high: int, care: int
) -> list[int] | None:
    """As `largest`, with those of `chosen`: of those who must be apart one after the other is taken or left."""
    among = frozenset(order)
    for party in order:
        foes = known.enemies.get(party, frozenset()) & among
        if foes:
            others = [one for one in order if one != party]
            friends = [one for one in others if one not in foes]
            with_her = _searched(known, [*chosen, party], friends, low, high, care)
            return with_her or _searched(known, chosen, others, low, high, care)
    return _counted(known, chosen, order, low, high, care)


def _counted(known: Known, chosen: list[int], order: Sequence[int], low: int, high: int, care: int) -> list[int] | None:
    """The fewest children for each number of women (a knapsack), and from there who."""
    least: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for party in [*chosen, *order]:
        forced = party in chosen
        further = {} if forced else dict(least)
        for women, (minded, who) in least.items():
            more, children = women + known.size[party], minded + known.children[party]
            if more <= high and children <= care and (more not in further or children < further[more][0]):
                further[more] = (children, (*who, party))
        least = further
    enough = [women for women in least if women >= low]
    return list(least[max(enough)][1]) if enough else None
