"""A fund at a glance: the portfolio at risk of the last twelve months, and what was paid out and came back in each."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import LedgerEntry, LedgerLine, TrustFund
from services.credit.queries.portfolio import gross
from services.credit.rules.indicators import ratio
from services.credit.rules.ledger import CASH_AT_TRUSTEE, CASH_IN_HAND
from services.credit.rules.terms import add_months
from shared.kernel import clock

MONTHS = 12


def told(session: Session, fund: TrustFund) -> dict[str, Any]:
    """The figures behind the drawings of a fund: the portfolio as the pages of the portfolio have it, the money as the
    books have it.
    """
    today = clock.today()
    firsts = [add_months(today.replace(day=1), -back) for back in range(MONTHS - 1, -1, -1)]
    return {
        "fund_id": fund.id,
        "day": today,
        "at_risk": [_risk(session, fund, day) for day in [*(first - timedelta(days=1) for first in firsts), today]],
        "flows": _flows(session, fund, firsts),
    }


def _risk(session: Session, fund: TrustFund, day: date) -> dict[str, Any]:
    principal, amount = gross(session, [fund.id], day)
    share = ratio(amount, principal)
    return {
        "day": day,
        "principal": fund.money(principal),
        "amount": fund.money(amount),
        "percent": None if share is None else str(share),
    }


_OUT = frozenset({"disbursement"})
_BACK = frozenset({"repayment", "recovery", "reversal"})
"""The kinds of movements by which money goes out to borrowers and comes back."""


def _flows(session: Session, fund: TrustFund, firsts: list[date]) -> list[dict[str, Any]]:
    """What left the trustee's account for loans, and what repayments (less those taken back) brought, by month."""
    query = (
        select(LedgerEntry.booked_on, LedgerEntry.kind, func.sum(LedgerLine.amount))
        .join(LedgerLine)
        .where(
            LedgerEntry.fund_id == fund.id,
            LedgerEntry.booked_on >= firsts[0],
            LedgerLine.account.in_([CASH_AT_TRUSTEE, CASH_IN_HAND]),
            LedgerEntry.kind.in_(_OUT | _BACK),
        )
        .group_by(LedgerEntry.booked_on, LedgerEntry.kind)
    )
    sums: Counter[tuple[date, bool]] = Counter()
    for booked_on, kind, amount in session.execute(query):
        sums[booked_on.replace(day=1), kind in _OUT] += int(amount)
    return [
        {
            "month": first,
            "disbursed": fund.money(-sums[first, True]),
            "recovered": fund.money(sums[first, False]),
        }
        for first in firsts
    ]
