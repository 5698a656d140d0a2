"""A paper is printed on demand, and known by the hash of what it says from then on.

Each carries the borrower's name as the registry knows it at that moment. What was printed under an earlier name, on an
earlier day or in the other language is another paper and stays verifiable too.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Names
from services.credit.documents.note import ReceiptPrint
from services.credit.documents.statement import StatementPrint
from services.credit.models import IssuedDocument, Loan
from services.credit.use_cases import find
from shared.identity import Caller
from shared.kernel import clock


def print_receipt(
    session: Session, caller: Caller, *, repayment_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The receipt of a repayment as a PDF in `language`."""
    repayment = find.repayment(session, caller, repayment_id)
    loan = find.loan(session, caller, repayment.loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    printed = ReceiptPrint.of(fund, loan, repayment, names(loan.enterprise_id), language)
    _issue(session, caller, loan, printed.hash, kind="receipt", number=repayment.number, dated=repayment.paid_on)
    return printed.render(public_url)


def print_statement(
    session: Session, caller: Caller, *, loan_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The statement of a loan as of today as a PDF in `language`: what fell due, what was paid, what is owed."""
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    today = clock.today()
    printed = StatementPrint.of(fund, loan, names(loan.enterprise_id), today, language)
    _issue(session, caller, loan, printed.hash, kind="statement", number=loan.number, dated=today)
    return printed.render(public_url)


def _issue(session: Session, caller: Caller, loan: Loan, hash_: str, *, kind: str, number: str, dated: date) -> None:
    """Keep the hash, once: two who print the same paper at the same moment wait for each other on the loan."""
    find.loan(session, caller, loan.id, lock=True)
    if session.get(IssuedDocument, hash_) is None:
        issued = IssuedDocument(
            hash=hash_, kind=kind, number=number, fund_id=loan.fund_id, dated=dated, issued_at=clock.now()
        )
        session.add(issued)
