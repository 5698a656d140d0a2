"""What being late costs and how much of a loan is set aside for it, as the regulations say; and the ages of arrears."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.credit.rules.demands import demand, rate

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", ">180")
BUCKETS_FROM = (1, 31, 61, 91, 181)
"""From how many days overdue each bucket after the first begins."""
TABLES = ("SV", "GT", "HN")
"""The reference tables a set of regulations may name instead of giving rows of its own."""
HUNDREDTHS = Decimal("0.01")
_LARGEST_FIXED, _LONGEST, _LARGEST_CAP = 1_000_000_00, 3_650, 100_000
"""Cents, days and hundredths of a per cent beyond which a number is a slip of the hand, and no late charge."""
DAYS_A_YEAR = (360, 365)


def bucket(days_overdue: int) -> int:
    """The place in `BUCKETS` of a loan that is so many days overdue."""
    return sum(days_overdue >= begins for begins in BUCKETS_FROM)


@dataclass(frozen=True, slots=True)
class Dated:
    """Principal and interest of an instalment, in cents, with the day on which they fall due or were paid."""

    day: date
    principal: int
    interest: int

    @property
    def total(self) -> int:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class LateCharge:
    """What an instalment that is late costs: `annual_rate` per cent a year on its overdue principal, day by day from
    the due date, and `fixed` cents once, whether principal or interest is unpaid; nothing while it is no more than
    `after_days` late, and never more than `cap` per cent of the instalment (principal and interest). Rates in
    hundredths of a per cent.
    """

    annual_rate: int = 0
    fixed: int = 0
    after_days: int = 0
    cap: int | None = None
    days_a_year: int = 365

    @property
    def charges(self) -> bool:
        return bool(self.annual_rate or self.fixed)

    def amount(self, instalment: int, principal_days: int, days_late: int) -> int:
        """The charge in cents on an `instalment` that is `days_late`; `principal_days` is the sum over the days since
        it fell due of the principal that was owed on each, in cents.
        """
        if days_late <= self.after_days:
            return 0
        charge = self.fixed + principal_days * self.annual_rate // (10_000 * self.days_a_year)
        return charge if self.cap is None else min(charge, instalment * self.cap // 10_000)

    def at(self, day: date, asked: Dated, paid: Iterable[Dated]) -> int:
        """The charge in cents at the end of `day` on an instalment that `asked` for so much. What counts is when it was
        paid, not when that was told: an instalment is late until its principal and its interest were paid.
        """
        known = [part for part in paid if part.day <= day and part.total]
        whole = sum(part.total for part in known) >= asked.total
        until = max((part.day for part in known), default=asked.day) if whole else day
        late = (until - asked.day).days
        spared = sum(part.principal * (until - max(part.day, asked.day)).days for part in known)
        return self.amount(asked.total, asked.principal * late - spared, late)


@dataclass(frozen=True, slots=True)
class Provisioning:
    """How much of what is owed is set aside, by days overdue: a reference table, or rows of (from days, hundredths of
    a per cent) that begin at 0 and rise.
    """

    table: str | None = None
    rows: tuple[tuple[int, int], ...] = ()


def required(rows: Iterable[tuple[int, int]], days_overdue: int, principal: int) -> int:
    """The allowance in cents for a loan of which `principal` is owed; half a cent is rounded up."""
    rate = max((row for row in rows if row[0] <= days_overdue), default=(0, 0))[1]
    return (principal * rate + 5_000) // 10_000


def read_late_charge(item: Mapping[str, Any]) -> LateCharge:
    """`annual_rate` and `cap` are per cents of at most 1,000 with at most two decimals, `fixed` is in cents, at most a
    million whole; `after_days` no more than ten years.
    """
    known = {**item, "annual_rate": _hundredths(item.get("annual_rate", "0"), "/late_charge/annual_rate")}
    if item.get("cap") is not None:
        known["cap"] = _hundredths(item["cap"], "/late_charge/cap")
    charge = LateCharge(**known)
    demand(type(charge.fixed) is int and 0 <= charge.fixed <= _LARGEST_FIXED, "/late_charge/fixed")
    demand(type(charge.after_days) is int and 0 <= charge.after_days <= _LONGEST, "/late_charge/after_days")
    demand(charge.cap is None or charge.cap <= _LARGEST_CAP, "/late_charge/cap")
    demand(charge.annual_rate <= 100_000 and charge.days_a_year in DAYS_A_YEAR, "/late_charge")
    return charge


def read_provisioning(item: Mapping[str, Any]) -> Provisioning:
    """Either `{"table": "SV"}` or `{"rows": [{"from_days": 0, "percent": "1"}, …]}`."""
    demand(set(item) in ({"table"}, {"rows"}), "/provisioning")
    if "table" in item:
        demand(item["table"] in TABLES, "/provisioning/table")
        return Provisioning(table=item["table"])
    rows = tuple((row["from_days"], _hundredths(row["percent"], "/provisioning/rows")) for row in item["rows"])
    check_rows(rows)
    return Provisioning(rows=rows)


def check_rows(rows: tuple[tuple[int, int], ...]) -> None:
    """Refuses rows that do not begin at 0 days, do not rise, or set aside more than everything."""
    days = [since for since, _ in rows]
    demand(all(type(day) is int for day in days), "/provisioning/rows")
    demand(bool(rows) and days[0] == 0 and days == sorted(set(days)), "/provisioning/rows")
    demand(days[-1] <= _LONGEST, "/provisioning/rows")
    rates = [rate for _, rate in rows]
    demand(rates == sorted(rates) and rates[-1] <= 10_000, "/provisioning/rows")


def _hundredths(value: Any, pointer: str) -> int:
    demand(type(value) in {str, int}, pointer)
    number = rate(value, pointer)
    demand(number == number.quantize(HUNDREDTHS), pointer)
    return int(number * 100)
