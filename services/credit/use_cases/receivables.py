"""What is booked of a loan as earned and not paid: what its last close found, and what was booked on it since."""

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from services.credit.models import Closing, LedgerEntry, LedgerLine, Loan, LoanStanding
from services.credit.rules.ledger import ACCOUNTS, Receivable

INTEREST, CHARGES = ACCOUNTS["interest_receivable"], ACCOUNTS["charges_receivable"]


def receivable_of(session: Session, loan: Loan) -> Receivable:
    """The loan's part of the two control accounts. Its movements are the entries with its id as their reference: who
    takes one back books the same lines the other way round, and this stays true. The fund must be locked.
    """
    holds = and_(LoanStanding.loan_id == loan.id, LoanStanding.slot == Closing.slot)
    query = (
        select(Closing.journal, LoanStanding.interest_receivable, LoanStanding.charges_receivable)
        .outerjoin(LoanStanding, holds)
        .where(Closing.fund_id == loan.fund_id)
    )
    journal, interest, charges = session.execute(query).one_or_none() or (0, 0, 0)
    since = (
        select(LedgerLine.account, func.sum(LedgerLine.amount))
        .join(LedgerEntry)
        .where(
            LedgerEntry.reference == loan.id,
            LedgerEntry.number > journal,
            LedgerLine.account.in_((INTEREST, CHARGES)),
        )
        .group_by(LedgerLine.account)
    )
    moved = {account: int(amount) for account, amount in session.execute(since)}
    return Receivable((interest or 0) + moved.get(INTEREST, 0), (charges or 0) + moved.get(CHARGES, 0))
