"""The community as a member reads it: what is hidden is told to moderators alone."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from services.training.models import (
    CommunityFile,
    CommunityPost,
    CommunityReading,
    CommunityReport,
    CommunityResource,
    CommunityTopic,
    LibraryMaterial,
)
from services.training.queries.firm_community import contributions_waiting
from services.training.queries.materials import named_materials, readable_by
from services.training.reference.community import community
from services.training.rules.case_stories import plain
from services.training.rules.community_access import MODERATORS
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_TOPIC = (
    *("id", "version", "space", "title", "locked", "pinned", "hidden", "posts", "last_at", "last_by_name"),
    *("recorded_by_name", "recorded_at", "firms_unit"),
)
_TOPIC_KEYS = labelled(CommunityTopic, "pinned", "last_at", "id")
_NUMBER = CommunityPost.number.label("number")
_REPORT_ID = CommunityReport.id.label("id")
_RESOURCE = (
    *("id", "version", "space", "kind", "title", "about", "address", "name", "material_id"),
    *("recorded_by_name", "recorded_at"),
    *("hidden_at", "hidden_by_name", "hidden_reason"),
)


def moderates(caller: Caller) -> bool:
    """Whether the caller reads what is hidden."""
    return caller.has(*MODERATORS)


def list_topics(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The topics that meet all filters, those kept on top first, then by their latest post; each with how much of it
    she has not read.
    """
    wanted = _topics(caller)
    if space := filters.get("space"):
        wanted = wanted.where(CommunityTopic.space == space)
    for word in plain(filters.get("text", "")).split():
        wanted = wanted.where(_contains(word, caller))
    if filters.get("followed"):
        wanted = wanted.where(CommunityReading.follows)
    if filters.get("unread"):
        wanted = wanted.where(CommunityReading.follows, CommunityReading.number < CommunityTopic.posts)
    page = keyset_page(session, wanted, keys=_TOPIC_KEYS, limit=limit, after=after, descending=True)
    return Page([_topic(row) for row in page.rows], page.next)


