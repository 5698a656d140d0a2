"""Somebody visits the enterprise, writes down what she found and recommends what to do."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Application, Appraisal
from services.credit.use_cases import find
from services.credit.use_cases.lapse_approvals import lapse
from services.credit.use_cases.measure import measured_again
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Money, clock


def appraise_application(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    visited_on: date,
    monthly_income: Money,
    monthly_expense: Money,
    monthly_debts: Money,
    recommendation: str,
    amount: Money,
    instalments: int,
    grace: int,
    guarantees: str = "",
    remarks: str = "",
    conditions: str = "",
    assistance_needs: Sequence[str] = (),
) -> Application:
    """The application with its new appraisal, which becomes the motion the committee votes on.

    Refuses an application that lies before the committee, a recommended amount or term that the regulations of today do
    not lend, and a visit in the future.
    """
    application = find.application(session, caller, application_id, lock=True)
    if application.expired(clock.today()):
        lapse(session, caller, application)
    application.require_open_to_appraisal()
    fund = find.fund(session, caller, application.fund_id)
    if visited_on > clock.today():
        raise Invalid("appraisal.visit_in_future", pointer="/visited_on")
    appraisal = Appraisal(
        edition=measured_again(session, fund, application, fund.cents(amount), instalments, grace),
        appraised_by=caller.subject,
        appraised_by_name=caller.name,
        appraised_on=clock.today(),
        visited_on=visited_on,
        monthly_income=fund.cents(monthly_income, "/monthly_income"),
        monthly_expense=fund.cents(monthly_expense, "/monthly_expense"),
        monthly_debts=fund.cents(monthly_debts, "/monthly_debts"),
        guarantees=guarantees,
        remarks=remarks,
        assistance_needs=list(assistance_needs),
        recommendation=recommendation,
        amount=amount.minor,
        instalments=instalments,
        grace=grace,
        conditions=conditions,
    )
    application.appraise(appraisal)
    facts = {"recommendation": recommendation, "amount": str(amount), "instalments": instalments}
    history.record(session, caller, subject=application.id, kind="application", action="appraise", after=facts)
    return application
