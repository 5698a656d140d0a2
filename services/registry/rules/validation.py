"""How far a record is checked: captured -> verified -> validated | rejected, and stale once the check is too old."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.kernel import Forbidden, Invalid, Refused

CHECKED = ("verified", "validated")
"""States that rest on a check, and become stale with it."""

BY_COORDINATOR = frozenset({"validated", "rejected"})
"""Valid or not is the coordinator's alone to say, and to take back."""

EVIDENCE = ("visit", "document", "phone", "campaign", "study")
"""What somebody may have checked a record by: seen on site, a document seen, asked by telephone, an outreach campaign,
a study with a university.
"""

BY_FORM, BY_TIME = "form", "time"
"""What a field form brought in says of itself; that too much time went by."""

WAITING: Mapping[str, str] = {"verify": "captured", "validate": "verified", "renew": "stale"}
"""What waits for somebody, and in which state."""

_LOWERED = {"validated": "verified", "rejected": "captured"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody says of a record, on what evidence of which day; `words` are her own."""

    state: str
    evidence: str | None
    on: date
    words: str | None = None


def may_judge(wanted: str, now: str, *, coordinates: bool) -> bool:
    """Whether a record that stands at `now` may be set to `wanted`."""
    return coordinates or BY_COORDINATOR.isdisjoint({wanted, now})


def require_step(now: str, judgement: Judgement, *, today: date, months: int, coordinates: bool) -> None:
    """Refuses a step that nobody may take, or not so: stale is said by time alone; a check needs its evidence, which
    is neither of a day to come nor older than `months`; saying no, or taking a check back, needs a reason. A check may
    be renewed: the same state on newer evidence.
    """
    wanted = judgement.state
    if wanted == "stale":
        raise Invalid("validation.stale_by_time", pointer="/state")
    if not may_judge(wanted, now, coordinates=coordinates):
        raise Forbidden("validation.of_the_coordinator")
    if wanted == now and wanted not in CHECKED:
        raise Refused("validation.nothing_new")
    if judgement.on > today:
        raise Invalid("validation.in_the_future", pointer="/on", today=today.isoformat())
    if wanted != "captured" and judgement.evidence is None:
        raise Invalid("validation.evidence_needed", pointer="/evidence")
    if wanted in CHECKED and is_stale(judgement.on, months, today):
        raise Invalid("validation.too_old", pointer="/on", months=months)
    if wanted in {"captured", "rejected"} and not judgement.words:
        raise Invalid("validation.reason_needed", pointer="/words")


def is_stale(checked_on: date, months: int, today: date) -> bool:
    """Whether a check of `checked_on` counts no more: it does on the last day of its months."""
    return today > counts_until(checked_on, months)


def counts_until(checked_on: date, months: int) -> date:
    """The last day on which a check counts: the same day of the month, or the last one there is."""
    return _moved(checked_on, months)


def latest_stale(today: date, months: int) -> date:
    """No check of a later day is stale today; of those up to it, `is_stale` decides."""
    return _moved(today, -months)


def as_brought_in(wanted: str, now: str, *, coordinates: bool) -> str:
    """What a field form sets a record to: what it says, or what the one who brings it in may say herself."""
    lowered = wanted if coordinates else _LOWERED.get(wanted, wanted)
    return lowered if may_judge(lowered, now, coordinates=coordinates) else now


def _moved(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError
