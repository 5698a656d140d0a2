"""Imports and their reports."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from services.registry.models import ImportProblem, ImportRun
from services.registry.models.intake import OVER, ImportChange
from shared.database import labelled
from shared.identity import Caller, Scope
from shared.jobs import job_table
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

Speak = Callable[[str, Mapping[str, Any]], str]
"""The sentence of a code with its facts, in the reader's language."""

_LIST = (
    *labelled(ImportRun, "id", "dry_run", "state", "file_name", "file_sha256", "started_by_name", "created_at"),
    *labelled(ImportRun, "finished_at", "records", "done", "created", "updated", "unchanged", "undone_at"),
)


def list_imports(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The caller's own imports, latest first; a coordinator's list holds those of her territory too."""
    statement = select(*_LIST, ImportRun.job_id.label("job_id"), ImportRun.scope.label("scope"))
    statement = statement.where(_visible(session, caller))
    page = keyset_page(session, statement, keys=[_LIST[0]], limit=limit, after=after, descending=True)
    rows = [dict(row) for row in page.rows]
    counted = session.execute(
        select(ImportProblem.import_id, func.count())
        .where(ImportProblem.import_id.in_([row["id"] for row in rows]))
        .group_by(ImportProblem.import_id)
    )
    counts = {import_id: count for import_id, count in counted}  # noqa: C416 - rows are no pairs to a type checker
    for row in rows:
        row["state"] = _state(session, row["state"], row["job_id"])
        row["problem_count"] = counts.get(row["id"], 0)
    return Page(rows, page.next)


def show_import(session: Session, caller: Caller, import_id: UUID, speak: Speak) -> dict[str, Any]:
    """How an import stands, with its report once there is one. Refuses, as if there were none, whose it is not."""
    run = visible_import(session, caller, import_id)
    state = _state(session, run.state, run.job_id)
    refusal = run.refusal or ("job.gave_up" if state == "failed" else None)
    return {
        "id": run.id,
        "state": state,
        "dry_run": run.dry_run,
        "file_name": run.file_name,
        "file_sha256": run.file_sha256,
        "file_kept": run.file_id is not None,
        "columns_told": run.mapping is not None,
        "started_by_name": run.started_by_name,
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "done": run.done,
        "records": run.records,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "job_id": run.job_id,
        "refusal": None if refusal is None else {"code": refusal, "detail": speak(refusal, run.refusal_facts)},
        "report": report_of(session, run, speak) if run.state == "done" else None,
    }


def report_of(session: Session, run: ImportRun, speak: Speak) -> dict[str, Any]:
    """The report of an import that is over."""
    return {
        "records": run.records,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "lowered": run.lowered,
        "problems": problems_of(session, run.id, speak),
    }


def changes_of(session: Session, import_id: UUID) -> tuple[int, int]:
    """How many records an import created, and how many it changed."""
    counted = session.execute(
        select(ImportChange.kind, func.count()).where(ImportChange.import_id == import_id).group_by(ImportChange.kind)
    )
    by_kind = {kind: count for kind, count in counted}  # noqa: C416 - rows are no pairs to a type checker
    return by_kind.get("created", 0) + by_kind.get("added", 0), by_kind.get("updated", 0)


def problems_of(session: Session, import_id: UUID, speak: Speak) -> list[dict[str, Any]]:
    """What was wrong, in the order of the file."""
    rows = session.scalars(
        select(ImportProblem).where(ImportProblem.import_id == import_id).order_by(ImportProblem.number)
    )
    return [
        {
            "sheet": row.sheet,
            "row": row.row,
            "column": row.column,
            "code": row.code,
            "message": speak(row.code, row.facts),
            "suggestion": speak(f"{row.code}.suggestion", row.facts),
        }
        for row in rows
    ]


def visible_import(session: Session, caller: Caller, import_id: UUID) -> ImportRun:
    """The run, where the caller started it or coordinates all of its territory."""
    run = session.get(ImportRun, import_id)
    own = run is not None and run.started_by == caller.subject
    if run is None or not (own or (_sees_all(caller) and _covers_all(caller, run.scope))):
        raise NotFound("import.unknown")
    return run


def _sees_all(caller: Caller) -> bool:
    return caller.has("coordinator", "network_coordinator", "auditor")


def _visible(session: Session, caller: Caller) -> ColumnElement[bool]:
    """The same as `visible_import`, as a condition: the territories that imports were made in are few."""
    territories = session.scalars(select(ImportRun.scope).distinct()).all() if _sees_all(caller) else []
    return or_(
        ImportRun.started_by == caller.subject,
        *(ImportRun.scope == scope for scope in territories if _covers_all(caller, scope)),
    )


def _covers_all(caller: Caller, scope: list[str]) -> bool:
    return "*" in caller.scope.units or all(_covers(caller.scope, unit) for unit in scope)


def _covers(scope: Scope, unit: str) -> bool:
    return unit != "*" and scope.covers(unit)


def _state(session: Session, state: str, job_id: UUID | None) -> str:
    """An import whose job was cancelled or given up is over, though that is not written down yet."""
    if state in OVER or job_id is None:
        return state
    job = session.scalar(select(job_table.c.state).where(job_table.c.id == job_id))
    return job if job in {"cancelled", "failed"} else state
