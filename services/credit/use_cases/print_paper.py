"""A paper is printed on demand, and known by the hash of what it says from then on.

Each carries the borrower's name as the registry knows it at that moment. What was printed under an earlier name, on an
earlier day or in the other language is another paper and stays verifiable too. It is made first and entered then:
printing locks nothing, and no cashier waits for it.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Names, People
from services.credit.documents.addendum import AddendumPrint
from services.credit.documents.compliance import CompliancePrint
from services.credit.documents.letters import ClosurePrint, RefundPrint, ReminderPrint
from services.credit.documents.note import ReceiptPrint, Signed, guaranteed
from services.credit.documents.notice import NoticePrint
from services.credit.documents.statement import StatementPrint
from services.credit.documents.tranche import TranchePrint
from services.credit.models import (
    Application,
    Guarantee,
    IssuedDocument,
    Loan,
    LoanChange,
    Repayment,
    Resolution,
    TrustFund,
)
from services.credit.queries.compliance import report
from services.credit.queries.disclosed import paper_number
from services.credit.queries.overpayments import held_for
from services.credit.use_cases import find
from services.credit.use_cases.bind_guarantees import named_guarantors
from services.credit.use_cases.disburse_loan import debtor
from shared.database import insert_on
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock


def print_receipt(
    session: Session, caller: Caller, *, repayment_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The receipt of a repayment as a PDF in `language`."""
    repayment = find.repayment(session, caller, repayment_id)
    loan = find.loan(session, caller, repayment.loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    reverses = session.get_one(Repayment, repayment.reverses_id).number if repayment.reverses_id else None
    printed = ReceiptPrint.of(fund, loan, repayment, names(loan.enterprise_id), language, reverses)
    kind = "reversal" if reverses else "receipt"
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind=kind, number=repayment.number, dated=repayment.paid_on)
    return content


def print_statement(
    session: Session, caller: Caller, *, loan_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The statement of a loan as of today as a PDF in `language`: what fell due, what was paid, what is owed."""
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    today = clock.today()
    printed = StatementPrint.of(fund, loan, names(loan.enterprise_id), today, language)
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind="statement", number=loan.number, dated=today)
    return content


def print_tranche(
    session: Session, caller: Caller, *, loan_id: UUID, change_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The receipt of a tranche as a PDF in `language`; refuses a change of another loan or of another kind."""
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    change = next((one for one in loan.changes if one.id == change_id and one.kind == "tranche"), None)
    if change is None:
        raise NotFound("tranche.unknown", number=loan.number)
    resolution = session.get_one(Resolution, change.resolution_id)
    printed = TranchePrint.of(fund, loan, change, resolution, names(loan.enterprise_id), language)
    content = printed.render(public_url)
    number = paper_number(loan, change)
    issue_once(session, fund.id, printed.hash, kind="tranche", number=number, dated=change.done_on)
    return content


def print_addendum(
    session: Session,
    caller: Caller,
    *,
    loan_id: UUID,
    change_id: UUID,
    names: Names,
    people: People,
    language: str,
    public_url: str,
) -> bytes:
    """The addendum of a rescheduled loan as a PDF in `language`, which takes the place of the paper before it; refuses
    a change of another loan or of another kind, and an enterprise of which the directory names no owner.
    """
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    change = next((one for one in loan.changes if one.id == change_id and one.kind == "reschedule"), None)
    if change is None:
        raise NotFound("addendum.unknown", number=loan.number)
    application = find.application(session, caller, loan.application_id)
    printed = addendum_of(session, fund, application, loan, change, names, people, language)
    content = printed.render(public_url)
    number = paper_number(loan, change)
    issue_once(session, fund.id, printed.hash, kind="addendum", number=number, dated=change.done_on)
    return content


def addendum_of(
    session: Session,
    fund: TrustFund,
    application: Application,
    loan: Loan,
    change: LoanChange,
    names: Names,
    people: People,
    language: str,
) -> AddendumPrint:
    """The addendum of a new plan as facts; refuses an enterprise of which the directory names no owner, and a guarantor
    whom it knows no more.
    """
    borrower, known = debtor(names, application), named_guarantors(session, application, names, people)
    standing = [one for one in Guarantee.of(session, application.id) if one.stands]
    signed = Signed(borrower, guaranteed(fund, standing, known), change.done_by_name)
    resolution = session.get_one(Resolution, change.resolution_id)
    return AddendumPrint.of(fund, loan, change, resolution, signed, language)


def print_refund(
    session: Session, caller: Caller, *, use_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The receipt of an overpayment that went back as a PDF in `language`."""
    use = find.refund(session, caller, use_id)
    loan = find.loan(session, caller, use.loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    printed = RefundPrint.of(fund, loan, use, names(loan.enterprise_id), language)
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind="refund", number=use.number, dated=use.used_on)
    return content


def print_reminder(session: Session, caller: Caller, *, loan_id: UUID, names: Names, public_url: str) -> bytes:
    """The letter that reminds of what is overdue today as a PDF in Spanish; refuses where nothing is."""
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id)
    today = clock.today()
    owed = loan.owed(today)
    late = [item.number for item, part in zip(loan.instalments, owed, strict=True) if part.total and item.due < today]
    if not late:
        raise Refused("collection.nothing_overdue", number=loan.number)
    printed = ReminderPrint.of(fund, loan, names(loan.enterprise_id), today, caller.name)
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind="reminder", number=loan.number, dated=today)
    return content


def print_closure(
    session: Session, caller: Caller, *, loan_id: UUID, names: Names, language: str, public_url: str
) -> bytes:
    """The certificate that a loan is paid in full as a PDF in `language`; refuses one that is not settled."""
    loan = find.loan(session, caller, loan_id)
    if loan.settled_on is None or loan.left:
        raise Refused("loan.not_settled", number=loan.number)
    fund = find.fund(session, caller, loan.fund_id)
    held = held_for(session, loan.id)
    printed = ClosurePrint.of(fund, loan, names(loan.enterprise_id), held, language)
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind="closure", number=loan.number, dated=loan.settled_on)
    return content


def print_notice(session: Session, caller: Caller, *, session_id: UUID, language: str, public_url: str) -> bytes:
    """The notice of a session with its agenda as a PDF in `language`; it names no applicant."""
    meeting = find.whole_session(session, caller, session_id)
    fund = find.fund(session, caller, meeting.fund_id)
    printed = NoticePrint.of(session, fund, meeting, language)
    content = printed.render(public_url)
    issue_once(session, fund.id, printed.hash, kind="session_notice", number=meeting.number, dated=clock.today())
    return content


def print_compliance(
    session: Session, caller: Caller, *, fund_id: UUID, month: date, language: str, public_url: str
) -> bytes:
    """The monthly report of compliance as a PDF in `language`, as of now."""
    fund = find.fund(session, caller, fund_id)
    fund.require_whole(caller)
    printed = CompliancePrint.of(fund, report(session, fund, month), language)
    content = printed.render(public_url)
    number = f"{fund.code}-{month:%Y-%m}"
    issue_once(session, fund.id, printed.hash, kind="compliance", number=number, dated=clock.today())
    return content


def issue_once(session: Session, fund_id: UUID, hash_: str, *, kind: str, number: str, dated: date) -> None:
    """Keep the hash of a paper, whoever prints the same one at the same moment."""
    row = {"hash": hash_, "kind": kind, "number": number, "fund_id": fund_id, "dated": dated, "issued_at": clock.now()}
    session.execute(insert_on(session.get_bind().dialect.name, IssuedDocument).values(row).on_conflict_do_nothing())
