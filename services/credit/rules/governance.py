"""How the committee works, as a set of regulations fixes it: notice, conflicts of interest, expiry, reasons.

Each section names its own source; what it leaves out is asked of nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.credit.rules.demands import demand
from services.credit.rules.quorum import CHOICES, CONSTITUENCIES

FARTHEST_DEGREE = 8
LONGEST_NOTICE = 90
LONGEST_APPROVAL = 3650
SEATED: dict[str, tuple[str, ...]] = {
    "credit": CONSTITUENCIES,
    "trust_fund": (*CONSTITUENCIES, "trustee", "funder"),
}
"""By the kind of a committee: for whom its members may sit. Who keeps or gives the money watches over it, and lends it
to nobody."""
OTHER = "other"
"""The reason of who says it in words of her own."""
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
class Mandates:
    """Whether who sits must have shown the paper by which she was sent."""

    paper: bool = False
    source: str = ""


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
    """One reason that is known to refuse or to defer; `english` says it to who reads no Spanish."""

    code: str
    name: str
    choices: tuple[str, ...]
    english: str = ""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that may be given. Those of the `usual` ones that the regulations do not word themselves may be given
    too; who names none has `other`, where the regulations list none for her choice.
    """

    items: tuple[Reason, ...] = ()
    source: str = ""
    usual: tuple[Reason, ...] = ()

    def beside(self, usual: tuple[Reason, ...]) -> "Reasons":
        """These, and beside them the usual ones of a day."""
        own = {reason.code for reason in self.items}
        return replace(self, usual=tuple(reason for reason in usual if reason.code not in own))

    def own(self, choice: str) -> bool:
        """Whether the regulations list reasons for a choice: then one has to be named."""
        return any(choice in reason.choices for reason in self.items)

    def of(self, choice: str) -> tuple[Reason, ...]:
        return tuple(reason for reason in (*self.items, *self.usual) if choice in reason.choices)

    def called(self, code: str | None) -> Reason | None:
        """The reason with this code, in the words of this edition where it has its own."""
        return next((reason for reason in (*self.items, *self.usual) if reason.code == code), None)

    def name(self, code: str | None) -> str | None:
        """The words of a reason."""
        found = self.called(code)
        return found.name if found else None


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


def read_mandates(item: Mapping[str, Any]) -> Mandates:
    mandates = Mandates(**item)
    demand(type(mandates.paper) is bool, "/mandates/paper")
    demand(_sourced(mandates.source), "/mandates/source")
    return mandates


def read_approvals(item: Mapping[str, Any]) -> Approvals:
    approvals = Approvals(**item)
    known = approvals.days is None or (type(approvals.days) is int and 1 <= approvals.days <= LONGEST_APPROVAL)
    demand(known, "/approvals/days")
    demand(_sourced(approvals.source), "/approvals/source")
    return approvals


def read_reasons(item: Mapping[str, Any]) -> Reasons:
    rows = [Reason(row["code"], row["name"], tuple(row["choices"]), row.get("english", "")) for row in item["items"]]
    reasons = Reasons(tuple(rows), item["source"])
    demand(item.keys() <= {"items", "source"} and _sourced(reasons.source), "/reasons/source")
    codes = [reason.code for reason in rows]
    demand(len(set(codes)) == len(codes) and NO_MAJORITY not in codes, "/reasons/items")
    for number, reason in enumerate(rows):
        at = f"/reasons/items/{number}"
        for field, text, longest in (("code", reason.code, 40), ("name", reason.name, 200)):
            demand(type(text) is str and 0 < len(text) <= longest, f"{at}/{field}")
        demand(type(reason.english) is str and len(reason.english) <= 200, f"{at}/english")
        demand(bool(reason.choices) and set(reason.choices) <= set(CHOICES) - {"approve"}, f"{at}/choices")
    return reasons


def _sourced(source: Any) -> bool:
    return type(source) is str and bool(source.strip())
