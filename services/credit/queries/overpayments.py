"""What is held for borrowers who paid more than they owed: the register behind account 2101."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Loan, OverpaymentUse, Repayment, TrustFund
from shared.identity import Caller
from shared.kernel import Money


def held_for(session: Session, loan_id: UUID) -> int:
    """The balance of one loan, in cents."""
    received = select(func.sum(Repayment.excess)).where(Repayment.loan_id == loan_id)
    used = select(func.sum(OverpaymentUse.amount)).where(OverpaymentUse.loan_id == loan_id)
    return int(session.scalar(received) or 0) - int(session.scalar(used) or 0)


def held_on(session: Session, fund_id: UUID, day: date) -> int:
    """What a fund held in all at the end of `day`, in cents."""
    received = select(func.sum(Repayment.excess)).where(Repayment.fund_id == fund_id, Repayment.paid_on <= day)
    used = select(func.sum(OverpaymentUse.amount)).where(
        OverpaymentUse.fund_id == fund_id, OverpaymentUse.used_on <= day
    )
    return int(session.scalar(received) or 0) - int(session.scalar(used) or 0)


def register(session: Session, caller: Caller, fund: TrustFund) -> list[dict[str, Any]]:
    """The loans of the caller's territory for which something is held, by number, with the balance of each."""
    received = _by_loan(Repayment.loan_id, Repayment.excess, Repayment.fund_id == fund.id)
    used = _by_loan(OverpaymentUse.loan_id, OverpaymentUse.amount, OverpaymentUse.fund_id == fund.id)
    balance = received.c.amount - func.coalesce(used.c.amount, 0)
    query = (
        select(Loan.id, Loan.number, Loan.enterprise_id, Loan.municipality, Loan.state, balance.label("held"))
        .join(received, received.c.loan_id == Loan.id)
        .outerjoin(used, used.c.loan_id == Loan.id)
        .where(balance != 0, caller.scope.condition(Loan.municipality))
        .order_by(Loan.number)
    )
    return [{**row, "held": fund.money(int(row["held"]))} for row in session.execute(query).mappings()]


def uses(session: Session, loan: Loan) -> list[dict[str, Any]]:
    """What became of what was held for a loan, oldest first."""
    query = select(OverpaymentUse).where(OverpaymentUse.loan_id == loan.id).order_by(OverpaymentUse.id)
    return [use(loan, row) for row in session.scalars(query)]


def use(loan: Loan, row: OverpaymentUse) -> dict[str, Any]:
    """One of them as it goes out."""
    names = ("id", "number", "loan_id", "kind", "channel", "used_on", "reason", "repayment_id", "made_by_name")
    return {name: getattr(row, name) for name in names} | {
        "loan": loan.number,
        "amount": Money(row.amount, loan.currency),
    }


def _by_loan(loan_id: Any, amount: Any, where: Any) -> Any:
    query = select(loan_id.label("loan_id"), func.sum(amount).label("amount")).where(where, amount != 0)
    return query.group_by(loan_id).subquery()
