"""A borrower pays back: the money is spread over what she owes, booked, and a receipt is numbered."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Loan, Repayment, RepaymentPart, TrustFund
from services.credit.models.loans import CHANNELS
from services.credit.rules import ledger
from services.credit.rules.allocation import Part, allocate
from services.credit.use_cases import find
from services.credit.use_cases.receivables import receivable_of
from shared import history
from shared.bus import log
from shared.events.credit import LoanSettled, RepaymentPosted
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def post_repayment(
    session: Session, caller: Caller, *, loan_id: UUID, amount: Money, paid_on: date, channel: str
) -> Repayment:
    """The repayment, under the number of its receipt.

    Refuses who paid the loan out, another currency, a day before the loan or in the future, and more than is owed (or
    than is due, where the regulations allow no payment in advance).
    """
    fund_id = find.loan(session, caller, loan_id).fund_id
    fund = find.fund(session, caller, fund_id, lock=True)
    loan = find.loan(session, caller, loan_id, lock=True)
    cents = fund.cents(amount)
    if loan.state != "active":
        raise Refused("loan.settled_already", number=loan.number)
    if caller.subject == loan.disbursed_by:
        raise Refused("segregation.disburser_collects", number=loan.number)
    if not loan.disbursed_on <= paid_on <= clock.today():
        raise Invalid(
            "repayment.day_out_of_range", pointer="/paid_on", earliest=loan.disbursed_on, latest=clock.today()
        )
    with fund.in_its_currency():
        parts = allocate(cents, loan.owed(paid_on), loan.order, advance=loan.payment_in_advance)
    settled = loan.pay(parts, paid_on, fund.counts_from(session, paid_on))
    repayment = _repayment(session, caller, fund, loan, parts, paid_on, channel)
    facts = {"receipt": repayment.number, "amount": str(amount)}
    history.record(session, caller, subject=loan.id, kind="loan", action="repay", after=facts)
    log.append(session, _posted(fund, loan, repayment), loan.id)
    if settled:
        event = LoanSettled(
            loan_id=loan.id, enterprise_id=loan.enterprise_id, municipality=loan.municipality, settled_on=paid_on
        )
        log.append(session, event, loan.id)
    return repayment


def _repayment(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    loan: Loan,
    parts: Sequence[Part],
    paid_on: date,
    channel: str,
) -> Repayment:
    entry = fund.book(
        session,
        caller,
        ledger.repayment(parts, CHANNELS[channel], receivable_of(session, loan)),
        kind="repayment",
        reference=loan.id,
        booked_on=paid_on,
    )
    repayment = Repayment(
        number=fund.numbered(session, "RC"),
        fund_id=fund.id,
        loan_id=loan.id,
        amount=sum(part.total for part in parts),
        principal=sum(part.principal for part in parts),
        interest=sum(part.interest for part in parts),
        fee=sum(part.fee for part in parts),
        penalty=sum(part.penalty for part in parts),
        outstanding_after=loan.left,
        channel=channel,
        paid_on=paid_on,
        posted_at=clock.now(),
        posted_by=caller.subject,
        posted_by_name=caller.name,
        entry_id=entry.id,
    )
    repayment.parts = [
        RepaymentPart(
            instalment=part.number,
            principal=part.principal,
            interest=part.interest,
            fee=part.fee,
            penalty=part.penalty,
        )
        for part in parts
    ]
    loan.repayments.append(repayment)
    session.flush()
    return repayment


def _posted(fund: TrustFund, loan: Loan, repayment: Repayment) -> RepaymentPosted:
    return RepaymentPosted(
        loan_id=loan.id,
        repayment_id=repayment.id,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        amount=fund.money(repayment.amount),
        outstanding=fund.money(loan.outstanding_principal),
        posted_on=repayment.paid_on,
    )
