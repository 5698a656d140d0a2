"""A member of the community opens topics, replies, changes and takes back what she wrote, follows and reports."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import (
    CommunityFile,
    CommunityPost,
    CommunityReading,
    CommunityReport,
    CommunityResource,
    CommunityTopic,
    LibraryMaterial,
)
from services.training.models.library import TEAM
from services.training.queries.materials import readable_by
from services.training.reference.community import CommunityPolicy, community
from services.training.rules.case_stories import plain
from services.training.rules.community_access import FIRM, MODERATORS
from services.training.use_cases.finding import recorder
from shared import files
from shared.identity import ROLES, Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7
from shared.papers import kept_of

_TITLE = 160
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def open_topic(session: Session, caller: Caller, *, space: str, title: str, text: str) -> CommunityTopic:
    """The topic with its opening post; she follows it. Refused beyond what one member opens in a day."""
    policy = _policy(space)
    _require_calm(session, CommunityTopic, caller, _DAY, policy.topics_per_day)
    _require_calm(session, CommunityPost, caller, _HOUR, policy.posts_per_hour)
    return begin_topic(session, caller, space=space, title=title, text=text)


def begin_topic(
    session: Session, caller: Caller, *, space: str, title: str, text: str, firms_unit: str | None = None
) -> CommunityTopic:
    """The topic with its opening post, however much was written lately; refuses a title without words."""
    require_words(title)
    now = clock.now()
    topic = CommunityTopic(
        id=uuid7(),
        space=space,
        title=title.strip(),
        words=plain(title)[:640],
        posts=0,
        last_at=now,
        last_by_name=caller.name,
        locked=False,
        firms_unit=firms_unit,
        **recorder(caller),
    )
    session.add(topic)
    session.flush()
    receive(session, caller, topic, text, follows=True)
    return topic


def reply(session: Session, caller: Caller, *, topic_id: UUID, text: str) -> CommunityPost:
    """The reply, the next of its topic, which she follows from now on. Refused in a closed topic, and beyond what one
    member writes in an hour.
    """
    topic = locked_topic(session, caller, topic_id)
    _require_calm(session, CommunityPost, caller, _HOUR, community().posts_per_hour)
    return receive(session, caller, topic, text, follows=True)


def edit_post(session: Session, caller: Caller, *, post_id: UUID, version: int | None, text: str) -> CommunityPost:
    """The post, which says something else."""
    post = locked_post(session, caller, post_id, version)
    post.edit(caller, text, minutes=community().edit_minutes)
    session.flush()
    return post


def delete_post(session: Session, caller: Caller, *, post_id: UUID, version: int | None) -> CommunityPost:
    """The post, of which only stays that it was there; its files are erased."""
    post = locked_post(session, caller, post_id, version)
    for file_id in post.delete(caller):
        files.erase(session, file_id)
    if post.number == 1:
        locked_topic(session, caller, post.topic_id).follow_opening(post)
    session.flush()
    return post


def attach_file(
    session: Session, caller: Caller, *, post_id: UUID, version: int | None, name: str, content: bytes
) -> CommunityPost:
    """The post with one more file; refuses what is neither a PDF nor a picture."""
    post = locked_post(session, caller, post_id, version)
    kept = _kept(session, caller, name, content)
    file = CommunityFile(id=uuid7(), post_id=post.id, file_id=kept.id, name=kept.name, size=kept.size)
    post.attach(caller, file, most=community().most_files)
    session.flush()
    return post


def report_post(session: Session, caller: Caller, *, post_id: UUID, reason: str) -> CommunityReport:
    """The report, for moderators; refused while the same member's report of it is open."""
    post = locked_post(session, caller, post_id, None)
    if not post.is_shown:
        raise Refused("community.not_shown")
    mine = CommunityReport.post_id == post.id, CommunityReport.recorded_by == caller.subject
    if session.scalar(select(CommunityReport.id).where(*mine, CommunityReport.settled_at.is_(None))) is not None:
        raise Refused("community.reported_already")
    _require_calm(session, CommunityReport, caller, _DAY, community().reports_per_day)
    report = CommunityReport(id=uuid7(), post_id=post.id, reason=reason, **recorder(caller))
    session.add(report)
    session.flush()
    return report


def read_topic(session: Session, caller: Caller, *, topic_id: UUID, number: int) -> CommunityReading:
    """How far she has read; refuses a post that the topic does not have."""
    topic = locked_topic(session, caller, topic_id)
    if number > topic.posts:
        raise Invalid("community.no_such_post", pointer="/number", posts=topic.posts)
    reading = reading_of(session, caller, topic)
    reading.read_to(number)
    session.flush()
    return reading


def follow_topic(session: Session, caller: Caller, *, topic_id: UUID, follows: bool) -> CommunityReading:
    """Whether she hears of what is new in it."""
    topic = locked_topic(session, caller, topic_id)
    reading = reading_of(session, caller, topic)
    reading.follow(follows=follows)
    if follows:
        reading.read_to(topic.posts)
    session.flush()
    return reading


