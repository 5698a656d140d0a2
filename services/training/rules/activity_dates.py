"""Which date of an activity was known on a day."""

from collections.abc import Sequence
from datetime import date


def known_on(day: date, announced: Sequence[tuple[date, date]], ends_after: int) -> date | None:
    """The first day of an activity as it was known on `day`; `announced`: pairs of the day it was written down and the
    date, in order; it ends `ends_after` days later. What was written down only afterwards counts where it was over by
    then (history entered late), and else not at all: None.
    """
    before = [starts for written, starts in announced if written <= day]
    if before:
        return before[-1]
    starts = announced[-1][1]
    return starts if (day - starts).days >= ends_after else None
