"""A woman withdrew from the network: the stories of her enterprise are erased, her groups' lose their pictures."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from services.training.models import CaseStory, CopyMerged, StoryWoman
from services.training.use_cases.picture_story import erase_pictures
from shared import files


def forget_stories(
    session: Session, woman: UUID, enterprise_ids: Collection[UUID], group_ids: Collection[UUID]
) -> dict[str, int]:
    """How many stories, pictures and signed papers were erased. Of a group's story the words stay, which name nobody
    who did not agree: in a picture of the group she may be seen, so none stays.
    """
    hers = select(StoryWoman.story_id).where(CopyMerged.same_as(StoryWoman.entrepreneur_id, woman))
    stories = _locked(session, or_(CaseStory.id.in_(hers), CaseStory.enterprise_id.in_(enterprise_ids)))
    shared = _locked(session, CaseStory.group_id.in_(group_ids))
    pictures = sum(erase_pictures(session, story) for story in (*stories, *shared))
    papers = sum(_papers_erased(session, story) for story in stories)
    for story in stories:
        story.forget()
        session.execute(delete(StoryWoman).where(StoryWoman.story_id == story.id))
    session.flush()
    return {"case_stories": len(stories), "case_story_pictures": pictures, "case_story_papers": papers}


def _locked(session: Session, which: ColumnElement[bool]) -> list[CaseStory]:
    wanted = select(CaseStory).where(which).order_by(CaseStory.id).with_for_update()
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def _papers_erased(session: Session, story: CaseStory) -> int:
    papers = {one.file_id for one in story.consents if one.file_id is not None}
    for consent in story.consents:
        consent.lose_paper()
    for paper in papers:
        files.erase(session, paper)
    return len(papers)
