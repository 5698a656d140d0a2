"""The committee is asked to change a running loan: to plan it anew, to pay it off with another one, to write it off."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, Appraisal, CreditRegulations, Loan, Moving, TrustFund
from services.credit.models.applications import UNDECIDED
from services.credit.rules.products import Product
from services.credit.rules.regulations import Request
from services.credit.rules.restructuring import Wanted
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import shown
from services.credit.tables import holidays_on
from services.credit.use_cases import find
from services.credit.use_cases.lapse_approvals import lapse
from services.credit.use_cases.measure import measured
from shared import history
from shared.bus import log
from shared.events.credit import ApplicationSubmitted
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def ask_change(
    session: Session,
    caller: Caller,
    *,
    loan_id: UUID,
    kind: str,
    reason: str,
    instalments: int | None = None,
    grace: int = 0,
    amount: Money | None = None,
) -> Application:
    """The application that asks for the change, under its number.

    A new plan and another loan say in how many `instalments`; another loan its `amount`, what it pays off included.
    Refuses a loan that is not in force, one of which a change waits already, and what the regulations do not allow: too
    many changes, too little paid, a plan or a loan outside of what the product lends.
    """
    fund, loan = find.loan_to_change(session, caller, loan_id)
    loan.require_active()
    _refuse_second(session, loan)
    original = session.get_one(Application, loan.application_id)
    wanted = Wanted(0) if kind == "write_off" else Wanted(_needed(instalments), grace)
    edition, asked = _measured(session, fund, loan, original, kind, wanted, amount)
    application = Application(
        number=fund.numbered(session, "S"),
        fund_id=fund.id,
        edition=edition,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        chain=loan.chain,
        product=loan.product,
        purpose=original.purpose,
        project=reason,
        amount=asked,
        instalments=wanted.instalments,
        grace=wanted.grace,
        state="submitted",
        submitted_on=clock.today(),
        submitted_by=caller.subject,
        submitted_by_name=caller.name,
        kind=kind,
        loan_id=loan.id,
    )
    session.add(application)
    session.flush()
    facts = {"change": kind, "loan": loan.number}
    history.record(session, caller, subject=application.id, kind="application", action="submit", after=facts)
    log.append(session, _event(fund, application), application.id)
    return application


def _needed(instalments: int | None) -> int:
    if instalments is None:
        raise Invalid("change.instalments_needed", pointer="/instalments")
    return instalments


def _measured(
    session: Session,
    fund: TrustFund,
    loan: Loan,
    original: Application,
    kind: str,
    wanted: Wanted,
    amount: Money | None,
) -> tuple[CreditRegulations, int]:
    """The edition that rules what is asked, and the amount that it is about, in cents: a loan is changed under the
    edition it was lent under, another one is lent under that of today.
    """
    edition = session.get_one(CreditRegulations, loan.regulations_id)
    if kind != "write_off":
        require_restructurable(session, fund, loan, edition)
    if kind == "refinance":
        if amount is None:
            raise Invalid("change.amount_needed", pointer="/amount")
        asked = fund.cents(amount)
        request = Request(loan.product, asked, wanted.instalments, wanted.grace, original.purpose)
        edition = measured(session, fund, request)
        require_pays_off(loan, asked, edition.product(loan.product).fee.kept_back(asked))
        return edition, asked
    if kind == "reschedule":
        wanted.check(edition.product(loan.product), clock.today())
    return edition, loan.moving(clock.today()).principal


@dataclass(frozen=True, kw_only=True)
class Visited:
    """What was found on site and is recommended; of a loan that is to be planned anew, its plan."""

    visited_on: date
    recommendation: str
    remarks: str
    monthly_income: Money
    monthly_expense: Money
    monthly_debts: Money
    instalments: int | None = None
    grace: int = 0
    first_due: date | None = None
    conditions: str = ""


def appraise_change(session: Session, caller: Caller, *, application_id: UUID, **found: Any) -> Application:
    """The application with what was found and is recommended (`Visited`), which becomes the motion: the new plan of a
    loan, or that it is written off. Refuses what is appraised as a new credit is, a plan that the product does not
    lend, a loan that is not in force any more and a visit in the future.
    """
    application = find.application(session, caller, application_id, lock=True)
    application.require_lending(lends=False)
    if application.expired(clock.today()):
        lapse(session, caller, application)
    application.require_open_to_appraisal()
    appraisal = _appraisal(session, caller, application, Visited(**found))
    application.appraise(appraisal)
    facts = {
        "change": application.kind,
        "recommendation": appraisal.recommendation,
        "instalments": appraisal.instalments,
    }
    history.record(session, caller, subject=application.id, kind="application", action="appraise", after=facts)
    return application


def _appraisal(session: Session, caller: Caller, application: Application, found: Visited) -> Appraisal:
    if found.visited_on > clock.today():
        raise Invalid("appraisal.visit_in_future", pointer="/visited_on")
    fund = find.fund(session, caller, application.fund_id)
    loan = loan_of(session, caller, application)
    wanted = Wanted(0)
    if application.kind == "reschedule":
        wanted = Wanted(_needed(found.instalments), found.grace, found.first_due)
    return Appraisal(
        edition=application.edition,
        appraised_by=caller.subject,
        appraised_by_name=caller.name,
        appraised_on=clock.today(),
        visited_on=found.visited_on,
        monthly_income=fund.cents(found.monthly_income, "/monthly_income"),
        monthly_expense=fund.cents(found.monthly_expense, "/monthly_expense"),
        monthly_debts=fund.cents(found.monthly_debts, "/monthly_debts"),
        guarantees="",
        remarks=found.remarks,
        assistance_needs=[],
        recommendation=found.recommendation,
        amount=loan.moving(clock.today()).principal,
        instalments=wanted.instalments,
        grace=wanted.grace,
        conditions=found.conditions,
        first_due=wanted.first_due,
        change=change_of(application, loan, wanted),
    )


def loan_of(session: Session, caller: Caller, application: Application, *, lock: bool = False) -> Loan:
    """The loan that an application would change; refuses one that is not in force any more."""
    assert application.loan_id is not None
    loan = find.loan(session, caller, application.loan_id, lock=lock)
    loan.require_active()
    return loan


def new_plan(application: Application, loan: Loan, wanted: Wanted, day: date) -> tuple[Terms, list[Row], bool]:
    """The terms and the rows of the plan that would begin on `day`, and whether the interest earned becomes principal;
    refuses a plan that the product does not lend.
    """
    product: Product = application.edition.product(loan.product)
    wanted.check(product, day)
    owed = loan.moving(day)
    capitalise = application.edition.read().restructuring.capitalise_interest
    principal = owed.principal + (max(0, owed.interest) if capitalise else 0)
    terms = wanted.terms(product, principal, day, holidays_on(day, loan.municipality))
    return terms, schedule(terms), capitalise


def change_of(application: Application, loan: Loan, wanted: Wanted | None = None) -> dict[str, Any]:
    """From what to what the loan would change today, as the committee reads it; amounts in cents, days written out."""
    today = clock.today()
    owed = loan.moving(today)
    unpaid = [item for item in loan.instalments if item.outstanding]
    told: dict[str, Any] = {
        "kind": application.kind,
        "loan": loan.number,
        "principal": owed.principal,
        "interest": max(0, owed.interest),
        "charges": owed.charges + owed.fee,
        "paid_off": owed.total,
        "days_late": max(0, (today - unpaid[0].due).days) if unpaid else 0,
        "was": _plan([(item.due, item.principal + item.interest) for item in unpaid]),
        "becomes": None,
        "capitalises": False,
    }
    if application.kind == "reschedule" and wanted is not None:
        _terms, rows, capitalise = new_plan(application, loan, wanted, today)
        told["capitalises"] = capitalise
        told["becomes"] = _plan([(row.due, row.payment) for row in rows]) | {"grace": wanted.grace}
    return told


def _plan(dues: list[tuple[date, int]]) -> dict[str, Any]:
    """How many instalments, from when to when, and the highest of them in cents."""
    return {
        "instalments": len(dues),
        "first_due": dues[0][0].isoformat() if dues else None,
        "last_due": dues[-1][0].isoformat() if dues else None,
        "payment": max((amount for _, amount in dues), default=0),
    }


def require_restructurable(session: Session, fund: TrustFund, loan: Loan, edition: CreditRegulations) -> None:
    """Refuses a loan that was planned anew or refinanced as often as it may be, or of which too little was paid."""
    times, paid_off = sum(change.kind == "reschedule" for change in loan.changes), loan.refinances
    while paid_off is not None:
        before = session.get_one(Loan, paid_off)
        times += 1 + sum(change.kind == "reschedule" for change in before.changes)
        paid_off = before.refinances
    with fund.in_its_currency():
        edition.read().restructuring.require(times, loan.principal, loan.outstanding_principal - loan.capitalised)


def require_pays_off(loan: Loan, amount: int, kept_back: int = 0) -> Moving:
    """What another loan of this amount would pay off today, when so much of it is `kept_back` as its fee (both in
    cents); refuses one that is too small for it.
    """
    owed = loan.moving(clock.today())
    if amount - kept_back < owed.total:
        code = "change.less_than_owed_and_fee" if kept_back else "change.less_than_owed"
        facts = {"owed": shown(owed.total), "fee": shown(kept_back), "currency": loan.currency}
        raise Invalid(code, pointer="/amount", **facts)
    return owed


def _refuse_second(session: Session, loan: Loan) -> None:
    waiting = select(Application.number).where(
        Application.loan_id == loan.id, Application.state.in_([*UNDECIDED, "approved"])
    )
    number = session.scalar(waiting.limit(1))
    if number:
        raise Refused("application.one_open_already", number=number)


def _event(fund: TrustFund, application: Application) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        amount=fund.money(application.amount),
        purpose=application.purpose,
        submitted_on=application.submitted_on,
        kind=application.told_kind,
    )
