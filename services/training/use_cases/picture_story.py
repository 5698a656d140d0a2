"""A picture of a case story: kept without the notes of its camera, erased when its owner says no."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import CaseStory, StoryPicture
from services.training.reference.stories import story_policy
from services.training.use_cases.finding import recorder
from services.training.use_cases.tell_story import locked_story, remember
from shared import files
from shared.identity import Caller
from shared.kernel import uuid7
from shared.photographs import cleaned


def add_picture(
    session: Session, caller: Caller, *, story_id: UUID, version: int | None, content: bytes, seen_es: str, seen_en: str
) -> CaseStory:
    """The story with one more picture; refuses what is no whole JPEG or PNG, and more pictures than a story has."""
    story = locked_story(session, caller, story_id, version)
    media_type, picture = cleaned(content)
    its_id = uuid7()
    name = f"{its_id}.{'jpg' if media_type == 'image/jpeg' else 'png'}"
    kept = files.store(session, picture, name=name, media_type=media_type, kind="story-picture", caller=caller)
    told = {"file_id": kept.id, "seen_es": seen_es, "seen_en": seen_en}
    story.show(
        StoryPicture(id=its_id, story_id=story.id, **told, **recorder(caller)), most=story_policy().most_pictures
    )
    session.flush()
    remember(session, caller, story, "add_picture", {"picture_id": its_id})
    return story


def remove_picture(
    session: Session, caller: Caller, *, story_id: UUID, version: int | None, picture_id: UUID
) -> CaseStory:
    """The story without a picture, which is erased."""
    story = locked_story(session, caller, story_id, version)
    files.erase(session, story.part_with(story.picture(picture_id)))
    session.flush()
    remember(session, caller, story, "remove_picture", {"picture_id": picture_id})
    return story


def erase_pictures(session: Session, story: CaseStory) -> int:
    """How many pictures of a story, which is locked, were erased."""
    gone = list(story.pictures)
    for picture in gone:
        files.erase(session, story.part_with(picture))
    return len(gone)
