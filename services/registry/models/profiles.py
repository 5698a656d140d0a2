"""The rubrics of centres, the profiles of enterprises, and the steps by which records were checked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.enterprise import Enterprise
from services.registry.models.entity import Entity
from services.registry.rules.assessment import Assessment, as_announced
from services.registry.rules.rubrics import SUBJECTS, Edition, Rubric
from services.registry.rules.validation import Judgement
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock, uuid7


class RubricEdition(Entity):
    """A rubric that a centre adopted from a day on. It is never changed: another edition is another row, and of two of
    the same day the later one counts.
    """

    __tablename__ = "rubric"
    __table_args__ = (Index("ix_rubric_centre", "centre_id", "valid_from", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(500))
    content: Mapped[dict[str, Any]]
    adopted_at: Mapped[datetime]
    adopted_by: Mapped[str] = mapped_column(String(120))
    adopted_by_name: Mapped[str] = mapped_column(String(200))

    @classmethod
    def adopt(cls, centre_id: UUID, rubric: Rubric, valid_from: date, source: str, caller: Caller) -> Self:
        """The centre works by this rubric from `valid_from` on."""
        return cls(
            id=uuid7(),
            centre_id=centre_id,
            valid_from=valid_from,
            source=source,
            content=rubric.to_json(),
            adopted_at=clock.now(),
            adopted_by=caller.subject,
            adopted_by_name=caller.name,
        )

    @property
    def value(self) -> Edition:
        return Edition(self.id, self.centre_id, self.valid_from, self.source, Rubric.from_json(self.content))


class EnterpriseProfile(Entity):
    """The profile of an enterprise as somebody saw it on a day, with what followed by the edition it cites:
    `rubric_id`, or the network's of `edition`. It is never changed: what was wrong is put right by a later one. What
    an import brought (`import_id`) goes with it when it is undone.
    """

    __tablename__ = "enterprise_profile"
    __table_args__ = (Index("ix_enterprise_profile_latest", "enterprise_id", "assessed_on", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    rubric_id: Mapped[UUID | None] = mapped_column(ForeignKey("rubric.id"), index=True)
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    edition: Mapped[date]
    assessed_on: Mapped[date]
    score: Mapped[int]
    tier: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime]
    assessor: Mapped[str] = mapped_column(String(120))
    assessor_name: Mapped[str] = mapped_column(String(200))
    levels: Mapped[list["ProfileLevel"]] = relationship(
        cascade="all, delete-orphan", order_by="ProfileLevel.rank", lazy="selectin", passive_deletes=True
    )

    @classmethod
    def write(
        cls,
        enterprise_id: UUID,
        assessed_on: date,
        seen: Mapping[str, tuple[int, str | None]],
        edition: Edition,
        assessment: Assessment,
        caller: Caller,
        *,
        import_id: UUID | None = None,
    ) -> Self:
        """What was seen: a level and the evidence for it in each subject."""
        return cls(
            id=uuid7(),
            enterprise_id=enterprise_id,
            rubric_id=edition.id,
            import_id=import_id,
            edition=edition.valid_from,
            assessed_on=assessed_on,
            score=assessment.score,
            tier=assessment.tier,
            recorded_at=clock.now(),
            assessor=caller.subject,
            assessor_name=caller.name,
            levels=[
                ProfileLevel(rank=rank, subject=subject, level=seen[subject][0], evidence=seen[subject][1])
                for rank, subject in enumerate(SUBJECTS)
            ],
        )

    @property
    def told(self) -> dict[str, int]:
        """The level of each subject."""
        return {one.subject: one.level for one in self.levels}

    @property
    def announced(self) -> dict[str, Any]:
        """As the others hear of it, in plain JSON values."""
        return as_announced(self.assessed_on, self.score, self.told)

    def level(self, subject: str) -> "ProfileLevel":
        found = next((one for one in self.levels if one.subject == subject), None)
        if found is None:
            raise NotFound("profile.unknown_subject")
        return found


class ProfileLevel(Entity):
    """One subject of a profile: its level, the evidence in words and, where there is one, a photograph or document."""

    __tablename__ = "profile_level"

    profile_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise_profile.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    rank: Mapped[int]
    level: Mapped[int]
    evidence: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[UUID | None]

    def keep(self, file_id: UUID) -> None:
        """The evidence is also this file; one that is kept already stays."""
        if self.file_id is not None:
            raise Refused("profile.file_kept_already")
        self.file_id = file_id

    def part_with_file(self) -> UUID:
        """The evidence is its words alone from now on. Comes back with the file to erase."""
        if self.file_id is None:
            raise NotFound("profile.without_file")
        file_id, self.file_id = self.file_id, None
        return file_id

    def forget(self) -> tuple[bool, UUID | None]:
        """One of its owners withdrew: the level stays, what was written goes. Comes back with whether there were words,
        and the file to erase.
        """
        written, file_id = bool(self.evidence), self.file_id
        self.evidence = self.file_id = None
        return written, file_id


class ValidationStep(Entity):
    """One step of the check of a record: from which state to which, by whom, on what evidence of which day. Steps are
    only ever added; one that an import took (`import_id`) goes with it when it is undone.
    """

    __tablename__ = "validation_step"
    __table_args__ = (Index("ix_validation_step_enterprise", "enterprise_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    state_before: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    evidence: Mapped[str | None] = mapped_column(String(12))
    evidence_on: Mapped[date]
    words: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(120))
    taken_by_name: Mapped[str] = mapped_column(String(200))

    @classmethod
    def take(
        cls, enterprise: Enterprise, judgement: Judgement, caller: Caller, *, import_id: UUID | None = None
    ) -> Self:
        """Judge the record, and write down how that came."""
        step = cls(
            id=uuid7(),
            enterprise_id=enterprise.id,
            import_id=import_id,
            state_before=enterprise.validation,
            state=judgement.state,
            evidence=judgement.evidence,
            evidence_on=judgement.on,
            words=judgement.words,
            taken_at=clock.now(),
            taken_by=caller.subject,
            taken_by_name=caller.name,
        )
        enterprise.judge(judgement.state, judgement.on)
        return step

    def forget(self) -> bool:
        """One of its owners withdrew: that there was a check stays, what was written goes. Says whether any was."""
        written, self.words = bool(self.words), None
        return written
