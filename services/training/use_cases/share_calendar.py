"""A calendar program reads somebody's sessions under an address of her own, until a day or until she takes it back."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import CalendarLink
from services.training.queries.groups import show_group
from services.training.reference import sessions as reference
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, clock, uuid7


def share_calendar(session: Session, caller: Caller, *, language: str, group_id: UUID | None = None) -> CalendarLink:
    """The address of the caller's sessions, of all her territory or of one group in it."""
    if group_id is not None:
        show_group(session, caller, group_id)
    link = CalendarLink(
        id=uuid7(),
        owner=caller.subject,
        group_id=group_id,
        language=language,
        expires_on=clock.today() + timedelta(days=reference.limits().calendar_days),
        made_at=clock.now(),
    )
    session.add(link)
    session.flush()
    told = {"group_id": group_id, "expires_on": link.expires_on}
    history.record(session, caller, subject=link.id, kind="calendar", action="share", after=told)
    return link


def revoke_calendar(session: Session, caller: Caller, link_id: UUID) -> CalendarLink:
    """The address, under which nothing is read any more; refuses one that is not the caller's own."""
    link = session.get(CalendarLink, link_id, with_for_update=True)
    if link is None or link.owner != caller.subject:
        raise NotFound("calendar.unknown")
    link.revoke()
    session.flush()
    history.record(session, caller, subject=link.id, kind="calendar", action="revoke")
    return link
