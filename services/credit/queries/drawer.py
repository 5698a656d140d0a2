"""The drawer of a fund on one day: what was in it, what came in by which channel, what was deposited and counted."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import DrawerCount, LedgerEntry, LedgerLine, Repayment, TrustFund
from services.credit.rules import ledger


def drawer(session: Session, fund: TrustFund, day: date) -> dict[str, Any]:
    """The day's balances and totals; repayments belong to the day of the payment, as in the books."""
    opening = fund.balances(session, day - timedelta(days=1))[ledger.CASH_IN_HAND]
    closing = fund.balances(session, day)[ledger.CASH_IN_HAND]
    moved = _moved(session, fund, day)
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
        "movements": [{"kind": kind, "count": count, "amount": fund.money(amount)} for kind, count, amount in moved],
        "channels": _channels(session, fund, day),
        "counts": [count(fund, row) for row in counts],
    }


def count(fund: TrustFund, row: DrawerCount) -> dict[str, Any]:
    """One count as it goes out."""
    return {
        **{name: getattr(row, name) for name in ("id", "day", "reason", "counted_at", "counted_by_name")},
        **{name: fund.money(getattr(row, name)) for name in ("book", "counted", "difference")},
    }


def _moved(session: Session, fund: TrustFund, day: date) -> list[tuple[str, int, int]]:
    """What changed the drawer that day, by kind of movement."""
    query = (
        select(LedgerEntry.kind, func.count(), func.sum(LedgerLine.amount))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(
            LedgerEntry.fund_id == fund.id,
            LedgerEntry.booked_on == day,
            LedgerLine.account == ledger.CASH_IN_HAND,
        )
        .group_by(LedgerEntry.kind)
        .order_by(LedgerEntry.kind)
    )
    return [(kind, number, int(amount)) for kind, number, amount in session.execute(query)]


def _channels(session: Session, fund: TrustFund, day: date) -> list[dict[str, Any]]:
    """The repayments of that day by channel and by who took them."""
    query = (
        select(
            Repayment.channel,
            Repayment.posted_by_name,
            func.count(),
            *(func.sum(getattr(Repayment, name)) for name in ("amount", "principal", "interest")),
        )
        .where(Repayment.fund_id == fund.id, Repayment.paid_on == day)
        .group_by(Repayment.channel, Repayment.posted_by, Repayment.posted_by_name)
        .order_by(Repayment.channel, Repayment.posted_by_name, Repayment.posted_by)
    )
    return [
        {
            "channel": channel,
            "taken_by": name,
            "count": number,
            "amount": fund.money(int(amount)),
            "principal": fund.money(int(principal)),
            "interest": fund.money(int(interest)),
        }
        for channel, name, number, amount, principal, interest in session.execute(query)
    ]