def show_topic(session: Session, caller: Caller, topic_id: UUID) -> dict[str, Any]:
    """One topic; one that is hidden only to moderators."""
    row = session.execute(_topics(caller).where(CommunityTopic.id == topic_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("community.unknown_topic")
    return _topic(row)


def list_posts(session: Session, caller: Caller, topic_id: UUID, *, limit: int, after: str | None) -> Page:
    """The posts of a topic in their order."""
    show_topic(session, caller, topic_id)
    wanted = select(_NUMBER).where(CommunityPost.topic_id == topic_id)
    page = keyset_page(session, wanted, keys=[_NUMBER], limit=limit, after=after)
    numbers = [row["number"] for row in page.rows]
    found = session.scalars(
        select(CommunityPost)
        .where(CommunityPost.topic_id == topic_id, CommunityPost.number.in_(numbers))
        .options(selectinload(CommunityPost.edits), selectinload(CommunityPost.files))
        .order_by(CommunityPost.number)
    )
    return Page([post_row(post, caller) for post in found], page.next)


def post_row(post: CommunityPost, caller: Caller) -> dict[str, Any]:
    """A post as the caller may read it: hidden words, their files and what was said before to moderators alone; why it
    is hidden to its author too.
    """
    sees = post.is_shown or (post.deleted_at is None and moderates(caller))
    mine = caller.subject == post.recorded_by
    names = ("id", "version", "topic_id", "number", "role", "recorded_by_name", "recorded_at", "edited_at")
    hidden = ("hidden_by_name", "hidden_reason")
    told = {name: getattr(post, name) if mine or moderates(caller) else None for name in hidden}
    earlier = post.edits if moderates(caller) else []
    return {name: getattr(post, name) for name in names} | told | {
        "state": "deleted" if post.deleted_at else "hidden" if post.hidden_at else "shown",
        "text": post.text if sees else None,
        "mine": mine,
        "edits": [{"text": one.text, "replaced_at": one.replaced_at} for one in earlier],
        "files": [{"id": one.id, "name": one.name, "size": one.size} for one in post.files] if sees else [],
    }  # fmt: skip


def file_of(session: Session, caller: Caller, post_id: UUID, file_id: UUID) -> UUID:
    """The stored file of a post that the caller may read; refused alike where there is none and where it is hidden."""
    post = session.get(CommunityPost, post_id)
    file = session.get(CommunityFile, file_id)
    if post is None or file is None or file.post_id != post.id:
        raise NotFound("community.unknown_file")
    show_topic(session, caller, post.topic_id)
    if not post.is_shown and not moderates(caller):
        raise NotFound("community.unknown_file")
    return file.file_id


def list_reports(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The reports, the latest first; only the open ones where that is asked."""
    wanted = select(_REPORT_ID)
    if filters.get("open"):
        wanted = wanted.where(CommunityReport.settled_at.is_(None))
    page = keyset_page(session, wanted, keys=[_REPORT_ID], limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(CommunityReport).where(CommunityReport.id.in_(ids)))}
    return Page([report_row(found[one], caller) for one in ids], page.next)


def report_row(report: CommunityReport, caller: Caller) -> dict[str, Any]:
    """A report with the post that it is about."""
    names = ("id", "reason", "recorded_by_name", "recorded_at", "outcome", "settled_at", "settled_by_name")
    told = {name: getattr(report, name) for name in names}
    return told | {"title": report.post.topic.title, "post": post_row(report.post, caller)}


def list_resources(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """What members share, the latest first; materials of the library only where the caller may read them."""
    columns = labelled(CommunityResource, *_RESOURCE)
    read = select(LibraryMaterial.id).where(readable_by(caller))
    wanted = select(*columns).where(
        or_(CommunityResource.material_id.is_(None), CommunityResource.material_id.in_(read))
    )
    if not moderates(caller):
        wanted = wanted.where(CommunityResource.hidden_at.is_(None))
    if space := filters.get("space"):
        wanted = wanted.where(CommunityResource.space == space)
    for word in plain(filters.get("text", "")).split():
        wanted = wanted.where(CommunityResource.words.contains(word, autoescape=True))
    page = keyset_page(session, wanted, keys=columns[:1], limit=limit, after=after, descending=True)
    named = named_materials(session, [row["material_id"] for row in page.rows if row["material_id"]])
    return Page([row | {"material": named.get(row["material_id"])} for row in page.rows], page.next)


def resource_row(session: Session, resource: CommunityResource) -> dict[str, Any]:
    """What a member shares, with the material where it is one of the library."""
    named = named_materials(session, [resource.material_id] if resource.material_id else [])
    return {name: getattr(resource, name) for name in _RESOURCE} | {"material": next(iter(named.values()), None)}


def resource_file(session: Session, caller: Caller, resource_id: UUID) -> UUID:
    """The stored file that a member shares; refused alike where there is none and where it is hidden."""
    found = session.get(CommunityResource, resource_id)
    if found is None or found.file_id is None or (found.hidden_at is not None and not moderates(caller)):
        raise NotFound("community.unknown_resource")
    return found.file_id


def spaces(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The spaces of today with how many topics stand in each."""
    rows = session.execute(
        select(CommunityTopic.space, func.count()).where(_found(caller)).group_by(CommunityTopic.space)
    )
    counted: dict[str, int] = {space: number for space, number in rows}  # noqa: C416 - rows are no pairs to mypy
    return [
        {"code": one["code"], "words": {"es": one["es"], "en": one["en"]}, "topics": counted.get(one["code"], 0)}
        for one in community().spaces
    ]


def waiting(session: Session, caller: Caller) -> dict[str, int]:
    """In how many topics that she follows there is something new; for moderators, how many reports are open and how
    much that firms wrote waits.
    """
    news = _topics(caller).where(CommunityReading.follows, CommunityReading.number < CommunityTopic.posts)
    open_ = select(func.count()).select_from(CommunityReport).where(CommunityReport.settled_at.is_(None))
    return {
        "topics": int(session.scalar(select(func.count()).select_from(news.subquery())) or 0),
        "reports": int(session.scalar(open_) or 0) if moderates(caller) else 0,
        "contributions": contributions_waiting(session) if moderates(caller) else 0,
    }


def _topics(caller: Caller) -> Select[*tuple[Any, ...]]:
    hers = and_(CommunityReading.topic_id == CommunityTopic.id, CommunityReading.subject == caller.subject)
    reading = (CommunityReading.number.label("read_number"), CommunityReading.follows.label("follows"))
    return (
        select(*labelled(CommunityTopic, *_TOPIC), *reading)
        .outerjoin(CommunityReading, hers)
        .where(_found(caller))
    )  # fmt: skip


def _found(caller: Caller) -> ColumnElement[bool]:
    return true() if moderates(caller) else CommunityTopic.hidden.is_(False)


def _contains(word: str, caller: Caller) -> ColumnElement[bool]:
    """Whether the title or a post that the caller may read has the word."""
    said = select(CommunityPost.topic_id).where(CommunityPost.words.contains(word, autoescape=True))
    if not moderates(caller):
        said = said.where(CommunityPost.hidden_at.is_(None))
    return or_(CommunityTopic.words.contains(word, autoescape=True), CommunityTopic.id.in_(said))


def _topic(row: Mapping[Any, Any]) -> dict[str, Any]:
    read = row["read_number"]
    follows = bool(row["follows"])
    return {name: row[name] for name in _TOPIC} | {
        "follows": follows,
        "read_number": read or 0,
        "unread": row["posts"] - (read or 0),
    }
