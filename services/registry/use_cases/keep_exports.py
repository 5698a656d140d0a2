"""Exports asked for as long work: asked, carried out, kept for a day, read by who asked alone, forgotten."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, update
from sqlalchemy.orm import Session

from services.registry.exchange.formats import FORMATS
from services.registry.queries.filters import FILTERS
from services.registry.queries.seeing import view_for
from services.registry.rules.visibility import view_of
from shared import files, history, jobs
from shared.files import StoredFile, file_table
from shared.identity import Caller
from shared.jobs import OPEN, Cancelled, Job, job_table
from shared.kernel import Forbidden, NotFound, Refused, Stale, clock

KIND = "export-inventory"
KEPT = timedelta(days=1)
MOST_OPEN = 3
_OUTDATED = "outdated"
"""How often somebody withdrew or took back a consent since an export was asked for, in its payload."""

# Of what was filtered the record keeps the coded answers; a name or a number that was searched is nobody's to keep.
TOLD = frozenset(FILTERS) - {"ids", "technician"} | {"taken_back", "sort"}


def ask_for_export(session: Session, caller: Caller, *, kind: str, query: str, told: Mapping[str, Any]) -> UUID:
    """Have the worker write the file; `query` is the filter as it was asked, `told` the same as it was read. Refuses
    who sees no records, and more than a few at the same time.
    """
    view_for(caller)
    open_now = select(func.count()).where(
        job_table.c.kind == KIND, job_table.c.owner == caller.subject, job_table.c.state.in_(OPEN)
    )
    if (session.scalar(open_now) or 0) >= MOST_OPEN:
        raise Refused("export.too_many_open", maximum=MOST_OPEN)
    payload = {"format": kind, "query": query, "told": without_persons(told)}
    return jobs.enqueue(session, KIND, payload, caller)


def without_persons(told: Mapping[str, Any]) -> dict[str, Any]:
    """A filter as it may be written down for good: of what may name a person, only that it was asked for."""
    return {name: value if name in TOLD else True for name, value in jobs.plain(dict(told)).items()}


def lock_export(session: Session, job: Job) -> None:
    """While this transaction lasts nobody withdraws, says no or stops it between the looking and the keeping. Refuses
    where somebody withdrew or said no since this attempt began: she may be in the file. Ends one that was stopped.
    """
    table = job_table.c
    now = session.execute(select(table.payload, table.cancel_asked).where(table.id == job.id).with_for_update()).first()
    if now is not None and now.cancel_asked:
        raise Cancelled
    if now is None or now.payload.get(_OUTDATED) != job.payload.get(_OUTDATED):
        raise Stale("export.begun_anew")


def kept_since(session: Session, result: Mapping[str, Any] | None) -> datetime | None:
    """Since when the file that an export came to is there; None where it came to none, and once it is erased."""
    if not result:
        return None
    row = session.execute(_kept(file_table.c.created_at, file_table.c.id == UUID(result["file"]))).first()
    return None if row is None else row.created_at


def record_export(
    session: Session, caller: Caller, subject: UUID, *, kind: str, told: Mapping[str, Any], records: int
) -> None:
    """Write down who took out how many records by which filter."""
    after = {"format": kind, "filter": dict(told), "records": records, "scope": sorted(caller.scope.units)}
    history.record(session, caller, subject=subject, kind="export", action="export", after=after)


def export_of(session: Session, caller: Caller, export_id: UUID) -> dict[str, Any]:
    """The job of an export the caller asked for herself; another's is not there for her."""
    row = (
        session.execute(select(job_table).where(job_table.c.id == export_id, job_table.c.kind == KIND))
        .mappings()
        .one_or_none()
    )
    if row is None or row["owner"] != caller.subject:
        raise NotFound("export.unknown")
    return dict(row)


def file_of(session: Session, caller: Caller, export_id: UUID) -> StoredFile:
    """The file of an export. Refuses while there is none, when it is forgotten, and to who would see other records or
    other columns by now.
    """
    job = export_of(session, caller, export_id)
    asked = job["caller"]
    mine = all("*" in caller.scope.units or (unit != "*" and caller.scope.covers(unit)) for unit in asked["units"])
    if not mine or view_of(caller.roles) != view_of(asked["roles"]):
        raise Forbidden("export.view_changed")
    if job["state"] != "done":
        raise Refused("export.not_done")
    try:
        return files.find(session, UUID(job["result"]["file"]))
    except NotFound:
        raise Refused("export.forgotten") from None


def forget_export(session: Session, caller: Caller, export_id: UUID) -> None:
    """Stop an export that is under way, and erase its file."""
    session.execute(select(job_table.c.id).where(job_table.c.id == export_id).with_for_update())
    job = export_of(session, caller, export_id)
    if job["state"] in OPEN:
        jobs.cancel(session, caller, export_id)
    _erase(session, file_table.c.id.in_(_files_of([job])))
    _forget_words(session, [job])


def forget_old_exports(session: Session) -> int:
    """Erase the files of exports that are a day old, whatever became of their jobs, and what was searched; comes back
    with how many files.
    """
    old = _over(session, job_table.c.finished_at < jobs.now() - KEPT)
    aged = file_table.c.created_at < clock.now() - KEPT
    erased = _erase(session, or_(aged, file_table.c.id.in_(_files_of(old))))
    _forget_words(session, old)
    return erased


def forget_all_exports(session: Session) -> int:
    """Erase every export that is kept, because a woman withdrew or took back a consent who may be in one; comes back
    with how many. One that is under way begins anew, or is forgotten where its file is written already.
    """
    table = job_table.c
    under_way = select(table.id, table.payload).where(table.kind == KIND, table.state.in_(OPEN)).order_by(table.id)
    for job_id, payload in session.execute(under_way.with_for_update()).all():
        marked = payload | {_OUTDATED: payload.get(_OUTDATED, 0) + 1}
        session.execute(update(job_table).where(table.id == job_id).values(payload=marked))
    erased = _erase(session, true())
    _forget_words(session, _over(session, true()))
    return erased


def _kept(told: ColumnElement[Any], which: ColumnElement[bool]) -> Select[Any]:
    """What is told of the files of exports that are not erased."""
    return select(told).where(file_table.c.kind == KIND, file_table.c.erased_at.is_(None), which)


def _erase(session: Session, which: ColumnElement[bool]) -> int:
    kept = session.scalars(_kept(file_table.c.id, which).order_by(file_table.c.id).with_for_update()).all()
    for file_id in kept:
        files.erase(session, file_id)
    return len(kept)


def _files_of(found: list[dict[str, Any]]) -> list[UUID]:
    """What the jobs have kept: one that was killed behind its last commit names it in its checkpoint alone."""
    results = [result for job in found for result in (job["result"], job["checkpoint"]) if result]
    return [UUID(result["file"]) for result in results]


def _over(session: Session, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The exports that are over and still say what was searched."""
    over = select(job_table).where(job_table.c.kind == KIND, job_table.c.state.not_in(OPEN), which)
    return [dict(row) for row in session.execute(over).mappings() if "query" in row["payload"]]


def _forget_words(session: Session, found: list[dict[str, Any]]) -> None:
    for job in found:
        rest = {name: value for name, value in job["payload"].items() if name != "query"}
        here = update(job_table).where(job_table.c.id == job["id"], job_table.c.state.not_in(OPEN))
        session.execute(here.values(payload=rest))


def name_of(kind: str) -> str:
    """What the file is called: what it holds, and of which day."""
    return f"inventario-{clock.today().isoformat()}{FORMATS[kind].ending}"
