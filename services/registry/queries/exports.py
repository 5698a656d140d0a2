"""Exports as who asked for them sees them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.use_cases.keep_exports import KEPT, KIND, TOLD, export_of, kept_since
from shared.identity import Caller
from shared.jobs import job_table
from shared.web.paging import Page, keyset_page


def list_exports(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The caller's own exports, latest first."""
    job = job_table.c
    statement = select(*job).where(job.kind == KIND, job.owner == caller.subject)
    page = keyset_page(session, statement, keys=[job.id], limit=limit, after=after, descending=True)
    return Page([_shown(session, row) for row in page.rows], page.next)


def show_export(session: Session, caller: Caller, export_id: UUID) -> dict[str, Any]:
    """How an export of the caller's stands."""
    return _shown(session, export_of(session, caller, export_id))


def _shown(session: Session, job: Mapping[str, Any]) -> dict[str, Any]:
    result, payload = job["result"] or {}, job["payload"]
    since = kept_since(session, result)
    told = {name: _written(value) for name, value in payload["told"].items() if name in TOLD}
    return {
        "id": job["id"],
        "state": "forgotten" if job["state"] == "done" and since is None else job["state"],
        "format": payload["format"],
        "filter": payload.get("query", urlencode(sorted(told.items()))),
        "done": job["done"],
        "total": job["total"],
        "records": result.get("records"),
        "bytes": result.get("bytes"),
        "file_name": result.get("name"),
        "created_at": job["created_at"],
        "finished_at": job["finished_at"],
        "kept_until": None if since is None else since + KEPT,
        "refusal": job["error"],
    }


def _written(value: Any) -> str:
    """The value of a filter as it stands in a query."""
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
