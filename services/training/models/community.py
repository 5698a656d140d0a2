"""The community of practice: topics with what members wrote, what was reported and hidden, and what they share."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.models.smes import Recorded, Sme
from services.training.rules.case_stories import plain
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Refused, clock

OUTCOMES = ("hidden", "kept")
RESOURCE_KINDS = ("link", "file", "material")
WAITING, SHOWN, DECLINED, TAKEN_BACK = "waiting", "shown", "declined", "taken_back"
CONTRIBUTION_STATES = (WAITING, SHOWN, DECLINED, TAKEN_BACK)


class Hideable:
    """What a moderator may hide from everybody but moderators, for a reason."""

    hidden_at: Mapped[datetime | None]
    hidden_by_name: Mapped[str | None] = mapped_column(String(200))
    hidden_reason: Mapped[str | None] = mapped_column(String(1000))

    def hide(self, moderator: Caller, reason: str) -> None:
        """Nobody but moderators reads it; refused a second time."""
        if self.hidden_at is not None:
            raise Refused("community.hidden_already")
        self.hidden_at, self.hidden_by_name, self.hidden_reason = clock.now(), moderator.name, reason

    def restore(self) -> None:
        """Everybody reads it again."""
        if self.hidden_at is None:
            raise Refused("community.not_hidden")
        self.hidden_at = self.hidden_by_name = self.hidden_reason = None


class CommunityTopic(Versioned, Recorded, Entity):
    """A subject that members write about; `posts` is how many posts it ever had, the first of them opens it."""

    __tablename__ = "community_topic"
    __table_args__ = (Index("ix_community_topic_order", "pinned", "last_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    space: Mapped[str] = mapped_column(String(24), index=True)
    title: Mapped[str] = mapped_column(String(160))
    words: Mapped[str] = mapped_column(String(640))
    locked: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    """Its opening post is hidden: members do not find it."""
    posts: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    last_by_name: Mapped[str] = mapped_column(String(200))
    firms_unit: Mapped[str | None] = mapped_column(String(6))
    """Firms of this territory read it and reply through their links; None: members alone."""

    def receive(self, post: "CommunityPost") -> None:
        """One more post; refused once it was closed."""
        if self.locked:
            raise Refused("community.topic_closed")
        self.posts += 1
        post.number, self.last_at, self.last_by_name = self.posts, post.recorded_at, post.recorded_by_name

    def keep(self, *, locked: bool, pinned: bool) -> None:
        """Whether it is closed, and whether it stays on top."""
        self.locked, self.pinned = locked, pinned

    def open_to_firms(self, unit: str | None) -> None:
        """Firms of which territory read it from now on; None: of none."""
        self.firms_unit = unit

    def follow_opening(self, post: "CommunityPost") -> None:
        """It is found as long as its opening post is; once that is deleted, its title is gone as well."""
        self.hidden = post.hidden_at is not None or (post.deleted_at is not None and self.posts == 1)
        if post.deleted_at is not None:
            self.title = self.words = ""


class CommunityPost(Hideable, Versioned, Recorded, Entity):
    """What a member wrote in a topic: plain text, which she may change for a while and take back for good."""

    __tablename__ = "community_post"
    __table_args__ = (
        UniqueConstraint("topic_id", "number"),
        Index("ix_community_post_author", "recorded_by", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("community_topic.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    role: Mapped[str] = mapped_column(String(24))

    topic: Mapped[CommunityTopic] = relationship()
    edits: Mapped[list["CommunityEdit"]] = relationship(order_by="CommunityEdit.number", cascade="all, delete-orphan")
    files: Mapped[list["CommunityFile"]] = relationship(order_by="CommunityFile.id", cascade="all, delete-orphan")

    @property
    def is_shown(self) -> bool:
        return self.hidden_at is None and self.deleted_at is None

    def say(self, text: str) -> None:
        """What it says, in the words that a search finds."""
        self.text, self.words = text, plain(text)

    def edit(self, author: Caller, text: str, *, minutes: int) -> None:
        """It says something else, what it said before stays; refused to others, after a while, and once it is hidden,
        deleted or its topic closed.
        """
        self.require_author(author)
        self._require_shown()
        if self.topic.locked:
            raise Refused("community.topic_closed")
        if clock.now() - self.recorded_at > timedelta(minutes=minutes):
            raise Refused("community.too_late_to_edit", minutes=minutes)
        if text == self.text:
            return
        self.edits.append(CommunityEdit(number=len(self.edits) + 1, text=self.text, replaced_at=clock.now()))
        self.edited_at = clock.now()
        self.say(text)

    def delete(self, author: Caller) -> list[UUID]:
        """Only that there was something stays; the files that go with it. Refused to others and a second time; what is
        hidden stays for those who judge it.
        """
        self.require_author(author)
        self._require_shown()
        gone = [one.file_id for one in self.files]
        self.text, self.words, self.deleted_at = "", "", clock.now()
        self.edits.clear()
        self.files.clear()
        return gone

    def attach(self, author: Caller, file: "CommunityFile", *, most: int) -> None:
        """One more file; refused to others, in a closed topic and beyond `most`."""
        self.require_author(author)
        self._require_shown()
        if self.topic.locked:
            raise Refused("community.topic_closed")
        if len(self.files) >= most:
            raise Refused("community.files_enough", most=most)
        self.files.append(file)

    def require_author(self, caller: Caller) -> None:
        """Refuses who did not write it."""
        if caller.subject != self.recorded_by:
            raise Forbidden("community.not_yours")

    def require_other(self, moderator: Caller) -> None:
        """Refuses who would judge what she wrote herself."""
        if moderator.subject == self.recorded_by:
            raise Refused("community.own_judged")

    def _require_shown(self) -> None:
        if not self.is_shown:
            raise Refused("community.not_shown")


class CommunityEdit(Entity):
    """What a post said before it was changed."""

    __tablename__ = "community_edit"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("community_post.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class CommunityFile(Entity):
    """A file of a post."""

    __tablename__ = "community_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("community_post.id"), index=True)
    file_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]


class CommunityReport(Recorded, Entity):
    """A member says that a post harms somebody; a moderator settles it."""

    __tablename__ = "community_report"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("community_post.id"), index=True)
    reason: Mapped[str] = mapped_column(String(1000))
    outcome: Mapped[str | None] = mapped_column(String(8))
    settled_at: Mapped[datetime | None]
    settled_by_name: Mapped[str | None] = mapped_column(String(200))

    post: Mapped[CommunityPost] = relationship()

    def settle(self, moderator: Caller, outcome: str) -> None:
        """What became of it; refused a second time."""
        if self.settled_at is not None:
            raise Refused("community.settled_already")
        self.outcome, self.settled_at, self.settled_by_name = outcome, clock.now(), moderator.name


class CommunityReading(Entity):
    """How far a member has read a topic, and whether she follows it."""

    __tablename__ = "community_reading"

    topic_id: Mapped[UUID] = mapped_column(ForeignKey("community_topic.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(120), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    follows: Mapped[bool] = mapped_column(default=False)

    def read_to(self, number: int) -> None:
        """She has read as far as this post, or farther."""
        self.number = max(self.number, number)

    def follow(self, *, follows: bool) -> None:
        self.follows = follows


class CommunityResource(Hideable, Versioned, Recorded, Entity):
    """Something that a member shares: an address on the web, a file, or a material of the library."""

    __tablename__ = "community_resource"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    space: Mapped[str] = mapped_column(String(24), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(160))
    material_id: Mapped[UUID | None] = mapped_column(ForeignKey("library_material.id"), index=True)
    about: Mapped[str] = mapped_column(String(1000))
    words: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(String(500))
    file_id: Mapped[UUID | None]
    name: Mapped[str | None] = mapped_column(String(200))

    def tell(self, **facts: Any) -> None:
        """What it is, each fact by its name."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.words = plain(f"{self.title} {self.about}")
        if not plain(self.title):
            raise Invalid("community.title_without_letters", pointer="/title")


