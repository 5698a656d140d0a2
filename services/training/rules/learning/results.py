"""What became of enterprises some months after a training: before and then, and against those that still wait."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from services.training.rules.learning.change import TwoGroups, against_waiting, paired_means

MONTHS = (6, 12)
JOBS, FORMAL, LOAN = "jobs", "formal", "loan"
MEASURES = (JOBS, FORMAL, LOAN)
LEAST = 5
"""Law of the house: of fewer enterprises nothing is told (docs/decisions/0009)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an enterprise stood on a day; `sales` is the lower limit of its band, None where nobody knows."""

    jobs: int
    formal: bool
    sales: int | None
    loan: bool
    """Whether it had ever been lent money by then."""


@dataclass(frozen=True, slots=True)
class Course:
    """How one stood when a training ended and some months later; `late`: a loan of its became overdue in between."""

    before: Standing
    then: Standing
    late: bool


@dataclass(frozen=True, kw_only=True)
class MeasureResult:
    """The mean (of jobs) or the share (from 0 to 1) before and then, among `pairs` enterprises, with the 95 % interval
    of the change; `waiting` compares it with the change of `compared` enterprises that wait, None where none do.
    """

    measure: str
    pairs: int
    before: float
    after: float
    change: float
    low: float | None
    high: float | None
    compared: int | None
    waiting: TwoGroups | None


def later(day: date, months: int) -> date:
    """The same day some months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


_READ: dict[str, Callable[[Standing], float]] = {
    JOBS: lambda standing: float(standing.jobs),
    FORMAL: lambda standing: float(standing.formal),
    LOAN: lambda standing: float(standing.loan),
}


def measured(trained: Sequence[Course], waiting: Sequence[Course]) -> list[MeasureResult]:
    """Every measure, empty where fewer than five of those trained are known at both times; those who wait compare only
    where they are five or more. Intervals: Student's for pairs and Welch's against who waits (rules.learning.change).
    """
    if len(trained) < LEAST:
        return []
    return [_measured(measure, trained, waiting if len(waiting) >= LEAST else ()) for measure in MEASURES]


def _measured(measure: str, trained: Sequence[Course], waiting: Sequence[Course]) -> MeasureResult:
    read = _READ[measure]
    found = paired_means([read(course.before) for course in trained], [read(course.then) for course in trained])
    changes = [[read(course.then) - read(course.before) for course in group] for group in (trained, waiting)]
    return MeasureResult(
        measure=measure,
        pairs=found.pairs,
        before=found.before,
        after=found.after,
        change=found.difference,
        low=found.low,
        high=found.high,
        compared=len(waiting) or None,
        waiting=against_waiting(*changes),
    )


def sales_moved(trained: Sequence[Course]) -> dict[str, int] | None:
    """How many are in a higher, the same and a lower band of sales, of those whose band is known both times; None where
    one of these would be told of fewer than five enterprises.
    """
    bands = [
        (course.before.sales, course.then.sales)
        for course in trained
        if course.before.sales is not None and course.then.sales is not None
    ]
    moves = {
        "rose": sum(then > before for before, then in bands),
        "same": sum(then == before for before, then in bands),
        "fell": sum(then < before for before, then in bands),
    }
    return None if len(bands) < LEAST or any(0 < count < LEAST for count in moves.values()) else moves


def late_ones(trained: Sequence[Course]) -> dict[str, int] | None:
    """Of those with a loan, how many fell into arrears meanwhile; None where fewer than five would be told of."""
    borrowers = [course for course in trained if course.then.loan]
    late = sum(course.late for course in borrowers)
    fit = len(borrowers) >= LEAST and not 0 < late < LEAST and not 0 < len(borrowers) - late < LEAST
    return {"borrowers": len(borrowers), "late": late} if fit else None