def share_link(
    session: Session, caller: Caller, *, space: str, title: str, about: str, address: str
) -> CommunityResource:
    """The address on the web that she shares; it begins with https."""
    told = {"space": space, "title": title, "about": about, "address": address, "kind": "link"}
    return _share(session, caller, told)


def share_file(
    session: Session, caller: Caller, *, space: str, title: str, about: str, name: str, content: bytes
) -> CommunityResource:
    """The file that she shares: a PDF or a picture."""
    kept = _kept(session, caller, name, content)
    told = {"space": space, "title": title, "about": about, "kind": "file", "file_id": kept.id, "name": kept.name}
    return _share(session, caller, told)


def share_material(session: Session, caller: Caller, *, space: str, material_id: UUID, about: str) -> CommunityResource:
    """The material of the library that she shares, by its title. Refuses one that she may not read or that is archived,
    and one that only its team sees.
    """
    offered = LibraryMaterial.archived_on.is_(None), readable_by(caller)
    wanted = select(LibraryMaterial).where(LibraryMaterial.id == material_id, *offered)
    material = session.scalar(wanted.with_for_update(read=True, key_share=True))
    if material is None:
        raise Invalid("library.not_offered", pointer="/material_id")
    if material.reach == TEAM:
        raise Invalid("community.material_of_team", pointer="/material_id")
    told = {"space": space, "title": material.title[:_TITLE], "about": about, "material_id": material.id}
    return _share(session, caller, told | {"kind": "material"})


def locked_topic(session: Session, caller: Caller, topic_id: UUID) -> CommunityTopic:
    """The topic, held for this transaction; one that is hidden only for moderators."""
    wanted = select(CommunityTopic).where(CommunityTopic.id == topic_id).with_for_update()
    topic = session.scalar(wanted.execution_options(populate_existing=True))
    if topic is None or (topic.hidden and not caller.has(*MODERATORS)):
        raise NotFound("community.unknown_topic")
    return topic


def locked_post(session: Session, caller: Caller, post_id: UUID, version: int | None) -> CommunityPost:
    """The post, held for this transaction after its topic."""
    topic_id = session.scalar(select(CommunityPost.topic_id).where(CommunityPost.id == post_id))
    if topic_id is None:
        raise NotFound("community.unknown_post")
    locked_topic(session, caller, topic_id)
    wanted = select(CommunityPost).where(CommunityPost.id == post_id).with_for_update()
    post = session.scalars(wanted.execution_options(populate_existing=True)).one()
    post.require_version(version)
    return post


def require_words(title: str) -> None:
    """Refuses a title that no search finds."""
    if not plain(title):
        raise Invalid("community.title_without_letters", pointer="/title")


def receive(session: Session, caller: Caller, topic: CommunityTopic, text: str, *, follows: bool) -> CommunityPost:
    """The next post of the topic; who wrote it has read as far, and follows it where that is told."""
    role = next((role for role in ROLES if role in caller.roles), FIRM)
    post = CommunityPost(id=uuid7(), topic_id=topic.id, role=role, **recorder(caller))
    post.say(text)
    topic.receive(post)
    session.add(post)
    reading = reading_of(session, caller, topic)
    if follows:
        reading.follow(follows=True)
    reading.read_to(topic.posts)
    session.flush()
    return post


def reading_of(session: Session, caller: Caller, topic: CommunityTopic) -> CommunityReading:
    """How far the caller has read; the topic's row is locked, so that there is one."""
    found = session.get(CommunityReading, (topic.id, caller.subject))
    if found is None:
        found = CommunityReading(topic_id=topic.id, subject=caller.subject, number=0, follows=False)
        session.add(found)
    return found


def _share(session: Session, caller: Caller, told: dict[str, Any]) -> CommunityResource:
    policy = _policy(told["space"])
    _require_calm(session, CommunityResource, caller, _DAY, policy.resources_per_day)
    resource = CommunityResource(id=uuid7(), **recorder(caller))
    resource.tell(**told)
    session.add(resource)
    session.flush()
    return resource


def _kept(session: Session, caller: Caller, name: str, content: bytes) -> files.StoredFile:
    kept = kept_of(content)
    if kept is None:
        raise Invalid("community.file_kind", pointer="/file")
    return files.store(session, kept[1], name=name, media_type=kept[0], kind="community-file", caller=caller)


def _policy(space: str) -> CommunityPolicy:
    """What applies today; refused of a space that there is no more."""
    policy = community()
    if space not in {one["code"] for one in policy.spaces}:
        raise Invalid("community.unknown_space", pointer="/space")
    return policy


def _require_calm(session: Session, entity: type[Any], caller: Caller, within: timedelta, most: int) -> None:
    """Refuses who has written as much as one member does in that time."""
    hers = entity.recorded_by == caller.subject, entity.recorded_at > clock.now() - within
    if int(session.scalar(select(func.count()).select_from(entity).where(*hers)) or 0) >= most:
        raise Refused("community.too_much", most=most)
