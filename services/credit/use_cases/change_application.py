"""What is asked for is corrected before anybody has appraised it."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Application, TrustFund
from services.credit.rules.regulations import Request
from services.credit.use_cases import find
from services.credit.use_cases.measure import measured
from shared import history
from shared.identity import Caller
from shared.kernel import Money


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
    product: str | None = None,
) -> Application:
    """The application as corrected; without a `product` it asks for the same one.

    Refuses an old version of it, what was appraised already, what asks to change a running loan, and what the
    regulations of today do not lend.
    """
    application = find.application(session, caller, application_id, lock=True)
    application.require_version(if_match)
    application.require_new()
    fund = find.fund(session, caller, application.fund_id)
    request = Request(product or application.product, fund.cents(amount), instalments, grace, purpose)
    before = _facts(fund, application)
    application.correct(request, project, measured(session, fund, request))
    history.record(
        session,
        caller,
        subject=application.id,
        kind="application",
        action="correct",
        before=before,
        after=_facts(fund, application),
    )
    return application


def _facts(fund: TrustFund, application: Application) -> dict[str, object]:
    return {
        "amount": str(fund.money(application.amount)),
        "product": application.product,
        "instalments": application.instalments,
    }
