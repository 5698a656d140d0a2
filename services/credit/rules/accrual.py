"""How interest is earned between two due dates: evenly over the days, counted as the contract counts them."""

from datetime import date


def serial(day: date, *, thirty: bool) -> int:
    """The number of a day: calendar days, or months of 30 days each where the contract counts them so."""
    return day.year * 360 + day.month * 30 + min(day.day, 30) if thirty else day.toordinal()


def earned(interest: int, elapsed: int, days: int) -> int:
    """What of an instalment's `interest` (cents) is earned after `elapsed` of its `days`: at the due date all of it."""
    return interest * max(0, min(elapsed, days)) // days
