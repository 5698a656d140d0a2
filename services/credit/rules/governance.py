"""How the committee works, as a set of regulations fixes it: notice, conflicts of interest, expiry, reasons.

Each section names its own source; what it leaves out is asked of nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.credit.rules.demands import demand
from services.credit.rules.quorum import CHOICES

FARTHEST_DEGREE = 8
LONGEST_NOTICE = 90
LONGEST_APPROVAL = 3650
NO_MAJORITY = "no_majority"
"""The reason of an item that was deferred because nothing found a majority."""


@dataclass(frozen=True, slots=True)
class Notice:
    """How many days before a session its members must know of it."""

    days: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Up to which degree of kinship a relative may not decide; None is any degree."""

    degree: int | None = None
    source: str = ""

    def bars(self, relation: str, degree: int | None) -> bool:
        """Whether who declared this relation may not decide. A relative of whom no degree is known may not."""
        if relation != "relative" or self.degree is None or degree is None:
            return True
        return degree <= self.degree


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many days an approval waits to be paid out; None is for ever."""

    days: int | None = None
    source: str = ""

    def last_day(self, decided: date) -> date | None:
        """The last day on which what was approved on `decided` can be paid out."""
        return None if self.days is None else decided + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason that the regulations know to refuse or to defer."""

    code: str
    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that may be given; where there are none for a choice, words of one's own are enough."""

    items: tuple[Reason, ...] = ()
    source: str = ""

    def of(self, choice: str) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.items if choice in reason.choices)

    def name(self, code: str | None) -> str | None:
        """The words of a reason, as this edition has them."""
        return next((reason.name for reason in self.items if reason.code == code), None)


def read_notice(item: Mapping[str, Any]) -> Notice:
    notice = Notice(**item)
    demand(type(notice.days) is int and 0 <= notice.days <= LONGEST_NOTICE, "/notice/days")
    demand(_sourced(notice.source), "/notice/source")
    return notice


def read_conflicts(item: Mapping[str, Any]) -> Conflicts:
    conflicts = Conflicts(**item)
    known = conflicts.degree is None or (type(conflicts.degree) is int and 1 <= conflicts.degree <= FARTHEST_DEGREE)
    demand(known, "/conflicts/degree")
    demand(_sourced(conflicts.source), "/conflicts/source")
    return conflicts


def read_approvals(item: Mapping[str, Any]) -> Approvals:
    approvals = Approvals(**item)
    known = approvals.days is None or (type(approvals.days) is int and 1 <= approvals.days <= LONGEST_APPROVAL)
    demand(known, "/approvals/days")
    demand(_sourced(approvals.source), "/approvals/source")
    return approvals


def read_reasons(item: Mapping[str, Any]) -> Reasons:
    rows = [Reason(row["code"], row["name"], tuple(row["choices"])) for row in item["items"]]
    reasons = Reasons(tuple(rows), item["source"])
    demand(item.keys() <= {"items", "source"} and _sourced(reasons.source), "/reasons/source")
    codes = [reason.code for reason in rows]
    demand(len(set(codes)) == len(codes) and NO_MAJORITY not in codes, "/reasons/items")
    for number, reason in enumerate(rows):
        at = f"/reasons/items/{number}"
        for field, text, longest in (("code", reason.code, 40), ("name", reason.name, 200)):
            demand(type(text) is str and 0 < len(text) <= longest, f"{at}/{field}")
        demand(bool(reason.choices) and set(reason.choices) <= set(CHOICES) - {"approve"}, f"{at}/choices")
    return reasons


def _sourced(source: Any) -> bool:
    return type(source) is str and bool(source.strip())
