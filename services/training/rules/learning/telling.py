"""Whose answers may be counted among those of others, so that no two figures tell by their difference what one said."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

LEAST = 5
"""Law of the house: fewer answers than this would tell what one woman said (docs/decisions/0009, 0067)."""

V = TypeVar("V")


def enough(answers: Iterable[tuple[Hashable, V]]) -> list[V]:
    """The answers of the groups that gave at least five, in their order. A smaller group is in no figure, neither alone
    nor among others: whoever asks for more groups and then for fewer learns of five women or of none.
    """
    given: dict[Hashable, list[V]] = {}
    for group, value in answers:
        given.setdefault(group, []).append(value)
    return [value for values in given.values() if len(values) >= LEAST for value in values]


def beside_pairs(paired: Sequence[V], alone: Sequence[V]) -> list[V]:
    """What a group answered at a moment: with those who answered only then, where they are no few beside the pairs that
    are told; a mean with them and one without them would tell of them.
    """
    few = 0 < len(alone) < LEAST <= len(paired)
    return [*paired] if few else [*paired, *alone]
