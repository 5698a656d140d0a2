"""An action plan of six months: which step follows which, what a plan must say, and how its light stands."""

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.kernel import Invalid, Refused

DRAFT, SUBMITTED, IN_REVIEW, RETURNED, ACCEPTED = "draft", "submitted", "in_review", "returned", "accepted"
KEY_SELECTED, IN_EXECUTION, VERIFIED, ABANDONED = "key_selected", "in_execution", "verified", "abandoned"
STATES = (DRAFT, SUBMITTED, IN_REVIEW, RETURNED, ACCEPTED, KEY_SELECTED, IN_EXECUTION, VERIFIED, ABANDONED)
WRITABLE = frozenset({DRAFT, RETURNED})
CLOSED = frozenset({VERIFIED, ABANDONED})
WRITING = ("begin", "write", "submit")
"""Whoever did one of these with a plan does not review it."""
_AFTER: Mapping[str, frozenset[str]] = {
    DRAFT: frozenset({SUBMITTED, ABANDONED}),
    SUBMITTED: frozenset({IN_REVIEW, ABANDONED}),
    IN_REVIEW: frozenset({RETURNED, ACCEPTED, ABANDONED}),
    RETURNED: frozenset({SUBMITTED, ABANDONED}),
    ACCEPTED: frozenset({KEY_SELECTED, ABANDONED}),
    KEY_SELECTED: frozenset({IN_EXECUTION, ABANDONED}),
    IN_EXECUTION: frozenset({VERIFIED, ABANDONED}),
    VERIFIED: frozenset(),
    ABANDONED: frozenset(),
}
NOT_BEGUN, UNDER_WAY, DONE, STUCK = "not_begun", "under_way", "done", "stuck"
PROGRESS = (NOT_BEGUN, UNDER_WAY, DONE, STUCK)
GREY, GREEN, AMBER, RED = "grey", "green", "amber", "red"
LIGHTS = (GREY, GREEN, AMBER, RED)


def require_step(before: str, after: str) -> None:
    """Refuses a step that does not follow."""
    if after not in _AFTER[before]:
        raise Refused("plan.not_now", state=before)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Span:
    """The days of an action."""

    begins_on: date
    ends_on: date


def require_within(spans: Iterable[Span], months: int) -> None:
    """Refuses an action that ends before it begins, and one that ends later than `months` after the first begins."""
    told = list(spans)
    if not told:
        return
    last = months_after(min(span.begins_on for span in told), months)
    for place, span in enumerate(told):
        if span.ends_on < span.begins_on:
            raise Invalid("plan.ends_before_it_begins", pointer=f"/actions/{place}/ends_on")
        if span.ends_on > last:
            raise Invalid("plan.too_long", pointer=f"/actions/{place}/ends_on", day=last, months=months)


def missing(texts: Mapping[str, str], lists: Mapping[str, Collection[object]]) -> list[str]:
    """What a plan has to say before it is handed in and does not say yet, by name."""
    silent = [name for name, text in texts.items() if not text.strip()]
    return silent + [name for name, items in lists.items() if not items]


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan as its light sees it: check-ins by their month, key actions by their last day and latest progress."""

    state: str
    begins_on: date | None
    checked_in: Collection[int] = ()
    key_actions: Collection[tuple[date, str]] = ()


@dataclass(frozen=True, slots=True)
class Light:
    """Green, amber or red, and grey while there is nothing to follow yet or no more; `why` are codes."""

    colour: str
    why: tuple[str, ...] = ()
    due: tuple[int, ...] = field(default=())
    """The months whose check-ins are due and were not made."""


def due_months(begins_on: date, months: Collection[int], checked_in: Collection[int], today: date) -> tuple[int, ...]:
    """The months whose check-in is due by today and was not made."""
    return tuple(month for month in months if month not in checked_in and months_after(begins_on, month) <= today)


def light(
    standing: Standing, today: date, *, months: Collection[int], amber_after_days: int, red_after_days: int
) -> Light:
    """How a plan in execution stands. Red: a check-in or a key action is more than `red_after_days` late. Amber: one is
    more than `amber_after_days` late, or a key action is stuck. An abandoned plan is red, a verified one green.
    """
    if standing.state in CLOSED:
        return Light(GREEN if standing.state == VERIFIED else RED, (standing.state,))
    if standing.state != IN_EXECUTION or standing.begins_on is None:
        return Light(GREY)
    due = due_months(standing.begins_on, months, standing.checked_in, today)
    late = {"check_in_late": [(today - months_after(standing.begins_on, month)).days for month in due]}
    late["action_late"] = [(today - last).days for last, progress in standing.key_actions if progress != DONE]
    worst = max((days for those in late.values() for days in those), default=0)
    why = [name for name, those in late.items() if any(days > amber_after_days for days in those)]
    if any(progress == STUCK for _, progress in standing.key_actions):
        why.append("action_stuck")
    colour = RED if worst > red_after_days else AMBER if why else GREEN
    return Light(colour, tuple(why), due)
