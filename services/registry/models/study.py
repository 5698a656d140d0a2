"""A study made with a university: what was asked and found, and which records and municipalities it covers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.models.institutions import Institution
from services.registry.rules.chains import folded
from services.registry.rules.outreach import MOST_FILES
from shared.database import Versioned
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7


class Study(Versioned, Entity):
    """A study with its institution, its team, its method and its findings."""

    __tablename__ = "study"
    __table_args__ = (Index("ix_study_begins", "begins_on", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(1000))
    method: Mapped[str | None] = mapped_column(String(2000))
    findings: Mapped[str | None] = mapped_column(String(8000))
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    team: Mapped[list[Any]]
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(String(14000))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    institution: Mapped[Institution] = relationship(lazy="joined")
    places: Mapped[list["StudyPlace"]] = relationship(
        cascade="all, delete-orphan", order_by="StudyPlace.municipality", lazy="selectin"
    )
    files: Mapped[list["StudyFile"]] = relationship(
        cascade="all, delete-orphan", order_by="StudyFile.id", lazy="selectin"
    )

    @classmethod
    def begin(cls, **facts: Any) -> Self:
        """A new study."""
        self = cls(id=uuid7(), created_at=clock.now(), places=[], files=[])
        self.describe(**facts)
        return self

    def describe(
        self,
        *,
        title: str,
        subject: str,
        method: str | None,
        findings: str | None,
        institution: Institution,
        team: Sequence[Mapping[str, Any]],
        begins_on: date,
        ends_on: date | None,
        municipalities: Sequence[str],
    ) -> None:
        """Take what is said of it; refuses an end before its beginning."""
        if ends_on is not None and ends_on < begins_on:
            raise Invalid("study.ends_before", pointer="/ends_on", begins=begins_on.isoformat())
        self.title, self.subject, self.method, self.findings = title, subject, method, findings
        self.institution, self.team = institution, [dict(member) for member in team]
        self.begins_on, self.ends_on = begins_on, ends_on
        known = {place.municipality: place for place in self.places}
        self.places = [known.get(code) or StudyPlace(municipality=code) for code in sorted(set(municipalities))]
        words = (title, subject, institution.name, *(member["name"] for member in team), method, findings)
        self.search_text = folded(" ".join(filter(None, words)))[:14000]
        self.touch()

    def keep(self, file_id: UUID) -> None:
        """One more of its files."""
        if len(self.files) >= MOST_FILES:
            raise Refused("study.files_full", maximum=MOST_FILES)
        self.files.append(StudyFile(id=uuid7(), file_id=file_id))
        self.touch()

    def let_go(self, file_id: UUID) -> None:
        found = next((kept for kept in self.files if kept.file_id == file_id), None)
        if found is None:
            raise NotFound("file.unknown")
        self.files.remove(found)
        self.touch()

    def touch(self) -> None:
        self.changed_at = clock.now()

    @property
    def municipalities(self) -> list[str]:
        return [place.municipality for place in self.places]

    def facts(self) -> dict[str, Any]:
        """What is said of it today, also for its history."""
        names = ("title", "subject", "method", "findings", "team", "begins_on", "ends_on", "municipalities")
        return {name: getattr(self, name) for name in names} | {"institution_id": self.institution.id}


class StudyPlace(Entity):
    """A municipality that a study covers."""

    __tablename__ = "study_municipality"
    __table_args__ = (Index("ix_study_municipality", "municipality", "study_id"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), primary_key=True)


class StudyFile(Entity):
    """A file of a study, kept among the stored files."""

    __tablename__ = "study_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), index=True)
    file_id: Mapped[UUID]


class StudyRecord(Entity):
    """A record that a study covers."""

    __tablename__ = "study_record"

    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, index=True)
