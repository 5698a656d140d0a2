"""The library of case stories: what everybody may read, and what only the network may."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from services.training.models import CaseStory, StoryPicture
from services.training.queries.case_stories import titles
from services.training.queries.materials import readable_materials
from services.training.queries.scope import check_units, within
from services.training.rules import case_stories as rules
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_DEPARTMENT = 4
_KEYS = (CaseStory.published_on.label("published_on"), CaseStory.id.label("id"))
FACETS = ("area", "dimension", "sector", "country")


def list_published(
    session: Session, filters: Mapping[str, Any], *, network: bool, limit: int, after: str | None
) -> Page:
    """The published stories that meet all filters, the latest first; on the open web only those whose owners agreed to
    it, in the network all.
    """
    wanted = select(*_KEYS).where(_open(network))
    for name in ("area", "dimension", "sector", "year"):
        if value := filters.get(name):
            wanted = wanted.where(getattr(CaseStory, name) == value)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        if len(unit) > _DEPARTMENT:  # whose name is not told is not found by her municipality either
            wanted = wanted.where(CaseStory.shows_name)
        wanted = wanted.where(within(CaseStory.unit, [unit]))
    for word in rules.plain(filters.get("text", "")).split():
        wanted = wanted.where(CaseStory.words.contains(word, autoescape=True))
    page = keyset_page(session, wanted, keys=_KEYS, limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {
        story.id: story
        for story in session.scalars(
            select(CaseStory)
            .where(CaseStory.id.in_(ids))
            .options(selectinload(CaseStory.pictures), selectinload(CaseStory.consents))
        )
    }
    return Page([_row(found[one]) for one in ids], page.next)


def published(session: Session, story_id: UUID, *, network: bool, caller: Caller | None = None) -> dict[str, Any]:
    """One published story, no more of it than its owner agreed to, with those of its materials that the caller may
    read; None is anybody.
    """
    story = _published(session, story_id, network=network)
    ids = [one.material_id for one in story.materials]
    named = readable_materials(session, caller, ids)
    return _row(story) | {
        "versions": [{"language": one, **story.content[one]} for one in _written(story)],
        "materials": [named[one] for one in ids if one in named],
    }


def published_picture(session: Session, story_id: UUID, picture_id: UUID, *, network: bool) -> StoryPicture:
    """A picture that may be seen today; refused alike where there is none and where its owner did not agree."""
    story = _published(session, story_id, network=network)
    picture = story.picture(picture_id)
    if not story.may_show(picture):
        raise NotFound("story.unknown_picture")
    return picture


def facets(session: Session, *, network: bool) -> dict[str, dict[str, int]]:
    """How many published stories there are by area, dimension, sector and country."""
    columns = {
        "area": CaseStory.area,
        "dimension": CaseStory.dimension,
        "sector": CaseStory.sector,
        "country": func.substr(CaseStory.unit, 1, 2),
    }
    counted: dict[str, dict[str, int]] = {}
    for name, column in columns.items():
        rows = session.execute(select(column, func.count()).where(_open(network)).group_by(column).order_by(column))
        counted[name] = {code: number for code, number in rows if code is not None}
    return counted


def _open(network: bool) -> ColumnElement[bool]:
    here = CaseStory.state == rules.PUBLISHED
    return here if network else here & CaseStory.on_web


def _published(session: Session, story_id: UUID, *, network: bool) -> CaseStory:
    story = session.scalar(select(CaseStory).where(CaseStory.id == story_id, _open(network)))
    if story is None:
        raise NotFound("story.not_in_library")
    return story


def _row(story: CaseStory) -> dict[str, Any]:
    """What may be told of a story. Its municipality goes with its name: in a small place it tells whose story it is."""
    names = ("id", "area", "dimension", "sector", "year", "published_on", "on_web", "subject_kind")
    pictures = [
        {"id": one.id, "seen_es": one.seen_es, "seen_en": one.seen_en} for one in story.pictures if story.may_show(one)
    ]
    return {name: getattr(story, name) for name in names} | {
        "country": story.unit[:2],
        "unit": story.unit if story.shows_name else story.unit[:_DEPARTMENT],
        "firm_name": story.firm_name if story.shows_name else None,
        "person_name": story.person_name if story.shows_person else None,
        "titles": titles(story.content),
        "leads": {language: story.content[language]["result"] for language in _written(story)},
        "pictures": pictures,
    }


def _written(story: CaseStory) -> list[str]:
    return [language for language in rules.LANGUAGES if story.content.get(language)]
