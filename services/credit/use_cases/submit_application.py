"""An enterprise of the territory applies for a credit."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, TrustFund, regulations_in_force
from services.credit.models.applications import UNDECIDED
from services.credit.rules.regulations import Parameters
from services.credit.use_cases import find
from shared import history
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
    enterprise = find.enterprise(session, caller, enterprise_id)
    fund.require_covers(enterprise.municipality)
    version = regulations_in_force(session, fund.id, clock.today())
    rules = version.read()
    check_request(fund, rules, product, amount, instalments, grace, purpose)
    failed = enterprise.failed_rules(session, rules.eligibility)
    if failed:
        raise Refused(f"eligibility.{failed[0]}", rules=", ".join(failed))
    _refuse_second(session, enterprise_id)
    application = Application(
        number=fund.numbered(session, "S"),
        fund_id=fund.id,
        regulations_id=version.id,
        enterprise_id=enterprise_id,
        municipality=enterprise.municipality,
        chain=enterprise.chain,
        product=product,
        purpose=purpose,
        project=project,
        amount=amount.minor,
        instalments=instalments,
        grace=grace,
        state="submitted",
        submitted_on=clock.today(),
        submitted_by=caller.subject,
        submitted_by_name=caller.name,
    )
    session.add(application)
    session.flush()
    facts = {"amount": str(amount), "product": product, "instalments": instalments}
    history.record(session, caller, subject=application.id, kind="application", action="submit", after=facts)
    event = ApplicationSubmitted(
        application_id=application.id,
        enterprise_id=enterprise_id,
        municipality=enterprise.municipality,
        amount=amount,
        purpose=purpose,
        submitted_on=application.submitted_on,
    )
    log.append(session, event, application.id)
    return application


def change_application(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    if_match: int,
    amount: Money,
    instalments: int,
    grace: int,
    purpose: str,
    project: str,
) -> Application:
    """Correct an application that nobody has appraised yet; refuses an old version of it."""
    application = find.application(session, caller, application_id, lock=True)
    application.require_version(if_match)
    fund = find.fund(session, caller, application.fund_id)
    rules = regulations_in_force(session, fund.id, clock.today()).read()
    check_request(fund, rules, application.product, amount, instalments, grace, purpose)
    before = {"amount": str(fund.money(application.amount)), "instalments": application.instalments}
    application.correct(amount.minor, instalments, grace, purpose, project)
    after = {"amount": str(amount), "instalments": instalments}
    history.record(
        session, caller, subject=application.id, kind="application", action="correct", before=before, after=after
    )
    return application


def check_request(
    fund: TrustFund, rules: Parameters, product: str, amount: Money, instalments: int, grace: int, purpose: str
) -> None:
    """Refuses a request outside what the regulations lend, naming the field."""
    kind = rules.product(product)
    kind.check_amount(fund.cents(amount))
    kind.check_length(instalments, grace)
    rules.check_purpose(purpose)


def _refuse_second(session: Session, enterprise_id: UUID) -> None:
    waiting = select(Application.number).where(
        Application.enterprise_id == enterprise_id, Application.state.in_([*UNDECIDED, "approved"])
    )
    number = session.scalar(waiting.limit(1))
    if number:
        raise Refused("application.one_open_already", number=number)
