"""What people judged a chain to be worth in a place, where data say nothing."""

from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import clock, uuid7


class ChainScore(Versioned, Entity):
    """The score from 0 to 4 of a chain by one criterion in a unit, with its evidence; None once it was taken back."""

    __tablename__ = "chain_score"
    __table_args__ = (UniqueConstraint("unit", "chain", "criterion", name="uq_chain_score_place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6))
    chain: Mapped[str] = mapped_column(String(40))
    criterion: Mapped[str] = mapped_column(String(40))
    score: Mapped[int | None]
    evidence: Mapped[str] = mapped_column(String(1000))
    scored_by: Mapped[str] = mapped_column(String(120))
    scored_by_name: Mapped[str] = mapped_column(String(200))
    scored_at: Mapped[datetime]

    @classmethod
    def of(cls, caller: Caller, *, unit: str, chain: str, criterion: str) -> Self:
        """A chain that nobody has scored there yet; give it its score by `judge`."""
        return cls(
            id=uuid7(), unit=unit, chain=chain, criterion=criterion, score=None, evidence="",
            scored_by=caller.subject, scored_by_name=caller.name, scored_at=clock.now(),
        )  # fmt: skip

    def judge(self, caller: Caller, score: int | None, evidence: str) -> None:
        """It is worth so much, and this is why; by whom and now."""
        self.score, self.evidence = score, evidence
        self.scored_by, self.scored_by_name, self.scored_at = caller.subject, caller.name, clock.now()
