"""Going after what is not paid: whether a promise was kept, and what is to be done first."""

from dataclasses import dataclass
from datetime import date

NEXT_STEPS = ("broken_promise", "promise_today", "action_due", "untouched", "waits")
"""What a loan waits for, the most urgent first: a promise was broken, falls due today; the next action is due; nobody
has done anything; a promise or an action of a later day is waited for."""


def promise_state(promised: int, until: date, paid: int, today: date) -> str:
    """`kept` when `paid` (cents, from the day it was made up to `until`) reaches it, `broken` after that day, else
    `open`.
    """
    if paid >= promised:
        return "kept"
    return "broken" if today > until else "open"


@dataclass(frozen=True, slots=True)
class Followed:
    """What was last done about a loan: the state and day of its last promise, and when the next action is due."""

    promise: str | None = None
    promised_on: date | None = None
    next_on: date | None = None
    touched: bool = False


def todo(followed: Followed, today: date) -> str:
    """What the loan waits for today, one of `NEXT_STEPS`. A promise that is open and not yet due waits, whatever was
    planned for before it; one that was kept counts no more, and what is still overdue is to be gone after anew.
    """
    if followed.promise == "broken":
        return "broken_promise" if followed.next_on is None or followed.next_on <= today else "waits"
    if followed.promise == "open":
        return "promise_today" if followed.promised_on == today else "waits"
    if followed.next_on is not None:
        return "action_due" if followed.next_on <= today else "waits"
    return "action_due" if followed.touched else "untouched"


def urgency(
    what: str, days_overdue: int, at_risk: int, place: str, number: str, *, written_off: bool = False
) -> tuple[int, bool, int, int, str, str]:
    """A key to order an agenda by: what is to be done, what is still in the books before what was written off, the
    oldest arrears, the most principal at risk, the place.
    """
    return NEXT_STEPS.index(what), written_off, -days_overdue, -at_risk, place, number
