"""The community as a firm reads it behind its link: topics opened to its territory, without the names of persons."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session

from services.training.models import CommunityContribution, CommunityPost, CommunityReading, CommunityTopic, Sme
from services.training.models.community import SHOWN, WAITING
from services.training.rules.community_access import FIRM
from shared.database import labelled
from shared.identity import EVERYWHERE, Caller, Scope
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_TOPIC = ("id", "title", "locked", "pinned", "posts", "last_at")
_KEYS = labelled(CommunityTopic, "pinned", "last_at", "id")
_POST = ("id", "role", "text", "recorded_at", "recorded_by", "recorded_by_name", "hidden_at", "deleted_at")
_NUMBER = CommunityPost.number.label("number")
_ID = CommunityContribution.id.label("id")
_CONTRIBUTION = ("id", "version", "topic_id", "text", "state", "reason", "recorded_at", "decided_at", "decided_by_name")


def firm_caller(sme: Sme) -> Caller:
    """The firm as a member of the community: the same one through whichever link it comes."""
    return Caller(f"sme:{sme.id}", sme.name, frozenset(), Scope.of(sme.unit))


def readable_by(sme: Sme) -> ColumnElement[bool]:
    """The condition that a topic is open to firms of where this one is at home."""
    around = [EVERYWHERE, *(sme.unit[:length] for length in range(2, len(sme.unit) + 1))]
    return and_(CommunityTopic.hidden.is_(False), CommunityTopic.firms_unit.in_(around))


def list_topics_of_firm(session: Session, sme: Sme, *, limit: int, after: str | None) -> Page:
    """The topics that the firm reads, those kept on top first, then by their latest post."""
    page = keyset_page(session, _topics(sme), keys=_KEYS, limit=limit, after=after, descending=True)
    return Page([_topic(row) for row in page.rows], page.next)


def topic_of_firm(session: Session, sme: Sme, topic_id: UUID) -> dict[str, Any]:
    """One topic; refused alike where there is none and where the firm does not read it."""
    row = session.execute(_topics(sme).where(CommunityTopic.id == topic_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("community.unknown_topic")
    return _topic(row)


def list_posts_of_firm(session: Session, sme: Sme, topic_id: UUID, *, limit: int, after: str | None) -> Page:
    """The posts of a topic in their order: persons by their role, firms by their name; no files, no hidden words."""
    topic_of_firm(session, sme, topic_id)
    wanted = select(_NUMBER, *labelled(CommunityPost, *_POST)).where(CommunityPost.topic_id == topic_id)
    page = keyset_page(session, wanted, keys=[_NUMBER], limit=limit, after=after)
    return Page([_post(row, firm_caller(sme)) for row in page.rows], page.next)


def news_of_firm(session: Session, sme: Sme) -> int:
    """In how many topics that the firm follows there is something new."""
    news = _topics(sme).where(CommunityReading.follows, CommunityReading.number < CommunityTopic.posts)
    return int(session.scalar(select(func.count()).select_from(news.subquery())) or 0)


def list_contributions_of_firm(session: Session, sme: Sme, *, limit: int, after: str | None) -> Page:
    """What the firm wrote itself, the latest first."""
    return _contributions(session, CommunityContribution.sme_id == sme.id, limit=limit, after=after)


def list_contributions(session: Session, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """What firms wrote, the latest first; only what waits for a moderator where that is asked."""
    wanted = CommunityContribution.state == WAITING if filters.get("waiting") else true()
    return _contributions(session, wanted, limit=limit, after=after)


def contributions_waiting(session: Session) -> int:
    """How many wait for a moderator."""
    waiting = select(func.count()).select_from(CommunityContribution).where(CommunityContribution.state == WAITING)
    return int(session.scalar(waiting) or 0)


def contribution_row(one: CommunityContribution) -> dict[str, Any]:
    """What a firm wrote, of which firm and where; `opens`: it opens a topic of its own."""
    told = {name: getattr(one, name) for name in _CONTRIBUTION}
    title = one.title if one.topic is None else one.topic.title
    return told | {"sme_name": one.sme.name, "unit": one.sme.unit, "title": title or "", "opens": one.title is not None}


def _contributions(session: Session, condition: ColumnElement[bool], *, limit: int, after: str | None) -> Page:
    page = keyset_page(session, select(_ID).where(condition), keys=[_ID], limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    wanted = select(CommunityContribution).where(CommunityContribution.id.in_(ids))
    found = {one.id: one for one in session.scalars(wanted)}
    return Page([contribution_row(found[one]) for one in ids], page.next)


def _topics(sme: Sme) -> Select[*tuple[Any, ...]]:
    mine = CommunityReading.subject == firm_caller(sme).subject
    reading = (CommunityReading.number.label("read_number"), CommunityReading.follows.label("follows"))
    return (
        select(*labelled(CommunityTopic, *_TOPIC), *reading)
        .outerjoin(CommunityReading, and_(CommunityReading.topic_id == CommunityTopic.id, mine))
        .where(readable_by(sme))
    )


def _topic(row: Mapping[Any, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in _TOPIC}
    read = row["read_number"] or 0
    return told | {"follows": bool(row["follows"]), "read_number": read, "unread": row["posts"] - read}


def _post(row: Mapping[Any, Any], firm: Caller) -> dict[str, Any]:
    state = "deleted" if row["deleted_at"] else "hidden" if row["hidden_at"] else SHOWN
    return {name: row[name] for name in ("id", "number", "role", "recorded_at")} | {
        "state": state,
        "text": row["text"] if state == SHOWN else None,
        "firm_name": row["recorded_by_name"] if row["role"] == FIRM else None,
        "mine": row["recorded_by"] == firm.subject,
    }
