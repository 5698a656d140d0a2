"""Small counts are not told to who works with no single record, nor what would tell them by subtraction."""

from collections.abc import Mapping

LEAST = 5


def told(count: int) -> int | None:
    """A count that stands alone; None where it is small."""
    return None if 0 < count < LEAST else count


def table(counts: Mapping[str, int]) -> dict[str, int | None]:
    """A column of counts whose sum is known: the small ones are hidden, and as many of the next smallest as it takes
    for the hidden ones together to be neither one alone nor small.
    """
    rising = sorted((count, code) for code, count in counts.items() if count)
    hidden = [code for count, code in rising if count < LEAST]
    for count, code in rising[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= LEAST):
            break
        del count
        hidden.append(code)
    return {code: None if code in hidden else count for code, count in counts.items()}
