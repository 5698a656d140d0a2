"""The register of diplomas, the batches they were issued in, and whether what somebody holds is ours."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from services.training.documents.diploma import title_of
from services.training.models import (
    CopyMerged,
    Diploma,
    DiplomaBatch,
    DiplomaKey,
    DiplomaLeftOut,
    DiplomaLink,
    DiplomaNumber,
    GroupMember,
    Participant,
    Sme,
)
from services.training.models.diplomas import REVOKED, VALID
from services.training.queries.scope import check_units, within
from services.training.rules.diplomas import status
from services.training.rules.diplomas.award import hours
from services.training.rules.diplomas.payload import Said
from shared import links
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import NotFound
from shared.merged import standing_for
from shared.tokens import Keyring
from shared.web import Page, keyset_page

SHORTEST = 16
"""As many digits of the hash as are printed to be typed."""
_NAMES = (
    *("id", "version", "number", "batch_id", "kind", "subject_kind", "subject_id", "municipality", "holder_id", "name"),
    *("title", "ended_on", "language", "issued_on", "issued_by_name", "hash", "replaces_id", "revoked_on"),
    *("revoked_reason", "tenths", "attended"),
)
_REGISTER = tuple(getattr(Diploma, name).label(name) for name in _NAMES)
_ID = Diploma.id.label("id")


def list_diplomas(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The diplomas of the caller's territory that meet all filters, latest first."""
    statement = select(*_REGISTER).where(caller.scope.condition(Diploma.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Diploma.municipality, [unit]))
    for name in ("kind", "subject_id", "number", "batch_id"):
        if value := filters.get(name):
            statement = statement.where(getattr(Diploma, name) == value)
    if holder := filters.get("holder_id"):
        statement = statement.where(CopyMerged.same_as(Diploma.holder_id, holder))
    if state := filters.get("state"):
        statement = statement.where(Diploma.revoked_on.is_(None) if state == VALID else Diploma.revoked_on.is_not(None))
    page = keyset_page(session, statement, keys=[_ID], limit=limit, after=after, descending=True)
    return Page([_row(row) for row in page.rows], page.next)


def show_diploma(session: Session, caller: Caller, diploma_id: UUID, key: bytes) -> dict[str, Any]:
    """One diploma, by whom it is replaced, and its links, the latest first."""
    found = session.execute(select(*_REGISTER).where(Diploma.id == diploma_id)).mappings().one_or_none()
    if found is None:
        raise NotFound("diploma.unknown")
    caller.require_scope(found["municipality"])
    wanted = select(DiplomaLink).where(DiplomaLink.diploma_id == diploma_id).order_by(DiplomaLink.id.desc())
    return _row(dict(found)) | {
        "replaced_by": session.scalar(select(Diploma.id).where(Diploma.replaces_id == diploma_id)),
        "links": [link_row(link, key) for link in session.scalars(wanted)],
    }


def readable(session: Session, caller: Caller, diploma_id: UUID) -> Diploma:
    """A diploma of the caller's territory that may be handed out; refused where its holder withdrew."""
    diploma = session.get(Diploma, diploma_id)
    if diploma is None:
        raise NotFound("diploma.unknown")
    caller.require_scope(diploma.municipality)
    if diploma.payload is None:
        raise NotFound("diploma.erased", number=diploma.number)
    return diploma


def holders_of(session: Session, subject_id: UUID, kind: str) -> set[UUID]:
    """Who has such a diploma of a group or a workshop that is in force."""
    holder = standing_for(CopyMerged, Diploma.holder_id)
    here = (Diploma.subject_id == subject_id, Diploma.kind == kind, Diploma.revoked_on.is_(None))
    return set(session.scalars(select(holder).where(*here, Diploma.holder_id.is_not(None))))


