"""Who does the long work: takes jobs in turn, renews leases, tries again, gives up; and what runs by the clock."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Column, Select, String, Table, Uuid, insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from shared import logs
from shared.database import Database, UtcDateTime, platform
from shared.identity import Caller
from shared.jobs import OPEN, Cancelled, Handler, Interrupted, Job, Lease, enqueue, job_table, now, plain, wake
from shared.kernel import LOCAL_TIME, Refused, Stale

_BACK_OFF = (2, 15, 60)

schedule_table: Final = Table(
    "job_schedule",
    platform,
    Column("name", String(60), primary_key=True),
    Column("next_at", UtcDateTime, nullable=False),
    Column("last_job", Uuid),
)


@dataclass(frozen=True)
class Schedule:
    """A job asked for by the clock: every so often, or daily at a local time. One that was missed while no worker ran
    is made up for once; while one is still open no other is asked for.
    """

    name: str
    kind: str
    every: timedelta | None = None
    daily_at: time | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.every is None) == (self.daily_at is None):
            raise ValueError(f"{self.name}: either every or daily_at")

    def next_after(self, moment: datetime) -> datetime:
        """The first due moment after `moment`."""
        if self.daily_at is None:
            return moment + (self.every or timedelta(days=1))
        local = moment.astimezone(LOCAL_TIME)
        today = local.replace(hour=self.daily_at.hour, minute=self.daily_at.minute, second=0, microsecond=0)
        return today if today > local else today + timedelta(days=1)


class Runner:
    """Does the jobs of one service's database; any number of runners, in any number of processes, share the work."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        service: str = "",
        schedules: Sequence[Schedule] = (),
        lease: float = 20.0,
        attempts: int = 4,
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self.handlers = dict(handlers)
        self._service = service
        self._schedules = schedules
        self._lease = lease
        self._attempts = attempts
        self._poll = poll
        self._stopping = threading.Event()
        self.name = f"{service}-jobs"
        self._log = logs.logger(service=service, part="jobs")

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the job under way then ends at its next report of progress and is taken up
        again by the next runner.
        """
        self._stopping = stop
        signal = wake(self._database.engine)
        while not stop.is_set():
            signal.clear()
            self.run_due()
            signal.wait(self._poll)

    def run_due(self) -> int:
        """Do, in this thread, all that is due now; comes back with how many jobs were tried."""
        self._ask_by_the_clock()
        tried = 0
        while not self._stopping.is_set() and self._do_one():
            tried += 1
        return tried

    def _do_one(self) -> bool:
        lease = Lease(uuid4(), self._lease)
        row = self._claim(lease)
        if row is None:
            return False
        if row["state"] != "running":
            return True
        job = Job(self._database, row, lease, self._stopping)
        with self._heartbeat(job):
            outcome = self._attempt(job)
        with self._database.transaction() as session:
            if session.execute(job.held().values(worker=None, **outcome)).rowcount == 0:  # type: ignore[attr-defined]
                self._log.warning("jobs.lease_lost", job=str(job.id), kind=job.kind)
        self._log.info("jobs.attempted", job=str(job.id), kind=job.kind, state=outcome["state"], attempt=job.attempt)
        return True

    def _due(self) -> Select[Any]:
        table = job_table.c
        return (
            select(job_table)
            .where(table.state.in_(OPEN), table.due_at <= now(), table.kind.in_(self.handlers))
            .order_by(table.due_at, table.id)
            .limit(1)
        )

    def _claim(self, lease: Lease) -> RowMapping | None:
        """The next due job, held by `lease` from now and its attempt counted; or ended, when it was cancelled or had
        too many attempts.
        """
        with self._database.reading() as session:
            if session.execute(self._due()).first() is None:
                return None
        with self._database.transaction() as session:
            found = session.execute(self._due().with_for_update(skip_locked=True)).mappings().one_or_none()
            if found is None:
                return None
            session.execute(update(job_table).where(job_table.c.id == found["id"]).values(self._taken(found, lease)))
            return session.execute(select(job_table).where(job_table.c.id == found["id"])).mappings().one()

    def _taken(self, found: RowMapping, lease: Lease) -> dict[str, Any]:
        moment = now()
        counted = found["attempts"] + 1
        if found["cancel_asked"]:
            return {"state": "cancelled", "worker": None, "finished_at": moment}
        if counted > self._attempts:
            error = {"code": "job.gave_up", "facts": {"attempts": found["attempts"]}}
            return {"state": "failed", "worker": None, "finished_at": moment, "error": error}
        return {
            "state": "running",
            "attempts": counted,
            "worker": lease.worker,
            "due_at": moment + timedelta(seconds=lease.seconds),
            "started_at": found["started_at"] or moment,
        }

    def _attempt(self, job: Job) -> dict[str, Any]:
        """Run the handler once; comes back with the columns that tell how it ended."""
        try:
            with logs.tracing(None):
                result = self.handlers[job.kind](job)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is written down
            return self._after(job, error)
        return {
            **job.unshown(),
            "state": "done",
            "finished_at": now(),
            "result": plain(result or {}),
            "error": None,
            "trace": None,
        }

    def _after(self, job: Job, error: Exception) -> dict[str, Any]:
        """The columns that tell what becomes of a job whose handler raised."""
        if isinstance(error, Cancelled):
            return {"state": "cancelled", "finished_at": now()}
        if isinstance(error, Interrupted) and self._stopping.is_set():
            return {"state": "queued", "due_at": now(), "attempts": job.attempt - 1}
        if isinstance(error, Refused) and not isinstance(error, Stale):  # what is stale may be fresh next time
            return _failed({"code": error.code, "facts": plain(error.facts)})
        return self._try_again(job, error)

    def _try_again(self, job: Job, error: Exception) -> dict[str, Any]:
        trace = logs.whereabouts(error)
        self._log.error("jobs.failed_attempt", job=str(job.id), kind=job.kind, attempt=job.attempt, trace=trace)
        if job.attempt >= self._attempts:
            return _failed({"code": "job.gave_up", "facts": {"attempts": job.attempt}}) | {"trace": trace}
        wait = _BACK_OFF[min(job.attempt, len(_BACK_OFF)) - 1]
        return {"state": "queued", "due_at": now() + timedelta(seconds=wait), "trace": trace}

    @contextmanager
    def _heartbeat(self, job: Job) -> Iterator[None]:
        """Renews the lease while the handler works."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(job, over), daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _beat(self, job: Job, over: threading.Event) -> None:
        while not over.wait(self._lease / 4):
            try:
                with self._database.transaction() as session:
                    session.execute(job.held().values(due_at=now() + timedelta(seconds=self._lease)))
            except SQLAlchemyError as error:
                self._log.warning("jobs.heartbeat_failed", job=str(job.id), kind=type(error).__name__)

    def _ask_by_the_clock(self) -> None:
        if not self._schedules:
            return
        with self._database.reading() as session:
            planned = {row.name: row.next_at for row in session.execute(select(schedule_table))}
        moment = now()
        for schedule in self._schedules:
            if schedule.name not in planned or planned[schedule.name] <= moment:
                with self._database.transaction() as session:
                    _ask(session, schedule, moment)


def _failed(error: dict[str, Any]) -> dict[str, Any]:
    return {"state": "failed", "finished_at": now(), "error": error}


def _ask(session: Session, schedule: Schedule, moment: datetime) -> None:
    """Ask for the job of `schedule` if it is due, and plan the next; one of several workers does it."""
    here = schedule_table.c.name == schedule.name
    row = session.execute(select(schedule_table).where(here).with_for_update()).mappings().one_or_none()
    following = schedule.next_after(moment)
    if row is None:
        try:
            with session.begin_nested():
                session.execute(insert(schedule_table).values(name=schedule.name, next_at=following))
        except IntegrityError:
            return
    elif row["next_at"] <= moment:
        job_id: UUID = row["last_job"]
        if not _is_open(session, job_id):
            job_id = enqueue(session, schedule.kind, schedule.payload, Caller.operator("schedule"))
        session.execute(update(schedule_table).where(here).values(next_at=following, last_job=job_id))


def _is_open(session: Session, job_id: UUID | None) -> bool:
    state = session.scalar(select(job_table.c.state).where(job_table.c.id == job_id))
    return state in OPEN
