"""An appraisal as the file shows it: what was found on site, and what follows from it."""

from collections.abc import Mapping
from typing import Any

from services.credit.models import Appraisal, TrustFund
from services.credit.queries import changes
from services.credit.queries.funds import costs
from services.credit.rules.appraisal import Assessment, Figures, assess
from services.credit.rules.cost import cost
from services.credit.rules.eligibility import Capacity, payment_capacity
from services.credit.rules.regulations import Parameters
from services.credit.rules.restructuring import LENDING
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms
from services.credit.tables import holidays_on
from shared.kernel import Money

_PLAIN = (
    "appraised_by_name",
    "appraised_on",
    "visited_on",
    "guarantees",
    "remarks",
    "assistance_needs",
    "recommendation",
    "instalments",
    "grace",
    "conditions",
    "first_due",
    "due_dates",
    "score",
    "score_reason",
)
_AMOUNTS = ("monthly_income", "monthly_expense", "monthly_debts", "amount")


def shown(fund: TrustFund, product: str, row: Appraisal) -> dict[str, Any]:
    """One appraisal with what was computed from it, on the terms of the edition it was measured against."""
    rules = row.edition.read()
    told = {
        "id": row.id,
        **{name: getattr(row, name) for name in _PLAIN},
        **{name: fund.money(getattr(row, name)) for name in _AMOUNTS},
        "largest_share": rules.capacity.share,
        "figures": figures(row.detail, fund.currency),
        "change": changes.told(fund, row.change),
    }
    if row.change and row.change["kind"] not in LENDING:
        return told | _unlent(fund, row)
    terms = terms_of(fund, product, row)
    rows = schedule(terms)
    share = assess(row.sums, row.detail, terms)
    return {
        **told,
        "instalment": fund.money(max(one.payment for one in rows)),
        **costs(cost(terms, rows), fund.currency),
        **_assessed(share, fund.currency),
    }


def terms_of(fund: TrustFund, product: str, row: Appraisal) -> Terms:
    """The terms that are recommended, were the money handed over on the day of the appraisal."""
    return row.edition.product(product).terms(
        row.amount,
        row.instalments,
        row.appraised_on,
        row.grace,
        due_dates=row.agreed_dates,
        holidays=holidays_on(row.appraised_on, fund.units[0]),
    )


def share_of(fund: TrustFund, product: str, row: Appraisal) -> int | None:
    """What part of the surplus the heaviest instalment takes, in percent; None where nothing is left."""
    if row.change and row.change["kind"] not in LENDING:
        return _capacity(row).share_of_surplus
    return assess(row.sums, row.detail, terms_of(fund, product, row)).share_of_surplus


def _capacity(row: Appraisal) -> Capacity:
    """What a running loan takes of a month once it is changed."""
    payment = ((row.change or {})["becomes"] or {"payment": 0})["payment"]
    return payment_capacity(row.monthly_income, row.monthly_expense, row.monthly_debts, payment)


def _unlent(fund: TrustFund, row: Appraisal) -> dict[str, Any]:
    """What follows for a running loan that only changes: it costs what its contract says."""
    payment = ((row.change or {})["becomes"] or {"payment": 0})["payment"]
    capacity = _capacity(row)
    unknown = (
        "annual_percentage_rate",
        "effective_annual_rate",
        "finance_charge",
        "total",
        "debt_service_coverage",
        "equity",
        "leverage",
    )
    return {
        **dict.fromkeys(unknown),
        "instalment": fund.money(payment),
        "monthly_surplus": fund.money(capacity.monthly_surplus),
        "share_of_surplus": capacity.share_of_surplus,
        "enough": capacity.enough,
        "uncovered_months": [],
    }


def _assessed(found: Assessment, currency: str) -> dict[str, Any]:
    share = found.share_of_surplus
    return {
        "monthly_surplus": Money(found.monthly_surplus, currency),
        "share_of_surplus": share,
        "enough": share is not None and share <= 100,
        "debt_service_coverage": found.debt_service_coverage,
        "equity": None if found.equity is None else Money(found.equity, currency),
        "leverage": found.leverage,
        "uncovered_months": [
            {
                "month": one.month,
                "instalment": Money(one.payment, currency),
                "surplus": Money(one.surplus, currency),
            }
            for one in found.uncovered
        ],
    }


def figures(detail: Figures | None, currency: str) -> dict[str, Any] | None:
    """The detail as it goes out; None where only the sums were taken down."""
    if detail is None:
        return None
    return {
        "lines": [
            {"kind": line.kind, "what": line.what, "amount": Money(line.amount, currency)} for line in detail.lines
        ],
        "debts": [
            {
                "lender": debt.lender,
                "balance": Money(debt.balance, currency),
                "monthly_payment": Money(debt.monthly_payment, currency),
            }
            for debt in detail.debts
        ],
        "assets": _assets(detail.assets, currency),
        "season": list(detail.season),
    }


def _assets(assets: Mapping[str, int] | None, currency: str) -> dict[str, Money] | None:
    return None if assets is None else {name: Money(cents, currency) for name, cents in assets.items()}


def scorecard(rules: Parameters) -> dict[str, Any]:
    """What the regulations ask of who appraises: the questions of the scorecard, the least score, the share."""
    return {
        "largest_share": rules.capacity.share,
        "minimum": rules.scorecard.minimum,
        "questions": [
            {
                "code": criterion.code,
                "name": criterion.name,
                "choices": [{"code": one.code, "name": one.name} for one in criterion.choices],
            }
            for criterion in rules.scorecard.criteria
            if criterion.answered
        ],
    }


def rating(row: Appraisal) -> dict[str, Any] | None:
    """What the committee is told of the score: the points and the least of them, nothing of the figures."""
    return {"points": row.score["points"], "minimum": row.score["minimum"]} if row.score else None
