"""An enterprise gets a link of its own, until a day or until somebody takes it back."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import SmeLink
from services.training.reference import csr
from services.training.use_cases.diagnose import locked_sme
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7


def link_sme(session: Session, caller: Caller, *, sme_id: UUID, expires_on: date) -> SmeLink:
    """The link; refuses a last day that is past or too far away."""
    sme = locked_sme(session, caller, sme_id)
    longest = clock.today() + timedelta(days=csr.follow_up().link_days)
    if not clock.today() <= expires_on <= longest:
        raise Invalid("sme_link.last_day", pointer="/expires_on", day=longest)
    link = SmeLink(
        id=uuid7(),
        sme_id=sme.id,
        expires_on=expires_on,
        recorded_by=caller.subject,
        recorded_by_name=caller.name,
        recorded_at=clock.now(),
    )
    session.add(link)
    session.flush()
    told = {"sme_id": sme.id, "expires_on": expires_on}
    history.record(session, caller, subject=link.id, kind="sme_link", action="make", after=told)
    return link


def revoke_sme_link(session: Session, caller: Caller, link_id: UUID, *, version: int | None) -> SmeLink:
    """The link, through which nothing is said any more."""
    link = session.scalar(select(SmeLink).where(SmeLink.id == link_id).with_for_update())
    if link is None:
        raise NotFound("sme_link.unknown")
    caller.require_scope(link.sme.unit)
    link.require_version(version)
    link.revoke()
    session.flush()
    history.record(session, caller, subject=link.id, kind="sme_link", action="revoke")
    return link
