"""A new loan pays an old one off, in the transaction that hands the rest of it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Application, Loan, Repayment, RepaymentPart, Resolution, TrustFund
from services.credit.models.repayments import REFINANCED
from services.credit.rules import ledger
from services.credit.rules.allocation import Part, allocate
from services.credit.rules.terms import Row
from services.credit.use_cases import find
from services.credit.use_cases.changes import free_the_rest, keep_change, require_not_collector, written_plan
from services.credit.use_cases.receivables import receivable_of
from shared.bus import log
from shared.events.credit import LoanSettled
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7


@dataclass(frozen=True)
class PaidOff:
    """The loan that is paid off on a day, and what that takes in cents; none and nothing of a new credit."""

    loan: Loan | None = None
    total: int = 0


def begin(
    session: Session, caller: Caller, fund: TrustFund, application: Application, amount: int, day: date
) -> PaidOff:
    """The loan that an application pays off, locked, and what it owes; the fund must be locked.

    Refuses a loan that is not in force any more, who took its repayments, an amount that does not pay it off, another
    day than today, and new money beyond what the fund had ready for it and has available.
    """
    if application.loan_id is None:
        return PaidOff()
    loan = find.loan(session, caller, application.loan_id, lock=True)
    loan.require_active()
    require_not_collector(caller, loan)
    if day != clock.today():
        raise Invalid("loan.day_out_of_range", pointer="/disbursed_on", earliest=clock.today(), latest=clock.today())
    owed = loan.moving(day).total
    if amount < owed:
        raise Refused("change.less_than_owed", owed=fund.money(owed))
    more = amount - owed - application.committed
    free = fund.available(session)
    if more > max(0, free):
        raise Refused("fund.not_enough_available", amount=fund.money(more), available=fund.money(free))
    return PaidOff(loan, owed)


def pay_off(session: Session, caller: Caller, fund: TrustFund, resolution: Resolution, paid_off: PaidOff) -> None:
    """End the old loan: all that it owes falls due today, and the new one pays it."""
    loan, day = paid_off.loan, clock.today()
    if loan is None:
        return
    replaced, owed = written_plan(loan), loan.moving(day)
    counts_from = fund.counts_from(session, day)
    receivable = receivable_of(session, loan)
    loan.replan([Row(1, 0, day, owed.principal, 0, 0)], day, counts_from=counts_from)
    parts = allocate(paid_off.total, loan.owed(day), loan.order)
    entry = fund.book(
        session,
        caller,
        ledger.repayment(parts, ledger.ACCOUNTS["refinancing"], receivable),
        kind="refinancing",
        reference=loan.id,
        booked_on=day,
    )
    loan.pay(parts, day, counts_from)
    loan.repayments.append(_receipt(fund.numbered(session, "RC"), caller, loan, parts, entry.id))
    keep_change(
        session,
        caller,
        loan,
        resolution,
        kind="refinance",
        moved=owed,
        principal=0,
        entry=entry,
        terms={"instalments": 1},
        replaced=replaced,
    )
    free_the_rest(session, caller, session.get_one(Application, loan.application_id))
    event = LoanSettled(
        loan_id=loan.id, enterprise_id=loan.enterprise_id, municipality=loan.municipality, settled_on=day
    )
    log.append(session, event, loan.id)


def _receipt(number: str, caller: Caller, loan: Loan, parts: Sequence[Part], entry_id: UUID) -> Repayment:
    """What the new loan paid, as the account of the old one shows it."""
    names = ("principal", "interest", "fee", "penalty")
    repayment = Repayment(
        id=uuid7(),
        number=number,
        fund_id=loan.fund_id,
        amount=sum(part.total for part in parts),
        outstanding_after=0,
        channel=REFINANCED,
        paid_on=clock.today(),
        posted_at=clock.now(),
        posted_by=caller.subject,
        posted_by_name=caller.name,
        entry_id=entry_id,
        **{name: sum(getattr(part, name) for part in parts) for name in names},
    )
    repayment.parts = [
        RepaymentPart(instalment=part.number, **{name: getattr(part, name) for name in names}) for part in parts
    ]
    return repayment
