"""The diplomas of a batch are printed into one file, by a job, in two processes where they are many."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.documents.diploma import Paper, paper_of, signed
from services.training.models import Diploma, DiplomaBatch
from services.training.use_cases.issue_diplomas import PRINT_JOB, ensure_key
from shared import files, jobs
from shared.database import Database
from shared.identity import Caller
from shared.jobs import OPEN, Job, job_table
from shared.kernel import NotFound, Refused
from shared.tokens import Keyring

ZIP = "application/zip"
_FEW = 24
"""So many are printed faster than a second process begins."""
_PROCESSES = 2
_A_TASK = 10
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Dates the files inside, so that the same diplomas make the same bytes."""


def print_again(session: Session, caller: Caller, batch_id: UUID) -> DiplomaBatch:
    """Have the diplomas that still hold printed anew; refused while that is under way, and where none holds."""
    batch = batch_of(session, caller, batch_id)
    if under_way(session, batch):
        raise Refused("diploma.printing_already")
    if session.scalar(select(Diploma.id).where(*_printable(batch.id)).limit(1)) is None:
        raise Refused("diploma.nothing_to_print")
    batch.printed_by(jobs.enqueue(session, PRINT_JOB, {"batch_id": batch.id}, caller))
    session.flush()
    return batch


def batch_of(session: Session, caller: Caller, batch_id: UUID) -> DiplomaBatch:
    """One of the batches that the caller issued."""
    batch = session.get(DiplomaBatch, batch_id)
    if batch is None or batch.made_by != caller.subject:
        raise NotFound("diploma.batch_unknown")
    return batch


def under_way(session: Session, batch: DiplomaBatch) -> bool:
    state = select(job_table.c.state).where(job_table.c.id == batch.job_id)
    return batch.job_id is not None and session.scalar(state) in OPEN


def print_batch(database: Database, keyring: Keyring, public_url: str, job: Job) -> dict[str, Any]:
    """Print what holds of the batch and keep the file in place of the one before. What was revoked or forgotten
    meanwhile is in no file: then all is printed once more.
    """
    ensure_key(database, keyring)
    batch_id = UUID(job.payload["batch_id"])
    while True:
        with job.reading() as session:
            wanted = session.scalars(select(Diploma).where(*_printable(batch_id)).order_by(Diploma.number)).all()
            papers = [paper_of(diploma, public_url) for diploma in wanted]
        job.progress(0, len(papers))
        with files.drafting(database) as folder:
            whole = folder / "diplomas.zip"
            _write(whole, papers, keyring, job.progress)
            if _kept(job, batch_id, {paper.number for paper in papers}, whole):
                return {"diplomas": len(papers)}


def _write(whole: Path, papers: Sequence[Paper], keyring: Keyring, progress: Callable[[int], None]) -> None:
    with zipfile.ZipFile(whole, "w") as archive:
        for done, (paper, pdf) in enumerate(_rendered(papers), start=1):
            archive.writestr(zipfile.ZipInfo(f"{paper.number}.pdf", _EPOCH), signed(pdf, paper.sealed, keyring))
            progress(done)


def _rendered(papers: Sequence[Paper]) -> Iterator[tuple[Paper, bytes]]:
    """Each paper with its PDF, in order."""
    if len(papers) <= _FEW:
        yield from ((paper, paper.render()) for paper in papers)
        return
    tasks = [papers[start : start + _A_TASK] for start in range(0, len(papers), _A_TASK)]
    pool = ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn"))
    try:
        for task, made in zip(tasks, pool.map(_render_some, tasks), strict=True):
            yield from zip(task, made, strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _render_some(papers: Iterable[Paper]) -> list[bytes]:
    return [paper.render() for paper in papers]


def _kept(job: Job, batch_id: UUID, numbers: set[str], whole: Path) -> bool:
    with job.transaction() as session:
        locked = select(DiplomaBatch).where(DiplomaBatch.id == batch_id).with_for_update()
        batch = session.execute(locked.execution_options(populate_existing=True)).scalar_one()
        if set(session.scalars(select(Diploma.number).where(*_printable(batch_id)))) != numbers:
            return False
        kept = files.keep(
            session, whole, name=f"diplomas-{batch_id}.zip", media_type=ZIP, kind="diplomas", caller=job.caller
        )
        if batch.file_id is not None:
            files.erase(session, batch.file_id)
        batch.keep_file(kept.id)
    return True


def _printable(batch_id: UUID) -> tuple[Any, ...]:
    return Diploma.batch_id == batch_id, Diploma.revoked_on.is_(None), Diploma.payload.is_not(None)
