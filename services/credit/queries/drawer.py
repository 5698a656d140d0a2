"""The drawer of a fund on one day: what was in it, what came in by which channel, what was deposited and counted."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from services.credit.models import DrawerCount, LedgerEntry, LedgerLine, Repayment, TrustFund
from services.credit.rules import ledger


def drawer(session: Session, fund: TrustFund, day: date) -> dict[str, Any]:
    """The day's balances and totals; repayments belong to the day of the payment, as in the books. What is told by
    kind in cash and the movements that are no repayments lead from the opening balance to the closing one.
    """
    opening = fund.balances(session, day - timedelta(days=1))[ledger.CASH_IN_HAND]
    closing = fund.balances(session, day)[ledger.CASH_IN_HAND]
    moved, channels = _moved(session, fund, day), _channels(session, fund, day)
    counts = session.scalars(
        select(DrawerCount).where(DrawerCount.fund_id == fund.id, DrawerCount.day == day).order_by(DrawerCount.id)
    )
    return {
        "fund_id": fund.id,
        "fund": fund.name,
        "currency": fund.currency,
        "day": day,
        "opening": fund.money(opening),
        "closing": fund.money(closing),
        "movements": [
            {"kind": kind, "repayments": repayments, "count": number, "amount": fund.money(amount)}
            for kind, repayments, number, amount in moved
        ],
        "channels": [{**row, **{name: fund.money(row[name]) for name in ("amount", *KINDS)}} for row in channels],
        "kinds": _kinds(fund, channels),
        "counts": [count(fund, row) for row in counts],
    }


def count(fund: TrustFund, row: DrawerCount) -> dict[str, Any]:
    """One count as it goes out."""
    return {
        **{name: getattr(row, name) for name in ("id", "day", "reason", "counted_at", "counted_by_name")},
        **{name: fund.money(getattr(row, name)) for name in ("book", "counted", "difference")},
    }


def _moved(session: Session, fund: TrustFund, day: date) -> list[tuple[str, bool, int, int]]:
    """What changed the drawer that day, by kind of movement, and whether it was a repayment or took one back."""
    taken = exists().where(Repayment.entry_id == LedgerEntry.id)
    query = (
        select(LedgerEntry.kind, taken, func.count(), func.sum(LedgerLine.amount))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(
            LedgerEntry.fund_id == fund.id,
            LedgerEntry.booked_on == day,
            LedgerLine.account == ledger.CASH_IN_HAND,
        )
        .group_by(LedgerEntry.kind, taken)
        .order_by(LedgerEntry.kind, taken)
    )
    return [(kind, bool(of_loans), number, int(amount)) for kind, of_loans, number, amount in session.execute(query)]


def _channels(session: Session, fund: TrustFund, day: date) -> list[dict[str, Any]]:
    """The repayments of that day by channel and by who took them, each amount by what it paid, in cents."""
    query = (
        select(
            Repayment.channel,
            Repayment.posted_by_name.label("taken_by"),
            func.count().label("count"),
            func.sum(Repayment.amount).label("amount"),
            *(func.sum(amount).label(kind) for kind, amount in _PAID.items()),
        )
        .where(Repayment.fund_id == fund.id, Repayment.paid_on == day)
        .group_by(Repayment.channel, Repayment.posted_by, Repayment.posted_by_name)
        .order_by(Repayment.channel, Repayment.posted_by_name, Repayment.posted_by)
    )
    amounts = ("amount", *KINDS)
    return [{**row, **{name: int(row[name]) for name in amounts}} for row in session.execute(query).mappings()]


def _kinds(fund: TrustFund, channels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the repayments of the day paid, by kind: in cash, and on other ways."""
    told = []
    for kind in KINDS:
        cash = sum(row[kind] for row in channels if row["channel"] == "cash")
        total = sum(row[kind] for row in channels)
        amounts = {"cash": cash, "otherwise": total - cash, "amount": total}
        told.append({"kind": kind, **{name: fund.money(cents) for name, cents in amounts.items()}})
    return told


def _of_loan(amount: Any) -> ColumnElement[int]:
    """An amount of a repayment of a loan that is in the books: what comes in on another one is all a recovery."""
    return case((Repayment.recovery, 0), else_=amount)


_PAID: dict[str, ColumnElement[int]] = {
    **{name: _of_loan(getattr(Repayment, name)) for name in ("principal", "interest", "penalty", "fee")},
    "recovery": case((Repayment.recovery, Repayment.amount - Repayment.excess), else_=0),
    "excess": Repayment.excess.expression,
}
KINDS = tuple(_PAID)
"""What money that is paid back is: of loans in the books principal, interest, late charges and fees; recoveries of what
was written off; what was paid beyond what was owed.
"""
