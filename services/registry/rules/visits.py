"""The dated visits with which a centre stands beside a project."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of a plan template: how many days after the start, for which need, with what purpose (a code)."""

    after_days: int
    purpose: str
    need: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit on a day: its purposes, the needs it answers."""

    due_on: date
    purposes: tuple[str, ...]
    needs: tuple[str, ...]


def plan_visits(start: date, needs: Iterable[str], stops: Iterable[Stop], term_months: int) -> list[PlannedVisit]:
    """The visits of a plan in order of day: the general ones and those that answer one of `needs`.

    Visits due within the same week are one visit; none lies after the term of the loan (30 days a month); none
    falls on a Sunday, it moves to Monday.
    """
    wanted = set(needs)
    horizon = term_months * 30
    chosen = sorted(
        (stop for stop in stops if stop.after_days <= horizon and (stop.need is None or stop.need in wanted)),
        key=lambda stop: (stop.after_days, stop.purpose),
    )
    visits: list[list[Stop]] = []
    for stop in chosen:
        if visits and stop.after_days - visits[-1][0].after_days < 7:
            visits[-1].append(stop)
        else:
            visits.append([stop])
    return [_visit(start, together) for together in visits]


def _visit(start: date, stops: list[Stop]) -> PlannedVisit:
    day = start + timedelta(days=stops[0].after_days)
    return PlannedVisit(
        due_on=day + timedelta(days=1) if day.isoweekday() == 7 else day,
        purposes=tuple(dict.fromkeys(stop.purpose for stop in stops)),
        needs=tuple(dict.fromkeys(stop.need for stop in stops if stop.need)),
    )


def latest_within(today: date, days: int) -> date:
    """The last day that is not more than `days` away; a Sunday becomes the Saturday before, where that is not over."""
    day = today + timedelta(days=days)
    return day - timedelta(days=1) if day.isoweekday() == 7 and days else day
