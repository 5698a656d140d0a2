"""What credit says of loans, kept beside the enterprises they were given to."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import CopyLoan
from shared.events.credit import LoanDisbursed, LoanSettled, RepaymentPosted, RepaymentReversed, TrancheDisbursed


def copy_loan(session: Session, event: LoanDisbursed) -> None:
    loan = _loan(session, event.loan_id, event.enterprise_id, event.municipality)
    loan.chain = event.chain
    loan.amount_minor, loan.currency = event.amount.minor, event.amount.currency
    loan.term_months, loan.disbursed_on = event.term_months, event.disbursed_on
    if loan.outstanding_minor is None:
        loan.outstanding_minor = event.amount.minor


def copy_repayment(session: Session, event: RepaymentPosted) -> None:
    loan = _loan(session, event.loan_id, event.enterprise_id, event.municipality)
    loan.outstanding_minor, loan.currency = event.outstanding.minor, event.outstanding.currency
    loan.last_repayment_on = event.posted_on


def copy_tranche(session: Session, event: TrancheDisbursed) -> None:
    """More of a loan was paid out: `lent` is all of it."""
    loan = _loan(session, event.loan_id, event.enterprise_id, event.municipality)
    loan.amount_minor, loan.currency = event.lent.minor, event.lent.currency
    loan.outstanding_minor = event.outstanding.minor


def copy_reversal(session: Session, event: RepaymentReversed) -> None:
    loan = _loan(session, event.loan_id, event.enterprise_id, event.municipality)
    loan.outstanding_minor, loan.currency = event.outstanding.minor, event.outstanding.currency
    loan.last_repayment_on = event.last_repayment_on
    if not event.settled:
        loan.settled_on = None


def copy_settlement(session: Session, event: LoanSettled) -> None:
    loan = _loan(session, event.loan_id, event.enterprise_id, event.municipality)
    loan.outstanding_minor, loan.settled_on = 0, event.settled_on


def _loan(session: Session, loan_id: UUID, enterprise_id: UUID, municipality: str) -> CopyLoan:
    loan = session.get(CopyLoan, loan_id)
    if loan is None:
        loan = CopyLoan(loan_id=loan_id, enterprise_id=enterprise_id, municipality=municipality)
        session.add(loan)
    return loan
