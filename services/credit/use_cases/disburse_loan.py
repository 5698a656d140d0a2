"""An approved application is paid out and becomes a loan with its exact schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Borrower, Names
from services.credit.documents.note import NotePrint
from services.credit.models import (
    Application,
    Condition,
    CopyEnterprise,
    Loan,
    Resolution,
    TrustFund,
    require_lending,
)
from services.credit.rules import ledger
from services.credit.rules.contracts import term_months, written
from services.credit.rules.regulations import Parameters
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import shown
from services.credit.tables import holidays_on
from services.credit.use_cases import find
from shared import files, history
from shared.bus import log
from shared.events.credit import LoanDisbursed
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, Refused, clock, uuid7


def disburse_loan(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    disbursed_on: date,
    names: Names,
    public_url: str,
    first_due: date | None = None,
) -> Loan:
    """The loan, on the terms of the resolution and of the regulations it is lent under.

    `first_due` is the day agreed for the first instalment, where the product leaves it free. Refuses what is not
    approved or was paid out before, an enterprise that nobody owns any more or that took back its consent, somebody who
    voted on it, a day before the resolution or in the future, more than lies at the trustee, an approval that expired
    or one of whose conditions is open, and a fund whose lending is suspended. The debtor's name is asked for before
    anything is locked: the registry may take its time.
    """
    application = find.application(session, caller, application_id)
    application.require_approved()
    borrower = _debtor(names, application)
    fund = find.fund(session, caller, application.fund_id, lock=True)
    application = find.application(session, caller, application_id, lock=True)
    application.require_approved()
    require_lending(session, fund)
    _require_unexpired(application)
    resolution = approval_of(session, application)
    enterprise = _require_ready(session, caller, fund, application, resolution, disbursed_on)
    application.disburse()
    terms = terms_of(application, resolution, disbursed_on, first_due)
    contract = _write_contract(session, caller, fund, application, resolution, terms, borrower, public_url)
    loan = _loan(caller, fund, application, resolution, enterprise, contract)
    loan.entry_id = fund.book(
        session,
        caller,
        ledger.disbursement(resolution.amount),
        kind="disbursement",
        reference=loan.id,
        booked_on=disbursed_on,
    ).id
    loan.schedule(contract.rows, fund.counts_from(session, disbursed_on))
    session.add(loan)
    session.flush()
    facts = {"loan": loan.number, "amount": shown(resolution.amount)}
    history.record(session, caller, subject=application.id, kind="application", action="disburse", after=facts)
    log.append(session, _event(fund, application, loan), loan.id)
    return loan


def _debtor(names: Names, application: Application) -> Borrower:
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
    borrower: Borrower,
    public_url: str,
) -> _Contract:
    rows = schedule(terms)
    number = fund.numbered(session, "P")
    note = NotePrint.of(fund, application, resolution, terms, rows, number, borrower, caller.name)
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


def terms_of(application: Application, resolution: Resolution, start: date, first_due: date | None = None) -> Terms:
    """The terms on which the resolution lends, from the day the money is handed over."""
    return resolution.lent_under.product(application.product).terms(
        resolution.amount,
        resolution.instalments,
        start,
        resolution.grace,
        first_due=first_due,
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
    application.require_approved()
    return terms_of(application, approval_of(session, application), disbursed_on, first_due)


def _require_ready(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    day: date,
) -> CopyEnterprise:
    """The enterprise, once nothing stands against paying out."""
    if caller.subject in find.voters(session, application.id):
        raise Refused("segregation.voter_disburses", number=application.number)
    _require_day(resolution, day)
    _require_conditions(session, application, resolution)
    enterprise = _require_consent(session, application)
    _require_no_other(session, enterprise, resolution)
    _require_cash(session, fund, resolution.amount)
    return enterprise


def _require_unexpired(application: Application) -> None:
    if application.expired(clock.today()):
        raise Refused("application.approval_expired", number=application.number, until=application.approved_until)


def _require_conditions(session: Session, application: Application, resolution: Resolution) -> None:
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


def _require_consent(session: Session, application: Application) -> CopyEnterprise:
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    if enterprise is None or not enterprise.consent_credit:
        raise Refused("eligibility.consent_credit", rules="consent_credit")
    return enterprise


def _require_no_other(session: Session, enterprise: CopyEnterprise, resolution: Resolution) -> None:
    """Two records that were approved a loan each may have turned out to be one borrower since."""
    rules = resolution.lent_under.read().eligibility
    if "no_loan_in_force" in enterprise.failed_rules(session, rules):
        raise Refused("eligibility.no_loan_in_force", rules="no_loan_in_force")


def _require_cash(session: Session, fund: TrustFund, amount: int) -> None:
    cash = fund.balances(session)[ledger.CASH_AT_TRUSTEE]
    if amount > cash:
        raise Refused("fund.not_enough_cash", amount=fund.money(amount), cash=fund.money(cash))


def _loan(
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    enterprise: CopyEnterprise,
    contract: _Contract,
) -> Loan:
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
        principal=resolution.amount,
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
    )


def _event(fund: TrustFund, application: Application, loan: Loan) -> LoanDisbursed:
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
    )
