"""The links to maps that somebody's centre has made, and the one that an address leads to."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import MapLink
from services.territory.models.map_links import VALID
from shared import links, places
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_ID = MapLink.id.label("id")


def list_links(session: Session, caller: Caller, key: bytes, *, limit: int, after: str | None) -> Page:
    """The links to maps of the caller's territory, latest first, each with what stands in its address."""
    mine = select(_ID).where(caller.scope.condition(MapLink.unit))
    page = keyset_page(session, mine, keys=[_ID], limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {link.id: link for link in session.scalars(select(MapLink).where(MapLink.id.in_(ids)))}
    return Page([link_row(found[link_id], key) for link_id in ids], page.next)


def link_row(link: MapLink, key: bytes) -> dict[str, Any]:
    """One link."""
    names = ("id", "version", "unit", "map", "purpose", "language", "state", "expires_on", "revoked_on", "made_by_name",
             "made_at")  # fmt: skip
    told = {name: getattr(link, name) for name in names}
    return told | {"place": places.name_of(link.unit), "token": links.signed(link.id, link.expires_on, key)}


def opened(session: Session, token: str, key: bytes) -> MapLink:
    """The link that an address leads to; refuses what was not signed here, what was revoked and what is over, alike."""
    read = links.read(token, key)
    link = session.get(MapLink, read[0]) if read else None
    if link is None or read is None or link.state != VALID or link.expires_on != read[1]:
        raise NotFound("map_link.not_shown")
    return link
