"""Moderators of the community hide what harms somebody, settle reports, close topics and keep them on top."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CommunityPost, CommunityReport, CommunityResource, CommunityTopic
from services.training.queries.scope import check_units
from services.training.use_cases.take_part import locked_post, locked_topic
from shared import history
from shared.identity import EVERYWHERE, Caller
from shared.kernel import Invalid, NotFound

HIDDEN, KEPT = "hidden", "kept"


def hide_post(session: Session, caller: Caller, *, post_id: UUID, version: int | None, reason: str) -> CommunityPost:
    """The post, which only moderators read; every open report of it is settled."""
    post = locked_post(session, caller, post_id, version)
    _hide(session, caller, post, reason)
    return post


def restore_post(session: Session, caller: Caller, *, post_id: UUID, version: int | None) -> CommunityPost:
    """The post, which everybody reads again; refused to who wrote it."""
    post = locked_post(session, caller, post_id, version)
    post.require_other(caller)
    post.restore()
    _opened(session, caller, post)
    session.flush()
    history.record(session, caller, subject=post.id, kind="community_post", action="restore")
    return post


def settle_report(
    session: Session, caller: Caller, *, report_id: UUID, outcome: str, reason: str | None
) -> CommunityReport:
    """The report, settled: the post is hidden for a reason, or kept, which is refused to who wrote it."""
    known = session.get(CommunityReport, report_id)
    if known is None:
        raise NotFound("community.unknown_report")
    post = locked_post(session, caller, known.post_id, None)
    wanted = select(CommunityReport).where(CommunityReport.id == report_id).with_for_update()
    report = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if outcome == KEPT:
        post.require_other(caller)
    report.settle(caller, outcome)
    if outcome == HIDDEN and post.hidden_at is None:
        if not reason:
            raise Invalid("community.reason_missing", pointer="/reason")
        _hide(session, caller, post, reason)
    session.flush()
    return report


def keep_topic(
    session: Session, caller: Caller, *, topic_id: UUID, version: int | None, locked: bool, pinned: bool
) -> CommunityTopic:
    """The topic, closed or open, kept on top or not."""
    topic = locked_topic(session, caller, topic_id)
    topic.require_version(version)
    topic.keep(locked=locked, pinned=pinned)
    session.flush()
    told = {"locked": locked, "pinned": pinned}
    history.record(session, caller, subject=topic.id, kind="community_topic", action="keep", after=told)
    return topic


def open_to_firms(
    session: Session, caller: Caller, *, topic_id: UUID, version: int | None, unit: str | None
) -> CommunityTopic:
    """The topic, which firms at home in this territory read and reply to through their links; `*` is everywhere, None
    members alone. Refuses a territory that is not the moderator's.
    """
    if unit is not None:
        check_units([] if unit == EVERYWHERE else [unit], pointer="/unit")
        caller.require_scope(unit)
    topic = locked_topic(session, caller, topic_id)
    topic.require_version(version)
    topic.open_to_firms(unit)
    session.flush()
    told = {"unit": unit}
    history.record(session, caller, subject=topic.id, kind="community_topic", action="open_to_firms", after=told)
    return topic


def hide_resource(
    session: Session, caller: Caller, *, resource_id: UUID, version: int | None, reason: str
) -> CommunityResource:
    """What was shared, which only moderators see."""
    resource = _resource(session, resource_id, version)
    resource.hide(caller, reason)
    session.flush()
    history.record(session, caller, subject=resource.id, kind="community_resource", action="hide")
    return resource


def restore_resource(session: Session, caller: Caller, *, resource_id: UUID, version: int | None) -> CommunityResource:
    """What was shared, which everybody sees again."""
    resource = _resource(session, resource_id, version)
    resource.restore()
    session.flush()
    history.record(session, caller, subject=resource.id, kind="community_resource", action="restore")
    return resource


def _hide(session: Session, caller: Caller, post: CommunityPost, reason: str) -> None:
    post.hide(caller, reason)
    _opened(session, caller, post)
    open_ = select(CommunityReport).where(CommunityReport.post_id == post.id, CommunityReport.settled_at.is_(None))
    for report in session.scalars(open_.order_by(CommunityReport.id).with_for_update()):
        report.settle(caller, HIDDEN)
    session.flush()
    history.record(session, caller, subject=post.id, kind="community_post", action="hide")


def _opened(session: Session, caller: Caller, post: CommunityPost) -> None:
    if post.number == 1:
        locked_topic(session, caller, post.topic_id).follow_opening(post)


def _resource(session: Session, resource_id: UUID, version: int | None) -> CommunityResource:
    wanted = select(CommunityResource).where(CommunityResource.id == resource_id).with_for_update()
    resource = session.scalar(wanted.execution_options(populate_existing=True))
    if resource is None:
        raise NotFound("community.unknown_resource")
    resource.require_version(version)
    return resource
