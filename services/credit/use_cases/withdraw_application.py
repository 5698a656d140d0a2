"""An application is taken back before any money was paid out."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import Application
from services.credit.use_cases import find
from services.credit.use_cases.keep_guarantees import forget_guarantees
from shared import history
from shared.bus import log
from shared.events.credit import ApplicationWithdrawn
from shared.identity import Caller
from shared.kernel import clock


def withdraw_application(session: Session, caller: Caller, *, application_id: UUID) -> Application:
    """The applicant takes it back; what was promised to her is free again, and who would have guaranteed is forgotten.

    A member of a group stays in it until she leaves, so that the others see why they wait.
    """
    application = find.application(session, caller, application_id, lock=True)
    application.withdraw()
    forget_guarantees(session, [application])
    history.record(session, caller, subject=application.id, kind="application", action="withdraw")
    announce_withdrawal(session, application)
    return application


def announce_withdrawal(session: Session, application: Application) -> None:
    """Tell the other services, so that nobody goes on counting it as waiting or approved."""
    event = ApplicationWithdrawn(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        withdrawn_on=clock.today(),
        kind=application.told_kind,
    )
    log.append(session, event, application.id)
