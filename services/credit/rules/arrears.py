"""What being late costs and how much of a loan is set aside for it, as the regulations say; and the ages of arrears."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.credit.rules.demands import demand

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-180", ">180")
BUCKETS_FROM = (1, 31, 61, 91, 181)
"""From how many days overdue each bucket after the first begins."""
TABLES = ("SV", "GT", "HN")
"""The reference tables a set of regulations may name instead of giving rows of its own."""
HUNDREDTHS = Decimal("0.01")
DAYS_A_YEAR = (360, 365)


def bucket(days_overdue: int) -> int:
    """The place in `BUCKETS` of a loan that is so many days overdue."""
    return sum(days_overdue >= begins for begins in BUCKETS_FROM)


@dataclass(frozen=True, slots=True)
class LateCharge:
    """What an instalment that is late costs: `annual_rate` per cent a year on its overdue principal, day by day from
    the due date, and `fixed` cents once; nothing while it is no more than `after_days` late, and never more than
    `cap` per cent of the instalment (principal and interest). Rates in hundredths of a per cent.
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
    """`annual_rate` and `cap` are per cents with at most two decimals, `fixed` is in cents."""
    known = {**item, "annual_rate": _hundredths(item.get("annual_rate", "0"), "/late_charge/annual_rate")}
    if item.get("cap") is not None:
        known["cap"] = _hundredths(item["cap"], "/late_charge/cap")
    charge = LateCharge(**known)
    demand(all(type(n) is int and n >= 0 for n in (charge.fixed, charge.after_days)), "/late_charge")
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
    rates = [rate for _, rate in rows]
    demand(rates == sorted(rates) and rates[-1] <= 10_000, "/provisioning/rows")


def _hundredths(value: Any, pointer: str) -> int:
    demand(type(value) in {str, int}, pointer)
    number = Decimal(str(value))
    demand(number.is_finite() and number >= 0 and number == number.quantize(HUNDREDTHS), pointer)
    return int(number * 100)
