"""Curricula: what is taught to a kind of enterprise, in versions that never change once they were proposed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.curriculum_materials import CurriculumMaterial, named
from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from services.training.rules.curricula import (
    DRAFT,
    OPEN_TO_ACCEPT,
    PROPOSED,
    REPLACED,
    WITHDRAWN,
    content_hash,
    settled,
)
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7

HEAD = ("title", "topic", "type", "language")
MODULE = ("title", "objectives", "contents", "methods", "minutes", "links")


class Curriculum(Versioned, Recorded, Entity):
    """A curriculum: its topic, the kind of enterprise and the language it is for, and where it is kept (`unit`)."""

    __tablename__ = "curriculum"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    title: Mapped[str] = mapped_column(String(160))
    topic: Mapped[str] = mapped_column(String(24), index=True)
    type: Mapped[str] = mapped_column(String(24), index=True)
    """A chain, `family:` and a family of chains, or any."""
    language: Mapped[str] = mapped_column(String(12))
    versions: Mapped[list["CurriculumVersion"]] = relationship(
        cascade="all, delete-orphan", order_by="CurriculumVersion.number", back_populates="curriculum"
    )

    @property
    def latest(self) -> "CurriculumVersion":
        return self.versions[-1]

    def change(self, told: Mapping[str, Any]) -> None:
        """Its head anew; refused once a version was proposed: what was accepted stays what it says."""
        if any(one.state != DRAFT for one in self.versions):
            raise Refused("curriculum.proposed_already")
        for name in HEAD:
            setattr(self, name, told[name])
        self.title = self.title.strip()

    def revise(self, version_id: UUID, change: str, by: Caller) -> "CurriculumVersion":
        """The next version, a draft that begins with what the latest says; refused while a draft is open."""
        if self.latest.state == DRAFT:
            raise Refused("curriculum.draft_open", number=self.latest.number)
        made = CurriculumVersion.begin(version_id, self.latest.number + 1, change, by)
        made.modules = [one.copied() for one in self.latest.modules]
        self.versions.append(made)
        return made


class CurriculumVersion(Versioned, Recorded, Entity):
    """A version of a curriculum: written as a draft, then proposed as it stands and accepted by the three voices."""

    __tablename__ = "curriculum_version"
    __table_args__ = (UniqueConstraint("curriculum_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    curriculum_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), index=True)
    change: Mapped[str] = mapped_column(String(2000))
    """What is new in it."""
    edits: Mapped[int]
    """How often its modules were written; so that each writing makes a new row version."""
    content_hash: Mapped[str | None] = mapped_column(String(64))
    proposed_at: Mapped[datetime | None]
    proposed_by_name: Mapped[str | None] = mapped_column(String(200))
    accepted_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    """Since when it is replaced or withdrawn."""
    ended_reason: Mapped[str | None] = mapped_column(String(2000))
    curriculum: Mapped[Curriculum] = relationship(back_populates="versions")
    modules: Mapped[list["CurriculumModule"]] = relationship(
        cascade="all, delete-orphan", order_by="CurriculumModule.position"
    )

    @classmethod
    def begin(cls, version_id: UUID, number: int, change: str, by: Caller) -> "CurriculumVersion":
        """An empty draft."""
        return cls(
            id=version_id,
            number=number,
            state=DRAFT,
            change=change.strip(),
            edits=0,
            modules=[],
            recorded_by=by.subject,
            recorded_by_name=by.name,
            recorded_at=clock.now(),
        )

    @property
    def unit(self) -> str:
        return self.curriculum.unit

    @property
    def minutes(self) -> int:
        """Of all its modules."""
        return sum(one.minutes for one in self.modules)

    def module(self, module_id: UUID) -> "CurriculumModule":
        found = next((one for one in self.modules if one.id == module_id), None)
        if found is None:
            raise NotFound("curriculum.unknown_module")
        return found

    def add(self, module: "CurriculumModule", *, most: int) -> None:
        """One more module, the last; refused beyond `most`."""
        self._edit()
        if len(self.modules) >= most:
            raise Refused("curriculum.too_many_modules", most=most)
        self.modules.append(module)
        self._renumber()

    def rewrite(self, module_id: UUID, told: Mapping[str, Any]) -> None:
        self._edit()
        self.module(module_id).tell(told)

    def remove(self, module_id: UUID) -> "CurriculumModule":
        """The module that is no longer part of it."""
        self._edit()
        gone = self.module(module_id)
        self.modules.remove(gone)
        self._renumber()
        return gone

    def place(self, module_id: UUID, position: int) -> None:
        """Put a module at a place, the first is 1; the others move along."""
        self._edit()
        moved = self.module(module_id)
        if not 1 <= position <= len(self.modules):
            raise Invalid("curriculum.no_such_place", pointer="/position", last=len(self.modules))
        rest = [one for one in self.modules if one is not moved]
        for number, one in enumerate([*rest[: position - 1], moved, *rest[position - 1 :]], start=1):
            one.position = number

    def attach(self, module_id: UUID, paper: Mapping[str, Any], *, most: int) -> None:
        """One more stored file of a module."""
        self._edit()
        self.module(module_id).attach(paper, most=most)

    def detach(self, module_id: UUID, file_id: UUID) -> None:
        """A stored file is no longer part of a module."""
        self._edit()
        self.module(module_id).detach(file_id)

    def propose(self, by: Caller) -> None:
        """From now on it says what it says; refused without a module."""
        self._require_draft()
        if not self.modules:
            raise Refused("curriculum.without_modules")
        self.state, self.content_hash = PROPOSED, self.told_hash()
        self.proposed_at, self.proposed_by_name = clock.now(), by.name

    def told_hash(self) -> str:
        """The hash of its content as it stands."""
        head = {name: getattr(self.curriculum, name) for name in HEAD}
        return content_hash(head, [one.content() for one in self.modules])

    def settle(self, accepted: frozenset[str], *, used: bool) -> bool:
        """Take the state that these acceptances give it; whether all three voices have accepted it now for the first
        time.
        """
        self.state = settled(self.state, accepted, used=used)
        first = self.state in OPEN_TO_ACCEPT - {PROPOSED} and self.accepted_on is None
        if first:
            self.accepted_on = clock.today()
        return first

    def require_open(self, content: str | None = None) -> None:
        """Refuses unless it can be accepted or chosen, and, where `content` is given, unless it is what was read."""
        if self.state == DRAFT:
            raise Refused("curriculum.still_draft")
        if self.state not in OPEN_TO_ACCEPT:
            raise Refused("curriculum.version_over", day=self.ended_on)
        if content is not None and content != self.content_hash:
            raise Refused("curriculum.other_content")

    def replace(self) -> None:
        """A later version takes its place; groups that use it go on with it."""
        if self.state in OPEN_TO_ACCEPT:
            self.state, self.ended_on = REPLACED, clock.today()

    def withdraw(self, reason: str) -> None:
        """Nothing more is planned with it; refused for what is withdrawn already."""
        if self.state == WITHDRAWN:
            raise Refused("curriculum.version_over", day=self.ended_on)
        self.state, self.ended_on, self.ended_reason = WITHDRAWN, clock.today(), reason.strip()

    def _edit(self) -> None:
        self._require_draft()
        self.edits += 1

    def _require_draft(self) -> None:
        if self.state != DRAFT:
            raise Refused("curriculum.not_draft", number=self.number)

    def _renumber(self) -> None:
        for number, one in enumerate(self.modules, start=1):
            one.position = number


class CurriculumModule(Entity):
    """A part of a curriculum: what for, what, how, for how long, with which materials."""

    __tablename__ = "curriculum_module"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_version.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(160))
    objectives: Mapped[str] = mapped_column(String(4000))
    contents: Mapped[str] = mapped_column(String(8000))
    methods: Mapped[list[str]]
    minutes: Mapped[int]
    links: Mapped[list[Any]]
    """Of `title` and `link`."""
    papers: Mapped[list[Any]]
    """Stored files, of `id`, `name`, `media_type`, `size` and `sha256`."""
    materials: Mapped[list[CurriculumMaterial]] = relationship(
        cascade="all, delete-orphan", order_by="CurriculumMaterial.position"
    )

    @property
    def material_ids(self) -> list[UUID]:
        """Of the library, in their order."""
        return [one.material_id for one in sorted(self.materials, key=lambda one: one.position)]

    def tell(self, told: Mapping[str, Any]) -> None:
        for name in MODULE:
            setattr(self, name, told[name])
        self.materials = named(told.get("material_ids", ()), self.materials)

    def attach(self, paper: Mapping[str, Any], *, most: int) -> None:
        if len(self.papers) >= most:
            raise Refused("curriculum.too_many_files", most=most)
        self.papers = [*self.papers, dict(paper)]

    def detach(self, file_id: UUID) -> None:
        kept = [one for one in self.papers if one["id"] != str(file_id)]
        if len(kept) == len(self.papers):
            raise NotFound("curriculum.unknown_file")
        self.papers = kept

    def copied(self) -> "CurriculumModule":
        """The same in another version; its stored files are the same."""
        names = (*MODULE, "position", "papers")
        told = {name: getattr(self, name) for name in names}
        return CurriculumModule(id=uuid7(), materials=named(self.material_ids), **told)

    def content(self) -> dict[str, Any]:
        """What is accepted of it; a stored file by its bytes, a material of the library by its id."""
        papers = [{"name": one["name"], "sha256": one["sha256"]} for one in self.papers]
        materials = [str(one) for one in self.material_ids]
        told = {name: getattr(self, name) for name in MODULE} | {"files": papers}
        return told | ({"materials": materials} if materials else {})
