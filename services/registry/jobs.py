"""The long work of the registry: taking a field inventory in, and settling places."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from services.registry.intake.submissions import read_export
from services.registry.models import ImportRun
from services.registry.models.intake import OVER
from services.registry.sealing import Sealer
from services.registry.tables import place_aliases
from services.registry.territory import Asked, Territory, TerritoryAway
from services.registry.use_cases import import_inventory, restore_records, settle_places, undo_import
from services.registry.use_cases.import_inventory import fail_import, find_run, finish_import, import_batch
from shared import files, places
from shared import jobs as job_queue
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Handler, Job
from shared.kernel import Invalid, Refused, Stale, clock
from shared.sandbox import run_limited

ASKING = "file.mapping_needed"
FORGET_FILES = "forget-import-files"
_BATCH = 200
_ATTEMPTS = 5
_READ_SECONDS = 120
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
        }

    def take_in(self, work: Work, import_id: UUID, content: bytes | None = None) -> None:
        """Carry one import out, from where an interrupted attempt left it; each batch is one transaction. The file is
        the stored one unless `content` is given.
        """
        with work.reading() as session:
            run = session.get_one(ImportRun, import_id)
            if run.state in OVER or run.state == "asking":
                return
            if content is None and run.file_id is not None:
                content = files.read(session, run.file_id)
            done, mapping = run.done, run.mapping
        try:
            if content is None:
                raise Invalid("import.file_erased")
            read = run_limited(
                read_export,
                content,
                places.municipalities(),
                clock.today(),
                place_aliases(clock.today()),
                mapping,
                seconds=_READ_SECONDS,
                memory_mb=_READ_MEGABYTES,
            )
        except Invalid as refused:
            with work.transaction() as session:
                run = find_run(session, import_id)
                if refused.code == ASKING and run.file_id is not None:
                    run.ask()
                else:
                    fail_import(session, run, refused)
            return
        if "records" in read:
            self._restore(work, import_id, read, done)
        else:
            self._take_in(work, import_id, read, done)

    def _restore(self, work: Work, import_id: UUID, read: dict[str, Any], done: int) -> None:
        """Bring an export of ours back, batch by batch as any import."""
        records: list[dict[str, Any]] = read["records"]
        try:
            restore_records.require_restorer(work.caller)
        except Refused as refused:
            with work.transaction() as session:
                fail_import(session, find_run(session, import_id), refused)
            return
        with work.transaction() as session:
            find_run(session, import_id).work_on(len(records))
        work.progress(done, len(records))
        for start in range(done, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            behind = start + len(batch)

            def take(session: Session, batch: list[dict[str, Any]] = batch, behind: int = behind) -> None:
                run = find_run(session, import_id)
                restore_records.restore_batch(session, work.caller, self.sealer, run, batch, done=behind)

            _insist(work, take)
            work.progress(behind, len(records))
        with work.transaction() as session:
            run = find_run(session, import_id)
            if not run.dry_run:
                restore_records.link_partners(session, work.caller, run, records)
            finish_import(session, work.caller, run, read["problems"])

    def _take_in(self, work: Work, import_id: UUID, read: dict[str, Any], done: int) -> None:
        submissions: list[dict[str, Any]] = read["submissions"]
        for submission in submissions:
            if key := submission.pop("key", None):
                submission["identity"] = f"row:{self.sealer.fingerprint(key.encode())}"
        rest = self._locate(read) + read["problems"]
        identities = frozenset(s["identity"] for s in submissions if s["identity"])
        for submission in submissions:
            submission["headers"], submission["positions"] = read["headers"], read["positions"]
        with work.transaction() as session:
            find_run(session, import_id).work_on(len(submissions))
        work.progress(done, len(submissions))
        for start in range(done, len(submissions), _BATCH):
            batch = submissions[start : start + _BATCH]
            behind = start + len(batch)

            def take(session: Session, batch: list[dict[str, Any]] = batch, behind: int = behind) -> None:
                run = find_run(session, import_id)
                import_batch(session, work.caller, self.sealer, run, batch, identities=identities, done=behind)

            _insist(work, take)
            work.progress(behind, len(submissions))
        with work.transaction() as session:
            finish_import(session, work.caller, find_run(session, import_id), rest)

    def _locate(self, read: dict[str, Any]) -> list[dict[str, Any]]:
        """Put territory's answers to the submissions; comes back with the one problem there is when it is away."""
        located = [s for s in read["submissions"] if s["stored"] and s["facts"]["point"]]
        asked = [Asked(**s["facts"]["point"], municipality=s["facts"]["municipality"]) for s in located]
        try:
            answers = self.territory.locate(asked) if asked else []
        except TerritoryAway:
            return [_unsettled(read, len(asked))]
        for submission, answer in zip(located, answers, strict=True):
            submission["place"] = {
                "municipality": answer.municipality,
                "contradicts": answer.contradicts,
                "boundaries": answer.boundaries,
            }
            if answer.contradicts:
                submission["problems"].append(_contradiction(read, submission, answer.municipality))
        return []

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
)


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


def _contradiction(read: dict[str, Any], submission: dict[str, Any], found: str | None) -> dict[str, Any]:
    declared = submission["facts"]["municipality"]
    facts = {"declared": places.full_name(declared), "found": places.full_name(found) or "—"}
    return _problem(read, submission, "place.contradicted", facts)


def _unsettled(read: dict[str, Any], points: int) -> dict[str, Any]:
    nowhere = {"sheet": None, "row": None}
    return _problem(read, nowhere, "place.pending", {"points": points})


def _problem(read: dict[str, Any], where: Mapping[str, Any], code: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "sheet": where["sheet"],
        "row": where["row"],
        "column": read["headers"]["gps"],
        "position": read["positions"].get("gps", 0),
        "code": code,
        "facts": facts,
    }


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
