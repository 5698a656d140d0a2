"""A receipt is printed, and known by its hash from then on."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Names
from services.credit.documents.note import ReceiptPrint
from services.credit.models import IssuedDocument, Repayment
from services.credit.use_cases import find
from shared.identity import Caller
from shared.kernel import clock


def print_receipt(
    session: Session, caller: Caller, *, repayment_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The receipt as a PDF in `language`, with the borrower's name as the registry knows it now.

    A receipt printed under an earlier name, or in the other language, is another paper and stays verifiable too.
    """
    repayment = find.repayment(session, caller, repayment_id)
    loan = find.loan(session, caller, repayment.loan_id)
    borrower = names(loan.enterprise_id)
    fund = find.fund(session, caller, loan.fund_id)
    printed = ReceiptPrint.of(fund, loan, repayment, borrower, language)
    find.loan(session, caller, loan.id, lock=True)  # two who print the same paper at once wait for each other
    _issue(session, repayment, printed.hash)
    return printed.render(public_url)


def _issue(session: Session, repayment: Repayment, hash_: str) -> None:
    if session.get(IssuedDocument, hash_) is None:
        issued = IssuedDocument(
            hash=hash_,
            kind="receipt",
            number=repayment.number,
            fund_id=repayment.fund_id,
            dated=repayment.paid_on,
            issued_at=clock.now(),
        )
        session.add(issued)
