"""The links of enterprises, and who speaks through one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Sme, SmeLink
from services.training.models.diagnoses import LINK_VALID
from shared import links
from shared.identity import Caller, Scope
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_ID = SmeLink.id.label("id")


@dataclass(frozen=True, slots=True)
class Door:
    """An enterprise that speaks through its link: `caller` may do nothing but for it."""

    sme: Sme
    link: SmeLink
    caller: Caller


def list_links(
    session: Session, caller: Caller, asked: dict[str, Any], key: bytes, *, limit: int, after: str | None
) -> Page:
    """The links of the caller's territory, of one enterprise where that is asked, latest first."""
    mine = select(_ID).join(Sme).where(caller.scope.condition(Sme.unit))
    if asked.get("sme_id"):
        mine = mine.where(SmeLink.sme_id == asked["sme_id"])
    page = keyset_page(session, mine, keys=[_ID], limit=limit, after=after, descending=True)
    ids: list[UUID] = [row["id"] for row in page.rows]
    found = {link.id: link for link in session.scalars(select(SmeLink).where(SmeLink.id.in_(ids)))}
    return Page([link_row(found[one], key) for one in ids], page.next)


def link_row(link: SmeLink, key: bytes) -> dict[str, Any]:
    """One link with what stands in its address."""
    names = ("id", "version", "sme_id", "state", "expires_on", "revoked_on", "recorded_by_name", "recorded_at")
    told = {name: getattr(link, name) for name in names}
    return told | {"sme_name": link.sme.name, "token": links.signed(link.id, link.expires_on, key)}


def opened(session: Session, token: str, key: bytes) -> Door:
    """Who speaks through an address; refuses what was not signed here, what was revoked and what is over, alike."""
    read = links.read(token, key)
    link = session.get(SmeLink, read[0]) if read else None
    if link is None or read is None or link.state != LINK_VALID or link.expires_on != read[1]:
        raise NotFound("sme_link.not_open")
    speaks = Caller(f"sme-link:{link.id}", link.sme.name, frozenset(), Scope.of(link.sme.unit))
    return Door(link.sme, link, speaks)
