"""Case stories: what a firm, a group or an enterprise did and what came of it, told as far as its owner agrees."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from services.training.rules import case_stories as rules
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock

SUBJECT_KINDS = ("sme", "group", "enterprise")
DIMENSIONS = ("credit", "market", "quality", "training", "formalization")
LINK_VALID, LINK_EXPIRED, LINK_REVOKED = "valid", "expired", "revoked"
STORY_LINK_STATES = (LINK_VALID, LINK_EXPIRED, LINK_REVOKED)
ON_PAPER, BY_LINK, TOLD = "paper", "link", "told"
WAYS = (ON_PAPER, BY_LINK, TOLD)
BY_CONSENT, BY_TEAM = "consent", "team"
_NOTHING: Mapping[str, Any] = dict.fromkeys(rules.LANGUAGES)


class CaseStory(Versioned, Recorded, Entity):
    """A story; `content` holds its parts in each language and its figures. What may be shown is settled anew whenever
    its owner says something or something of it changes.
    """

    __tablename__ = "case_story"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    subject_kind: Mapped[str] = mapped_column(String(12))
    sme_id: Mapped[UUID | None] = mapped_column(ForeignKey("sme.id"), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"), index=True)
    enterprise_id: Mapped[UUID | None] = mapped_column(index=True)
    firm_name: Mapped[str | None] = mapped_column(String(200))
    person_name: Mapped[str | None] = mapped_column(String(200))
    area: Mapped[str | None] = mapped_column(String(24))
    dimension: Mapped[str | None] = mapped_column(String(16))
    sector: Mapped[str] = mapped_column(String(24))
    year: Mapped[int]
    content: Mapped[dict[str, Any]]
    words: Mapped[str] = mapped_column(Text)
    """What it says without case and accents, for the search."""
    worded_on: Mapped[date]
    """The day since which it says what it says, and of whom: no paper of before can agree to it."""
    state: Mapped[str] = mapped_column(String(12), default=rules.DRAFT, index=True)
    since: Mapped[date]
    submitted_by: Mapped[str | None] = mapped_column(String(120))
    published_on: Mapped[date | None] = mapped_column(index=True)
    taken_off: Mapped[str | None] = mapped_column(String(12))
    """Why it was withdrawn: consent or team."""
    note: Mapped[str | None] = mapped_column(String(2000))
    on_web: Mapped[bool] = mapped_column(default=False)
    shows_name: Mapped[bool] = mapped_column(default=False)
    shows_person: Mapped[bool] = mapped_column(default=False)

    reviews: Mapped[list["StoryReview"]] = relationship(order_by="StoryReview.number", cascade="all, delete-orphan")
    pictures: Mapped[list["StoryPicture"]] = relationship(order_by="StoryPicture.id", cascade="all, delete-orphan")
    materials: Mapped[list["StoryMaterial"]] = relationship(
        order_by="StoryMaterial.position", cascade="all, delete-orphan"
    )
    consents: Mapped[list["StoryConsent"]] = relationship(
        order_by="StoryConsent.said_on, StoryConsent.id", cascade="all, delete-orphan"
    )

    def tell(self, *, content: Mapping[str, Any], **facts: Any) -> None:
        """What it says and of whom; refused while it is reviewed and afterwards, and without an area or a dimension."""
        if self.state not in rules.WRITABLE:
            raise Refused("story.not_writable", state=self.state)
        if not facts["area"] and not facts["dimension"]:
            raise Invalid("story.area_or_dimension", pointer="/area")
        if facts["year"] > clock.today().year:
            raise Invalid("story.year_to_come", pointer="/year", year=clock.today().year)
        names = (self.firm_name, self.person_name)
        for name, value in facts.items():
            setattr(self, name, value)
        if self.content != content or names != (self.firm_name, self.person_name):
            self.worded_on = clock.today()
        self.content = dict(content)
        self.words = rules.plain(" ".join(rules.texts_of(self.content)))

    def name_materials(self, material_ids: Sequence[UUID]) -> None:
        """The materials of the library that it names, in this order; they are no part of what its owner agrees to."""
        before = {one.material_id: one for one in self.materials}
        if list(before) == list(material_ids):
            return
        self.materials = [before.get(one) or StoryMaterial(material_id=one) for one in material_ids]
        for position, one in enumerate(self.materials, start=1):
            one.position = position
        flag_modified(self, "year")

    def submit(self, by: str) -> None:
        """Hand it in for review; refused while a part of it is missing."""
        rules.require_step(self.state, rules.SUBMITTED)
        if silent := rules.missing(self.content):
            raise Invalid("story.incomplete", pointer=silent[0], missing=len(silent))
        self._come_to(rules.SUBMITTED)
        self.submitted_by = by

    def take(self, reviewer: Caller) -> None:
        """Somebody begins to review it; refused to who wrote it or handed it in."""
        self._require_other(reviewer)
        rules.require_step(self.state, rules.IN_REVIEW)
        self._come_to(rules.IN_REVIEW)

    def conclude(self, reviewer: Caller, review: "StoryReview") -> None:
        """The round of review ends: approved, or returned with what is recommended."""
        self._require_other(reviewer)
        rules.require_step(self.state, review.outcome)
        review.number = len(self.reviews) + 1
        self.reviews.append(review)
        self._come_to(review.outcome)

    def publish(self, sme_name: str | None) -> None:
        """It stands in the library, as far as was agreed; refused without consent to its text as it is today, and where
        a name stands in it that may not be told.
        """
        rules.require_step(self.state, rules.PUBLISHED)
        if not self.allowed.text:
            raise Refused("story.without_consent")
        if self.names_untold(sme_name):
            raise Refused("story.names_somebody")
        self._come_to(rules.PUBLISHED)
        self.published_on, self.taken_off = clock.today(), None
        self.settle(sme_name)

    def withdraw(self, why: str, note: str | None = None) -> None:
        """It leaves the library."""
        rules.require_step(self.state, rules.WITHDRAWN)
        self._come_to(rules.WITHDRAWN)
        self.taken_off, self.note = why, note
        self.on_web = self.shows_name = self.shows_person = False

    def reopen(self) -> None:
        """It is written anew; it will be reviewed again."""
        rules.require_step(self.state, rules.DRAFT)
        self._come_to(rules.DRAFT)

    def settle(self, sme_name: str | None) -> None:
        """What was said applies at once: a published story that lost its consent, or whose text names somebody who may
        not be named, leaves the library.
        """
        now = self.allowed
        if self.state == rules.PUBLISHED and (not now.text or self.names_untold(sme_name)):
            self.withdraw(BY_CONSENT)
            return
        here = self.state == rules.PUBLISHED
        self.on_web, self.shows_name, self.shows_person = here and now.web, here and now.name, here and now.person

    def names_untold(self, sme_name: str | None) -> list[str]:
        """The names that stand in its text though nobody agreed to tell them."""
        now = self.allowed
        firm = [] if now.name else [self.firm_name, sme_name]
        person = [] if now.person else [self.person_name]
        return rules.mentioned(rules.texts_of(self.content), [*firm, *person])

    @property
    def shown(self) -> rules.Shown:
        """What there is to be agreed to today."""
        return self._shown_on(clock.today())

    def _shown_on(self, day: date) -> rules.Shown:
        """What there is to be agreed to, of the pictures those that were there on a day."""
        there = [picture for picture in self.pictures if clock.day_of(picture.recorded_at) <= day]
        return rules.Shown(
            text=rules.fingerprint(self.content),
            name=rules.fingerprint(self.firm_name) if self.firm_name else None,
            person=rules.fingerprint(self.person_name) if self.person_name else None,
            pictures=tuple(rules.fingerprint(str(picture.id)) for picture in there),
        )

    @property
    def allowed(self) -> rules.Allowed:
        """What may be shown today."""
        said = [rules.Said(one.purpose, one.given, tuple(one.covers)) for one in self.consents]
        return rules.allowed(said, self.shown)

    def hear(self, said: Sequence["StoryConsent"], sme_name: str | None) -> None:
        """What its owner says applies at once, for the pictures there were on that day; of two words on a purpose the
        later day counts. Refused of an erased story, of a day to come, and of a paper that is older than what the story
        says.
        """
        if self.state == rules.ERASED:
            raise Refused("story.erased")
        for one in said:
            if one.said_on > clock.today():
                raise Invalid("story.said_to_come", pointer="/said_on")
            if one.given and one.said_on < self.worded_on:
                raise Invalid("story.paper_before_words", pointer="/said_on", day=self.worded_on)
            one.covers = list(self._shown_on(one.said_on).of(one.purpose)) if one.given else []
        self.consents = sorted([*self.consents, *said], key=lambda one: (one.said_on, one.id))
        flag_modified(self, "state")
        self.settle(sme_name)

    def show(self, picture: "StoryPicture", *, most: int) -> None:
        """One more picture, which nobody sees before its owner agreed to it; refused beyond `most`."""
        if self.state == rules.ERASED:
            raise Refused("story.erased")
        if len(self.pictures) >= most:
            raise Refused("story.pictures_enough", most=most)
        self.pictures.append(picture)
        flag_modified(self, "state")

    def part_with(self, picture: "StoryPicture") -> UUID:
        """The file of a picture that it shows no more."""
        self.pictures.remove(picture)
        flag_modified(self, "state")
        return picture.file_id

    def may_show(self, picture: "StoryPicture") -> bool:
        """Whether a picture may be shown."""
        return rules.fingerprint(str(picture.id)) in self.allowed.pictures

    def picture(self, picture_id: UUID) -> "StoryPicture":
        """One of its pictures; refused where it has none of that id."""
        found = next((one for one in self.pictures if one.id == picture_id), None)
        if found is None:
            raise NotFound("story.unknown_picture")
        return found

    def forget(self) -> None:
        """Nothing of it stays but that there was a story, where and when."""
        self.content, self.words = dict(_NOTHING), ""
        self.firm_name = self.person_name = self.note = self.enterprise_id = None
        self._come_to(rules.ERASED)
        self.on_web = self.shows_name = self.shows_person = False
        self.published_on = None
        for review in self.reviews:
            review.recommendations = ""

    def _come_to(self, state: str) -> None:
        self.state, self.since = state, clock.today()

    def _require_other(self, reviewer: Caller) -> None:
        if reviewer.subject in {self.recorded_by, self.submitted_by}:
            raise Refused("story.own")


class StoryWoman(Entity):
    """A woman behind the enterprise of a story: with her goes the story."""

    __tablename__ = "case_story_woman"

    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class StoryMaterial(Entity):
    """A story names a material of the library, with which others can do the same."""

    __tablename__ = "case_story_material"

    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), primary_key=True)
    material_id: Mapped[UUID] = mapped_column(ForeignKey("library_material.id"), primary_key=True, index=True)
    position: Mapped[int]


class StoryReview(Entity):
    """A round of review: what a reviewer recommends, and whether the story was approved."""

    __tablename__ = "case_story_review"

    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(12))
    recommendations: Mapped[str] = mapped_column(String(4000))
    reviewed_by: Mapped[str] = mapped_column(String(120))
    reviewed_by_name: Mapped[str] = mapped_column(String(200))
    reviewed_on: Mapped[date]


class StoryPicture(Recorded, Entity):
    """A picture of a story without the notes of its camera; what is seen in it, in each language."""

    __tablename__ = "case_story_picture"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), index=True)
    file_id: Mapped[UUID]
    seen_es: Mapped[str] = mapped_column(String(300))
    seen_en: Mapped[str] = mapped_column(String(300))


class StoryConsent(Recorded, Entity):
    """What an owner said of one purpose, how and when; `covers` are the fingerprints of what she was shown."""

    __tablename__ = "case_story_consent"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    given: Mapped[bool]
    covers: Mapped[list[Any]]
    way: Mapped[str] = mapped_column(String(8))
    said_on: Mapped[date]
    file_id: Mapped[UUID | None]
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_story_link.id"))

    def lose_paper(self) -> None:
        """The signed paper was erased."""
        self.file_id = None


class StoryLink(Versioned, Recorded, Entity):
    """A personal link through which the owner reads the story and says what may be shown."""

    __tablename__ = "case_story_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    story_id: Mapped[UUID] = mapped_column(ForeignKey("case_story.id"), index=True)
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]

    story: Mapped[CaseStory] = relationship()

    @property
    def state(self) -> str:
        if self.revoked_on is not None:
            return LINK_REVOKED
        return LINK_EXPIRED if self.expires_on < clock.today() else LINK_VALID

    def revoke(self) -> None:
        """Nothing is read or said through it any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("story_link.revoked_already")
        self.revoked_on = clock.today()
