"""What a borrower paid too much goes back to her, or pays another of her loans."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import CopyMerged, LedgerEntry, Loan, NotApart, OverpaymentUse, Repayment, TrustFund
from services.credit.models.repayments import CHANNELS
from services.credit.queries.overpayments import held_for
from services.credit.rules import ledger
from services.credit.use_cases import find
from services.credit.use_cases.keep_fund import positive
from services.credit.use_cases.post_repayment import take_payment
from shared import history, merged
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def refund_overpayment(
    session: Session, caller: Caller, *, loan_id: UUID, amount: Money, channel: str, reason: str = ""
) -> OverpaymentUse:
    """The refund, today, under a number of its own: out of the drawer or from the trustee's account.

    Refuses who took the money that was too much, more than is held for the loan, and more than lies there.
    """
    fund, loan = find.loan_to_change(session, caller, loan_id)
    cents = _held(session, fund, loan, amount)
    took = select(Repayment).where(Repayment.loan_id == loan.id, Repayment.excess > 0, Repayment.reversed_on.is_(None))
    if any(caller.subject in {paid.posted_by, paid.taken_by} for paid in session.scalars(took)):
        raise NotApart("segregation.collector_refunds", caller.subject, loan, number=loan.number)
    account, code = CHANNELS[channel], "drawer.too_little" if channel == "cash" else "fund.cash_too_small"
    lies = fund.balances(session)[account]
    if cents > lies:
        raise Refused(code, drawer=fund.money(lies), cash=fund.money(lies))
    lines = ledger.refund(cents, account)
    day = _day(session, loan)
    entry = fund.book(session, caller, lines, kind="refund", reference=loan.id, booked_on=day)
    number = fund.numbered(session, "DV")
    return _use(session, caller, loan, entry, number=number, kind="refund", cents=cents, channel=channel, reason=reason)


def apply_overpayment(
    session: Session, caller: Caller, *, loan_id: UUID, target_id: UUID, amount: Money
) -> OverpaymentUse:
    """The payment of another loan of the same borrower, or of what fell due of the same one, from what is held.

    Refuses the loan of another borrower or fund, more than is held, and what a repayment of that loan is refused for.
    """
    fund, loan = find.loan_to_change(session, caller, loan_id)
    cents = _held(session, fund, loan, amount)
    target = find.loan(session, caller, target_id, lock=True)
    if target.fund_id != fund.id or not _one_borrower(session, loan, target):
        raise Invalid("overpayment.other_borrower", pointer="/target_id", number=target.number)
    day = _day(session, loan)
    repayment = take_payment(session, caller, fund, target, cents=cents, paid_on=day, channel="held")
    entry = session.get_one(LedgerEntry, repayment.entry_id)
    return _use(
        session,
        caller,
        loan,
        entry,
        number=repayment.number,
        kind="applied",
        cents=cents,
        channel="held",
        repayment_id=repayment.id,
    )


def _held(session: Session, fund: TrustFund, loan: Loan, amount: Money) -> int:
    cents, held = positive(fund, amount), held_for(session, loan.id)
    if cents > held:
        raise Refused("overpayment.less_is_held", number=loan.number, held=fund.money(held))
    return cents


def _day(session: Session, loan: Loan) -> date:
    """Today, and never before the money that is used came in, whatever the clock says."""
    query = select(Repayment.paid_on).where(Repayment.loan_id == loan.id).order_by(Repayment.paid_on.desc()).limit(1)
    return max(clock.today(), session.scalars(query).one())


def _one_borrower(session: Session, one: Loan, other: Loan) -> bool:
    root = merged.standing(session, CopyMerged, one.enterprise_id)
    same = root == merged.standing(session, CopyMerged, other.enterprise_id)
    return same or bool(set(one.owner_ids) & set(other.owner_ids))


def _use(
    session: Session,
    caller: Caller,
    loan: Loan,
    entry: LedgerEntry,
    *,
    number: str,
    kind: str,
    cents: int,
    channel: str,
    reason: str = "",
    repayment_id: UUID | None = None,
) -> OverpaymentUse:
    used = OverpaymentUse(
        number=number,
        fund_id=loan.fund_id,
        loan_id=loan.id,
        kind=kind,
        amount=cents,
        channel=channel,
        used_on=entry.booked_on,
        reason=reason.strip(),
        repayment_id=repayment_id,
        entry_id=entry.id,
        made_at=clock.now(),
        made_by=caller.subject,
        made_by_name=caller.name,
    )
    session.add(used)
    session.flush()
    facts = {"number": number, "amount": str(Money(cents, loan.currency))}
    history.record(session, caller, subject=loan.id, kind="loan", action=f"overpayment_{kind}", after=facts)
    return used
