"""What is booked of a loan as earned and not paid: what its last close found, and what was booked on it since."""

from sqlalchemy import and_, bindparam, func, join, select
from sqlalchemy.orm import Session

from services.credit.models import Closing, LedgerEntry, LedgerLine, Loan, LoanStanding
from services.credit.rules.ledger import ACCOUNTS, Receivable

_CONTROL = INTEREST, CHARGES = ACCOUNTS["interest_receivable"], ACCOUNTS["charges_receivable"]


# Made once: every payment asks for it. One row or two: the second account that was moved.
_FOUND = (
    select(
        LoanStanding.interest_receivable,
        LoanStanding.charges_receivable,
        LedgerLine.account,
        func.sum(LedgerLine.amount).label("moved"),
    )
    .select_from(Loan)
    .outerjoin(Closing, Closing.fund_id == Loan.fund_id)
    .outerjoin(LoanStanding, and_(LoanStanding.loan_id == Loan.id, LoanStanding.slot == Closing.slot))
    .outerjoin(
        join(LedgerEntry, LedgerLine, and_(LedgerLine.entry_id == LedgerEntry.id, LedgerLine.account.in_(_CONTROL))),
        and_(LedgerEntry.reference == Loan.id, LedgerEntry.number > func.coalesce(Closing.journal, 0)),
    )
    .where(Loan.id == bindparam("its_id"))
    .group_by(LoanStanding.interest_receivable, LoanStanding.charges_receivable, LedgerLine.account)
)


def receivable_of(session: Session, loan: Loan) -> Receivable:
    """The loan's part of the two control accounts. Its movements are the entries with its id as their reference: who
    takes one back books the same lines the other way round, and this stays true. The fund must be locked.
    """
    found = session.execute(_FOUND, {"its_id": loan.id}).all()
    moved = {row.account: int(row.moved) for row in found if row.account is not None}
    interest, charges = found[0].interest_receivable or 0, found[0].charges_receivable or 0
    return Receivable(interest + moved.get(INTEREST, 0), charges + moved.get(CHARGES, 0))
