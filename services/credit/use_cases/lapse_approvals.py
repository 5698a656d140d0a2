"""An approval that waited longer than the regulations let it is over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, TrustFund
from shared import history
from shared.bus import log
from shared.events.credit import ApprovalLapsed
from shared.identity import Caller
from shared.kernel import clock


def lapse_expired(session: Session, caller: Caller, fund: TrustFund) -> list[Application]:
    """Write down which approvals of the fund are over; the fund must be locked. Whoever counts on their money does so
    first: were the clock set back, they would still be over.
    """
    expired = select(Application).where(
        Application.fund_id == fund.id,
        Application.state == "approved",
        Application.approved_until < clock.today(),
    )
    found = list(session.scalars(expired.order_by(Application.id).with_for_update()))
    for application in found:
        lapse(session, caller, application)
    session.flush()
    return found


def lapse(session: Session, caller: Caller, application: Application) -> None:
    """The approval of one application, which is locked, is over; the other services are told."""
    facts = {"approved_until": application.approved_until}
    application.lapse()
    history.record(session, caller, subject=application.id, kind="application", action="lapse", after=facts)
    event = ApprovalLapsed(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        lapsed_on=clock.today(),
    )
    log.append(session, event, application.id)
