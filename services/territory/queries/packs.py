"""A coordinator's packs of reports, and how each stands."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import ReportPack
from services.territory.queries.boundaries import job_of
from shared.identity import Caller
from shared.web import Page, keyset_page

_ID = ReportPack.id.label("id")


def list_packs(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The caller's packs, latest first."""
    mine = select(_ID).where(ReportPack.made_by == caller.subject)
    page = keyset_page(session, mine, keys=[_ID], limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {pack.id: pack for pack in session.scalars(select(ReportPack).where(ReportPack.id.in_(ids)))}
    return Page([pack_row(session, found[pack_id]) for pack_id in ids], page.next)


def pack_row(session: Session, pack: ReportPack) -> dict[str, Any]:
    """One pack, with how its making stands."""
    names = ("id", "version", "title", "units", "kinds", "form", "language", "monthly", "asked_month", "file_month",
             "made_by_name", "made_at")  # fmt: skip
    told = {name: getattr(pack, name) for name in names}
    return told | {"has_file": pack.file_id is not None, "job": job_of(session, pack.job_id) if pack.job_id else None}
