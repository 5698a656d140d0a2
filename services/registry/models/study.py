"""A study made with a university: what was asked and found, and which records and municipalities it covers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity, rows_of
from services.registry.models.institutions import Institution
from services.registry.models.undertaking import InMunicipality, Undertaking, WithFile
from services.registry.rules.chains import folded
from shared.kernel import Invalid, clock, uuid7


class Study(Undertaking, Entity):
    """A study with its institution, its team, its method and its findings."""

    __tablename__ = "study"
    __table_args__ = (Index("ix_study_begins", "begins_on", "id"),)

    unknown = "study.unknown"
    files_full = "study.files_full"

    subject: Mapped[str] = mapped_column(String(1000))
    method: Mapped[str | None] = mapped_column(String(2000))
    findings: Mapped[str | None] = mapped_column(String(8000))
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    team: Mapped[list[Any]]
    search_text: Mapped[str] = mapped_column(String(14000))
    institution: Mapped[Institution] = relationship(lazy="joined")

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
        self.places = rows_of(StudyPlace, self.places, "municipality", municipalities)
        words = (title, subject, institution.name, *(member["name"] for member in team), method, findings)
        self.search_text = folded(" ".join(filter(None, words)))[:14000]
        self.touch()

    def facts(self) -> dict[str, Any]:
        """What is said of it today, also for its history."""
        names = ("title", "subject", "method", "findings", "team", "begins_on", "ends_on", "municipalities")
        return {name: getattr(self, name) for name in names} | {"institution_id": self.institution.id}


class StudyPlace(InMunicipality, Entity):
    """A municipality that a study covers."""

    __tablename__ = "study_municipality"
    __table_args__ = (Index("ix_study_municipality", "municipality", "study_id"),)

    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), primary_key=True)


class StudyFile(WithFile, Entity):
    """A file of a study."""

    __tablename__ = "study_file"

    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), index=True)


class StudyRecord(Entity):
    """A record that a study covers."""

    __tablename__ = "study_record"

    study_id: Mapped[UUID] = mapped_column(ForeignKey("study.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, index=True)
