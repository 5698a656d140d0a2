"""Somebody visits the enterprise, writes down what she found and recommends what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Application, Appraisal, CopyMerged, Loan, TrustFund
from services.credit.queries.appraisals import terms_of
from services.credit.rules import appraisal as rules
from services.credit.rules.appraisal import Figures
from services.credit.rules.scorecard import score
from services.credit.tables import holidays_on
from services.credit.use_cases import find
from services.credit.use_cases.ask_change import change_of, loan_of, require_pays_off
from services.credit.use_cases.lapse_approvals import lapse
from services.credit.use_cases.measure import measured_again
from shared import history, merged
from shared.identity import Caller
from shared.kernel import Invalid, Money, clock


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found on site and what is recommended. The three sums of a month are given, or follow from `figures`,
    or both and the same; `answers` are those to the scorecard, by criterion.
    """

    visited_on: date
    recommendation: str
    amount: Money
    instalments: int
    grace: int
    monthly_income: Money | None = None
    monthly_expense: Money | None = None
    monthly_debts: Money | None = None
    figures: Figures | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    score_reason: str = ""
    guarantees: str = ""
    remarks: str = ""
    conditions: str = ""
    due_dates: Sequence[date] = ()
    assistance_needs: Sequence[str] = ()


def appraise_application(session: Session, caller: Caller, *, application_id: UUID, **found: Any) -> Application:
    """The application with its new appraisal (what was `Found`), which becomes the motion the committee votes on.

    Refuses an application that lies before the committee, a recommended amount or term that the regulations of today do
    not lend, a visit in the future, sums that the figures contradict, a question of the scorecard without an answer,
    an approval recommended under the least score without a reason, and days of payment that the product does not give.
    """
    application = find.application(session, caller, application_id, lock=True)
    application.require_lending()
    if application.expired(clock.today()):
        lapse(session, caller, application)
    appraisal = _appraisal(session, caller, application, Found(**found))
    _require_reason(appraisal)
    if application.loan_id is not None:
        loan = loan_of(session, caller, application)
        fee = appraisal.edition.product(application.product).fee
        require_pays_off(loan, appraisal.amount, fee.kept_back(appraisal.amount))
        appraisal.change = change_of(application, loan)
    application.appraise(appraisal)
    facts = {
        "recommendation": appraisal.recommendation,
        "amount": str(found["amount"]),
        "instalments": appraisal.instalments,
    }
    history.record(session, caller, subject=application.id, kind="application", action="appraise", after=facts)
    return application


def draft_appraisal(session: Session, caller: Caller, *, application_id: UUID, **found: Any) -> Appraisal:
    """The appraisal that this would be, to look at before it is put into the file; refuses the same but for the reason
    of a low score, and keeps nothing.
    """
    return _appraisal(session, caller, find.application(session, caller, application_id), Found(**found))


def largest_fitting(fund: TrustFund, application: Application, appraisal: Appraisal) -> int | None:
    """The largest amount, in cents, of which an instalment takes no more of the surplus than the regulations let it;
    None where even the least that the product lends takes more.
    """
    edition = appraisal.edition
    return rules.largest_amount(
        appraisal.sums,
        edition.product(application.product),
        appraisal.instalments,
        appraisal.grace,
        edition.read().capacity.share,
        appraisal.appraised_on,
        holidays_on(appraisal.appraised_on, fund.units[0]),
        appraisal.agreed_dates,
    )


def _appraisal(session: Session, caller: Caller, application: Application, found: Found) -> Appraisal:
    """Measured against the regulations of today and scored."""
    if application.standing(clock.today()) != "lapsed":
        application.require_open_to_appraisal()
    fund = find.fund(session, caller, application.fund_id)
    if found.visited_on > clock.today():
        raise Invalid("appraisal.visit_in_future", pointer="/visited_on")
    amount = fund.cents(found.amount)
    appraisal = Appraisal(
        edition=measured_again(session, fund, application, amount, found.instalments, found.grace),
        appraised_by=caller.subject,
        appraised_by_name=caller.name,
        appraised_on=clock.today(),
        visited_on=found.visited_on,
        guarantees=found.guarantees,
        remarks=found.remarks,
        assistance_needs=list(found.assistance_needs),
        recommendation=found.recommendation,
        amount=amount,
        instalments=found.instalments,
        grace=found.grace,
        conditions=found.conditions,
        due_dates=[day.isoformat() for day in found.due_dates] or None,
        figures=found.figures.written() if found.figures else None,
        score_reason=found.score_reason,
        **_sums(fund, found),
    )
    appraisal.score = _score(session, fund, application, appraisal, found.answers)
    return appraisal


def _sums(fund: TrustFund, found: Found) -> dict[str, int]:
    """The three sums in cents, agreed between what was said and what the figures make."""
    given: dict[str, int | None] = {}
    for name in ("income", "expense", "debts"):
        money = getattr(found, f"monthly_{name}")
        given[name] = None if money is None else fund.cents(money, f"/monthly_{name}")
    with fund.in_its_currency():
        sums = rules.agreed_sums(found.figures, given)
    return {f"monthly_{name}": cents for name, cents in asdict(sums).items()}


def _score(
    session: Session, fund: TrustFund, application: Application, appraisal: Appraisal, answers: Mapping[str, str]
) -> dict[str, Any] | None:
    """How the scorecard of the edition rates it, as the file keeps it; None where the edition has none."""
    edition = appraisal.edition
    terms = terms_of(fund, application.product, appraisal)
    assessed = rules.assess(appraisal.sums, appraisal.detail, terms)
    settled = {"loans_settled": _loans_settled(session, application)}
    rated = score(edition.read().scorecard, assessed.computed | settled, answers)
    return asdict(rated) if rated else None


def _loans_settled(session: Session, application: Application) -> int:
    """How many loans the enterprise, under every record of it, has paid back."""
    family = merged.family(session, CopyMerged, application.enterprise_id)
    query = select(func.count()).select_from(Loan).where(Loan.enterprise_id.in_(family), Loan.state == "settled")
    return session.scalar(query) or 0


def _require_reason(appraisal: Appraisal) -> None:
    """Whoever recommends to approve what the scorecard rates too low says why."""
    rated = appraisal.score
    low = rated is not None and rated["points"] < rated["minimum"]
    if rated and low and appraisal.recommendation == "approve" and not appraisal.score_reason.strip():
        raise Invalid(
            "appraisal.reason_needed", pointer="/score_reason", points=rated["points"], minimum=rated["minimum"]
        )
