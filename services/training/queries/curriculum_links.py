"""The personal links to versions of curricula, and what stands behind one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    AskedSubject,
    CurriculumAcceptance,
    CurriculumContribution,
    CurriculumLink,
    CurriculumVersion,
    GroupMember,
    TrainingGroup,
)
from services.training.queries.curricula import modules_of, readable_version
from services.training.rules.curricula import OPEN_TO_ACCEPT
from shared import links
from shared.identity import Caller, Scope
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_ID = CurriculumLink.id.label("id")
_LINK = ("id", "version", "version_id", "voice", "holder_name", "group_id", "entrepreneur_id", "state", "expires_on",
         "revoked_on", "recorded_by_name", "recorded_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurriculumDoor:
    """Somebody who speaks through her link: `caller` may do nothing but for the version that it leads to."""

    link: CurriculumLink
    caller: Caller


def list_links(
    session: Session, caller: Caller, version_id: UUID, key: bytes, *, limit: int, after: str | None
) -> Page:
    """The links to a version, the latest first: those to women of the caller's territory, and those to experts."""
    readable_version(session, caller, version_id)
    mine = (
        select(_ID)
        .outerjoin(TrainingGroup, TrainingGroup.id == CurriculumLink.group_id)
        .where(
            CurriculumLink.version_id == version_id,
            CurriculumLink.group_id.is_(None) | caller.scope.condition(TrainingGroup.municipality),
        )
    )
    page = keyset_page(session, mine, keys=[_ID], limit=limit, after=after, descending=True)
    wanted = select(CurriculumLink).where(CurriculumLink.id.in_([row["id"] for row in page.rows]))
    found = {link.id: link for link in session.scalars(wanted)}
    return Page([link_row(session, found[row["id"]], key) for row in page.rows], page.next)


def link_row(session: Session, link: CurriculumLink, key: bytes) -> dict[str, Any]:
    """One link with what stands in its address; of a woman, the enterprise through which she is in her group."""
    group = session.get(TrainingGroup, link.group_id) if link.group_id else None
    member = session.get(GroupMember, (link.group_id, link.entrepreneur_id)) if link.entrepreneur_id else None
    return {name: getattr(link, name) for name in _LINK} | {
        "group_number": group.number if group else None,
        "group_name": group.name if group else None,
        "enterprise_id": member.enterprise_id if member else None,
        "token": links.signed(link.id, link.expires_on, key),
    }


def opened(session: Session, token: str, key: bytes) -> CurriculumDoor:
    """Who speaks through an address; refuses what was not signed here, what was revoked and what is over, alike."""
    read = links.read(token, key)
    link = session.get(CurriculumLink, read[0]) if read else None
    if link is None or read is None or link.state != "valid" or link.expires_on != read[1]:
        raise NotFound("curriculum.link_not_open")
    scope = Scope.of(link.curriculum_version.unit)
    return CurriculumDoor(link, Caller(link.subject, link.holder_name or "", frozenset(), scope))


def behind(session: Session, door: CurriculumDoor) -> dict[str, Any]:
    """What its holder reads: the version with its modules, what she said herself and what was made of it, whether she
    accepted. What others said is not told.
    """
    link, found = door.link, door.link.curriculum_version
    head = found.curriculum
    group = session.get(TrainingGroup, link.group_id) if link.group_id else None
    accepted = _acceptance(session, link)
    return {
        **{name: getattr(head, name) for name in ("title", "topic", "type", "language")},
        **{name: getattr(found, name) for name in ("number", "state", "change", "content_hash", "minutes", "ended_on")},
        "version_id": found.id,
        "voice": link.voice,
        "holder_name": link.holder_name,
        "group_name": group.name if group else None,
        "expires_on": link.expires_on,
        "modules": modules_of(session, found, outside=True),
        "contributions": _said(session, link),
        "asked": _asked(session, link),
        "accepted_at": accepted.at if accepted else None,
        "accepted_by_her": bool(accepted and accepted.by == link.subject),
        "may_accept": accepted is None and found.state in OPEN_TO_ACCEPT,
    }


def behind_file(door: CurriculumDoor, file_id: UUID) -> UUID:
    """A stored file of a module of the version; refuses any other."""
    found: CurriculumVersion = door.link.curriculum_version
    if any(paper["id"] == str(file_id) for module in found.modules for paper in module.papers):
        return file_id
    raise NotFound("curriculum.unknown_file")


def _acceptance(session: Session, link: CurriculumLink) -> CurriculumAcceptance | None:
    wanted = select(CurriculumAcceptance).where(
        CurriculumAcceptance.version_id == link.version_id, CurriculumAcceptance.voice == link.voice
    )
    hers = CurriculumAcceptance.group_id
    return session.scalar(wanted.where(hers == link.group_id if link.group_id else hers.is_(None)))


def _said(session: Session, link: CurriculumLink) -> list[dict[str, Any]]:
    names = ("id", "module_id", "text", "state", "answer", "at")
    wanted = select(CurriculumContribution).where(
        CurriculumContribution.version_id == link.version_id, CurriculumContribution.by == link.subject
    )
    found = session.scalars(wanted.order_by(CurriculumContribution.id).limit(100))
    return [{name: getattr(one, name) for name in names} for one in found]


def _asked(session: Session, link: CurriculumLink) -> list[str]:
    wanted = select(AskedSubject.subject).where(AskedSubject.entrepreneur_id == link.entrepreneur_id)
    return list(session.scalars(wanted.order_by(AskedSubject.id).limit(50))) if link.entrepreneur_id else []
