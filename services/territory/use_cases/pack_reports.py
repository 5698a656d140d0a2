"""A pack of reports: asked for once or every month, made by a job that may be cancelled and goes on after a stop."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import ReportPack
from services.territory.queries import views
from services.territory.queries.report_subjects import CHAIN
from services.territory.use_cases.print_many import Paper, Press, chains_in, print_many, subjects
from services.territory.use_cases.print_report import issue_report
from services.territory.use_cases.publish_figures import ensure_published
from shared import files, history, jobs
from shared.database import Database
from shared.identity import Caller, Scope
from shared.job_runner import Schedule
from shared.jobs import OPEN, Cancelled, Job, job_table
from shared.kernel import LOCAL_TIME, NotFound, Refused, clock, uuid7

PACK_JOB, DUE_JOB = "reports.pack", "reports.packs_due"
SCHEDULES = [Schedule("report packs", DUE_JOB, daily_at=time(3, 20))]
ZIP = "application/zip"
_FEW = 24
"""So many reports are made faster than a second process begins."""
_PROCESSES = 2
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Dates the files inside, so that the same reports make the same bytes."""


def order_pack(session: Session, caller: Caller, *, units: Sequence[str], **how: Any) -> ReportPack:
    """The pack, asked for at once; refuses what lies outside the caller's territory."""
    pack = ReportPack(
        id=uuid7(),
        units=list(views.units_asked(caller, units)),
        asked_month="",
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
        **how,
    )
    session.add(pack)
    session.flush()
    _ask(session, pack)
    told = {"units": pack.units, "kinds": pack.kinds, "monthly": pack.monthly}
    history.record(session, caller, subject=pack.id, kind="report_pack", action="order", after=told)
    return pack


def make_again(session: Session, caller: Caller, pack_id: UUID, *, version: int | None) -> ReportPack:
    """Have it made of today's publications; refused while it is being made."""
    pack = pack_of(session, caller, pack_id)
    pack.require_version(version)
    if _under_way(session, pack):
        raise Refused("report_pack.under_way", title=pack.title)
    _ask(session, pack)
    session.flush()
    return pack


def cancel_pack(session: Session, caller: Caller, pack_id: UUID) -> ReportPack:
    """Stop making it; the file it had stays. Refused where nothing is under way."""
    pack = pack_of(session, caller, pack_id)
    if pack.job_id is None or not _under_way(session, pack):
        raise Refused("report_pack.not_under_way", title=pack.title)
    jobs.cancel(session, caller, pack.job_id)
    return pack


def remove_pack(session: Session, caller: Caller, pack_id: UUID, *, version: int | None) -> None:
    """It is no more, and neither is its file; refused while it is being made."""
    pack = pack_of(session, caller, pack_id)
    pack.require_version(version)
    if _under_way(session, pack):
        raise Refused("report_pack.under_way", title=pack.title)
    if pack.file_id is not None:
        files.erase(session, pack.file_id)
    session.delete(pack)
    history.record(session, caller, subject=pack.id, kind="report_pack", action="remove")


def pack_of(session: Session, caller: Caller, pack_id: UUID) -> ReportPack:
    """One of the caller's packs."""
    pack = session.get(ReportPack, pack_id)
    if pack is None or pack.made_by != caller.subject:
        raise NotFound("report_pack.unknown")
    return pack


def ask_what_is_due(job: Job) -> dict[str, int]:
    """Every night: the monthly packs that were not asked for this month yet."""
    with job.transaction() as session:
        due = session.scalars(
            select(ReportPack).where(ReportPack.monthly, ReportPack.asked_month < _this_month()).order_by(ReportPack.id)
        ).all()
        for pack in due:
            if not _under_way(session, pack):
                _ask(session, pack)
    return {"asked": len(due)}


def make_pack(database: Database, press: Press, job: Job) -> dict[str, Any]:
    """Its reports, some at a time, each lot kept with the progress, so that another attempt goes on from there; then
    all of them in one file. What was made of a pack that is cancelled is erased.
    """
    try:
        return _made(database, press, job)
    except Cancelled:
        with database.transaction() as session:
            for part in job.checkpoint.get("parts", ()):
                files.erase(session, UUID(part))
        raise


def _made(database: Database, press: Press, job: Job) -> dict[str, Any]:
    with job.reading() as session:
        pack = session.get_one(ReportPack, UUID(job.payload["id"]))
    press = replace(press, language=pack.language, form=pack.form)
    departments = sorted({code[:4] for code in reference.municipalities() if code.startswith(tuple(pack.units))})
    ensure_published(database, job.caller, departments)
    chains = job.checkpoint.get("chains")
    if chains is None:
        with job.reading() as session:
            chains = chains_in(session, departments) if CHAIN in pack.kinds else {}
    wanted = subjects(pack.units, pack.kinds, chains)
    done, parts = job.checkpoint.get("done", 0), [*job.checkpoint.get("parts", ())]
    job.progress(done, len(wanted))
    processes = 1 if len(wanted) <= _FEW else _PROCESSES
    for papers in print_many(press, wanted[done:], processes=processes):
        done += len(papers)
        with job.transaction() as session:
            for paper in papers:
                issue_report(session, paper.issue)
            kept = files.store(session, _zipped(papers), name="part.zip", media_type=ZIP, kind="report_pack")
            parts.append(str(kept.id))
            job.checkpoint = {"done": done, "parts": parts, "chains": chains}
            job.progress(done, checkpoint=job.checkpoint)
    _finish(database, job, pack.id, parts)
    return {"reports": done}


def _zipped(papers: Sequence[Paper]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for paper in papers:
            archive.writestr(zipfile.ZipInfo(paper.name, _EPOCH), paper.content or b"")
    return out.getvalue()


def _finish(database: Database, job: Job, pack_id: UUID, parts: Sequence[str]) -> None:
    """All parts in one file, in place of the one before."""
    with files.drafting(database) as folder:
        whole = folder / "pack.zip"
        _joined(database, parts, whole)
        with job.transaction() as session:
            pack = session.get_one(ReportPack, pack_id)
            month = job.payload["month"]
            name = f"{pack.title}-{month}.zip"
            kept = files.keep(session, whole, name=name, media_type=ZIP, kind="report_pack", caller=job.caller)
            before = pack.take(kept.id, month)
            for old in (*([before] if before else ()), *(UUID(part) for part in parts)):
                files.erase(session, old)


def _joined(database: Database, parts: Sequence[str], whole: Path) -> None:
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            with database.reading() as session:
                content = files.read(session, UUID(part))
            with zipfile.ZipFile(BytesIO(content)) as made:
                for entry in made.infolist():
                    archive.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), made.read(entry))


def _ask(session: Session, pack: ReportPack) -> None:
    """Have it made for this month, on behalf of its maker."""
    maker = Caller(pack.made_by, pack.made_by_name, frozenset({"coordinator"}), Scope.of(*pack.units))
    month = _this_month()
    pack.await_job(jobs.enqueue(session, PACK_JOB, {"id": pack.id, "month": month}, maker), month)


def _under_way(session: Session, pack: ReportPack) -> bool:
    return pack.job_id is not None and session.scalar(
        select(job_table.c.state).where(job_table.c.id == pack.job_id)
    ) in set(OPEN)


def _this_month() -> str:
    return clock.now().astimezone(LOCAL_TIME).strftime("%Y-%m")
