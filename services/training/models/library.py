"""The library of materials: what there is to teach with, its files by version, and the words it is found by."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from services.training.rules.library.finding import LONGEST_TERM
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock

TEAM, NETWORK, PUBLIC = "team", "network", "public"
REACHES = (TEAM, NETWORK, PUBLIC)
"""Who may see a material, from few to everybody: the teams of its territory, the network, anybody."""


class LibraryMaterial(Versioned, Recorded, Entity):
    """A material: its files are versions of the same thing, or it lies on the web at `link`, where nobody here goes."""

    __tablename__ = "library_material"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    topics: Mapped[list[Any]]
    dimensions: Mapped[list[Any]]
    chains: Mapped[list[Any]]
    """Chains, and families of chains as `family:making`; none: for every chain."""
    language: Mapped[str] = mapped_column(String(12))
    author: Mapped[str] = mapped_column(String(200))
    """The organisation that wrote or published it."""
    year: Mapped[int | None]
    licence: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(String(2000))
    link: Mapped[str | None] = mapped_column(String(500))
    reach: Mapped[str] = mapped_column(String(8), default=TEAM)
    reach_by_name: Mapped[str | None] = mapped_column(String(200))
    reach_on: Mapped[date | None]
    archived_on: Mapped[date | None]
    archived_why: Mapped[str | None] = mapped_column(String(400))

    files: Mapped[list["LibraryFile"]] = relationship(order_by="LibraryFile.number", cascade="all, delete-orphan")

    def describe(self, facts: Mapping[str, Any], *, widest: str) -> None:
        """What it is, each fact by its name. Refused where its licence of use (`widest`: how far it lets it be shared)
        no longer allows what was decided.
        """
        if REACHES.index(self.reach or TEAM) > REACHES.index(widest):
            raise Invalid("library.licence_narrows", pointer="/licence")
        for name, value in facts.items():
            setattr(self, name, value)

    def add(self, file: "LibraryFile", *, most: int) -> None:
        """A newer version of its file; refuses the one that it has, one too many, and a material that is archived."""
        self._require_in_use()
        if self.files and self.files[-1].sha256 == file.sha256:
            raise Invalid("library.same_file", pointer="/file", number=self.files[-1].number)
        if len(self.files) >= most:
            raise Refused("library.too_many_versions", most=most)
        file.number = len(self.files) + 1
        self.files.append(file)
        flag_modified(self, "title")

    def file(self, number: int | None) -> "LibraryFile":
        """Its version with this number, the latest where none is asked for."""
        wanted = [one for one in self.files if number in {None, one.number}]
        if not wanted:
            raise NotFound("library.no_file")
        return wanted[-1]

    def share(self, reach: str, by: Caller, *, widest: str) -> None:
        """Who may see it from now on; refuses more than its licence of use allows, what is decided already, and to show
        others a material in which there is nothing to read.
        """
        self._require_in_use()
        if reach == self.reach:
            raise Refused("library.reach_already")
        if REACHES.index(reach) > REACHES.index(widest):
            raise Invalid("library.licence_forbids", pointer="/reach")
        if reach != TEAM and not self.files and not self.link:
            raise Refused("library.nothing_to_share")
        self.reach, self.reach_by_name, self.reach_on = reach, by.name, clock.today()

    def archive(self, why: str) -> None:
        """It is offered no more; who uses it already still reads it."""
        self._require_in_use()
        self.archived_on, self.archived_why = clock.today(), why.strip()

    def restore(self) -> None:
        """It is offered again."""
        if self.archived_on is None:
            raise Refused("library.not_archived")
        self.archived_on = self.archived_why = None

    def _require_in_use(self) -> None:
        if self.archived_on is not None:
            raise Refused("library.archived", day=self.archived_on)


class LibraryFile(Recorded, Entity):
    """A version of a material's file, known by the hash of its content."""

    __tablename__ = "library_file"
    __table_args__ = (UniqueConstraint("material_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    material_id: Mapped[UUID] = mapped_column(ForeignKey("library_material.id"))
    number: Mapped[int]
    file_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    note: Mapped[str] = mapped_column(String(400))
    """What is new in it."""


class LibraryTerm(Entity):
    """A material stands under this term; `weight` says how much the place tells where the term is said."""

    __tablename__ = "library_term"
    __table_args__ = (Index("ix_library_term_term", "term", "material_id"),)

    material_id: Mapped[UUID] = mapped_column(ForeignKey("library_material.id"), primary_key=True)
    term: Mapped[str] = mapped_column(String(LONGEST_TERM), primary_key=True)
    weight: Mapped[int]
