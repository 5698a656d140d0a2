"""A map is shown to others through a signed link, until its last day or until somebody takes it back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import MapLink
from services.territory.queries import criteria
from shared import history, places
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Stale, clock, uuid7


def share_map(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    which: Mapping[str, Any],
    purpose: str,
    language: str,
    expires_on: date,
) -> MapLink:
    """The link; refuses a unit that is unknown or not the caller's, and a last day that is past or too far away: who
    shows it for longer shares it anew.
    """
    if unit not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=unit)
    caller.require_scope(unit)
    longest = clock.today() + timedelta(days=criteria.holding(session, "maps", unit).values["link_days"])
    if not clock.today() <= expires_on <= longest:
        raise Invalid("map_link.last_day", pointer="/expires_on", day=longest)
    link = MapLink(
        id=uuid7(),
        unit=unit,
        map=dict(which),
        purpose=purpose,
        language=language,
        expires_on=expires_on,
        revoked_on=None,
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
    )
    session.add(link)
    session.flush()
    told = {"unit": unit, "map": link.map, "purpose": purpose, "expires_on": expires_on.isoformat()}
    history.record(session, caller, subject=link.id, kind="map_link", action="share", after=told)
    return link


def revoke_link(session: Session, caller: Caller, link_id: UUID, *, version: int | None) -> MapLink:
    """The link, through which nothing is seen any more; refuses one of another unit than the caller's, an old version
    of it, and one that was revoked.
    """
    wanted = select(MapLink).where(MapLink.id == link_id).with_for_update()
    link = session.scalar(wanted.execution_options(populate_existing=True))
    if link is None:
        raise NotFound("map_link.unknown")
    caller.require_scope(link.unit)
    if version is not None and version != link.version:
        raise Stale("changed_meanwhile", current=link.version)
    link.revoke()
    session.flush()
    history.record(session, caller, subject=link.id, kind="map_link", action="revoke")
    return link
