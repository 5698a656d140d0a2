"""Who earned a licence to teach, when one counts, and who may be counted on to teach a topic."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

HOURS, TEST, OBSERVATION = "hours", "test", "observation"
ACTIVE, SUSPENDED, REVOKED = "active", "suspended", "revoked"
VALID, EXPIRED, FUTURE = "valid", "expired", "future"
STANDINGS = (VALID, FUTURE, SUSPENDED, EXPIRED, REVOKED)


@dataclass(frozen=True, slots=True)
class Level:
    """What a level asks for: hours attended, a test's result, observed sessions of at least so many percent each, and
    for how many years its licence counts.
    """

    code: str
    names: Mapping[str, str]
    hours: int
    test_percent: int
    observations: int
    observed_percent: int
    years: int


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that a candidate proved."""

    kind: str
    minutes: int = 0
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A requirement: what it needs and what is reached of it (hours in minutes, a test in percent, sessions)."""

    kind: str
    needed: int
    reached: int

    @property
    def met(self) -> bool:
        return self.reached >= self.needed


@dataclass(frozen=True, slots=True)
class Leave:
    """A licence as it counts: for whom, for what, from when to when, and whether somebody took it."""

    trainer_id: UUID
    topics: frozenset[str]
    valid_from: date
    valid_until: date
    state: str


def progress(level: Level, proofs: Sequence[Proof]) -> tuple[Step, ...]:
    """How far a candidate is. Of several tests the best counts; of observed sessions those that reach the level's
    percentage.
    """
    tests = [one.percent for one in proofs if one.kind == TEST]
    good = sum(one.kind == OBSERVATION and one.percent >= level.observed_percent for one in proofs)
    return (
        Step(HOURS, level.hours * 60, sum(one.minutes for one in proofs if one.kind == HOURS)),
        Step(TEST, level.test_percent, max(tests, default=0)),
        Step(OBSERVATION, level.observations, good),
    )


def marked_percent(marks: Mapping[str, int], criteria: Collection[str], most: int) -> int:
    """What the marks of an observation come to, in whole percent of all that can be reached, rounded down; a criterion
    without a mark counts nothing.
    """
    return 100 * sum(marks.get(code, 0) for code in criteria) // (most * len(criteria))


def standing(state: str, valid_from: date, valid_until: date, day: date) -> str:
    """How a licence stands on a day: `revoked` and `suspended` before all, then `future`, `expired` or `valid`."""
    if state in {REVOKED, SUSPENDED}:
        return REVOKED if state == REVOKED else EXPIRED if valid_until < day else SUSPENDED
    if day < valid_from:
        return FUTURE
    return EXPIRED if valid_until < day else VALID


def last_day(first: date, years: int) -> date:
    """The last of so many years that begin on a day."""
    try:
        return first.replace(year=first.year + years) - timedelta(days=1)
    except ValueError:
        return date(first.year + years, 2, 28)


def holds(leaves: Iterable[Leave], topic: str, first: date, last: date) -> bool:
    """Whether licences together let their holder teach the topic on every day from the first to the last."""
    open_from = first
    counting = [one for one in leaves if topic in one.topics and one.state == ACTIVE]
    for one in sorted(counting, key=lambda one: one.valid_from):
        if one.valid_from <= open_from <= one.valid_until:
            open_from = one.valid_until + timedelta(days=1)
    return open_from > last


def counted(
    facilitators: Iterable[Mapping[str, Any]],
    needing: Collection[str],
    leaves: Iterable[Leave],
    first: date,
    last: date,
) -> list[dict[str, Any]]:
    """The facilitators of a venue with the topics they may be counted on for from the first day to the last: those
    that need a licence only where the list of trainers shows one. Who is left without a topic is left out.
    """
    held: dict[str, list[Leave]] = {}
    for leave in leaves:
        held.setdefault(str(leave.trainer_id), []).append(leave)
    found = []
    for one in facilitators:
        mine = held.get(str(one.get("trainer_id")), [])
        topics = [code for code in one["topics"] if code not in needing or holds(mine, code, first, last)]
        if topics:
            found.append({**one, "topics": topics})
    return found
