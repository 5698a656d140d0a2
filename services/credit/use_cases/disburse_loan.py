"""An approved application is paid out and becomes a loan with its exact schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Borrower, Names, People
from services.credit.documents.note import NotePrint, PaysOff, Signed, guaranteed
from services.credit.models import (
    Application,
    Condition,
    CopyEnterprise,
    Loan,
    NotApart,
    Resolution,
    TrustFund,
    agreement_in_force,
    assents_of,
    clauses_in_force,
    require_assent,
    require_lending,
)
from services.credit.rules import ledger
from services.credit.rules.contracts import term_months, written
from services.credit.rules.regulations import Parameters
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import shown
from services.credit.tables import holidays_on
from services.credit.use_cases import find, refinancing
from services.credit.use_cases.bind_guarantees import bind_guarantees, named_guarantors, nobody_known
from services.credit.use_cases.form_group import require_group_ready
from services.credit.use_cases.make_exceptions import require_met
from shared import files, history
from shared.bus import log
from shared.events.credit import LoanDisbursed
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, Money, Refused, clock, uuid7


def disburse_loan(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    disbursed_on: date,
    names: Names,
    public_url: str,
    people: People = nobody_known,
    first_due: date | None = None,
    amount: Money | None = None,
) -> Loan:
    """The loan, on the terms of the resolution and of the regulations it is lent under.

    `first_due` is the day agreed for the first instalment, where the product leaves it free; `amount` the first
    tranche, where not all is handed out at once. A loan that refinances another one pays it off and hands out the rest.

    Refuses what is not approved or was paid out before, an enterprise that nobody owns any more, that took back its
    consent or does not meet a rule from which the resolution makes no exception, somebody who voted on it or gave the
    Trust Fund Committee's assent, a day before the resolution or in the future, more than lies at the trustee or than
    the Agreement Letter lets one loan take, an approval that expired, whose assent is missing or one of whose
    conditions is open, a member of a group before the others are approved, and a fund that may not lend. The names of
    the debtor and of who guarantees are asked for before anything is locked: the registry may take its time.
    """
    application = find.application(session, caller, application_id)
    application.require_lending()
    application.require_approved()
    borrower, guarantors = debtor(names, application), named_guarantors(session, application, names, people)
    fund, application, resolution = lock_approved(session, caller, application)
    fund.require_revolving()
    handed = _handed_out(fund, application, resolution, amount)
    paid_off = refinancing.begin(session, caller, fund, application, handed, disbursed_on)
    terms = terms_of(application, resolution, disbursed_on, first_due, handed)
    cash = handed - paid_off.total - terms.withheld
    if cash < 0:
        owed, fee = fund.money(paid_off.total), fund.money(terms.withheld)
        raise Refused("change.less_than_owed_and_fee", owed=owed, fee=fee)
    enterprise = _require_ready(session, caller, fund, application, resolution, disbursed_on, cash)
    guarantees = bind_guarantees(session, caller, application, guarantors)
    application.disburse(handed if handed < resolution.amount else None)
    signed = Signed(borrower, guaranteed(fund, guarantees, guarantors), caller.name)
    pays_off = PaysOff(paid_off.loan.number, paid_off.total) if paid_off.loan else None
    contract = _write_contract(session, caller, fund, application, resolution, terms, signed, public_url, pays_off)
    loan = _loan(caller, fund, application, resolution, enterprise, contract)
    _enter(session, caller, fund, loan, contract, paid_off)
    refinancing.pay_off(session, caller, fund, resolution, paid_off)
    facts = {"loan": loan.number, "amount": shown(handed)}
    history.record(session, caller, subject=application.id, kind="application", action="disburse", after=facts)
    log.append(session, _event(fund, application, loan, paid_off.total), loan.id)
    return loan


def lock_approved(
    session: Session, caller: Caller, application: Application
) -> tuple[TrustFund, Application, Resolution]:
    """An application with its fund and its enterprise, locked in their order, and the resolution that approved it;
    refuses one that is not approved any more or was paid out before, a fund that may not lend, and an approval that
    expired.
    """
    fund = find.fund(session, caller, application.fund_id, lock=True)
    CopyEnterprise.standing(session, application.enterprise_id, lock=True)
    application = find.application(session, caller, application.id, lock=True)
    application.require_approved()
    require_lending(session, fund)
    require_unexpired(application)
    return fund, application, approval_of(session, application)


def _handed_out(fund: TrustFund, application: Application, resolution: Resolution, amount: Money | None) -> int:
    """What is handed out now, in cents: all that was approved, or a first tranche, where the product has tranches."""
    if amount is None:
        return resolution.amount
    cents = fund.cents(amount)
    product = resolution.lent_under.product(application.product)
    if cents > resolution.amount:
        raise Invalid("tranche.above_approval", pointer="/amount", approved=shown(resolution.amount))
    if cents < resolution.amount and (product.tranches == 1 or application.kind != "loan"):
        raise Invalid("tranche.all_at_once", pointer="/amount", approved=shown(resolution.amount))
    return cents


def debtor(names: Names, application: Application) -> Borrower:
    """Who signs the promissory note; refuses an enterprise of which the directory names no owner."""
    borrower = names(application.enterprise_id)
    if not borrower.owners:
        raise Refused("enterprise.withdrawn", number=application.number)
    return borrower


@dataclass(frozen=True)
class _Contract:
    """What was signed: the terms, the schedule they make, and the stored promissory note."""

    number: str
    rules: Parameters
    terms: Terms
    rows: Sequence[Row]
    file_id: UUID
    hash: str


def _write_contract(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    terms: Terms,
    signed: Signed,
    public_url: str,
    pays_off: PaysOff | None,
) -> _Contract:
    rows = schedule(terms)
    number = fund.numbered(session, "P")
    note = NotePrint.of(fund, application, resolution, terms, rows, number, signed, pays_off)
    stored = files.store(
        session,
        note.render(public_url),
        name=f"{number}.pdf",
        media_type="application/pdf",
        kind="promissory_note",
        caller=caller,
    )
    return _Contract(number, resolution.lent_under.read(), terms, rows, stored.id, note.hash)


def approval_of(session: Session, application: Application) -> Resolution:
    """The resolution that approved an application; the last, where an earlier one expired."""
    query = select(Resolution).where(Resolution.application_id == application.id, Resolution.outcome == "approved")
    return session.scalars(query.order_by(Resolution.id.desc()).limit(1)).one()


def terms_of(
    application: Application,
    resolution: Resolution,
    start: date,
    first_due: date | None = None,
    amount: int | None = None,
) -> Terms:
    """The terms on which the resolution lends, from the day it is handed over: all of it, or `amount` (cents)."""
    return resolution.lent_under.product(application.product).terms(
        resolution.amount if amount is None else amount,
        resolution.instalments,
        start,
        resolution.grace,
        first_due=first_due,
        due_dates=application.appraisal.agreed_dates,
        holidays=holidays_on(start, application.municipality),
    )


def preview(session: Session, caller: Caller, **day: Any) -> Sequence[Row]:
    """The schedule that a disbursement would make; changes nothing."""
    return schedule(offered_terms(session, caller, **day))


def offered_terms(
    session: Session, caller: Caller, *, application_id: UUID, disbursed_on: date, first_due: date | None = None
) -> Terms:
    """The terms that a disbursement on this day would be on; changes nothing."""
    application = find.application(session, caller, application_id)
    application.require_lending()
    application.require_approved()
    find.fund(session, caller, application.fund_id).require_revolving()
    return terms_of(application, approval_of(session, application), disbursed_on, first_due)


def _require_ready(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    day: date,
    cash: int,
) -> CopyEnterprise:
    """The enterprise, once nothing stands against paying out."""
    require_apart(session, caller, application, resolution)
    _require_day(resolution, day)
    require_conditions(session, application, resolution)
    require_assent(session, resolution, application.number)
    enterprise = require_met(session, fund, application, resolution)
    require_group_ready(session, application)
    require_cash(session, fund, cash)
    require_ceiling(fund, cash)
    return enterprise


def require_apart(session: Session, caller: Caller, application: Application, resolution: Resolution) -> None:
    """Refuses who decided it: who ever voted on it, and who said the Trust Fund Committee's word on it."""
    if caller.subject in find.voters(session, application.id):
        raise NotApart("segregation.voter_disburses", caller.subject, application, number=application.number)
    if any(said.subject == caller.subject for said in assents_of(session, resolution)):
        raise NotApart("segregation.assenter_disburses", caller.subject, application, number=application.number)


