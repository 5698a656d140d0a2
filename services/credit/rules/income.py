"""How the result of a fund is shared out at the end of a period, as the regulations say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from services.credit.rules.demands import demand, rate
from shared.kernel import Invalid

PERIODS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""Months of each period; every one of them ends with a month, and the longer ones with the year too."""
_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Share:
    """Who gets which percentage of a positive result."""

    to: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class IncomeShares:
    """The shares and the period after which they are booked; what nobody gets is carried."""

    period: str = "year"
    shares: tuple[Share, ...] = ()

    def check_end(self, day: date) -> None:
        """Refuses a day that does not end a period."""
        after = day + timedelta(days=1)
        if after.day != 1 or day.month % PERIODS[self.period]:
            raise Invalid("income.not_an_end", pointer="/ends_on", day=day)

    def of(self, result: int) -> list[int]:
        """What each gets of a result, in cents and rounded down; nobody gets anything of a loss."""
        if result <= 0:
            return [0 for _ in self.shares]
        return [int((share.percent * result / _ALL).to_integral_value(ROUND_DOWN)) for share in self.shares]


def read_income_shares(section: Mapping[str, Any]) -> IncomeShares:
    """`{"period": "year", "shares": [{"to": "ADEL", "percent": "30"}]}`; at most all of the result is shared."""
    demand(isinstance(section, Mapping), "/income_shares")
    shares = tuple(
        Share(**{**item, "percent": rate(item["percent"], f"/income_shares/shares/{number}/percent")})
        for number, item in enumerate(section.get("shares", ()))
    )
    found = IncomeShares(**{**section, "shares": shares})
    demand(found.period in PERIODS, "/income_shares/period")
    for number, share in enumerate(shares):
        at = f"/income_shares/shares/{number}"
        demand(type(share.to) is str and 0 < len(share.to.strip()) <= 200, f"{at}/to")
        demand(0 < share.percent <= _ALL, f"{at}/percent")
    demand(sum(share.percent for share in shares) <= _ALL, "/income_shares/shares")
    demand(len({share.to for share in shares}) == len(shares), "/income_shares/shares")
    return found
