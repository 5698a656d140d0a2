"""Where the money of a fund comes from, what went back, and how its income was shared."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Contribution, CreditRegulations, IncomePart, IncomeShare, TrustFund, Withdrawal
from services.credit.models.funds import SOURCES
from services.credit.queries.overpayments import held_on


def contributions(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """What funders put in and how much of it is left, oldest first."""
    rows = session.scalars(
        select(Contribution).where(Contribution.fund_id == fund.id).order_by(Contribution.received_on, Contribution.id)
    ).all()
    gone = _gone(session, fund)
    return [_contribution(fund, row, gone.get(row.id, 0)) for row in rows]


def contribution(session: Session, fund: TrustFund, row: Contribution) -> dict[str, Any]:
    """One contribution as it goes out."""
    return _contribution(fund, row, _gone(session, fund).get(row.id, 0))


def sources(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The sums by mobilised source, those that gave something in the order of the vocabulary."""
    rows = contributions(session, fund)
    return [
        {
            "source": source,
            "count": len(those),
            **{
                name: fund.money(sum(row[name].minor for row in those))
                for name in ("amount", "withdrawn", "left", "repayable_left")
            },
        }
        for source in SOURCES
        if (those := [row for row in rows if row["source"] == source])
    ]


def withdrawals(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """What went back to funders, newest first."""
    query = (
        select(Withdrawal, Contribution)
        .join(Contribution, Contribution.id == Withdrawal.contribution_id)
        .where(Withdrawal.fund_id == fund.id)
        .order_by(Withdrawal.paid_on.desc(), Withdrawal.id.desc())
    )
    return [_withdrawal(fund, row, of) for row, of in session.execute(query)]


def withdrawal(session: Session, fund: TrustFund, row: Withdrawal) -> dict[str, Any]:
    """One withdrawal as it goes out."""
    return _withdrawal(fund, row, session.get_one(Contribution, row.contribution_id))


def income_shares(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The results that were shared out, newest first."""
    rows = session.scalars(
        select(IncomeShare).where(IncomeShare.fund_id == fund.id).order_by(IncomeShare.ends_on.desc())
    ).all()
    return [income_share(session, fund, row) for row in rows]


def income_share(session: Session, fund: TrustFund, row: IncomeShare) -> dict[str, Any]:
    """One of them as it goes out."""
    return {
        **{name: getattr(row, name) for name in ("id", "began_on", "ends_on")},
        "edition": session.get_one(CreditRegulations, row.regulations_id).edition,
        "result": fund.money(row.result),
        "carried": fund.money(row.carried),
        "parts": [income_part(fund, part) for part in row.parts],
    }


def income_part(fund: TrustFund, part: IncomePart) -> dict[str, Any]:
    """What one receiver gets, and when it was paid."""
    told = {name: getattr(part, name) for name in ("id", "receiver", "percent", "paid_on")}
    return told | {"amount": fund.money(part.amount)}


def standing(session: Session, fund_id: UUID, day: date) -> dict[str, int]:
    """What the registers say of each control account at the end of `day`, in cents, credit positive."""
    given = select(Contribution.repayable, func.sum(Contribution.amount)).where(
        Contribution.fund_id == fund_id, Contribution.received_on <= day
    )
    gone = (
        select(Contribution.repayable, func.sum(Withdrawal.amount))
        .join(Withdrawal, Withdrawal.contribution_id == Contribution.id)
        .where(Contribution.fund_id == fund_id, Withdrawal.paid_on <= day)
    )
    sums = {False: 0, True: 0}
    for sign, query in ((1, given), (-1, gone)):
        for repayable, amount in session.execute(query.group_by(Contribution.repayable)):
            sums[repayable] += sign * int(amount)
    return {
        "contributions": sums[False],
        "owed_to_lenders": sums[True],
        "income_to_share": _to_share(session, fund_id, day),
        "overpayments": held_on(session, fund_id, day),
        "results_carried": _sum(
            session,
            select(func.sum(IncomeShare.carried)).where(IncomeShare.fund_id == fund_id, IncomeShare.ends_on <= day),
        ),
    }


def _to_share(session: Session, fund_id: UUID, day: date) -> int:
    parts = select(func.sum(IncomePart.amount)).join(IncomeShare).where(IncomeShare.fund_id == fund_id)
    shared = _sum(session, parts.where(IncomeShare.ends_on <= day))
    return shared - _sum(session, parts.where(IncomePart.paid_on <= day))


def _sum(session: Session, query: Any) -> int:
    return int(session.scalar(query) or 0)


def _gone(session: Session, fund: TrustFund) -> dict[UUID, int]:
    query = (
        select(Withdrawal.contribution_id, func.sum(Withdrawal.amount))
        .where(Withdrawal.fund_id == fund.id)
        .group_by(Withdrawal.contribution_id)
    )
    return {contribution_id: int(amount) for contribution_id, amount in session.execute(query)}


def _contribution(fund: TrustFund, row: Contribution, gone: int) -> dict[str, Any]:
    left = row.amount - gone
    return {
        **{name: getattr(row, name) for name in ("id", "funder", "source", "repayable", "received_on")},
        "amount": fund.money(row.amount),
        "withdrawn": fund.money(gone),
        "left": fund.money(left),
        "repayable_left": fund.money(left if row.repayable else 0),
    }


def _withdrawal(fund: TrustFund, row: Withdrawal, of: Contribution) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "contribution_id", "paid_on", "reason", "signatures")},
        "funder": of.funder,
        "source": of.source,
        "repayable": of.repayable,
        "amount": fund.money(row.amount),
        "interest": fund.money(row.interest),
    }
