"""The voices that make a curriculum: contributions, acceptances, the links through which somebody without an account
speaks, and the groups that learn by it.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.curricula import CurriculumVersion
from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Refused, clock

OPEN, TAKEN_UP, DECLINED = "open", "taken_up", "declined"
ANSWERS = (TAKEN_UP, DECLINED)
CONTRIBUTION_STATES = (OPEN, *ANSWERS)
LINK_STATES = ("valid", "expired", "revoked")


class Speaks:
    """Who spoke: a voice, an account or a link, and a name; a woman is an id, and of the group that she speaks in."""

    voice: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(120))
    by_name: Mapped[str | None] = mapped_column(String(200))
    group_id: Mapped[UUID | None]
    entrepreneur_id: Mapped[UUID | None] = mapped_column(index=True)
    at: Mapped[datetime]

    def forget(self) -> None:
        """She withdrew: that somebody of her group spoke stays."""
        self.entrepreneur_id = None


class CurriculumContribution(Speaks, Entity):
    """What somebody says about a version, or about a module of it, and what was made of it."""

    __tablename__ = "curriculum_contribution"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_version.id"), index=True)
    module_id: Mapped[UUID | None]
    text: Mapped[str] = mapped_column(String(4000))
    state: Mapped[str] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(String(2000))
    answered_by_name: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]

    def reply(self, state: str, answer: str, by: Caller) -> None:
        """It was taken up, or not, and why; refused a second time."""
        if self.state != OPEN:
            raise Refused("curriculum.answered_already")
        self.state, self.answer = state, answer.strip()
        self.answered_by_name, self.answered_at = by.name, clock.now()


class CurriculumAcceptance(Speaks, Entity):
    """A voice accepted exactly this content of a version; an entrepreneur for her group."""

    __tablename__ = "curriculum_acceptance"
    __table_args__ = (UniqueConstraint("version_id", "voice", "group_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_version.id"))
    content_hash: Mapped[str] = mapped_column(String(64))


class CurriculumLink(Versioned, Recorded, Entity):
    """A personal link to a version: of an entrepreneur of a group (an id), or of an expert from outside (a name)."""

    __tablename__ = "curriculum_link"
    __table_args__ = (Index("ix_curriculum_link_version_id", "version_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_version.id"))
    voice: Mapped[str] = mapped_column(String(12))
    holder_name: Mapped[str | None] = mapped_column(String(200))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"))
    entrepreneur_id: Mapped[UUID | None] = mapped_column(index=True)
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]
    curriculum_version: Mapped[CurriculumVersion] = relationship()

    @property
    def state(self) -> str:
        valid, expired, revoked = LINK_STATES
        if self.revoked_on is not None:
            return revoked
        return expired if self.expires_on < clock.today() else valid

    @property
    def subject(self) -> str:
        """Who speaks through it, as histories name her."""
        return f"curriculum-link:{self.id}"

    def revoke(self) -> None:
        """Nothing is said through it any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("curriculum.link_revoked_already")
        self.revoked_on = clock.today()

    def forget(self) -> None:
        """She withdrew: it leads nowhere, and nobody knows whose it was."""
        self.entrepreneur_id = None
        self.revoked_on = self.revoked_on or clock.today()


class GroupCurriculum(Entity):
    """From then on a group learns by a version; the latest of a group holds."""

    __tablename__ = "group_curriculum"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_version.id"), index=True)
    chosen_by: Mapped[str] = mapped_column(String(120))
    chosen_by_name: Mapped[str] = mapped_column(String(200))
    chosen_at: Mapped[datetime]
    stands: Mapped[bool]
    """Whether it is the latest of its group."""

    def give_way(self) -> None:
        """Another version holds for the group."""
        self.stands = False


def as_spoken(voice: str, by: Caller, **more: Any) -> dict[str, Any]:
    """The columns of who speaks now; a woman's name is not among them."""
    named = None if more.get("entrepreneur_id") else by.name
    return {"voice": voice, "by": by.subject, "by_name": named, "at": clock.now(), **more}
