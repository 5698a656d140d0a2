"""How often and after how much running loans were changed, and how much was written off."""

from sqlalchemy import func, select

from services.credit.models import Loan, LoanChange, Repayment, RepaymentPart, Resolution
from services.credit.models.repayments import REFINANCED
from services.credit.queries.checks.month import Finding, Found, Month


def restructuring(month: Month) -> Found:
    """No loan was planned anew or refinanced more often, or after less was paid, than the regulations let it; no more
    was written off than was resolved; earned interest became principal only where they say so.
    """
    findings: list[Finding] = []
    changed = [(change, loan) for change, loan in month.changes if change.kind != "tranche"]
    for change, loan in changed:
        rule = month.rules(loan.regulations_id).restructuring
        if change.kind == "write_off":
            resolved = month.session.get_one(Resolution, change.resolution_id).amount
            findings += [(loan.number, "other_debt")] if -change.principal > resolved else []
            continue
        if _times(month, loan, change) >= rule.most:
            findings.append((loan.number, "too_often"))
        if _paid(month, loan, change) * 100 < rule.paid_before * loan.principal:
            findings.append((loan.number, "too_little_paid"))
        if change.kind == "reschedule" and change.principal and not rule.capitalise_interest:
            findings.append((loan.number, "capitalised"))
    return len(changed), findings


def _times(month: Month, loan: Loan, change: LoanChange) -> int:
    """How often a loan was planned anew before, and the loans that it paid off one after the other."""
    before = select(func.count()).where(LoanChange.kind == "reschedule", LoanChange.id < change.id)
    times, one = 0, loan
    while True:
        times += month.session.scalar(before.where(LoanChange.loan_id == one.id)) or 0
        if one.refinances is None:
            return times
        times, one = times + 1, month.session.get_one(Loan, one.refinances)


def _paid(month: Month, loan: Loan, change: LoanChange) -> int:
    """The principal that she herself had paid before a change, in cents."""
    query = (
        select(func.coalesce(func.sum(RepaymentPart.principal), 0))
        .join(Repayment, Repayment.id == RepaymentPart.repayment_id)
        .where(Repayment.loan_id == loan.id, Repayment.id < change.id, Repayment.channel != REFINANCED)
    )
    return int(month.session.scalar(query) or 0)