class CommunityContribution(Versioned, Recorded, Entity):
    """What a firm wrote through its link: nobody but moderators reads it until one of them lets it be shown.

    With a topic it is a reply, without one it opens a topic of its own.
    """

    __tablename__ = "community_contribution"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("community_topic.id"))
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey("community_post.id"))
    """The post that it became."""
    title: Mapped[str | None] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default=WAITING, index=True)
    reason: Mapped[str | None] = mapped_column(String(1000))
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(200))

    sme: Mapped[Sme] = relationship()
    topic: Mapped[CommunityTopic | None] = relationship()

    def show(self, moderator: Caller, post: CommunityPost) -> None:
        """It stands in its topic as this post."""
        self._decide(moderator, SHOWN)
        self.topic_id, self.post_id = post.topic_id, post.id

    def decline(self, moderator: Caller, reason: str) -> None:
        """Nobody else reads it; the firm reads why."""
        self._decide(moderator, DECLINED)
        self.reason = reason

    def take_back(self) -> None:
        """Its words are gone; refused a second time."""
        if self.state == TAKEN_BACK:
            raise Refused("community.taken_back_already")
        self.state, self.text, self.title = TAKEN_BACK, "", None

    def require_waiting(self) -> None:
        """Refuses what was decided or taken back."""
        if self.state != WAITING:
            raise Refused("community.decided_already")

    def _decide(self, moderator: Caller, state: str) -> None:
        self.require_waiting()
        self.state, self.decided_at, self.decided_by_name = state, clock.now(), moderator.name
