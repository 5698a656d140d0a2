"""What came of proposals, and how many seats women's organizations hold: the indicators of influence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from services.territory.rules.proposals import (
    BUDGETED,
    EXECUTED,
    INCLUDED,
    PATH,
    REJECTED,
    STEPS,
    SUBMITTED,
    Step,
    last_amount,
)


@dataclass(frozen=True)
class Course:
    """A proposal as far as it is counted: what it asks (minor units of `currency`), and the steps that count."""

    unit: str
    year: int
    organization: str
    currency: str
    asked: int
    steps: Sequence[Step]

    def reached(self, state: str) -> bool:
        """Whether it came to `state`, whatever became of it afterwards."""
        return any(step.state == state for step in self.steps)


@dataclass(frozen=True)
class Outcome:
    """What came of some proposals of one currency. Each share is None where nothing is below the line; amounts are
    minor units.
    """

    proposals: int
    submitted: int
    included: int
    budgeted: int
    executed: int
    rejected: int
    asked: int
    asked_of_budgeted: int
    approved: int
    approved_of_executed: int
    spent: int

    @property
    def inclusion_rate(self) -> float | None:
        """Included of submitted proposals."""
        return _share(self.included, self.submitted)

    @property
    def approved_share(self) -> float | None:
        """Approved of asked amounts, of the proposals that got a budget."""
        return _share(self.approved, self.asked_of_budgeted)

    @property
    def executed_share(self) -> float | None:
        """Executed of approved amounts, of the proposals that were carried out."""
        return _share(self.spent, self.approved_of_executed)


def outcome(courses: Iterable[Course]) -> Outcome:
    """What came of these proposals, which ask in one currency."""
    counted = list(courses)
    budgeted = [one for one in counted if one.reached(BUDGETED)]
    executed = [one for one in counted if one.reached(EXECUTED)]
    return Outcome(
        proposals=len(counted),
        submitted=_count(counted, SUBMITTED),
        included=_count(counted, INCLUDED),
        budgeted=len(budgeted),
        executed=len(executed),
        rejected=_count(counted, REJECTED),
        asked=sum(one.asked for one in counted),
        asked_of_budgeted=sum(one.asked for one in budgeted),
        approved=_sum(budgeted, BUDGETED),
        approved_of_executed=_sum(executed, BUDGETED),
        spent=_sum(executed, EXECUTED),
    )


def grouped(courses: Iterable[Course], by: str | None) -> dict[tuple[str, str], list[Course]]:
    """The proposals by (key, currency), in order; `by` is `unit`, `year`, `organization`, or None for all together,
    whose key is empty.
    """
    groups: dict[tuple[str, str], list[Course]] = {}
    for one in courses:
        key = "" if by is None else str(getattr(one, by))
        groups.setdefault((key, one.currency), []).append(one)
    return dict(sorted(groups.items()))


@dataclass(frozen=True)
class Pace:
    """How long proposals took to come to `state` from the step before: the median in days, of `n` proposals."""

    state: str
    n: int
    days: float | None


def paces(courses: Iterable[Course]) -> list[Pace]:
    """The pace of every step; days are None where nobody took it yet."""
    took: dict[str, list[int]] = {state: [] for state in STEPS}
    for one in courses:
        for before, step in zip(one.steps, one.steps[1:], strict=False):
            took[step.state].append((step.day - before.day).days)
    return [Pace(state, len(days), float(median(days)) if days else None) for state, days in took.items()]


def still_at(courses: Iterable[Course]) -> dict[str, int]:
    """How many proposals stand at each state today."""
    counts = dict.fromkeys((*PATH, REJECTED), 0)
    for one in courses:
        counts[one.steps[-1].state] += 1
    return counts


@dataclass(frozen=True)
class HeldSeat:
    """A seat that a women's organization holds in a council, and when."""

    council: str
    titular: bool
    held_from: date
    held_until: date | None = None

    def holds(self, day: date) -> bool:
        return self.held_from <= day and (self.held_until is None or day <= self.held_until)


def seats_on(day: date, seats: Iterable[HeldSeat], all_seats: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """For each council how many of its seats women's organizations hold on `day`, and how many it has. Alternates hold
    no seat of their own.
    """
    held = dict.fromkeys(all_seats, 0)
    for seat in seats:
        if seat.titular and seat.holds(day):
            held[seat.council] += 1
    return {council: (held[council], total) for council, total in all_seats.items()}


def _count(courses: Iterable[Course], state: str) -> int:
    return sum(one.reached(state) for one in courses)


def _sum(courses: Iterable[Course], state: str) -> int:
    return sum(last_amount(one.steps, state) or 0 for one in courses)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
