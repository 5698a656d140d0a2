"""A table on its way: received, read in the sandbox, looked at, adopted."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.intake import denominators, mapping, units
from services.territory.models import TableFile, UnitEdition
from services.territory.models.tables import DENOMINATORS, UNITS
from services.territory.use_cases.adopt_tables import adopt_denominators, adopt_units
from services.territory.use_cases.sent_files import file_of, received, told_beside, work_on
from shared import files, jobs
from shared.identity import Caller
from shared.jobs import Job
from shared.kernel import Invalid
from shared.sandbox import run_limited

READ_JOB, ADOPT_JOB = "tables.read", "tables.adopt"
OPTIONS: Mapping[str, Sequence[str]] = {DENOMINATORS: mapping.OPTIONS, UNITS: units.OPTIONS}


def receive_table(
    session: Session, caller: Caller, *, content: bytes, name: str, purpose: str, choice: Mapping[str, str]
) -> TableFile:
    """Keep the file and have it read; nothing is changed by it yet."""
    return received(
        session, caller, TableFile, READ_JOB,
        content=content, name=name, stored_as="table", choice=_given(purpose, choice), purpose=purpose,
    )  # fmt: skip


def choose_columns(
    session: Session, caller: Caller, table_id: UUID, *, choice: Mapping[str, str], version: int | None
) -> TableFile:
    """Have the table read again with another sheet or other columns."""
    found = file_of(session, TableFile, table_id)
    found.require_version(version)
    found.read_again(_given(found.purpose, choice))
    work_on(session, caller, found, READ_JOB)
    return found


def ask_adoption(
    session: Session, caller: Caller, table_id: UUID, *, about: Mapping[str, Any], version: int | None
) -> TableFile:
    """Use what the table says; the work is done by a job. `about` are the titles, source and licence of denominators.
    Refuses a caller whose territory is smaller than what the table speaks of.
    """
    found = file_of(session, TableFile, table_id)
    found.require_version(version)
    for unit in found.reading.get("scope", ()):
        caller.require_scope(unit)
    if found.purpose == DENOMINATORS and not all(about.get(name) for name in ("title_es", "title_en", "source")):
        missing = next(name for name in ("title_es", "title_en", "source") if not about.get(name))
        raise Invalid("field.required", pointer=f"/{missing}")
    found.begin_adoption()
    work_on(session, caller, found, ADOPT_JOB, about=dict(about))
    return found


def read_table_file(job: Job) -> Mapping[str, Any]:
    """The job that reads: what the sandbox says of the table is kept beside it, a refusal too."""
    table_id = UUID(job.payload["id"])
    with job.reading() as session:
        found = session.get_one(TableFile, table_id)
        content, purpose, choice = files.read(session, found.file_id), found.purpose, dict(found.choice)
        known = adopted_codes(session)
    job.progress(0, 1)
    with told_beside(job, TableFile, TableFile.could_not_be_read):
        reading = read_limited(content, purpose, choice, known)
    with job.transaction() as session:
        file_of(session, TableFile, table_id).was_read(kept(reading))
        job.progress(1, 1)
    return {"values": len(reading["values"])}


def adopt_table(job: Job) -> Mapping[str, Any]:
    """The job that adopts: the table is read again as it was confirmed, and what it says is used from then on."""
    table_id = UUID(job.payload["id"])
    with job.reading() as session:
        found = session.get_one(TableFile, table_id)
        content, purpose, choice = files.read(session, found.file_id), found.purpose, dict(found.choice)
        known = adopted_codes(session)
    job.progress(0, 2)
    with told_beside(job, TableFile, TableFile.could_not_be_adopted):
        reading = read_limited(content, purpose, choice, known)
        job.progress(1, 2)
        with job.transaction() as session:
            file = file_of(session, TableFile, table_id)
            file.was_adopted()
            told = adopt(session, job.caller, file, reading, job.payload["about"])
            job.progress(2, 2)
    return told


def adopt(
    session: Session, caller: Caller, file: TableFile, reading: Mapping[str, Any], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Use what a table says, in this transaction; comes back with how much."""
    if file.purpose == UNITS:
        return adopt_units(session, caller, file, reading)
    return adopt_denominators(session, caller, file, reading, about)


def adopted_codes(session: Session) -> list[str]:
    """The codes of the districts and villages of the tables adopted before."""
    return list(session.scalars(select(UnitEdition.code).distinct().order_by(UnitEdition.code)))


def read_limited(content: bytes, purpose: str, choice: Mapping[str, str], known: Sequence[str]) -> dict[str, Any]:
    """What the reader of the purpose returns, from a child process with limits."""
    limits = {"seconds": denominators.SECONDS, "memory_mb": denominators.MEMORY_MB}
    if purpose == UNITS:
        return run_limited(units.read_units, content, dict(choice), list(known), **limits)
    reader: Callable[..., dict[str, Any]] = denominators.read_denominators
    return run_limited(reader, content, dict(choice), **limits)


def kept(reading: Mapping[str, Any]) -> dict[str, Any]:
    """A reading as it is kept beside the file: without its values, with the units that it speaks of."""
    if reading["values"] and "level" in reading["report"]:
        scope = sorted(reading["report"]["countries"])
    else:
        scope = sorted({value[3][:6] if len(value[3]) >= 6 else value[3] for value in reading["values"]})
    return jobs.plain({name: told for name, told in reading.items() if name != "values"} | {"scope": scope})  # type: ignore[no-any-return]


def _given(purpose: str, choice: Mapping[str, str]) -> dict[str, str]:
    return {option: str(choice[option]) for option in OPTIONS[purpose] if choice.get(option)}
