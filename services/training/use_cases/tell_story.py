"""A case story is written, reviewed by somebody else, and brought into the library or out of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CaseStory, CopyEnterprise, CopyOwner, Sme, StoryReview, StoryWoman, TrainingGroup
from services.training.models.case_stories import BY_TEAM
from services.training.queries.materials import require_offered
from services.training.queries.scope import check_units
from services.training.rules import case_stories as rules
from services.training.use_cases.finding import locked, recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7

KNOWN = "known"


def write_story(
    session: Session,
    caller: Caller,
    *,
    subject_kind: str,
    subject_id: UUID,
    content: Mapping[str, Any],
    material_ids: Sequence[UUID] = (),
    **facts: Any,
) -> CaseStory:
    """The story of a small firm, a group or an enterprise of the caller's territory, as a draft; `material_ids` are
    those of the library that it names.
    """
    story = CaseStory(
        id=uuid7(),
        state=rules.DRAFT,
        since=clock.today(),
        worded_on=clock.today(),
        content={},
        subject_kind=subject_kind,
        **{f"{subject_kind}_id": _subject(session, caller, subject_kind, subject_id)},
        **recorder(caller),
    )
    _require_place(caller, facts["unit"])
    story.tell(content=content, **facts)
    _name_materials(session, caller, story, material_ids)
    session.add(story)
    session.flush()
    _note_owners(session, story)
    remember(session, caller, story, "write", {"unit": story.unit, "subject": subject_kind})
    return story


def change_story(
    session: Session,
    caller: Caller,
    *,
    story_id: UUID,
    version: int | None,
    content: Mapping[str, Any],
    material_ids: Sequence[UUID] = (),
    **facts: Any,
) -> CaseStory:
    """The story, which says this from now on; what its owner agreed to before does not cover it. Materials that it
    named already may stay, though they are archived.
    """
    story = locked_story(session, caller, story_id, version)
    _require_place(caller, facts["unit"])
    story.tell(content=content, **facts)
    _name_materials(session, caller, story, material_ids)
    return _done(session, caller, story, "change")


def submit_story(session: Session, caller: Caller, *, story_id: UUID, version: int | None) -> CaseStory:
    """The story, handed in for review."""
    story = locked_story(session, caller, story_id, version)
    story.submit(caller.subject)
    return _done(session, caller, story, "submit")


def take_story(session: Session, caller: Caller, *, story_id: UUID, version: int | None) -> CaseStory:
    """The story, which somebody now reviews."""
    story = locked_story(session, caller, story_id, version)
    story.take(caller)
    return _done(session, caller, story, "take")


def review_story(
    session: Session, caller: Caller, *, story_id: UUID, version: int | None, outcome: str, recommendations: str
) -> CaseStory:
    """The story, approved or returned with what is recommended; refused to who wrote or handed it in."""
    story = locked_story(session, caller, story_id, version)
    review = StoryReview(
        outcome=outcome,
        recommendations=recommendations,
        reviewed_by=caller.subject,
        reviewed_by_name=caller.name,
        reviewed_on=clock.today(),
    )
    story.conclude(caller, review)
    return _done(session, caller, story, outcome)


def publish_story(session: Session, caller: Caller, *, story_id: UUID, version: int | None) -> CaseStory:
    """The story in the library, as far as its owner agreed."""
    story = locked_story(session, caller, story_id, version)
    _note_owners(session, story)
    story.publish(sme_name(session, story))
    return _done(session, caller, story, "publish")


def withdraw_story(session: Session, caller: Caller, *, story_id: UUID, version: int | None, reason: str) -> CaseStory:
    """The story, out of the library."""
    story = locked_story(session, caller, story_id, version)
    story.withdraw(BY_TEAM, reason)
    return _done(session, caller, story, "withdraw")


def reopen_story(session: Session, caller: Caller, *, story_id: UUID, version: int | None) -> CaseStory:
    """The story as a draft again."""
    story = locked_story(session, caller, story_id, version)
    story.reopen()
    return _done(session, caller, story, "reopen")


def _name_materials(session: Session, caller: Caller, story: CaseStory, material_ids: Sequence[UUID]) -> None:
    if len(set(material_ids)) < len(material_ids):
        raise Invalid("story.material_twice", pointer="/material_ids")
    kept = {one.material_id for one in story.materials}
    require_offered(session, caller, set(material_ids) - kept, pointer="/material_ids")
    story.name_materials(material_ids)


def locked_story(session: Session, caller: Caller, story_id: UUID, version: int | None) -> CaseStory:
    """The story of the caller's territory, held for this transaction; refuses an old version of it."""
    story = locked(session, CaseStory, story_id, "story.unknown", caller)
    story.require_version(version)
    return story


def sme_name(session: Session, story: CaseStory) -> str | None:
    """What the small firm of a story is called, where it is one."""
    sme = session.get(Sme, story.sme_id) if story.sme_id else None
    return sme.name if sme else None


def remember(
    session: Session, caller: Caller, story: CaseStory, action: str, after: Mapping[str, Any] | None = None
) -> None:
    """Write into the history what happened to a story, without its words."""
    history.record(session, caller, subject=story.id, kind="case_story", action=action, after=after)


def _subject(session: Session, caller: Caller, kind: str, subject_id: UUID) -> UUID:
    """The id of what the story is about; refuses what there is not, and what is of another territory."""
    place = _place_of(session, kind, subject_id)
    if place is None:
        raise NotFound("story.unknown_subject")
    caller.require_scope(place)
    return subject_id


def _place_of(session: Session, kind: str, subject_id: UUID) -> str | None:
    if kind == "sme":
        sme = session.get(Sme, subject_id)
        return sme.unit if sme else None
    if kind == "group":
        group = session.get(TrainingGroup, subject_id)
        return group.municipality if group else None
    enterprise = session.get(CopyEnterprise, subject_id)
    return enterprise.municipality if enterprise and enterprise.state == KNOWN else None


def _note_owners(session: Session, story: CaseStory) -> None:
    """Who is behind the enterprise today: a story is erased with each of its owners, whoever else stays."""
    owners = select(CopyOwner.entrepreneur_id).where(CopyOwner.enterprise_id == story.enterprise_id)
    noted = select(StoryWoman.entrepreneur_id).where(StoryWoman.story_id == story.id)
    for woman in set(session.scalars(owners)) - set(session.scalars(noted)):
        session.add(StoryWoman(story_id=story.id, entrepreneur_id=woman))
    session.flush()


def _require_place(caller: Caller, unit: str) -> None:
    check_units([unit], pointer="/unit")
    caller.require_scope(unit)


def _done(session: Session, caller: Caller, story: CaseStory, action: str) -> CaseStory:
    session.flush()
    remember(session, caller, story, action)
    return story
