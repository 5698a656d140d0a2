"""A file of boundaries on its way: received, read in the sandbox, looked at, adopted."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.intake.reading import MEMORY_MB, SECONDS, read_boundaries
from services.territory.models import BoundaryFile
from services.territory.use_cases.replace_boundaries import replace_boundaries
from services.territory.use_cases.sent_files import file_of, received, told_beside, work_on
from shared import files
from shared.identity import Caller
from shared.jobs import Job
from shared.sandbox import run_limited

READ_JOB, ADOPT_JOB = "boundaries.read", "boundaries.adopt"
OPTIONS = ("layer", "code", "name", "country")


def receive_file(
    session: Session, caller: Caller, *, content: bytes, name: str, choice: Mapping[str, str]
) -> BoundaryFile:
    """Keep the file and have it read; nothing is changed by it yet."""
    return received(
        session, caller, BoundaryFile, READ_JOB,
        content=content, name=name, stored_as="boundaries", choice=_given(choice),
    )  # fmt: skip


def choose_columns(
    session: Session, caller: Caller, boundary_file_id: UUID, *, choice: Mapping[str, str], version: int | None
) -> BoundaryFile:
    """Have the file read again with another layer or other columns."""
    found = file_of(session, BoundaryFile, boundary_file_id)
    found.require_version(version)
    found.read_again(_given(choice))
    work_on(session, caller, found, READ_JOB)
    return found


def ask_adoption(
    session: Session, caller: Caller, boundary_file_id: UUID, *, source: str, valid_from: date, version: int | None
) -> BoundaryFile:
    """Put the file's boundaries in force; the work is done by a job. Refuses a caller whose territory is smaller than
    the countries of the file.
    """
    found = file_of(session, BoundaryFile, boundary_file_id)
    found.require_version(version)
    if found.state == "read":
        for country in found.reading["report"]["countries"]:
            caller.require_scope(country)
    found.begin_adoption()
    work_on(session, caller, found, ADOPT_JOB, source=source, valid_from=valid_from)
    return found


def read_file(job: Job) -> Mapping[str, Any]:
    """The job that reads: what the sandbox says of the file is kept beside it, a refusal too."""
    file_id = UUID(job.payload["id"])
    with job.reading() as session:
        found = session.get_one(BoundaryFile, file_id)
        content, choice = files.read(session, found.file_id), dict(found.choice)
    job.progress(0, 1)
    with told_beside(job, BoundaryFile, BoundaryFile.could_not_be_read):
        reading = read_limited(content, choice)
    reading.pop("shapes")
    with job.transaction() as session:
        file_of(session, BoundaryFile, file_id).was_read(reading)
        job.progress(1, 1)
    return {"matched": reading["report"]["matched"]}


def adopt_file(job: Job) -> Mapping[str, Any]:
    """The job that adopts: the file is read again as it was confirmed, and its boundaries put in force."""
    with job.reading() as session:
        found = session.get_one(BoundaryFile, UUID(job.payload["id"]))
        content, reading = files.read(session, found.file_id), found.reading
    job.progress(0, 2)
    confirmed = {"layer": reading["layer"], **{k: v for k, v in reading["mapping"].items() if v}}
    with told_beside(job, BoundaryFile, BoundaryFile.could_not_be_adopted):
        again = read_limited(content, confirmed)
        job.progress(1, 2)
        with job.transaction() as session:
            replaced = _adopt(session, job, again)
            job.progress(2, 2)
    return {"replaced": replaced}


def _adopt(session: Session, job: Job, read: Mapping[str, Any]) -> list[dict[str, Any]]:
    file_of(session, BoundaryFile, UUID(job.payload["id"])).was_adopted()
    return replace_boundaries(
        session,
        job.caller,
        shapes=read["shapes"],
        report=read["report"],
        source=job.payload["source"],
        valid_from=date.fromisoformat(job.payload["valid_from"]),
    )


def read_limited(content: bytes, choice: Mapping[str, str]) -> dict[str, Any]:
    """What `read_boundaries` returns, from a child process with limits."""
    return run_limited(read_boundaries, content, dict(choice), seconds=SECONDS, memory_mb=MEMORY_MB)


def _given(choice: Mapping[str, str]) -> dict[str, str]:
    return {option: choice[option] for option in OPTIONS if choice.get(option)}
