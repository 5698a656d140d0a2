"""Pairs of records that may be of one woman, what people decided about them, and merges."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.models.entity import Entity
from services.registry.models.intake import NUMBER
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7

STATES = ("open", "not_duplicates", "merged")


class DuplicateRecord(Entity):
    """What a woman is compared by: her blocking keys, hashed; by `print` and `person` it is seen whether her record
    changed, `compared` is the print with which she was compared last.
    """

    __tablename__ = "duplicate_record"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), unique=True)
    print: Mapped[int] = mapped_column(BigInteger)
    person: Mapped[int] = mapped_column(BigInteger)
    compared: Mapped[int | None] = mapped_column(BigInteger)
    keys: Mapped[bytes]


class DuplicatePair(Versioned, Entity):
    """Two women who may be one. open -> not_duplicates | merged, and back to open where a decision is taken back."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        Index("ix_duplicate_pair_queue", "state", "points", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    one_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), index=True)
    one_municipality: Mapped[str] = mapped_column(String(6))
    other_municipality: Mapped[str] = mapped_column(String(6))
    points: Mapped[float]
    decision: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[Any]]
    one_print: Mapped[int] = mapped_column(BigInteger)
    other_print: Mapped[int] = mapped_column(BigInteger)
    one_person: Mapped[int] = mapped_column(BigInteger)
    other_person: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    scan_id: Mapped[UUID]
    found_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    because: Mapped[str | None] = mapped_column(String(500))

    @property
    def women(self) -> tuple[UUID, UUID]:
        return self.one_id, self.other_id

    def judged(self, scan_id: UUID, **verdict: Any) -> None:
        """What a search thinks of them now."""
        self.scan_id = scan_id
        for name, value in verdict.items():
            setattr(self, name, value)

    def tell_apart(self, caller: Caller, because: str) -> None:
        """Somebody knows that these are two women; remembered until what tells one from the other changes."""
        self._require("open")
        self._decide("not_duplicates", caller, because)

    def become_one(self, caller: Caller) -> None:
        """The two records are one now."""
        self._require("open")
        self._decide("merged", caller, None)

    def reopen(self) -> None:
        """What was decided is taken back: the pair waits again."""
        if self.state == "open":
            raise Refused("duplicate.open_already")
        self.state = "open"
        self.decided_by = self.decided_by_name = self.decided_at = self.because = None

    def _decide(self, state: str, caller: Caller, because: str | None) -> None:
        self.state, self.because = state, because
        self.decided_by, self.decided_by_name, self.decided_at = caller.subject, caller.name, clock.now()

    def _require(self, state: str) -> None:
        if self.state != state:
            raise Refused("duplicate.decided_already", state=self.state, by=self.decided_by_name or "")


class DuplicateScan(Entity):
    """One search for pairs; working -> done. `reached` is the code of the last pair that was judged and written."""

    __tablename__ = "duplicate_scan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    thorough: Mapped[bool]
    edition: Mapped[str] = mapped_column(String(16))
    started_by_name: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    records: Mapped[int]
    fresh: Mapped[int]
    compared: Mapped[int]
    uncompared: Mapped[int]
    left_out: Mapped[list[Any]]
    reached: Mapped[UUID | None]

    @classmethod
    def begin(cls, caller: Caller, edition: str, *, thorough: bool) -> Self:
        """A search by the rules of an edition; a thorough one judges every pair anew."""
        return cls(
            id=uuid7(),
            state="working",
            thorough=thorough,
            edition=edition,
            started_by_name=caller.name,
            started_at=clock.now(),
            records=0,
            fresh=0,
            compared=0,
            uncompared=0,
            left_out=[],
        )

    def freshened(self, women: int) -> None:
        """So many women's keys were made anew."""
        self.fresh += women

    def reach(self, entrepreneur_id: UUID) -> None:
        """All pairs whose first woman is not beyond this one are judged."""
        self.reached = entrepreneur_id

    def finish(self, *, records: int, compared: int, uncompared: int, left_out: list[dict[str, Any]]) -> None:
        """What was looked at, and what was left out of it."""
        self.state, self.finished_at = "done", clock.now()
        self.records, self.compared, self.uncompared, self.left_out = records, compared, uncompared, left_out


class DuplicateMerge(Versioned, Entity):
    """Two women's records that became one; `sealed` is how all of it stood before and after, until it is undone or she
    withdraws. `enterprises` are pairs of ids: the one that stays, and the one that became part of it.
    """

    __tablename__ = "duplicate_merge"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pair_id: Mapped[UUID | None] = mapped_column(index=True)
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), index=True)
    absorbed_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), index=True)
    municipalities: Mapped[list[str]]
    enterprises: Mapped[list[Any]]
    automatic: Mapped[bool]
    merged_by: Mapped[str] = mapped_column(String(120))
    merged_by_name: Mapped[str] = mapped_column(String(200))
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by_name: Mapped[str | None] = mapped_column(String(200))
    sealed: Mapped[bytes | None]

    @classmethod
    def of(cls, caller: Caller, pair: DuplicatePair, survivor_id: UUID, *, automatic: bool) -> Self:
        one, other = pair.women
        return cls(
            id=uuid7(),
            pair_id=pair.id,
            survivor_id=survivor_id,
            absorbed_id=other if survivor_id == one else one,
            enterprises=[],
            automatic=automatic,
            merged_by=caller.subject,
            merged_by_name=caller.name,
            merged_at=clock.now(),
        )

    def keep(self, enterprises: list[tuple[UUID, UUID]], municipalities: set[str], sealed: bytes) -> None:
        """Which enterprises became one, where all of them lie, and how everything stood, sealed."""
        self.enterprises = [[str(kept), str(gone)] for kept, gone in enterprises]
        self.municipalities, self.sealed = sorted(municipalities), sealed

    @property
    def enterprise_pairs(self) -> list[tuple[UUID, UUID]]:
        return [(UUID(kept), UUID(gone)) for kept, gone in self.enterprises]

    def undo(self, caller: Caller) -> None:
        """Both records stand again as they stood before."""
        self.undone_at, self.undone_by_name, self.sealed = clock.now(), caller.name, None

    def forget(self) -> None:
        """She withdrew: how her records stood before is not known any more."""
        self.sealed = None
