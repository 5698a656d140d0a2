"""A repayment posted wrongly, or whose money did not stay, is reversed by a counter-entry; nothing is deleted."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Closing,
    LateCharge,
    LedgerEntry,
    LedgerLine,
    Loan,
    NotApart,
    OverpaymentUse,
    PaymentLine,
    Repayment,
    RepaymentPart,
    TrustFund,
)
from services.credit.models.repayments import REFINANCED
from services.credit.queries.overpayments import held_for
from services.credit.rules import ledger
from services.credit.rules.allocation import COMPONENTS
from services.credit.use_cases import find
from services.credit.use_cases.post_repayment import take_payment
from shared import history
from shared.bus import log
from shared.events.credit import RepaymentReversed
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, Refused, clock

_CASH = {ledger.CASH_IN_HAND: "drawer.too_little", ledger.CASH_AT_TRUSTEE: "fund.cash_too_small"}
_AMOUNTS = ("amount", *COMPONENTS, "excess")


def reverse_repayment(
    session: Session, caller: Caller, *, repayment_id: UUID, reason: str, move_to: UUID | None = None
) -> Repayment:
    """The counter-entry, today; the instalments owe again what the repayment had paid of them. With `move_to` the
    money never left: the counter-entry is of the day of the payment, and the same payment stands on that loan.

    Refuses who posted it or took its money, who paid the loan out, and who gives no reason; one that is reversed or has
    a later one on the same loan, because that one was spread over what this one had left; money that is no longer
    there; and a move to a loan that who took the money had paid out.
    """
    found = find.repayment(session, caller, repayment_id)
    fund = find.fund(session, caller, found.fund_id, lock=True)
    loan = find.loan(session, caller, found.loan_id, lock=True)
    repayment = session.get_one(Repayment, found.id, populate_existing=True)
    if not reason.strip():
        raise Invalid("repayment.reason_missing", pointer="/reason")
    _require_may(session, caller, loan, repayment)
    target = find.loan(session, caller, move_to, lock=True) if move_to else None
    if target is not None and (target.fund_id != fund.id or target.id == loan.id or repayment.channel == "held"):
        raise Invalid("repayment.not_movable", pointer="/move_to", number=target.number)
    if target is not None and target.handled_by(repayment.taken_by):
        raise Refused("repayment.taker_paid_out", number=target.number)
    day = repayment.paid_on if target else max(clock.today(), repayment.paid_on)
    counter = _reverse(session, caller, fund, loan, repayment, day, reason.strip(), moved=target is not None)
    if target is not None:
        _move(session, caller, fund, target, repayment)
    return counter


def _require_may(session: Session, caller: Caller, loan: Loan, repayment: Repayment) -> None:
    repayment.require_standing()
    if caller.subject in {repayment.posted_by, repayment.taken_by}:
        raise NotApart("segregation.collector_reverses", caller.subject, loan, number=repayment.number)
    if loan.handled_by(caller.subject):
        raise NotApart("segregation.disburser_collects", caller.subject, loan, number=loan.number)
    booked = session.get_one(LedgerEntry, repayment.entry_id).number
    later = session.scalars(
        select(Repayment)
        .join(LedgerEntry, LedgerEntry.id == Repayment.entry_id)
        .where(
            Repayment.loan_id == loan.id,
            Repayment.reversed_on.is_(None),
            Repayment.reverses_id.is_(None),
            LedgerEntry.number > booked,
        )
        .order_by(LedgerEntry.number.desc())
    ).first()
    if later is not None:
        raise Refused("repayment.later_one_stands", number=repayment.number, later=later.number)
    if repayment.channel == REFINANCED or any(change.id > repayment.id for change in loan.changes):
        raise Refused("repayment.schedule_replaced", number=loan.number)  # ids rise with time


def _reverse(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    loan: Loan,
    repayment: Repayment,
    day: date,
    reason: str,
    *,
    moved: bool,
) -> Repayment:
    held = held_for(session, loan.id)
    if repayment.excess > held:
        raise Refused("overpayment.spent", number=repayment.number, held=fund.money(held))
    lines = ledger.mirrored(_lines(session, repayment))
    if not moved:
        _require_cash(session, fund, lines)
    _restore_charges(session, loan, repayment)
    loan.unpay(repayment.parts, fund.counts_from(session, day))
    entry = fund.book(
        session,
        caller,
        lines,
        kind="reversal",
        reference=loan.id,
        booked_on=day,
        memo=repayment.number,
    )
    counter = _counter(session, caller, fund, loan, repayment, entry, reason)
    repayment.reverse(counter)
    if repayment.posted_at.astimezone(LOCAL_TIME).date() > repayment.paid_on:
        loan.charge_anew()  # what was told late had made being late cheaper
    session.flush()
    _give_back_held(session, counter, repayment)
    facts = {"receipt": repayment.number, "reversal": counter.number}
    history.record(session, caller, subject=loan.id, kind="loan", action="reverse_repayment", after=facts)
    log.append(session, _reversed(session, fund, loan, repayment, counter), loan.id)
    return counter


def _lines(session: Session, repayment: Repayment) -> list[ledger.Line]:
    query = select(LedgerLine).where(LedgerLine.entry_id == repayment.entry_id).order_by(LedgerLine.position)
    return [ledger.Line(line.account, line.amount) for line in session.scalars(query)]


def _require_cash(session: Session, fund: TrustFund, lines: tuple[ledger.Line, ...]) -> None:
    """Refuses to take more out of the drawer or the trustee's account than lies there."""
    balances = fund.balances(session)
    for line in lines:
        if line.account in _CASH and balances[line.account] + line.amount < 0:
            lies = fund.money(balances[line.account])
            raise Refused(_CASH[line.account], drawer=lies, cash=lies)


