"""What campaigns and studies have in common: a title, a period, municipalities, files."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from services.registry.rules.outreach import MOST_FILES
from shared.database import Versioned
from shared.kernel import NotFound, Refused, clock, uuid7


class InMunicipality:
    """A municipality of an undertaking."""

    municipality: Mapped[str] = mapped_column(String(6), primary_key=True)


class WithFile:
    """A file of an undertaking, kept among the stored files."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID]


class Undertaking(Versioned):
    """Something done in some municipalities from a day on. Its rows of places and files are `<Name>Place` and
    `<Name>File`.
    """

    unknown: ClassVar[str]
    """The code of the refusal where there is none."""
    files_full: ClassVar[str]
    """The code of the refusal of one file too many."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @declared_attr
    @classmethod
    def places(cls) -> Mapped[list[Any]]:
        row = f"{cls.__name__}Place"
        return relationship(row, cascade="all, delete-orphan", order_by=f"{row}.municipality", lazy="selectin")

    @declared_attr
    @classmethod
    def files(cls) -> Mapped[list[Any]]:
        row = f"{cls.__name__}File"
        return relationship(row, cascade="all, delete-orphan", order_by=f"{row}.id", lazy="selectin")

    def keep(self, file_id: UUID) -> None:
        """One more of its files."""
        if len(self.files) >= MOST_FILES:
            raise Refused(self.files_full, maximum=MOST_FILES)
        self.files.append(type(self).files.property.mapper.class_(id=uuid7(), file_id=file_id))
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
