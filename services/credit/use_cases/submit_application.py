"""An enterprise of the territory applies for a credit."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, CopyEnterprise, CopyMerged, CreditRegulations, TrustFund
from services.credit.models.applications import UNDECIDED
from services.credit.rules.regulations import Request
from services.credit.rules.restructuring import LENDING
from services.credit.use_cases import find
from services.credit.use_cases.make_exceptions import refuse_unmet
from services.credit.use_cases.measure import measured
from shared import history, merged
from shared.bus import log
from shared.events.credit import ApplicationSubmitted
from shared.identity import Caller
from shared.kernel import Money, Refused, clock


def submit_application(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    enterprise_id: UUID,
    product: str,
    amount: Money,
    instalments: int,
    grace: int,
    purpose: str,
    project: str,
) -> Application:
    """The application, under its number; refuses what the regulations in force do not lend, and to whom."""
    fund = find.fund(session, caller, fund_id, lock=True)
    enterprise = find.enterprise(session, caller, enterprise_id, lock=True)
    fund.require_covers(enterprise.municipality)
    request = Request(product, fund.cents(amount), instalments, grace, purpose)
    edition = measured(session, fund, request)
    _refuse_ineligible(session, fund, enterprise, edition, purpose)
    _refuse_second(session, enterprise.enterprise_id)
    application = _application(session, caller, fund, enterprise, edition, request, project)
    facts = {"amount": str(amount), "product": product, "instalments": instalments}
    history.record(session, caller, subject=application.id, kind="application", action="submit", after=facts)
    log.append(session, _event(fund, application), application.id)
    return application


def _refuse_ineligible(
    session: Session, fund: TrustFund, enterprise: CopyEnterprise, edition: CreditRegulations, purpose: str
) -> None:
    rules = edition.read().eligibility
    failed = [check for check in enterprise.checks(session, fund, rules, purpose=purpose) if not check.met]
    refuse_unmet(failed)


def _refuse_second(session: Session, enterprise_id: UUID) -> None:
    waiting = select(Application.number).where(
        Application.enterprise_id.in_(merged.family(session, CopyMerged, enterprise_id)),
        Application.kind.in_(LENDING),
        Application.state.in_([*UNDECIDED, "approved"]),
    )
    number = session.scalar(waiting.limit(1))
    if number:
        raise Refused("application.one_open_already", number=number)


def _application(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    enterprise: CopyEnterprise,
    edition: CreditRegulations,
    request: Request,
    project: str,
) -> Application:
    application = Application(
        number=fund.numbered(session, "S"),
        fund_id=fund.id,
        edition=edition,
        enterprise_id=enterprise.enterprise_id,
        municipality=enterprise.municipality,
        chain=enterprise.chain,
        product=request.product,
        purpose=request.purpose,
        project=project,
        amount=request.amount,
        instalments=request.instalments,
        grace=request.grace,
        state="submitted",
        submitted_on=clock.today(),
        submitted_by=caller.subject,
        submitted_by_name=caller.name,
    )
    session.add(application)
    session.flush()
    return application


def _event(fund: TrustFund, application: Application) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        amount=fund.money(application.amount),
        purpose=application.purpose,
        submitted_on=application.submitted_on,
    )