def members_of(session: Session, group_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The women of some groups, by the ids they have there, with their enterprises: whose names have to be asked."""
    columns = (GroupMember.entrepreneur_id, GroupMember.enterprise_id)
    found = session.execute(select(*columns).where(GroupMember.group_id.in_(group_ids)).order_by(*columns))
    return [dict(row) for row in found.mappings()]


def holder_of(session: Session, diploma: Diploma) -> list[dict[str, Any]]:
    """The holder, likewise; nobody where she withdrew or was not taught in a group."""
    if diploma.holder_id is None:
        return []
    columns = (GroupMember.entrepreneur_id, GroupMember.enterprise_id)
    hers = CopyMerged.same_as(GroupMember.entrepreneur_id, diploma.holder_id)
    found = session.execute(select(*columns).where(GroupMember.group_id == diploma.subject_id, hers).limit(1))
    return [dict(row) for row in found.mappings()]


def link_row(link: DiplomaLink, key: bytes) -> dict[str, Any]:
    """One link, with what stands in its address."""
    names = ("id", "version", "diploma_id", "state", "expires_on", "revoked_on", "made_by_name", "made_at")
    return {name: getattr(link, name) for name in names} | {"token": links.signed(link.id, link.expires_on, key)}


def opened(session: Session, token: str, key: bytes) -> Diploma:
    """The diploma an address leads to; refuses what was not signed here, what was revoked and what is over, alike."""
    read = links.read(token, key)
    link = session.get(DiplomaLink, read[0]) if read else None
    if link is None or read is None or link.state != VALID or link.expires_on != read[1]:
        raise NotFound("diploma.link_not_open")
    diploma = session.get_one(Diploma, link.diploma_id)
    if diploma.payload is None or diploma.state == REVOKED:
        raise NotFound("diploma.link_not_open")
    return diploma


def show_batch(session: Session, batch: DiplomaBatch) -> dict[str, Any]:
    """A batch: who was left out and why, and how its printing stands."""
    left = session.execute(
        select(
            DiplomaLeftOut.subject_id,
            DiplomaLeftOut.holder_id.label("entrepreneur_id"),
            GroupMember.enterprise_id,
            GroupMember.municipality,
            DiplomaLeftOut.reason,
            DiplomaLeftOut.facts,
        )
        .join(
            GroupMember,
            (GroupMember.group_id == DiplomaLeftOut.subject_id)
            & (standing_for(CopyMerged, GroupMember.entrepreneur_id) == DiplomaLeftOut.holder_id),
        )
        .where(DiplomaLeftOut.batch_id == batch.id)
        .order_by(DiplomaLeftOut.subject_id, DiplomaLeftOut.holder_id)
    )
    told = (job_table.c.state, job_table.c.done, job_table.c.total)
    job = session.execute(select(*told).where(job_table.c.id == batch.job_id)).mappings().one_or_none()
    names = ("id", "kind", "language", "issued", "made_by_name", "made_at")
    return {name: getattr(batch, name) for name in names} | {
        "subjects": [UUID(one) for one in batch.subjects],
        "has_file": batch.file_id is not None,
        "job": {str(name): value for name, value in job.items()} if job else None,
        "left_out": [dict(row) for row in left.mappings()],
        "participants_left_out": _participants_left_out(session, batch),
    }


def _participants_left_out(session: Session, batch: DiplomaBatch) -> list[dict[str, Any]]:
    """Likewise, the participants of a workshop."""
    left = session.execute(
        select(
            DiplomaLeftOut.subject_id,
            DiplomaLeftOut.holder_id.label("participant_id"),
            Participant.name,
            Sme.name.label("sme_name"),
            DiplomaLeftOut.reason,
            DiplomaLeftOut.facts,
        )
        .join(Participant, Participant.id == DiplomaLeftOut.holder_id)
        .join(Sme, Sme.id == Participant.sme_id)
        .where(DiplomaLeftOut.batch_id == batch.id)
        .order_by(Participant.name_key, Participant.id)
    )
    return [dict(row) for row in left.mappings()]


def keys_of(session: Session, keyring: Keyring) -> dict[str, bytes]:
    """Every public key that ever signed a diploma, and today's, by its id."""
    known = {key.id: bytes.fromhex(key.public) for key in session.scalars(select(DiplomaKey).order_by(DiplomaKey.id))}
    return known | dict([keyring.sealing_key()])


def verification(session: Session, code: str) -> dict[str, Any] | None:
    """What anybody may know of the diploma whose hash begins with `code`; None of what is not ours."""
    if len(code) < SHORTEST:
        return None
    found = session.scalar(select(Diploma).where(Diploma.hash.startswith(code, autoescape=True)).limit(1))
    return _standing(session, found) if found else None


def standing_of(session: Session, said: Said) -> dict[str, Any] | None:
    """How the diploma stands that somebody holds the signed words of; None where the register does not have it."""
    found = session.scalar(select(Diploma).where(Diploma.number == said.number))
    return _standing(session, found) if found else None


def revoked_places(session: Session, part: int) -> list[int]:
    """The places in a status list of the diplomas that were taken back; there is no list before its first diploma."""
    last = session.scalar(select(DiplomaNumber.last)) or 0
    if part > last // status.SIZE:
        raise NotFound("diploma.no_status_list")
    numbers = session.scalars(select(Diploma.number).where(Diploma.revoked_on.is_not(None)))
    return sorted(place for found, place in map(status.place_of, numbers) if found == part)


def _standing(session: Session, diploma: Diploma) -> dict[str, Any]:
    new = aliased(Diploma)
    by = session.execute(select(new.number, new.hash).where(new.replaces_id == diploma.id)).mappings().one_or_none()
    standing = "in_force" if diploma.revoked_on is None else "replaced" if by else "revoked"
    return {
        "kind": f"diploma_{diploma.kind}",
        "title": f"{title_of(diploma.kind, diploma.language)}: {diploma.title}",
        "number": diploma.number,
        "issued_on": diploma.issued_on,
        "issuer": "Red CSEM",
        "standing": standing,
        "standing_since": diploma.revoked_on or diploma.issued_on,
        "standing_by": dict(by) if by else None,
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in _NAMES if name not in {"tenths", "attended"}}
    return told | {
        "hours": hours(row["tenths"]),
        "attended": hours(row["attended"]),
        "state": VALID if row["revoked_on"] is None else REVOKED,
    }
