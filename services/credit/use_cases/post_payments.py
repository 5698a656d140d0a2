"""The lines of a file of payments are posted to their loans, each in a transaction of its own and once for ever."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import CopyEnterprise, Loan, NotApart, PaymentLine, Repayment, TrustFund
from services.credit.models.payments import SOURCES
from services.credit.queries.payments import judged, loans_of
from services.credit.rules.payment_lines import POSTED
from services.credit.use_cases import find
from services.credit.use_cases.post_repayment import take_payment
from shared.identity import Caller
from shared.kernel import Refused

JOB = "post-payments"
"""The kind of the job that posts a file."""


class Transactions(Protocol):
    """What lines are posted in: a database, or a job of the worker."""

    def transaction(self) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...


def post_payments(
    work: Transactions,
    caller: Caller,
    *,
    fund_id: UUID,
    file_id: UUID,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> int:
    """Post every line of the file that names one loan which takes it, in the order of the file; comes back with how
    many were posted. What is above what a loan owes is held for her; every other line goes on waiting.

    Broken off anywhere it goes on where it was; twice, or by two at the same moment, each line is posted once.
    """
    with work.reading() as session:
        fund = find.fund(session, caller, fund_id)
        fund.require_whole(caller)
        found = find.payment_file(session, fund, file_id)
        ids = [line.id for line in found.lines if line.state == "waiting"]
    posted = 0
    for number, line_id in enumerate(ids, start=1):
        with work.transaction() as session:
            posted += post_line(session, caller, fund_id=fund_id, line_id=line_id) is not None
        told(number, len(ids))
    return posted


def post_line(session: Session, caller: Caller, *, fund_id: UUID, line_id: UUID) -> Repayment | None:
    """The repayment that a line tells; None where it is settled already or waits for a hand."""
    fund = find.fund_to_govern(session, caller, fund_id)
    line = find.payment_line(session, fund, line_id)
    if line.state != "waiting":
        return None
    loans = loans_of(session, caller, fund, [line]).get(line.id, [])
    if len(loans) != 1:
        return None
    loan = find.loan(session, caller, loans[0].id, lock=True)
    if judged(caller, fund, line, [loan], {}) not in POSTED:
        return None
    return _take(session, caller, fund, loan, line)


def assign_line(session: Session, caller: Caller, *, fund_id: UUID, line_id: UUID, loan_id: UUID) -> Repayment:
    """The repayment of a line on the loan that somebody says it means.

    Refuses a line that is settled, a loan of another fund, and what the line could not pay on any loan.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    line = find.payment_line(session, fund, line_id)
    line.require_waiting()
    loan = find.loan(session, caller, loan_id, lock=True)
    if loan.fund_id != fund.id:
        raise Refused("payments.loan_of_another_fund", number=loan.number)
    said = judged(caller, fund, line, [loan], {})
    if said == "disburser":
        raise NotApart("segregation.disburser_collects", caller.subject, loan, number=loan.number)
    if said not in POSTED:
        raise Refused(f"payments.{said}", row=line.row, number=loan.number)
    return _take(session, caller, fund, loan, line)


def _take(session: Session, caller: Caller, fund: TrustFund, loan: Loan, line: PaymentLine) -> Repayment:
    repayment = take_payment(
        session,
        caller,
        fund,
        loan,
        cents=line.amount,
        paid_on=line.day,
        channel=SOURCES[line.source],
        hold_excess=True,
        operator_charge=line.charge,
    )
    line.post(loan.id, repayment.id, caller.subject, caller.name)
    if loan.left == 0 and CopyEnterprise.standing(session, loan.enterprise_id) is None:
        line.forget()
    session.flush()
    return repayment
