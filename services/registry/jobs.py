"""The long work of the registry: taking a field inventory in, and settling places."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from services.registry import duplicates
from services.registry.intake.locating import Locating
from services.registry.intake.submissions import read_parts
from services.registry.intake.waiting import Waiting
from services.registry.intake.workbook import DEFAULT, Limits
from services.registry.models import ImportRun
from services.registry.models.intake import OVER
from services.registry.sealing import Sealer
from services.registry.tables import place_aliases
from services.registry.territory import Territory, TerritoryAway
from services.registry.use_cases import (
    arrive_beside,
    find_duplicates,
    import_inventory,
    settle_places,
    undo_import,
    validate_enterprise,
)
from services.registry.use_cases.arrive_beside import Batch
from services.registry.use_cases.decide_import import Identities
from services.registry.use_cases.enter_records import Arrived, Import
from services.registry.use_cases.import_inventory import fail_import, find_run, finish_import, import_batch
from shared import files, places
from shared import jobs as job_queue
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Handler, Job
from shared.kernel import Invalid, Refused, Stale, clock
from shared.sandbox import Borrowed, in_memory, stream_limited

ASKING = "file.mapping_needed"
FORGET_FILES = "forget-import-files"
_BATCH = 500
_ATTEMPTS = 5
_READ_MEGABYTES = 1024
_AGAIN = timedelta(minutes=2)


class Work(Protocol):
    """What the work is done in: a job of the worker, or a command of the operator."""

    caller: Caller

    def transaction(self) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...

    def progress(self, done: int, total: int | None = None) -> None: ...


@dataclass(frozen=True)
class LongWork:
    """The handlers of the registry's jobs."""

    sealer: Sealer
    territory: Territory

    def handlers(self) -> dict[str, Handler]:
        return {
            import_inventory.KIND: self._import,
            settle_places.KIND: self._settle,
            undo_import.KIND: self._undo,
            FORGET_FILES: _forget_files,
            validate_enterprise.KIND: lambda job: {"stale": grow_stale(job)},
            **duplicates.handlers(self.sealer),
        }

    def take_in(
        self, work: Work, import_id: UUID, content: bytes | BinaryIO | None = None, limits: Limits = DEFAULT
    ) -> None:
        """Carry one import out, from where an interrupted attempt left it; each batch is one transaction, and the first
        one begins when all of the file was read. The file is the stored one unless `content` is given.
        """
        with work.reading() as session:
            run = session.get_one(ImportRun, import_id)
            if run.state in OVER or run.state == "asking":
                return
            if content is None and run.file_id is not None:
                content = files.read(session, run.file_id)
            done, mapping = run.done, run.mapping
        if isinstance(content, bytes):
            content = in_memory(content)
        with Waiting() as waiting:
            try:
                if content is None:
                    raise Invalid("import.file_erased")
                with content:
                    rest, identities = self._read(content, limits, mapping, waiting)
            except Invalid as refused:
                with work.transaction() as session:
                    run = find_run(session, import_id)
                    if refused.code == ASKING and run.file_id is not None:
                        run.ask()
                    else:
                        fail_import(session, run, refused)
                return
            self._take_in(work, import_id, waiting, identities, done)
        with work.transaction() as session:
            finish_import(session, work.caller, find_run(session, import_id), rest)

    def _read(
        self, file: BinaryIO, limits: Limits, mapping: Mapping[str, str] | None, waiting: Waiting
    ) -> tuple[list[dict[str, Any]], Identities]:
        """Have a child process read the file; what it read waits, with what territory says of it. Comes back with what
        is wrong with no submission in particular, and the identities of the whole file.
        """
        identities, locating, today = Identities(), Locating(self.territory), clock.today()
        given = (limits, places.municipalities(), today, place_aliases(today), mapping)
        with stream_limited(
            read_parts, Borrowed(file.fileno()), *given, seconds=limits.seconds, memory_mb=_READ_MEGABYTES
        ) as parts:
            about = next(parts)
            for part in parts:
                submissions: list[dict[str, Any]] = part.get("submissions", [])
                for submission in submissions:
                    if key := submission.pop("key", None):
                        submission["identity"] = f"row:{self.sealer.fingerprint(key.encode())}"
                    if submission["identity"]:
                        identities.add(submission["identity"])
                    submission.update(about)
                locating.settle(submissions)
                waiting.put(submissions)
        return [*locating.unsettled(about), *part["problems"]], identities

    def _take_in(self, work: Work, import_id: UUID, waiting: Waiting, identities: Identities, done: int) -> None:
        with work.transaction() as session:
            find_run(session, import_id).work_on(waiting.count)
        work.progress(done, waiting.count)
        with self._arriving(work, import_id, waiting.batches(_BATCH, after=done), waiting.count - done) as batches:
            for batch, arrived in batches:
                done += len(batch)
                rows = arrived.result() if arrived else None

                def take(session: Session, batch: Batch = batch, rows: Arrived | None = rows, done: int = done) -> None:
                    run = find_run(session, import_id)
                    import_batch(
                        session, work.caller, self.sealer, run, batch, identities=identities, done=done, arrived=rows
                    )

                _insist(work, take)
                work.progress(done, waiting.count)

    @contextmanager
    def _arriving(
        self, work: Work, import_id: UUID, batches: Iterator[Batch], count: int
    ) -> Iterator[Iterator[tuple[Batch, "Future[Arrived] | None"]]]:
        """The batches, with the rows of new records where making them beside is worth it."""
        with work.reading() as session:
            run = session.get_one(ImportRun, import_id)
            given = Import.of(session, work.caller, self.sealer, run)
        if run.dry_run or count < arrive_beside.FROM:
            yield ((batch, None) for batch in batches)
            return
        with arrive_beside.arriving_beside(work.caller, given, batches) as arriving:
            yield arriving

    def undo(self, work: Work, import_id: UUID) -> None:
        """Undo one import, whole or not at all; a kill in the middle leaves it as it was, to be begun again."""

        def take(session: Session) -> None:
            undo_import.undo_import(session, work.caller, self.sealer, find_run(session, import_id))

        try:
            _insist(work, take)
        except Stale:
            raise
        except Refused as refused:
            with work.transaction() as session:
                find_run(session, import_id).stay(refused)

    def _undo(self, job: Job) -> Mapping[str, Any]:
        import_id = UUID(job.payload["import"])
        self.undo(job, import_id)
        with job.reading() as session:
            run = session.get_one(ImportRun, import_id)
            return {"import": str(run.id), "undone": run.undone_at is not None, "refusal": run.undo_refusal}

    def _import(self, job: Job) -> Mapping[str, Any]:
        import_id = UUID(job.payload["import"])
        self.take_in(job, import_id)
        with job.reading() as session:
            run = session.get_one(ImportRun, import_id)
            return {"import": str(run.id), "state": run.state, "refusal": run.refusal}

    def _settle(self, job: Job) -> Mapping[str, Any]:
        country = job.payload["country"]
        try:
            return {"changed": self.settle(job, country)}
        except TerritoryAway:
            # The schedule comes back to what is pending; a country asked for anew would be forgotten.
            if country is not None:
                with job.transaction() as session:
                    due = job_queue.now() + _AGAIN
                    job_queue.enqueue(session, settle_places.KIND, job.payload, job.caller, due_at=due)
            return {"changed": 0, "territory": "away"}

    def settle(self, work: Work, country: str | None) -> int:
        """Settle what is pending and, where a country is named, all of its points; comes back with how many changed.

        Raises `TerritoryAway` when there is nobody to ask; what was settled before stays settled.
        """
        changed, seen, after = 0, 0, None
        service = Caller.service("registry")
        while True:
            with work.reading() as session:
                asked = settle_places.places_to_settle(session, country=country, after=after)
            if not asked:
                return changed
            answers = self.territory.locate([item.asked for item in asked])
            with work.transaction() as session:
                changed += settle_places.settle_places(session, service, asked, answers)
            after, seen = asked[-1].enterprise_id, seen + len(asked)
            work.progress(seen)


