"""How interest is earned between two due dates: evenly over the days, counted as the contract counts them."""

from collections.abc import Sequence
from datetime import date


def serial(day: date, *, thirty: bool) -> int:
    """The number of a day: calendar days, or months of 30 days each where the contract counts them so."""
    return day.year * 360 + day.month * 30 + min(day.day, 30) if thirty else day.toordinal()


def earned(interest: int, elapsed: int, days: int) -> int:
    """What of an instalment's `interest` (cents) is earned after `elapsed` of its `days`: at the due date all of it."""
    return interest * max(0, min(elapsed, days)) // days


def spread(rows: Sequence[tuple[int, int]], waiting: int, free: int) -> list[int]:
    """In which instalment the interest is earned, in cents, given what each asks for and its days: where it is put off
    for the first `waiting` of them, the one after them asks for theirs too. The first `free` bear none.
    """
    asked = [interest for interest, _ in rows]
    if not waiting or waiting >= len(rows):
        return asked
    days = [0 if place < free else length for place, (_, length) in enumerate(rows[: waiting + 1])]
    parts = [asked[waiting] * length // max(1, sum(days)) for length in days[:-1]]
    return [*parts, asked[waiting] - sum(parts), *asked[waiting + 1 :]]
