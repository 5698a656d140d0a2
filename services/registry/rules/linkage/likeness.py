"""How alike two written words, or two lists of words, are."""

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from services.registry.rules.linkage.phonetics import sound

Words = tuple[str, ...]


class Alike(IntEnum):
    """From nothing in common to the very same."""

    DIFFERENT = 0
    NEARLY = 1
    INITIAL = 2
    SOUNDS = 3
    EQUAL = 4


class Overlap(NamedTuple):
    """The words of two lists that answer each other, those of the one and those of the other; how alike the least alike
    of them are; whether they stand in the same order; and in how many of the two lists words remain.
    """

    one: Words
    other: Words
    least: Alike
    in_order: bool
    left: int


_NOTHING = Overlap((), (), Alike.DIFFERENT, True, 2)


@lru_cache(maxsize=300_000)
def alike(one: str, other: str, nearly: float) -> Alike:
    """How alike two words are; a single letter is the initial of any word that begins with it.

    `nearly` is the least share of letters that must stay when one word is turned into the other by inserting,
    deleting, replacing and exchanging neighbours (optimal string alignment).
    """
    if one == other:
        return Alike.EQUAL
    if sound(one) == sound(other):
        return Alike.SOUNDS
    if min(len(one), len(other)) == 1 and one[0] == other[0]:
        return Alike.INITIAL
    similarity = OSA.normalized_similarity(one, other, score_cutoff=nearly)
    return Alike.NEARLY if similarity >= nearly > 0 else Alike.DIFFERENT


def overlap(one: Words, other: Words, nearly: float) -> Overlap:
    """Which words answer each other: each one at most once, the most alike first."""
    found = [
        (rank, -abs(i - j), i, j)
        for i, word in enumerate(one)
        for j, there in enumerate(other)
        if (rank := alike(word, there, nearly)) is not Alike.DIFFERENT
    ]
    if not found:
        return _NOTHING
    found.sort(reverse=True)
    taken: dict[int, int] = {}
    least = Alike.EQUAL
    for rank, _, i, j in found:
        if i not in taken and j not in taken.values():
            taken[i] = j
            least = rank
    here = sorted(taken)
    there = [taken[i] for i in here]
    left = (len(taken) < len(one)) + (len(taken) < len(other))
    return Overlap(tuple([one[i] for i in here]), tuple([other[j] for j in there]), least, there == sorted(there), left)


def written_together(one: Words, other: Words, nearly: float) -> Alike:
    """How alike two lists are of which one has a space too many or too few."""
    return Alike.DIFFERENT if len(one) == len(other) else alike("".join(one), "".join(other), nearly)


def one_slip(one: str, other: str) -> bool:
    """Whether one digit typed over, left out or too many, or two neighbours exchanged, makes one of the other."""
    return OSA.distance(one, other, score_cutoff=1) <= 1
