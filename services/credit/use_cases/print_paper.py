"""A paper is printed on demand, and known by the hash of what it says from then on.

Each carries the borrower's name as the registry knows it at that moment. What was printed under an earlier name, on an
earlier day or in the other language is another paper and stays verifiable too.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Names
from services.credit.documents.compliance import CompliancePrint
from services.credit.documents.note import ReceiptPrint
from services.credit.documents.notice import NoticePrint
from services.credit.documents.statement import StatementPrint
from services.credit.models import IssuedDocument, Loan
from services.credit.queries.compliance import report
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


def print_notice(session: Session, caller: Caller, *, session_id: UUID, language: str, public_url: str) -> bytes:
    """The notice of a session with its agenda as a PDF in `language`; it names no applicant."""
    meeting = find.committee_session(session, caller, session_id)
    fund = find.fund(session, caller, meeting.fund_id, lock=True)
    printed = NoticePrint.of(session, fund, meeting, language)
    _issue_once(session, fund.id, printed.hash, kind="session_notice", number=meeting.number, dated=clock.today())
    return printed.render(public_url)


def print_compliance(
    session: Session, caller: Caller, *, fund_id: UUID, month: date, language: str, public_url: str
) -> bytes:
    """The monthly report of compliance as a PDF in `language`, as of now."""
    fund = find.fund(session, caller, fund_id, lock=True)
    fund.require_whole(caller)
    printed = CompliancePrint.of(fund, report(session, fund, month), language)
    number = f"{fund.code}-{month:%Y-%m}"
    _issue_once(session, fund.id, printed.hash, kind="compliance", number=number, dated=clock.today())
    return printed.render(public_url)


def _issue(session: Session, caller: Caller, loan: Loan, hash_: str, *, kind: str, number: str, dated: date) -> None:
    """Keep the hash, once: two who print the same paper at the same moment wait for each other on the loan."""
    find.loan(session, caller, loan.id, lock=True)
    _issue_once(session, loan.fund_id, hash_, kind=kind, number=number, dated=dated)


def _issue_once(session: Session, fund_id: UUID, hash_: str, *, kind: str, number: str, dated: date) -> None:
    if session.get(IssuedDocument, hash_) is None:
        issued = IssuedDocument(
            hash=hash_, kind=kind, number=number, fund_id=fund_id, dated=dated, issued_at=clock.now()
        )
        session.add(issued)
