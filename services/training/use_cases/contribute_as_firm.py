"""A firm takes part in the community through its link: what it writes waits until a moderator lets it be shown."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import CommunityContribution, CommunityPost, CommunityReading, CommunityTopic, Sme
from services.training.models.community import SHOWN
from services.training.queries.firm_community import firm_caller, readable_by
from services.training.reference.community import community
from services.training.use_cases.finding import recorder
from services.training.use_cases.take_part import (
    begin_topic,
    delete_post,
    locked_topic,
    reading_of,
    receive,
    require_words,
)
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7

_DAY = timedelta(days=1)


def contribute(
    session: Session, sme: Sme, *, topic_id: UUID | None, title: str | None, text: str
) -> CommunityContribution:
    """What the firm wrote, which waits for a moderator: a reply to a topic that it reads and follows from now on, or
    with a title a topic of its own. Refused beyond what one firm writes in a day, through however many links.
    """
    if (topic_id is None) == (title is None):
        raise Invalid("community.topic_or_title", pointer="/title")
    firm = firm_caller(sme)
    session.execute(select(Sme.id).where(Sme.id == sme.id).with_for_update())
    _require_calm(session, sme)
    if title is not None:
        require_words(title)
        title = title.strip()
    if topic_id is not None:
        topic = _topic(session, sme, topic_id)
        if topic.locked:
            raise Refused("community.topic_closed")
        reading_of(session, firm, topic).follow(follows=True)
    written = {"topic_id": topic_id, "title": title, "text": text}
    made = CommunityContribution(id=uuid7(), sme_id=sme.id, **written, **recorder(firm))
    session.add(made)
    session.flush()
    return made


def take_back_contribution(
    session: Session, sme: Sme, *, contribution_id: UUID, version: int | None
) -> CommunityContribution:
    """What the firm wrote, whose words are gone; the post that it became is deleted."""
    found = _locked(session, contribution_id)
    if found.sme_id != sme.id:
        raise NotFound("community.unknown_contribution")
    found.require_version(version)
    found.take_back()
    if found.post_id is not None:
        delete_post(session, firm_caller(sme), post_id=found.post_id, version=None)
    session.flush()
    return found


def decide_contribution(
    session: Session, caller: Caller, *, contribution_id: UUID, version: int | None, outcome: str, reason: str | None
) -> CommunityContribution:
    """What a firm wrote, shown as a post of the firm or declined for a reason that the firm reads. A topic that it
    opens is read by the firms of its country.
    """
    found = _locked(session, contribution_id)
    found.require_version(version)
    if outcome == SHOWN:
        found.show(caller, _posted(session, caller, found))
    elif reason:
        found.decline(caller, reason)
    else:
        raise Invalid("community.reason_missing", pointer="/reason")
    session.flush()
    history.record(session, caller, subject=found.id, kind="community_contribution", action=found.state)
    return found


def read_as_firm(session: Session, sme: Sme, *, topic_id: UUID, number: int) -> CommunityReading:
    """How far the firm has read; refuses a post that the topic does not have."""
    topic = _topic(session, sme, topic_id)
    if number > topic.posts:
        raise Invalid("community.no_such_post", pointer="/number", posts=topic.posts)
    reading = reading_of(session, firm_caller(sme), topic)
    reading.read_to(number)
    session.flush()
    return reading


def follow_as_firm(session: Session, sme: Sme, *, topic_id: UUID, follows: bool) -> CommunityReading:
    """Whether the firm hears of what is new in it."""
    topic = _topic(session, sme, topic_id)
    reading = reading_of(session, firm_caller(sme), topic)
    reading.follow(follows=follows)
    if follows:
        reading.read_to(topic.posts)
    session.flush()
    return reading


def hear_no_more(session: Session, sme: Sme) -> None:
    """The firm follows no topic any more."""
    followed = select(CommunityReading).where(CommunityReading.subject == firm_caller(sme).subject)
    for reading in session.scalars(followed.order_by(CommunityReading.topic_id).with_for_update()):
        reading.follow(follows=False)
    session.flush()


def _posted(session: Session, moderator: Caller, found: CommunityContribution) -> CommunityPost:
    """The post that it becomes; whether the firm follows a topic is what it said itself when it replied."""
    found.require_waiting()
    firm = firm_caller(found.sme)
    if found.topic_id is not None:
        topic = locked_topic(session, moderator, found.topic_id)
        return receive(session, firm, topic, found.text, follows=False)
    told = {"space": community().firm_space, "title": found.title or "", "text": found.text}
    topic = begin_topic(session, firm, **told, firms_unit=found.sme.country)
    return session.scalars(select(CommunityPost).where(CommunityPost.topic_id == topic.id)).one()


def _topic(session: Session, sme: Sme, topic_id: UUID) -> CommunityTopic:
    """The topic, held for this transaction; refused alike where there is none and where the firm does not read it."""
    wanted = select(CommunityTopic).where(CommunityTopic.id == topic_id, readable_by(sme)).with_for_update()
    topic = session.scalar(wanted.execution_options(populate_existing=True))
    if topic is None:
        raise NotFound("community.unknown_topic")
    return topic


def _locked(session: Session, contribution_id: UUID) -> CommunityContribution:
    wanted = select(CommunityContribution).where(CommunityContribution.id == contribution_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("community.unknown_contribution")
    return found


def _require_calm(session: Session, sme: Sme) -> None:
    most = community().firm_posts_per_day
    its = CommunityContribution.sme_id == sme.id, CommunityContribution.recorded_at > clock.now() - _DAY
    if int(session.scalar(select(func.count()).select_from(CommunityContribution).where(*its)) or 0) >= most:
        raise Refused("community.too_much", most=most)