SCHEDULES = (
    Schedule(settle_places.KIND, settle_places.KIND, every=timedelta(minutes=5), payload={"country": None}),
    Schedule(FORGET_FILES, FORGET_FILES, every=timedelta(minutes=5)),
    Schedule(validate_enterprise.KIND, validate_enterprise.KIND, daily_at=time(2, 40)),
    Schedule(find_duplicates.KIND, find_duplicates.KIND, daily_at=time(2, 30)),
)


def grow_stale(work: Work) -> int:
    """Mark the records whose check is too old, batch by batch; comes back with how many. Broken off, it goes on where
    it was: what is marked is not due any more.
    """
    service, marked = Caller.service("registry"), 0
    with work.reading() as session:
        parts = validate_enterprise.lasting(session, clock.today())
    for part in parts:
        after: UUID | None = None
        while True:
            with work.transaction() as session:
                found, after = validate_enterprise.grow_stale(session, service, part, after=after)
            marked += found
            work.progress(marked)
            if after is None:
                break
    return marked


def _forget_files(job: Job) -> Mapping[str, Any]:
    with job.transaction() as session:
        return {"erased": import_inventory.forget_old_files(session)}


def _insist(work: Work, take: Callable[[Session], None]) -> None:
    """Run a batch again when another import took one of its submissions at the same moment, or somebody changed one of
    its records.

    The submission's identity is unique: of two transactions that both found it new, one fails, and finds it known
    the next time.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with work.transaction() as session:
                take(session)
        except (IntegrityError, OperationalError, Stale):
            if attempt == _ATTEMPTS:
                raise
        else:
            return


@dataclass
class Directly:
    """Work done at once, in the process of a command."""

    caller: Caller
    transactions: Callable[[], AbstractContextManager[Session]]
    readings: Callable[[], AbstractContextManager[Session]]
    show: Callable[[int, int | None], None] = lambda _done, _total: None

    def transaction(self) -> AbstractContextManager[Session]:
        return self.transactions()

    def reading(self) -> AbstractContextManager[Session]:
        return self.readings()

    def progress(self, done: int, total: int | None = None) -> None:
        self.show(done, total)