def _restore_charges(session: Session, loan: Loan, repayment: Repayment) -> None:
    """What the reversed payment had paid of late charges is charged: a close forgets the charge of an instalment that
    is paid off.
    """
    closing = session.get(Closing, loan.fund_id, populate_existing=True)
    by_number = {item.number: item for item in loan.instalments}
    for part in repayment.parts:
        item = by_number.get(part.instalment)
        if closing is None or item is None or not part.penalty:
            continue
        paid = item.paid_penalty - item.penalty
        key = (loan.id, closing.slot, item.number)
        charge = session.get(LateCharge, key, populate_existing=True)
        if charge is not None:
            charge.reach(paid)
        elif paid > 0:
            number = item.number
            session.add(
                LateCharge(loan_id=loan.id, slot=closing.slot, instalment=number, fund_id=loan.fund_id, amount=paid)
            )
    session.flush()


def _counter(
    session: Session, caller: Caller, fund: TrustFund, loan: Loan, repayment: Repayment, entry: LedgerEntry, reason: str
) -> Repayment:
    counter = Repayment(
        number=fund.numbered(session, "RV"),
        fund_id=fund.id,
        loan_id=loan.id,
        outstanding_after=loan.left,
        channel=repayment.channel,
        paid_on=entry.booked_on,
        posted_at=clock.now(),
        posted_by=caller.subject,
        posted_by_name=caller.name,
        entry_id=entry.id,
        reverses_id=repayment.id,
        recovery=repayment.recovery,
        reason=reason,
        **{name: -getattr(repayment, name) for name in _AMOUNTS},
    )
    counter.parts = [
        RepaymentPart(instalment=part.instalment, **{name: -getattr(part, name) for name in COMPONENTS})
        for part in repayment.parts
    ]
    loan.repayments.append(counter)
    session.flush()
    return counter


def _give_back_held(session: Session, counter: Repayment, repayment: Repayment) -> None:
    """What was paid from an overpayment is held again."""
    used = session.scalar(select(OverpaymentUse).where(OverpaymentUse.repayment_id == repayment.id))
    if used is None:
        return
    session.add(
        OverpaymentUse(
            number=counter.number,
            fund_id=used.fund_id,
            loan_id=used.loan_id,
            kind=used.kind,
            amount=-used.amount,
            channel=used.channel,
            used_on=counter.paid_on,
            reason=counter.reason,
            repayment_id=counter.id,
            entry_id=counter.entry_id,
            made_at=counter.posted_at,
            made_by=counter.posted_by,
            made_by_name=counter.posted_by_name,
        )
    )
    session.flush()


def _move(session: Session, caller: Caller, fund: TrustFund, target: Loan, repayment: Repayment) -> None:
    """The same payment on the right loan, which who took the money collects; what is too much there is held for it. A
    line of a file that told it follows.
    """
    first = session.get_one(LedgerEntry, repayment.entry_id).memo or repayment.number
    charge = sum(line.amount for line in _lines(session, repayment) if line.account == ledger.ACCOUNTS["fund_costs"])
    moved = take_payment(
        session,
        caller,
        fund,
        target,
        cents=repayment.amount,
        paid_on=repayment.paid_on,
        channel=repayment.channel,
        slip=repayment.slip or "",
        hold_excess=True,
        operator_charge=charge,
        moved_from=first,
    )
    line = session.scalar(select(PaymentLine).where(PaymentLine.repayment_id == repayment.id))
    if line is not None:
        line.follow(target.id, moved.id)
    session.flush()


def _reversed(
    session: Session, fund: TrustFund, loan: Loan, repayment: Repayment, counter: Repayment
) -> RepaymentReversed:
    last = select(Repayment.paid_on).where(
        Repayment.loan_id == loan.id, Repayment.reversed_on.is_(None), Repayment.reverses_id.is_(None)
    )
    return RepaymentReversed(
        loan_id=loan.id,
        repayment_id=repayment.id,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        amount=fund.money(repayment.amount),
        outstanding=fund.money(loan.outstanding_principal),
        settled=loan.state == "settled",
        last_repayment_on=session.scalar(last.order_by(Repayment.paid_on.desc()).limit(1)),
        reversed_on=counter.paid_on,
    )
