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
    if sum(known.size[one] for one in order) < low:
        return None
    found = most_seated(known, [], order, high, care)
    return found if sum(known.size[one] for one in found) >= low else None


def most_seated(known: Known, chosen: Sequence[int], order: Sequence[int], high: int, care: int) -> list[int]:
    """As many women of `order` as can be together with those of `chosen`, who can; at most `high`, exactly.

    Of those who must be apart one after the other is taken or left; the others are counted.
    """
    among = frozenset(order)
    for party in order:
        foes = known.enemies.get(party, frozenset()) & among
        if foes:
            others = [one for one in order if one != party]
            friends = [one for one in others if one not in foes]
            with_her = most_seated(known, [*chosen, party], friends, high, care)
            without = most_seated(known, chosen, others, high, care)
            return max(with_her, without, key=lambda seated: sum(known.size[one] for one in seated))
    return _counted(known, chosen, order, high, care)


def _counted(known: Known, chosen: Sequence[int], order: Sequence[int], high: int, care: int) -> list[int]:
    """The fewest children for each number of women (a knapsack), and from there who."""
    women, minded = (sum(facts[one] for one in chosen) for facts in (known.size, known.children))
    least: dict[int, tuple[int, tuple[int, ...]]] = {}
    if women <= high and minded <= care:
        least[women] = (minded, tuple(chosen))
    for party in order:
        for women, (minded, who) in list(least.items()):
            more, children = women + known.size[party], minded + known.children[party]
            if more <= high and children <= care and (more not in least or children < least[more][0]):
                least[more] = (children, (*who, party))
    return list(least[max(least)][1]) if least else []
