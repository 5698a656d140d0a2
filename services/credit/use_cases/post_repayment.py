"""A borrower pays back: the money is spread over what she owes, booked, and a receipt is numbered."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, CopyEnterprise, Loan, NotApart, Repayment, RepaymentPart, TrustFund
from services.credit.models.repayments import CHANNELS
from services.credit.rules import ledger
from services.credit.rules.allocation import COMPONENTS, Owed, Part, allocate, allocate_with_excess
from services.credit.use_cases import find
from services.credit.use_cases.changes import free_the_rest
from services.credit.use_cases.forget_loans import forget_settled
from services.credit.use_cases.receivables import receivable_of
from shared import history
from shared.bus import log
from shared.database import insert_many
from shared.events.credit import LoanSettled, RepaymentPosted
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def post_repayment(
    session: Session,
    caller: Caller,
    *,
    loan_id: UUID,
    amount: Money,
    paid_on: date,
    channel: str,
    slip: str = "",
    hold_excess: bool = False,
) -> Repayment:
    """The repayment, under the number of its receipt; `slip` is that of a paper receipt written at the counter.

    Refuses who paid the loan out or carried a change of it out, another currency, a day before the loan or its last
    change or in the future, a slip that stands for another payment, and more than is owed (or than is due, where the
    regulations allow no payment in advance): with `hold_excess` that is held for her as an overpayment. What comes in
    on a loan that was written off is a recovery.
    """
    fund, loan = find.loan_to_change(session, caller, loan_id)
    if slip.strip() and channel != "cash":
        raise Invalid("repayment.slip_without_cash", pointer="/slip")
    return take_payment(
        session,
        caller,
        fund,
        loan,
        cents=fund.cents(amount),
        paid_on=paid_on,
        channel=channel,
        slip=slip,
        hold_excess=hold_excess,
    )


def take_payment(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    loan: Loan,
    *,
    cents: int,
    paid_on: date,
    channel: str,
    slip: str = "",
    hold_excess: bool = False,
    operator_charge: int = 0,
    moved_from: str = "",
) -> Repayment:
    """The same of a fund and a loan that are locked, in this order; of what was paid an operator of mobile money kept
    its charge. `moved_from` is the receipt with which the money was taken, on another loan. Once who withdrew owes
    nothing any more, what was written to recover it is erased.
    """
    if loan.state == "settled" and not hold_excess:
        raise Refused("loan.settled_already", number=loan.number)
    if loan.handled_by(caller.subject):
        raise NotApart("segregation.disburser_collects", caller.subject, loan, number=loan.number)
    if not loan.takes_from <= paid_on <= clock.today():
        raise Invalid("repayment.day_out_of_range", pointer="/paid_on", earliest=loan.takes_from, latest=clock.today())
    slip = " ".join(slip.split()).upper()
    _require_free_slip(session, fund, slip)
    last = loan.last_close()
    with fund.in_its_currency():
        parts, excess = _spread(loan, loan.owed(paid_on, last), cents, hold_excess)
    lines = _lines(session, loan, parts, CHANNELS[channel], excess=excess, operator_charge=operator_charge)
    with session.no_autoflush:  # all that changes is written at once, with the repayment
        left = loan.pay(parts, paid_on, last.counts_from(paid_on), last) if parts else loan.left
    settled = bool(parts) and left == 0
    repayment = _repayment(
        session, caller, fund, loan, parts, lines, excess, left, paid_on, channel, slip or None, moved_from
    )
    if settled and CopyEnterprise.standing(session, loan.enterprise_id) is None:
        forget_settled(session, loan)
    if settled:
        free_the_rest(session, caller, session.get_one(Application, loan.application_id))
    _tell(session, caller, fund, loan, repayment, settled=settled)
    return repayment


def _tell(
    session: Session, caller: Caller, fund: TrustFund, loan: Loan, repayment: Repayment, *, settled: bool
) -> None:
    """Into the history and the log, as the last statements of the posting."""
    facts = {"receipt": repayment.number, "amount": str(fund.money(repayment.amount))}
    history.record(session, caller, subject=loan.id, kind="loan", action="repay", after=facts)
    log.append(session, _posted(fund, loan, repayment), loan.id)
    if settled:
        event = LoanSettled(
            loan_id=loan.id,
            enterprise_id=loan.enterprise_id,
            municipality=loan.municipality,
            settled_on=repayment.paid_on,
        )
        log.append(session, event, loan.id)


def _spread(loan: Loan, owed: Sequence[Owed], cents: int, hold_excess: bool) -> tuple[list[Part], int]:
    if hold_excess:
        return allocate_with_excess(cents, owed, loan.order, advance=loan.payment_in_advance)
    return allocate(cents, owed, loan.order, advance=loan.payment_in_advance), 0


def _lines(
    session: Session, loan: Loan, parts: Sequence[Part], cash_account: str, *, excess: int, operator_charge: int
) -> tuple[ledger.Line, ...]:
    if loan.written_off_on is not None:
        paid = sum(part.total for part in parts)
        return ledger.recovery(paid, cash_account, excess=excess, operator_charge=operator_charge)
    receivable = receivable_of(session, loan)
    return ledger.repayment(parts, cash_account, receivable, excess=excess, operator_charge=operator_charge)


def _require_free_slip(session: Session, fund: TrustFund, slip: str) -> None:
    """Refuses a paper receipt that another payment was posted with; the fund is locked, so nobody comes between."""
    if not slip:
        return
    query = select(Repayment.number, Repayment.posted_by_name, Loan.number).join(Loan, Loan.id == Repayment.loan_id)
    first = session.execute(
        query.where(Repayment.fund_id == fund.id, Repayment.slip == slip, Repayment.reversed_on.is_(None))
    ).one_or_none()
    if first is not None:
        number, name, loan = first
        raise Refused("repayment.slip_taken", slip=slip, number=number, loan=loan, name=name)


def _repayment(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    loan: Loan,
    parts: Sequence[Part],
    lines: Sequence[ledger.Line],
    excess: int,
    left: int,
    paid_on: date,
    channel: str,
    slip: str | None,
    memo: str,
) -> Repayment:
    recovery = loan.written_off_on is not None
    kind = "recovery" if recovery else "repayment"
    entry = fund.book(session, caller, lines, kind=kind, reference=loan.id, booked_on=paid_on, memo=memo)
    repayment = Repayment(
        number=fund.numbered(session, "RC"),
        fund_id=fund.id,
        loan=loan,  # not through the loan's list, for which every payment before this one would be read
        amount=sum(part.total for part in parts) + excess,
        principal=sum(part.principal for part in parts),
        interest=sum(part.interest for part in parts),
        fee=sum(part.fee for part in parts),
        penalty=sum(part.penalty for part in parts),
        excess=excess,
        outstanding_after=left,
        channel=channel,
        slip=slip,
        paid_on=paid_on,
        posted_at=clock.now(),
        posted_by=caller.subject,
        posted_by_name=caller.name,
        entry_id=entry.id,
        recovery=recovery,
    )
    session.add(repayment)
    session.flush()
    rows = [
        {"repayment_id": repayment.id, "instalment": part.number, **{name: getattr(part, name) for name in COMPONENTS}}
        for part in parts
    ]
    insert_many(session, RepaymentPart.__table__, rows)  # type: ignore[arg-type]
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
