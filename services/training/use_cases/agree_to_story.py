"""The owner of a case story says what of it may be shown: on a signed paper, through her own link, or to the team."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CaseStory, StoryConsent, StoryLink
from services.training.models.case_stories import BY_LINK, ON_PAPER, TOLD
from services.training.reference.stories import story_policy
from services.training.rules import case_stories as rules
from services.training.use_cases.finding import recorder
from services.training.use_cases.picture_story import erase_pictures
from services.training.use_cases.tell_story import locked_story, remember, sme_name
from shared import files
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7
from shared.papers import kept_of


def keep_paper(
    session: Session,
    caller: Caller,
    *,
    story_id: UUID,
    content: bytes,
    name: str,
    said_on: date,
    answers: Mapping[str, bool],
) -> CaseStory:
    """The story with what a signed paper says of each purpose; refuses what is neither a PDF nor a picture, and a paper
    older than what the story says.
    """
    story = locked_story(session, caller, story_id, None)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("story.paper_kind", pointer="/file")
    paper = files.store(session, kept[1], name=name, media_type=kept[0], kind="story-consent", caller=caller)
    return _heard(session, caller, story, answers, ON_PAPER, said_on, file_id=paper.id)


def take_back(session: Session, caller: Caller, *, story_id: UUID, purposes: Sequence[str], said_on: date) -> CaseStory:
    """The story without what its owner, who told the team so, no longer agrees to."""
    story = locked_story(session, caller, story_id, None)
    return _heard(session, caller, story, dict.fromkeys(purposes, False), TOLD, said_on)


def answer_by_link(
    session: Session, caller: Caller, link: StoryLink, answers: Mapping[str, bool], seen: str
) -> CaseStory:
    """The story with what its owner says through her link; refuses a yes to a story that was changed since she read it:
    `seen` is the fingerprint of what she was shown.
    """
    story = locked_story(session, caller, link.story_id, None)
    if any(answers.values()) and seen != seen_of(story):
        raise Invalid("story.changed_since", pointer="/seen")
    return _heard(session, caller, story, answers, BY_LINK, clock.today(), link_id=link.id)


def seen_of(story: CaseStory) -> str:
    """The fingerprint of everything that its owner is shown."""
    shown = story.shown
    return rules.fingerprint([shown.text, shown.name, shown.person, *shown.pictures])


def link_story(session: Session, caller: Caller, *, story_id: UUID, expires_on: date) -> StoryLink:
    """The link of the story's owner; refuses a last day that is past or too far away."""
    story = locked_story(session, caller, story_id, None)
    longest = clock.today() + timedelta(days=story_policy().link_days)
    if not clock.today() <= expires_on <= longest:
        raise Invalid("story_link.last_day", pointer="/expires_on", day=longest)
    link = StoryLink(id=uuid7(), story_id=story.id, expires_on=expires_on, **recorder(caller))
    session.add(link)
    session.flush()
    remember(session, caller, story, "link", {"link_id": link.id, "expires_on": expires_on})
    return link


def revoke_story_link(session: Session, caller: Caller, link_id: UUID, *, version: int | None) -> StoryLink:
    """The link, through which nothing is read or said any more."""
    link = session.scalar(select(StoryLink).where(StoryLink.id == link_id).with_for_update())
    if link is None:
        raise NotFound("story_link.unknown")
    caller.require_scope(link.story.unit)
    link.require_version(version)
    link.revoke()
    session.flush()
    remember(session, caller, link.story, "revoke_link", {"link_id": link.id})
    return link


def _heard(
    session: Session,
    caller: Caller,
    story: CaseStory,
    answers: Mapping[str, bool],
    way: str,
    said_on: date,
    **source: Any,
) -> CaseStory:
    said = [
        StoryConsent(
            id=uuid7(), story_id=story.id, purpose=purpose, given=given, way=way, said_on=said_on, **source,
            **recorder(caller),
        )
        for purpose, given in answers.items()
    ]  # fmt: skip
    story.hear(said, sme_name(session, story))
    if not answers.get(rules.PICTURES, True) and not story.allowed.pictures:
        erase_pictures(session, story)
    session.flush()
    remember(session, caller, story, "consent", {"way": way, "said_on": said_on, "answers": dict(answers)})
    return story
