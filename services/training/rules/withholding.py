"""Small counts are withheld from what goes out, and with them what would tell them by subtraction."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
THRESHOLD = 5
"""Law of the house and no criterion, so that nobody adopts a lower one (docs/decisions/0009)."""


def told(counts: Mapping[K, int]) -> dict[K, int | None]:
    """The counts of a column whose sum is known, None where one is withheld: every one from 1 to 4, and the smallest
    of the others until at least two are withheld that together are no small count either.
    """
    small = {key for key, count in counts.items() if 0 < count < THRESHOLD}
    rest = sorted((key for key, count in counts.items() if count >= THRESHOLD), key=lambda key: counts[key])
    while small and rest and (len(small) < 2 or sum(counts[key] for key in small) < THRESHOLD):
        small.add(rest.pop(0))
    return {key: None if key in small else count for key, count in counts.items()}
