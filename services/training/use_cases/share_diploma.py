"""A personal link through which a woman fetches her diploma, until its last day or until it is taken back."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Diploma, DiplomaLink
from services.training.reference.diplomas import policy
from services.training.use_cases.revoke_diploma import locked_diploma
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7


def share_diploma(session: Session, caller: Caller, diploma_id: UUID, *, expires_on: date | None = None) -> DiplomaLink:
    """The link; refused of a diploma that was revoked or whose holder withdrew, and for a last day that is past or too
    far away. Without a last day, for as long as the rule allows.
    """
    diploma = locked_diploma(session, caller, diploma_id, None)
    if diploma.name is None:
        raise NotFound("diploma.erased", number=diploma.number)
    if diploma.revoked_on is not None:
        raise Refused("diploma.revoked_already", number=diploma.number, day=diploma.revoked_on)
    longest = clock.today() + timedelta(days=policy().link_days)
    last = expires_on or longest
    if not clock.today() <= last <= longest:
        raise Invalid("diploma.link_last_day", pointer="/expires_on", day=longest)
    link = DiplomaLink(
        id=uuid7(),
        diploma_id=diploma.id,
        expires_on=last,
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
    )
    session.add(link)
    session.flush()
    told = {"link": str(link.id), "expires_on": last.isoformat()}
    history.record(session, caller, subject=diploma.id, kind="diploma", action="share", after=told)
    return link


def revoke_diploma_link(session: Session, caller: Caller, link_id: UUID, *, version: int | None) -> DiplomaLink:
    """The link, which leads nowhere any more; refused a second time."""
    wanted = select(DiplomaLink).where(DiplomaLink.id == link_id)
    link = session.scalar(wanted)
    if link is None:
        raise NotFound("diploma.link_unknown")
    diploma: Diploma = locked_diploma(session, caller, link.diploma_id, None)
    session.refresh(link, with_for_update=True)
    link.require_version(version)
    link.revoke()
    session.flush()
    told = {"link": str(link.id)}
    history.record(session, caller, subject=diploma.id, kind="diploma", action="unshare", after=told)
    return link