def require_unexpired(application: Application) -> None:
    if application.expired(clock.today()):
        raise Refused("application.approval_expired", number=application.number, until=application.approved_until)


def require_conditions(session: Session, application: Application, resolution: Resolution) -> None:
    """Every condition of the resolution is met."""
    query = select(Condition.text).where(Condition.item_id == resolution.item_id, Condition.state == "open")
    open_ = session.scalars(query.order_by(Condition.position)).all()
    if open_:
        raise Refused("condition.open", number=application.number, count=len(open_), conditions="; ".join(open_))


def _require_day(resolution: Resolution, disbursed_on: date) -> None:
    decided = local_day(resolution)
    if not decided <= disbursed_on <= clock.today():
        raise Invalid("loan.day_out_of_range", pointer="/disbursed_on", earliest=decided, latest=clock.today())


def local_day(resolution: Resolution) -> date:
    """The day of the resolution as the calendar of the three countries has it."""
    return resolution.decided_at.astimezone(LOCAL_TIME).date()


def require_cash(session: Session, fund: TrustFund, amount: int) -> None:
    cash = fund.balances(session)[ledger.CASH_AT_TRUSTEE]
    if amount > cash:
        raise Refused("fund.not_enough_cash", amount=fund.money(amount), cash=fund.money(cash))


