"""Long work: asked for in one transaction, done by a worker, watched, cancelled, taken up again after a kill.

A worker holds a job by a lease that it renews; when it dies the lease runs out and another takes the job up from its
last checkpoint. An attempt is counted before it is made. What a handler does in `job.transaction()` is committed only
while the lease is held, so a worker that fell asleep and woke up too late changes nothing. What is *not* promised:
that a handler runs only once (after its last commit it may be killed before it is marked as done).
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid, delete, insert, select, text, update
from sqlalchemy.engine import Engine, RowMapping
from sqlalchemy.orm import Session

from shared.database import Database, Json, UtcDateTime, after_commit, platform
from shared.identity import Caller, Scope
from shared.kernel import NotFound, Refused, uuid7

OPEN: Final = ("queued", "running")
_SHOW_EVERY = 0.2

job_table: Final = Table(
    "job",
    platform,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("state", String(12), nullable=False),
    Column("payload", Json, nullable=False),
    Column("checkpoint", Json, nullable=False),
    Column("result", Json),
    Column("error", Json),
    Column("trace", Text),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("attempts", Integer, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("owner", String(120), nullable=False),
    Column("caller", Json, nullable=False),
    Column("worker", Uuid),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
)
"""`due_at`: when a queued job may begin, or when the lease of a running one ends. States: queued, running, done,
failed, cancelled."""

Index(
    "ix_job_open",
    job_table.c.due_at,
    sqlite_where=text("state IN ('queued', 'running')"),
    postgresql_where=text("state IN ('queued', 'running')"),
)


class Cancelled(Exception):  # noqa: N818 - an answer, not an error
    """Somebody asked to cancel the job that is running; ends the handler."""


class Interrupted(Exception):  # noqa: N818 - an answer, not an error
    """The worker is stopping, or lost its lease: the handler ends, the job goes on elsewhere or later."""


def now() -> datetime:
    """The real time of day: a lease does not wait for a clock that a test holds still."""
    return datetime.now(UTC)


def enqueue(
    session: Session, kind: str, payload: Mapping[str, Any], caller: Caller, *, due_at: datetime | None = None
) -> UUID:
    """Ask for a job of `kind`; it begins when this transaction is committed. Comes back with its id."""
    job_id, moment = uuid7(), now()
    asked = {"name": caller.name, "roles": sorted(caller.roles), "units": sorted(caller.scope.units)}
    row = {
        "id": job_id,
        "kind": kind,
        "state": "queued",
        "payload": plain(payload),
        "checkpoint": {},
        "done": 0,
        "attempts": 0,
        "cancel_asked": False,
        "owner": caller.subject,
        "caller": asked,
        "due_at": due_at or moment,
        "created_at": moment,
    }
    session.execute(insert(job_table).values(row))
    after_commit(session, wake(session.get_bind().engine).set)
    return job_id


_wakes: dict[str, threading.Event] = defaultdict(threading.Event)


def wake(engine: Engine) -> threading.Event:
    """Set in this process after each commit that asked for a job in this database."""
    return _wakes[str(engine.url)]


def status(session: Session, caller: Caller, job_id: UUID) -> dict[str, Any]:
    """How the job stands: state, done of total, result or error. Refuses, as `NotFound`, everybody but who asked
    for it and administrators.
    """
    row = session.execute(select(job_table).where(job_table.c.id == job_id)).mappings().one_or_none()
    if row is None or (row["owner"] != caller.subject and not caller.has("admin")):
        raise NotFound("job.unknown")
    shown = ("id", "kind", "state", "done", "total", "attempts", "result", "error", "cancel_asked", "created_at")
    return {name: row[name] for name in (*shown, "started_at", "finished_at")}


def cancel(session: Session, caller: Caller, job_id: UUID) -> dict[str, Any]:
    """Ask to cancel: a queued job is cancelled at once, a running one at its next report of progress. Refused when
    it is already over.
    """
    found = status(session, caller, job_id)
    if found["state"] not in OPEN:
        raise Refused("job.already_over", state=found["state"])
    here = update(job_table).where(job_table.c.id == job_id)
    session.execute(here.where(job_table.c.state.in_(OPEN)).values(cancel_asked=True))
    session.execute(here.where(job_table.c.state == "queued").values(state="cancelled", finished_at=now()))
    return status(session, caller, job_id)


def forget_finished(session: Session, before: datetime) -> int:
    """Delete the jobs that were over before a moment; comes back with how many."""
    gone = session.execute(delete(job_table).where(job_table.c.finished_at < before))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def plain(value: Any) -> Any:
    """`value` as JSON values: ids, days and moments as text."""
    return orjson.loads(orjson.dumps(value, default=str))


@dataclass(frozen=True, slots=True)
class Lease:
    """Which worker holds a job, and for how long each renewal lasts."""

    worker: UUID
    seconds: float


class Job:
    """What a handler sees of its job. Used by one thread."""

    def __init__(self, database: Database, row: RowMapping, lease: Lease, stopping: threading.Event) -> None:
        self.id: UUID = row["id"]
        self.kind: str = row["kind"]
        self.payload: dict[str, Any] = row["payload"]
        self.checkpoint: dict[str, Any] = row["checkpoint"]
        """What an attempt before this one left with `progress(…, checkpoint=…)`; empty at the beginning."""
        self.attempt: int = row["attempts"]
        asked = row["caller"]
        self.caller = Caller(row["owner"], asked["name"], frozenset(asked["roles"]), Scope.of(*asked["units"]))
        self._database = database
        self._lease = lease
        self._stopping = stopping
        self._session: Session | None = None
        self._pending: dict[str, Any] = {}
        self._shown = 0.0
        self._looked = 0.0
        self._cancel_asked = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction of the service's database that is committed only while this worker holds the job. Keep it
        short: progress reported inside it shows when it is committed.
        """
        self._go_on()
        with self._database.transaction() as session:
            self._session, before = session, dict(self._pending)
            try:
                yield session
            except BaseException:
                self._pending = before
                raise
            finally:
                self._session = None
            self.renew(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._database.reading() as session:
            yield session

    def progress(self, done: int, total: int | None = None, checkpoint: Mapping[str, Any] | None = None) -> None:
        """Show how far the work is. Raises `Cancelled` when somebody asked for that.

        `checkpoint` is what the next attempt begins with if this one dies; given inside `transaction()` it is
        committed together with the work it stands for.
        """
        self._pending["done"] = done
        if total is not None:
            self._pending["total"] = total
        if checkpoint is not None:
            self._pending["checkpoint"] = plain(checkpoint)
        if self._session is None:
            due = checkpoint is not None or done == total or time.monotonic() - self._shown >= _SHOW_EVERY
            if due:
                with self._database.transaction() as session:
                    self.renew(session)
            self._go_on()

    def cancelled(self) -> bool:
        """Whether somebody asked to cancel this job."""
        if not self._cancel_asked and time.monotonic() - self._looked >= _SHOW_EVERY:
            self._looked = time.monotonic()
            with self._database.reading() as session:
                asked = select(job_table.c.cancel_asked).where(job_table.c.id == self.id)
                self._cancel_asked = bool(session.scalar(asked))
        return self._cancel_asked

    def renew(self, session: Session) -> None:
        """Write what is pending and lengthen the lease; raises `Interrupted` when it was lost."""
        until = now() + timedelta(seconds=self._lease.seconds)
        held = self.held().values(due_at=until, **self._pending)
        if session.execute(held).rowcount == 0:  # type: ignore[attr-defined]
            raise Interrupted("the lease was lost")
        self._pending = {}
        self._shown = time.monotonic()

    def unshown(self) -> dict[str, Any]:
        """The last report of progress where it was not written yet."""
        return self._pending

    def held(self) -> Any:
        """The update of this job's row while this worker holds it, and of no row otherwise."""
        table = job_table.c
        return update(job_table).where(
            table.id == self.id, table.worker == self._lease.worker, table.state == "running"
        )

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Interrupted("the worker is stopping")
        if self.cancelled():
            raise Cancelled


Handler = Callable[[Job], Mapping[str, Any] | None]
"""Does the work and comes back with the job's result. A `Refused` is final; any other exception is tried again."""
