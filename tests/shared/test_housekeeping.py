"""What is tidied up at night, and what stays."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from shared import files, housekeeping, jobs
from shared.database import Database
from shared.jobs import job_table
from shared.kernel import clock
from shared.testing import person
from shared.web import idempotency

ROSA = person("cashier", subject="rosa")
LONG_AGO = timedelta(days=365)


def tidied(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, housekeeping.KIND, {}, ROSA)
    housekeeping.runner(database, "training").run_due()
    with database.reading() as session:
        result: dict[str, int] = jobs.status(session, ROSA, job_id)["result"]
    return result


def answered(database: Database, key: str) -> idempotency.Answer | None:
    with database.transaction() as session:
        known = idempotency.claim(session, subject="rosa", key=key, operation="pay", print_="p")
        if known is None:
            idempotency.keep(session, subject="rosa", key=key, answer=idempotency.Answer(201, None, "{}"))
    return known


def test_old_answers_are_blanked_and_young_ones_stay(open_database: Callable[[str], Database]) -> None:
    database = open_database("training")
    for key in ("key-old-1", "key-young"):
        answered(database, key)
    with database.transaction() as session:
        old = update(idempotency.answers).where(idempotency.answers.c.key == "key-old-1")
        session.execute(old.values(at=clock.now() - LONG_AGO))
    assert tidied(database)["answers"] == 1
    assert answered(database, "key-young") == idempotency.Answer(201, None, "{}")


def test_jobs_that_were_over_long_ago_are_forgotten(open_database: Callable[[str], Database]) -> None:
    database = open_database("training")
    tidied(database)
    with database.transaction() as session:
        session.execute(update(job_table).values(finished_at=clock.now() - LONG_AGO))
    assert tidied(database)["jobs"] == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(job_table)) == 1, "the job that tidied up"


def test_a_service_without_files_has_none_to_sweep(open_database: Callable[[str], Database], tmp_path: Path) -> None:
    database = open_database("training")
    assert tidied(database)["files"] == 0
    files.keep_in(database, tmp_path / "files")
    assert tidied(database)["files"] == 0
