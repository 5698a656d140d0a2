"""What the answers of a field form change in what a woman agreed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Answer:
    """What she answered for a purpose, and on which day."""

    granted: bool
    given_on: date


def answers_to_take(
    submitted: Mapping[str, bool], before: Mapping[str, bool], recorded: Mapping[str, Answer], day: date | None
) -> tuple[dict[str, bool], dict[str, date]]:
    """Which answers of a form that comes again are recorded, and where the recorded one stays against it, with its day.

    An answer counts when it differs from what the form said `before` and is not older than the recorded one: a copy of
    an old form never gives back what she took back since. A form without its `day` takes back, and gives nothing.
    """
    taken, kept = {}, {}
    for purpose, granted in submitted.items():
        last = recorded.get(purpose)
        if last is None:
            taken[purpose] = granted
        elif last.granted != granted:
            timely = not granted if day is None else day >= last.given_on
            if timely and granted != before[purpose]:
                taken[purpose] = granted
            else:
                kept[purpose] = last.given_on
    return taken, kept
