"""What a fund can lend in the next months: its own figures put into the rules of the projection, and told."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from services.credit.models import TrustFund
from services.credit.queries.prospects import MONTHS, YEAR, lending_of, paid_back, standing
from services.credit.rules.projection import Forecast, Lending, Plan, Position, band, project
from services.credit.rules.recovery import PRIOR, PRIOR_WEIGHT, STAGES, Payments, drawn
from services.credit.rules.terms import add_months
from shared.kernel import Invalid, Money, clock

PATHS = 400
NAMES = ("lendable", "lent", "cash", "portfolio")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What somebody supposes: the rate of new loans and the growth of demand in per cent a year, arrears in per cent of
    today's, money added by month, another reserve. What is None stays as it is.
    """

    rate: Decimal | None = None
    arrears: Decimal | None = None
    growth: Decimal | None = None
    reserve: Money | None = None
    added: tuple[tuple[int, Money], ...] = ()

    @property
    def anything(self) -> bool:
        return self != Supposed()


def read_added(texts: Iterable[str], currency: str) -> tuple[tuple[int, Money], ...]:
    """Money added by month, from texts like `6:50000.00` (negative where it goes)."""
    found = []
    for number, text in enumerate(texts):
        month, _, amount = text.partition(":")
        if not month.isdecimal() or not 1 <= int(month) <= MONTHS:
            raise Invalid("projection.month_out_of_range", pointer=f"/contribution/{number}", latest=MONTHS)
        found.append((int(month), Money.parse(amount, currency)))
    return tuple(found)


def projection(session: Session, fund: TrustFund, supposed: Supposed, seed: int | None = None) -> dict[str, Any]:
    """The next 24 months as they come when all goes on as it does, and as somebody supposes, both with the same
    chances; refuses a fund that gives and does not lend. The same on one day for one `seed`.
    """
    fund.require_revolving()
    today = clock.today()
    seed = today.toordinal() if seed is None else seed
    payments, months = paid_back(session, fund, today)
    position, numbers = standing(session, fund, today)
    lending, loans = lending_of(session, fund, today)
    ahead = [number + loans / YEAR * min(month, len(lending.principal)) for month, number in enumerate(numbers)]
    draws = drawn(payments, ahead, PATHS, seed)
    plan = Plan()
    told = {
        "fund_id": fund.id,
        "fund": fund.name,
        "day": today,
        "currency": fund.currency,
        "seed": seed,
        "paths": PATHS,
        "basis": _basis(payments, months),
        "assumptions": _assumptions(fund, position, lending),
        "today": _rows(fund, today, project(position, lending, plan, draws)),
        "supposed": [],
    }
    if supposed.anything:
        told["supposed"] = _rows(fund, today, project(*_changed(fund, position, lending, supposed), draws))
    return told


def table(told: Mapping[str, Any]) -> bytes:
    """The projection as CSV: a row for each month, of both lines where there are two."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = [f"{name}_{part}" for name in (*NAMES, "par30") for part in ("low", "median", "high")]
    writer.writerow(["line", "month", "until", "currency", *names])
    for line in ("today", "supposed"):
        for row in told[line]:
            amounts = [row[name][part] for name in NAMES for part in ("low", "median", "high")]
            risk = [row["par30"][part] for part in ("low", "median", "high")]
            writer.writerow([line, row["month"], row["until"], told["currency"], *amounts, *risk])
    return text.getvalue().encode()


def _changed(
    fund: TrustFund, position: Position, lending: Lending, supposed: Supposed
) -> tuple[Position, Lending, Plan]:
    added: Counter[int] = Counter()
    for month, money in supposed.added:
        added[month] += fund.cents(money, "/contribution")
    if supposed.reserve is not None:
        position = replace(position, reserve=fund.cents(supposed.reserve, "/reserve"))
    if supposed.rate is not None:
        lending = lending.at(float(supposed.rate))
    arrears = 1.0 if supposed.arrears is None else float(supposed.arrears) / 100
    growth = None if supposed.growth is None else float(supposed.growth)
    return position, lending, Plan(arrears, dict(added), growth)


def _rows(fund: TrustFund, today: date, forecast: Forecast) -> list[dict[str, Any]]:
    bands = {name: band(getattr(forecast, name)) for name in NAMES}
    owed = forecast.portfolio.clip(1)
    risk = band(100 * forecast.at_risk / owed)
    return [
        {
            "month": month + 1,
            "until": add_months(today, month + 1),
            **{name: _spread(fund, bands[name][month]) for name in NAMES},
            "par30": {part: f"{value:.2f}" for part, value in zip(("low", "median", "high"), risk[month], strict=True)},
        }
        for month in range(len(risk))
    ]


def _spread(fund: TrustFund, values: Sequence[float]) -> dict[str, Money]:
    return {part: fund.money(round(cents)) for part, cents in zip(("low", "median", "high"), values, strict=True)}


def _basis(payments: Payments, months: list[dict[str, Any]]) -> dict[str, Any]:
    names = (*STAGES, "never")
    return {
        "instalments": payments.instalments,
        "loans": payments.loans,
        "prior_weight": PRIOR_WEIGHT,
        "prior": [f"{100 * share:.0f}" for share in PRIOR],
        "shares": {name: f"{100 * share:.1f}" for name, share in zip(names, payments.shares, strict=True)},
        "months": months,
    }


def _assumptions(fund: TrustFund, position: Position, lending: Lending) -> dict[str, Any]:
    return {
        "portfolio": fund.money(position.portfolio),
        "annual_rate": f"{lending.annual_rate:.2f}",
        "term_months": len(lending.principal),
        "demand": fund.money(lending.demand),
        "costs": fund.money(position.costs),
        "promised": fund.money(position.promised),
        "to_share": fund.money(position.to_share),
        "reserve": fund.money(position.reserve),
        "prepayment": f"{100 * lending.prepayment:.2f}",
        "written_off_after": position.written_off_after,
    }
