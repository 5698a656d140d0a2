"""Imports of field inventories, what was wrong with each, and which submission became which record."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.models.entity import Entity
from services.registry.models.remembered import recall
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7

OVER = ("done", "failed", "cancelled")
BROUGHT = ("created", "added", "owner")
"""The kinds of changes by which something came that was not there: a record with its woman, a record of a woman who
was there, one more owner of a record.
"""

NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class ImportRun(Entity):
    """One file that somebody brought in, or tried out; states: queued -> working -> done | failed | cancelled, or
    queued -> asking where somebody has to say what its columns are (that is another run of the same file).
    """

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_sha256", "file_sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dry_run: Mapped[bool]
    state: Mapped[str] = mapped_column(String(12))
    file_id: Mapped[UUID | None]
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    job_id: Mapped[UUID | None]
    started_by: Mapped[str] = mapped_column(String(120))
    started_by_name: Mapped[str] = mapped_column(String(200))
    scope: Mapped[list[str]]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    records: Mapped[int]
    done: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    lowered: Mapped[int]
    refusal: Mapped[str | None] = mapped_column(String(60))
    refusal_facts: Mapped[dict[str, Any]]
    mapping: Mapped[dict[str, Any] | None]
    undo_job_id: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by_name: Mapped[str | None] = mapped_column(String(200))
    undo_refusal: Mapped[str | None] = mapped_column(String(60))

    @classmethod
    def begin(cls, caller: Caller, *, file_name: str, sha256: str, file_id: UUID | None, dry_run: bool) -> Self:
        return cls(
            id=uuid7(),
            dry_run=dry_run,
            state="queued",
            file_id=file_id,
            file_name=file_name,
            file_sha256=sha256,
            started_by=caller.subject,
            started_by_name=caller.name,
            scope=sorted(caller.scope.units),
            created_at=clock.now(),
            records=0,
            done=0,
            created=0,
            updated=0,
            unchanged=0,
            lowered=0,
            refusal_facts={},
        )

    def hand_to(self, job_id: UUID) -> None:
        """The worker will do it as this job."""
        self.job_id = job_id

    def work_on(self, records: int) -> None:
        """The file was read: `records` submissions lie ahead, or what is left of them after an interruption."""
        self._require_open()
        self.state, self.records = "working", records

    def tally(self, *, created: int, updated: int, unchanged: int, lowered: int, done: int) -> None:
        """Count a batch; `lowered` are validations that were not its bringer's to give, `done` is how many submissions
        of the file are behind.
        """
        self._require_open()
        self.created += created
        self.updated += updated
        self.unchanged += unchanged
        self.lowered += lowered
        self.done = done

    def ask(self) -> None:
        """The file is somebody's own table: what its columns are has to be told first."""
        self._require_open()
        self.state = "asking"

    def told(self, mapping: dict[str, str]) -> None:
        """Which question each column answers."""
        self.mapping = mapping

    def finish(self) -> None:
        self._require_open()
        self.state, self.finished_at = "done", clock.now()

    def fail(self, refused: Refused) -> None:
        """The file could not be read, or the work was stopped: the code says why."""
        self._require_open()
        self.state, self.finished_at = "failed", clock.now()
        self.refusal = refused.code
        self.refusal_facts = {
            name: fact if isinstance(fact, int | float) else str(fact) for name, fact in refused.facts.items()
        }

    def cancel(self) -> None:
        """Somebody stopped it; what was taken in before stays."""
        self._require_open()
        self.state, self.finished_at = "cancelled", clock.now()

    def require_undoable(self) -> None:
        """Refuses a trial, which changed nothing, and what is still under way."""
        if self.dry_run:
            raise Refused("undo.of_a_trial")
        if self.state not in OVER:
            raise Refused("undo.under_way")

    def undo_as(self, job_id: UUID) -> None:
        """The worker will undo it as this job."""
        self.undo_job_id, self.undo_refusal = job_id, None

    def undone(self, caller: Caller) -> None:
        """All that it changed is as it was before."""
        self.undone_at, self.undone_by_name, self.undo_refusal = clock.now(), caller.name, None

    def stay(self, refused: Refused) -> None:
        """It could not be undone: the code says why."""
        self.undo_refusal = refused.code

    def forget_file(self) -> None:
        """The file was erased: the import is over, or somebody in it may have withdrawn."""
        self.file_id = None

    def _require_open(self) -> None:
        if self.state in OVER:
            raise Refused("import.over", state=self.state)


class ImportProblem(Entity):
    """One thing wrong with one cell of an import; `submission` lets a withdrawal find what it must forget."""

    __tablename__ = "import_problem"
    __table_args__ = (
        Index("ix_import_problem_import", "import_id", "number"),
        Index("ix_import_problem_submission", "submission"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id"))
    submission: Mapped[str | None] = mapped_column(String(200))
    sheet: Mapped[str | None] = mapped_column(String(200))
    row: Mapped[int | None]
    column: Mapped[str | None] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]]

    def forget(self) -> None:
        """She withdrew: that something was wrong stays, what stood in the cell goes."""
        self.facts = {}


class Submission(Entity):
    """A submission of the field form that became a record; its identity is unique, whoever imports it."""

    __tablename__ = "submission"

    identity: Mapped[str] = mapped_column(String(200), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), index=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id"))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    sealed: Mapped[bytes | None]
    withdrawn: Mapped[bool]
    taken_at: Mapped[datetime]

    @classmethod
    def take(cls, identity: str, enterprise_id: UUID, entrepreneur_id: UUID) -> Self:
        return cls(identity=identity, enterprise_id=enterprise_id, entrepreneur_id=entrepreneur_id, withdrawn=False)

    def keep(self, import_id: UUID, fingerprint: str, sealed: bytes | None) -> None:
        """Remember what this import brought, sealed; None where no form is known."""
        self.import_id, self.fingerprint, self.sealed = import_id, fingerprint, sealed
        self.taken_at = clock.now()

    def restore(self, before: dict[str, Any]) -> None:
        """As an earlier import left it."""
        recall(self, before)

    def forget(self) -> None:
        """She withdrew: only the identity stays, so that the file cannot bring her back."""
        self.fingerprint = self.sealed = None
        self.withdrawn = True


class ImportChange(Entity):
    """What an import made of one record; `sealed` is how the record stood before, None where there was none."""

    __tablename__ = "import_change"
    __table_args__ = (Index("ix_import_change_import", "import_id", "number"),)

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id"))
    identity: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    enterprise_id: Mapped[UUID]
    entrepreneur_id: Mapped[UUID] = mapped_column(index=True)
    sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]

    @classmethod
    def of(cls, run: ImportRun, taken: "Submission", kind: str, sealed: bytes | None) -> Self:
        return cls(
            import_id=run.id,
            identity=taken.identity,
            kind=kind,
            enterprise_id=taken.enterprise_id,
            entrepreneur_id=taken.entrepreneur_id,
            sealed=sealed,
            made_at=clock.now(),
        )

    @property
    def brought_her(self) -> bool:
        """Whether she was not there before."""
        return self.kind in {"created", "owner"}

    def forget(self) -> None:
        """She withdrew, or the import was undone: how the record stood before is not needed any more."""
        self.sealed = None
