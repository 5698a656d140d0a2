"""The long work of the registry: taking a field inventory in, undoing that, and what upkeep there is besides."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry import duplicates, upkeep
from services.registry.intake.locating import Locating
from services.registry.intake.sent import read_sent
from services.registry.intake.submissions import read_parts
from services.registry.intake.waiting import Waiting
from services.registry.models import Draft, ImportRun
from services.registry.models.intake import OVER
from services.registry.sealing import Sealer
from services.registry.tables import place_aliases
from services.registry.territory import Territory
from services.registry.use_cases import arrive_beside, import_inventory, restore_records, review_draft, undo_import
from services.registry.use_cases.arrive_beside import Batch
from services.registry.use_cases.decide_import import Identities
from services.registry.use_cases.enter_records import Arrived, Import
from services.registry.use_cases.import_inventory import fail_import, find_run, finish_import, import_batch
from services.registry.work import Work, insist
from shared import files, places
from shared.identity import Caller
from shared.jobs import Handler, Job
from shared.kernel import Forbidden, Invalid, Refused, Stale, clock
from shared.sandbox import Borrowed, in_memory, stream_limited
from shared.workbooks import DEFAULT, Limits

ASKING = "file.mapping_needed"
_BATCH, _LARGE_BATCH = 500, 2_000
_READ_MEGABYTES = 1024


@dataclass(frozen=True)
class LongWork:
    """The handlers of the registry's jobs."""

    sealer: Sealer
    territory: Territory

    def handlers(self) -> dict[str, Handler]:
        return {
            import_inventory.KIND: self._import,
            undo_import.KIND: self._undo,
            review_draft.KIND: self._take_draft,
            **upkeep.handlers(self.territory),
            **duplicates.handlers(self.sealer),
        }

    def take_in(
        self,
        work: Work,
        import_id: UUID,
        content: bytes | BinaryIO | None = None,
        limits: Limits = DEFAULT,
        *,
        require: Callable[[Session], object] = lambda _session: None,
    ) -> None:
        """Carry one import out, from where an interrupted attempt left it; each batch is one transaction, and the first
        one begins when all of the file was read. The file is the stored one unless `content` is given. What a batch
        needs to be taken in is `require`d in its transaction.
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
                    rest, identities = self._read(work.caller, content, limits, mapping, waiting)
            except (Invalid, Forbidden) as refused:
                with work.transaction() as session:
                    run = find_run(session, import_id)
                    if refused.code == ASKING and run.file_id is not None:
                        run.ask()
                    else:
                        fail_import(session, run, refused)
                return
            if identities is None:
                self._bring_back(work, import_id, waiting, done)
            else:
                self._take_in(work, import_id, waiting, identities, done, require)
        with work.transaction() as session:
            finish_import(session, work.caller, find_run(session, import_id), rest)

    def _read(
        self, caller: Caller, file: BinaryIO, limits: Limits, mapping: Mapping[str, str] | None, waiting: Waiting
    ) -> tuple[list[dict[str, Any]], Identities | None]:
        """Have a child process read the file; what it read waits, with what territory says of it. Comes back with what
        is wrong with no submission in particular, and the identities of the whole file; None where it is an export of
        ours, and whole records wait.
        """
        identities, locating, today = Identities(), Locating(self.territory), clock.today()
        given = (limits, places.municipalities(), today, place_aliases(today), mapping)
        with stream_limited(
            read_parts, Borrowed(file.fileno()), *given, seconds=limits.seconds, memory_mb=_READ_MEGABYTES
        ) as parts:
            about = next(parts)
            if "ours" in about:
                restore_records.require_restorer(caller)
                for part in parts:
                    waiting.put(part.get("records", []))
                return part["problems"], None
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

    def _bring_back(self, work: Work, import_id: UUID, waiting: Waiting, done: int) -> None:
        """Bring the records of an export of ours back; then those of them that trade with each other know it."""
        with work.transaction() as session:
            dry_run = find_run(session, import_id).dry_run
            find_run(session, import_id).work_on(waiting.count)
        work.progress(done, waiting.count)
        for batch in waiting.batches(_BATCH, after=done):
            done += len(batch)

            def take(session: Session, batch: Batch = batch, done: int = done) -> None:
                run = find_run(session, import_id)
                restore_records.restore_batch(session, work.caller, self.sealer, run, batch, done=done)

            insist(work, take)
            work.progress(done, waiting.count)
        for batch in () if dry_run else waiting.batches(_BATCH):

            def link(session: Session, batch: Batch = batch) -> None:
                restore_records.link_partners(session, work.caller, find_run(session, import_id), batch)

            insist(work, link)

    def _take_in(
        self,
        work: Work,
        import_id: UUID,
        waiting: Waiting,
        identities: Identities,
        done: int,
        require: Callable[[Session], object],
    ) -> None:
        with work.transaction() as session:
            find_run(session, import_id).work_on(waiting.count)
        work.progress(done, waiting.count)
        left = waiting.count - done
        size = _BATCH if left < arrive_beside.FROM else _LARGE_BATCH
        with self._arriving(work, import_id, waiting.batches(size, after=done), left) as batches:
            for batch, arrived in batches:
                done += len(batch)
                rows = arrived.result() if arrived else None

                def take(session: Session, batch: Batch = batch, rows: Arrived | None = rows, done: int = done) -> None:
                    require(session)
                    run = find_run(session, import_id)
                    import_batch(
                        session, work.caller, self.sealer, run, batch, identities=identities, done=done, arrived=rows
                    )

                insist(work, take)
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
            insist(work, take)
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

    def look_at(self, content: bytes) -> dict[str, Any]:
        """The one submission of a document, as an import of it alone would read it, with territory's answer."""
        today, locating = clock.today(), Locating(self.territory)
        submission = read_sent(content, places.municipalities(), today, place_aliases(today))
        locating.settle([submission])
        submission["problems"] += locating.unsettled(submission)
        return submission

    def _take_draft(self, job: Job) -> Mapping[str, Any]:
        """Take in what waited, unless while the job was on its way another version of it came, it went, or its woman
        has an enterprise elsewhere now.
        """
        import_id, draft_id = UUID(job.payload["import"]), UUID(job.payload["draft"])
        with job.reading() as session:
            draft = session.get(Draft, draft_id)
            same = draft is not None and draft.fingerprint == job.payload["print"] and draft.import_id == import_id
            content = review_draft.content_of(draft, self.sealer) if draft and same else None

        def accepted(session: Session) -> None:
            review_draft.require_taken_in_by(session, job.caller, draft_id, import_id)

        try:
            self.take_in(job, import_id, content, require=accepted)
        except Refused as refused:
            if refused.code not in {"draft.decided", "permission.outside_scope"}:
                raise
            with job.transaction() as session:
                fail_import(session, find_run(session, import_id), refused)
        with job.transaction() as session:
            run = find_run(session, import_id)
            draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
            if draft is not None and draft.import_id == import_id and draft.state == "accepted":
                review_draft.settle_draft(session, draft)
            return {"import": str(run.id), "state": run.state, "refusal": run.refusal}

    def settle(self, work: Work, country: str | None) -> int:
        """Settle what is pending and, where a country is named, all of its points; comes back with how many changed."""
        return upkeep.settle(work, self.territory, country)
