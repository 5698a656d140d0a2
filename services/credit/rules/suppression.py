"""Small counts are not told to who works with no single loan, nor what would tell them by subtraction."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")
LEAST = 5


def hidden(counts: Mapping[K, int]) -> set[K]:
    """The rows of a column of counts, whose sum is known, that are not told: the small ones, and as many of the next
    smallest as it takes for the hidden ones together to be neither one alone nor small.
    """
    rising = sorted(((count, place) for place, count in enumerate(counts.values()) if count))
    keys = list(counts)
    found = [keys[place] for count, place in rising if count < LEAST]
    for _, place in rising[len(found) :]:
        if not found or (len(found) > 1 and sum(counts[key] for key in found) >= LEAST):
            break
        found.append(keys[place])
    return set(found)
