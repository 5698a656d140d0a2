"""What every service tidies up at night: stored answers, jobs that are over, bytes that no file names."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta

from shared import files, jobs
from shared.database import Database
from shared.job_runner import Runner, Schedule
from shared.jobs import Handler, Job
from shared.kernel import clock
from shared.web import expire_answers

KIND = "housekeeping"
ANSWERS_KEPT = timedelta(days=30)
JOBS_KEPT = timedelta(days=180)
_NIGHTLY = Schedule("housekeeping", KIND, daily_at=time(3, 20))


def runner(
    database: Database, service: str, handlers: Mapping[str, Handler] | None = None, schedules: Sequence[Schedule] = ()
) -> Runner:
    """Who does the long work of a service, and tidies up after it."""
    return Runner(database, {**(handlers or {}), KIND: tidy_up}, service=service, schedules=[*schedules, _NIGHTLY])


def tidy_up(job: Job) -> dict[str, int]:
    """How many answers were blanked, jobs forgotten and orphaned contents removed."""
    with job.transaction() as session:
        return {
            "answers": expire_answers(session, clock.now() - ANSWERS_KEPT),
            "jobs": jobs.forget_finished(session, clock.now() - JOBS_KEPT),
            "files": files.sweep(session),
        }