def require_ceiling(fund: TrustFund, amount: int) -> None:
    """No more than the Agreement Letter lets one loan take from the trustee's account."""
    ceiling = clauses_in_force(fund, clock.today()).maximum_disbursement
    if ceiling is not None and amount > ceiling:
        raise Refused("agreement.above_ceiling", amount=fund.money(amount), ceiling=fund.money(ceiling))


def _loan(
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    enterprise: CopyEnterprise,
    contract: _Contract,
) -> Loan:
    letter = agreement_in_force(fund, clock.today())
    return Loan(
        id=uuid7(),
        number=contract.number,
        fund_id=fund.id,
        application_id=application.id,
        resolution_id=resolution.id,
        regulations_id=resolution.lent_under_id,
        enterprise_id=application.enterprise_id,
        owner_ids=enterprise.owner_ids,
        municipality=application.municipality,
        chain=application.chain,
        currency=fund.currency,
        principal=contract.terms.principal,
        terms=written(contract.terms),
        term_months=term_months(contract.terms),
        allocation_order=list(contract.rules.allocation_order),
        payment_in_advance=contract.rules.payment_in_advance,
        disbursed_on=contract.terms.start,
        disbursed_by=caller.subject,
        disbursed_by_name=caller.name,
        note_file_id=contract.file_id,
        note_hash=contract.hash,
        state="active",
        product=application.product,
        officer=application.appraisal.appraised_by,
        officer_name=application.appraisal.appraised_by_name,
        tier=enterprise.tier,
        agreement_id=letter.id if letter else None,
        withheld=contract.terms.withheld,
    )


def _enter(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    loan: Loan,
    contract: _Contract,
    paid_off: refinancing.PaidOff,
) -> None:
    """Into the books, and with its schedule into the portfolio."""
    terms = contract.terms
    loan.entry_id = fund.book(
        session,
        caller,
        ledger.disbursement(terms.principal, paid_off.total, terms.withheld),
        kind="disbursement",
        reference=loan.id,
        booked_on=terms.start,
    ).id
    if paid_off.loan:
        loan.refinance(paid_off.loan)
    loan.schedule(contract.rows, fund.counts_from(session, terms.start))
    session.add(loan)
    session.flush()


def _event(fund: TrustFund, application: Application, loan: Loan, paid_off: int) -> LoanDisbursed:
    return LoanDisbursed(
        loan_id=loan.id,
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        owner_ids=[UUID(owner) for owner in loan.owner_ids],
        municipality=application.municipality,
        chain=application.chain,
        amount=fund.money(loan.principal),
        term_months=loan.term_months,
        disbursed_on=loan.disbursed_on,
        assistance_needs=application.appraisal.assistance_needs,
        kind=application.told_kind,
        paid_off=fund.money(paid_off) if paid_off else None,
    )
