"""Case stories as their team reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CaseStory, Sme, StoryConsent, StoryLink, StoryPicture, TrainingGroup
from services.training.models.case_stories import LINK_VALID
from services.training.queries.materials import named_materials, readable_materials
from services.training.queries.scope import check_units, within
from services.training.rules import case_stories as rules
from shared import files, links
from shared.database import labelled
from shared.identity import Caller, Scope
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_ROW = (
    *("id", "version", "unit", "subject_kind", "sme_id", "group_id", "enterprise_id", "area", "dimension", "sector"),
    *("year", "content", "state", "since", "published_on", "on_web", "taken_off", "note", "recorded_by_name"),
)
_FILTERS = ("state", "area", "dimension", "sector", "subject_kind", "sme_id")


@dataclass(frozen=True, slots=True)
class StoryDoor:
    """An owner who speaks through her link: `caller` may do nothing but for her story."""

    story: CaseStory
    link: StoryLink
    caller: Caller


def list_stories(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The stories of the caller's territory that meet all filters, the latest first."""
    columns = labelled(CaseStory, *_ROW)
    wanted = select(*columns).where(caller.scope.condition(CaseStory.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        wanted = wanted.where(within(CaseStory.unit, [unit]))
    for name in _FILTERS:
        if value := filters.get(name):
            wanted = wanted.where(getattr(CaseStory, name) == value)
    for word in rules.plain(filters.get("text", "")).split():
        wanted = wanted.where(CaseStory.words.contains(word, autoescape=True))
    page = keyset_page(session, wanted, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([{**row, "titles": titles(row["content"])} for row in page.rows], page.next)


def show_story(session: Session, caller: Caller, story_id: UUID) -> dict[str, Any]:
    """One story with its reviews, its pictures, and what was agreed."""
    return told(session, caller, readable(session, caller, story_id))


def readable(session: Session, caller: Caller, story_id: UUID) -> CaseStory:
    """A story of the caller's territory."""
    story = session.get(CaseStory, story_id)
    if story is None:
        raise NotFound("story.unknown")
    caller.require_scope(story.unit)
    return story


def told(session: Session, caller: Caller, story: CaseStory) -> dict[str, Any]:
    """A story as its team reads it; `allowed` is what may be shown today by purpose, `names_untold` the names that keep
    it out of the library; of its materials `readable` are those that the caller may read.
    """
    now = story.allowed
    row: dict[str, Any] = {name: getattr(story, name) for name in (*_ROW, "firm_name", "person_name", "worded_on")}
    group = session.get(TrainingGroup, story.group_id) if story.group_id else None
    sme = session.get(Sme, story.sme_id) if story.sme_id else None
    ids = [one.material_id for one in story.materials]
    named, hers = named_materials(session, ids), readable_materials(session, caller, ids)
    return row | {
        "titles": titles(story.content),
        "subject_id": story.sme_id or story.group_id or story.enterprise_id,
        "subject_name": sme.name if sme else group.name if group else None,
        "reviews": [_review(one) for one in story.reviews],
        "pictures": [picture_row(story, one) for one in story.pictures],
        "materials": [named[one] | {"readable": one in hers} for one in ids],
        "allowed": {purpose: now.has(purpose) for purpose in rules.PURPOSES},
        "names_untold": story.names_untold(sme.name if sme else None),
        "consents": [_consent(one) for one in story.consents],
    }


def titles(content: Mapping[str, Any]) -> dict[str, str]:
    """What it is called in each language that it is written in."""
    return {language: content[language]["title"] for language in rules.LANGUAGES if content.get(language)}


def picture_row(story: CaseStory, picture: StoryPicture) -> dict[str, Any]:
    """A picture: its id, what is seen in it, whether it may be shown."""
    seen = {"seen_es": picture.seen_es, "seen_en": picture.seen_en}
    return {"id": picture.id, "allowed": story.may_show(picture), **seen}


def picture_file(session: Session, picture: StoryPicture) -> tuple[bytes, files.StoredFile]:
    """The bytes of a picture, for whoever may see it, and what is known of its file."""
    return files.read(session, picture.file_id), files.find(session, picture.file_id)


def paper_of(session: Session, caller: Caller, story_id: UUID, consent_id: UUID) -> UUID:
    """The file of the paper on which something was agreed to."""
    story = readable(session, caller, story_id)
    consent = next((one for one in story.consents if one.id == consent_id), None)
    if consent is None or consent.file_id is None:
        raise NotFound("story.no_paper")
    return consent.file_id


def links_of(session: Session, caller: Caller, story_id: UUID, key: bytes) -> list[dict[str, Any]]:
    """The links of a story's owner, the latest first."""
    readable(session, caller, story_id)
    wanted = select(StoryLink).where(StoryLink.story_id == story_id).order_by(StoryLink.id.desc()).limit(50)
    return [link_row(link, key) for link in session.scalars(wanted)]


def link_row(link: StoryLink, key: bytes) -> dict[str, Any]:
    """One link with what stands in its address."""
    names = ("id", "version", "story_id", "state", "expires_on", "revoked_on", "recorded_by_name", "recorded_at")
    return {name: getattr(link, name) for name in names} | {"token": links.signed(link.id, link.expires_on, key)}


def opened(session: Session, token: str, key: bytes) -> StoryDoor:
    """Whose story an address leads to; refuses alike what was not signed here, what was taken back and what is over."""
    read = links.read(token, key)
    link = session.get(StoryLink, read[0]) if read else None
    is_open = link is not None and read is not None and link.state == LINK_VALID and link.expires_on == read[1]
    if link is None or not is_open or link.story.state == rules.ERASED:
        raise NotFound("story_link.not_open")
    speaks = Caller(f"story-link:{link.id}", "", frozenset(), Scope.of(link.story.unit))
    return StoryDoor(link.story, link, speaks)


def _review(review: Any) -> dict[str, Any]:
    names = ("number", "outcome", "recommendations", "reviewed_by_name", "reviewed_on")
    return {name: getattr(review, name) for name in names}


def _consent(one: StoryConsent) -> dict[str, Any]:
    names = ("id", "purpose", "given", "way", "said_on", "recorded_by_name", "recorded_at")
    return {name: getattr(one, name) for name in names} | {"paper": one.file_id is not None}
