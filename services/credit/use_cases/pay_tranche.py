"""Another part of an approved credit is handed out, and what is unpaid is planned anew over the instalments left."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Application, CreditRegulations, Loan, TrustFund, require_lending
from services.credit.rules import contracts, ledger
from services.credit.rules.contracts import written
from services.credit.rules.restructuring import rest_of
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import shown
from services.credit.tables import holidays_on
from services.credit.use_cases import find
from services.credit.use_cases.changes import keep_change, require_not_collector, written_plan
from services.credit.use_cases.disburse_loan import (
    approval_of,
    require_apart,
    require_cash,
    require_ceiling,
    require_conditions,
)
from services.credit.use_cases.make_exceptions import require_met
from shared import history
from shared.bus import log
from shared.events.credit import TrancheDisbursed
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def pay_tranche(session: Session, caller: Caller, *, loan_id: UUID, amount: Money, disbursed_on: date) -> Loan:
    """The loan with the tranche in it: the same dates, the instalments found anew on what is owed from this day on.

    Refuses what a first disbursement refuses (of the rules only the hard ones and those about her record), who took
    repayments of the loan, an amount beyond what is left of the approval, more tranches than the product has, a loan
    with anything overdue, one that was changed since, and a day before its last movement. With the last tranche what is
    left of the approval is free again.
    """
    loan = find.loan(session, caller, loan_id)
    fund = find.fund(session, caller, loan.fund_id, lock=True)
    application = find.application(session, caller, loan.application_id, lock=True)
    loan = find.loan(session, caller, loan_id, lock=True)
    loan.require_active()
    require_lending(session, fund)
    resolution = approval_of(session, application)
    cents = fund.cents(amount)
    require_apart(session, caller, application, resolution)
    require_not_collector(caller, loan)
    require_conditions(session, application, resolution)
    require_met(session, fund, application, resolution, but=loan.id, begun=True)
    _require_day(loan, disbursed_on)
    _require_place(session, loan, application, disbursed_on)
    require_cash(session, fund, cents)
    require_ceiling(fund, loan.principal + cents)
    with fund.in_its_currency():
        application.hand_out(cents)
    _hand_out(session, caller, fund, application, loan, cents, disbursed_on)
    facts = {"loan": loan.number, "amount": shown(cents)}
    history.record(session, caller, subject=application.id, kind="application", action="pay_tranche", after=facts)
    event = TrancheDisbursed(
        loan_id=loan.id,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        amount=amount,
        lent=fund.money(loan.principal),
        outstanding=fund.money(loan.outstanding_principal),
        disbursed_on=disbursed_on,
    )
    log.append(session, event, loan.id)
    return loan


def give_up_rest(session: Session, caller: Caller, *, loan_id: UUID) -> Loan:
    """The loan, of whose approval nothing more is paid out: what was promised is free again. Refuses where nothing is
    left.
    """
    loan = find.loan(session, caller, loan_id)
    find.fund(session, caller, loan.fund_id, lock=True)
    application = find.application(session, caller, loan.application_id, lock=True)
    freed = application.give_up_rest()
    if not freed:
        raise Refused("tranche.nothing_left", number=loan.number)
    facts = {"freed": shown(freed)}
    history.record(session, caller, subject=application.id, kind="application", action="give_up_rest", after=facts)
    return loan


def _require_day(loan: Loan, day: date) -> None:
    moved = [loan.disbursed_on, *(paid.paid_on for paid in loan.repayments), *(one.done_on for one in loan.changes)]
    if not max(moved) <= day <= clock.today():
        raise Invalid("loan.day_out_of_range", pointer="/disbursed_on", earliest=max(moved), latest=clock.today())


def _require_place(session: Session, loan: Loan, application: Application, day: date) -> None:
    if not application.rest(clock.today()) or not tranches_left(session, loan):
        raise Refused("tranche.nothing_left", number=loan.number)
    if any(part.total for part in loan.owed(day) if part.due):
        raise Refused("tranche.loan_overdue", number=loan.number)
    if not any(item.due > day for item in loan.instalments):
        raise Refused("tranche.after_last_due", number=loan.number)


def _hand_out(
    session: Session, caller: Caller, fund: TrustFund, application: Application, loan: Loan, cents: int, day: date
) -> None:
    terms, rows = rest_plan(loan, cents, day)
    replaced = written_plan(loan)
    entry = fund.book(
        session, caller, ledger.disbursement(cents), kind="disbursement", reference=loan.id, booked_on=day
    )
    moved = loan.replan(rows, day, whole=False, handed_out=cents, counts_from=fund.counts_from(session, day))
    keep_change(
        session,
        caller,
        loan,
        approval_of(session, application),
        kind="tranche",
        moved=moved,
        principal=cents,
        entry=entry,
        terms=written(terms),
        replaced=replaced,
        done_on=day,
    )
    if tranches_left(session, loan) == 0:
        application.give_up_rest()
    session.flush()


def rest_plan(loan: Loan, cents: int, day: date) -> tuple[Terms, list[Row]]:
    """The terms and rows of what is unpaid once `cents` more are handed out on `day`."""
    last = next((change.terms for change in reversed(loan.changes) if change.terms), loan.terms)
    signed = contracts.read(last, loan.principal, loan.disbursed_on, holidays_on)
    coming = [item.due for item in loan.instalments if item.plan == loan.plan and item.due > day]
    begun = signed.instalments - len(coming)
    terms = rest_of(signed, loan.moving(day, whole=False).principal + cents, day, coming, begun)
    return terms, schedule(terms)


def tranches_left(session: Session, loan: Loan) -> int:
    """How many more times something may be paid out, as the edition says under which it was lent."""
    product = session.get_one(CreditRegulations, loan.regulations_id).product(loan.product)
    return max(0, product.tranches - 1 - sum(change.kind == "tranche" for change in loan.changes))
