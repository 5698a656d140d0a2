"""Papers and pictures beside diagnoses and reports, as they are read."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Evidence, Sme
from shared import files
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_TOLD = ("id", "sme_id", "diagnosis_id", "indicator", "plan_id", "month", "name", "media_type", "size")
_BESIDE = ("id", "name", "media_type", "size", "recorded_by_name", "recorded_at")
_ID = Evidence.id.label("id")


def find_evidence(session: Session, caller: Caller, evidence_id: UUID, *, sme_id: UUID | None = None) -> Evidence:
    """A file; refuses one of another territory and, where `sme_id` says whose it must be, of another enterprise."""
    row = session.execute(
        select(Evidence, Sme.unit).join(Sme, Sme.id == Evidence.sme_id).where(Evidence.id == evidence_id)
    ).one_or_none()
    if row is None or sme_id not in (None, row[0].sme_id):
        raise NotFound("evidence.unknown")
    caller.require_scope(row[1])
    found: Evidence = row[0]
    return found


def evidence_file(
    session: Session, caller: Caller, evidence_id: UUID, *, sme_id: UUID | None = None
) -> tuple[str, str, bytes]:
    """Name, kind and bytes of a file."""
    found = find_evidence(session, caller, evidence_id, sme_id=sme_id)
    return found.name, found.media_type, files.read(session, found.file_id)


def list_evidence(session: Session, caller: Caller, asked: dict[str, Any], *, limit: int, after: str | None) -> Page:
    """The files of the caller's territory, of one enterprise where `sme_id` asks for it, latest first."""
    wanted = select(_ID).join(Sme, Sme.id == Evidence.sme_id).where(caller.scope.condition(Sme.unit))
    if asked.get("sme_id"):
        wanted = wanted.where(Evidence.sme_id == asked["sme_id"])
    page = keyset_page(session, wanted, keys=[_ID], limit=limit, after=after, descending=True)
    ids: list[UUID] = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(Evidence).where(Evidence.id.in_(ids)))}
    names = (*_TOLD, "recorded_by_name", "recorded_at")
    return Page([{name: getattr(found[one], name) for name in names} for one in ids], page.next)


def beside(kept: Iterable[Evidence], **place: Any) -> list[dict[str, Any]]:
    """The files at one place (`indicator` or `month`), as they stand beside what they show."""
    return [
        {name: getattr(one, name) for name in _BESIDE}
        for one in kept
        if all(getattr(one, name) == value for name, value in place.items())
    ]
