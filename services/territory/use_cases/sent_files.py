"""What happens to any file that was sent, whatever it tells: kept, read, refused."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models.sent import SentFile
from shared import files, jobs
from shared.identity import Caller
from shared.jobs import Job
from shared.kernel import Invalid, NotFound, Refused

Kind = TypeVar("Kind", bound=SentFile)


def received(
    session: Session,
    caller: Caller,
    kind: type[Kind],
    job: str,
    *,
    content: bytes,
    name: str,
    stored_as: str,
    choice: Mapping[str, str],
    **more: str,
) -> Kind:
    """Keep the file and have it read by a job; nothing is changed by it yet. Refuses an empty one."""
    if not content:
        raise Invalid(f"{kind.subject}.empty", pointer="/file")
    kept = files.store(
        session, content, name=name, media_type="application/octet-stream", kind=stored_as, caller=caller
    )
    found = kind.received(kept.id, kept.name, choice, caller, **more)
    session.add(found)
    session.flush()
    work_on(session, caller, found, job)
    return found


def work_on(session: Session, caller: Caller, found: SentFile, job: str, **payload: Any) -> None:
    """A job does the rest with the file."""
    found.await_job(jobs.enqueue(session, job, {"id": found.id, **payload}, caller))
    session.flush()


def file_of(session: Session, kind: type[Kind], file_id: UUID) -> Kind:
    """The file, its row locked."""
    found = session.get(kind, file_id, with_for_update=True)
    if found is None:
        raise NotFound(f"{kind.subject}.unknown_file")
    return found


@contextmanager
def told_beside(job: Job, kind: type[Kind], tell: Callable[[Kind, str, Mapping[str, Any]], None]) -> Iterator[None]:
    """A refusal of the work inside is kept beside the file (`tell`), and ends the job."""
    try:
        yield
    except Refused as refused:
        with job.transaction() as session:
            tell(file_of(session, kind, UUID(job.payload["id"])), refused.code, jobs.plain(refused.facts))
        raise
