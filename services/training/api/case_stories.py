"""Case stories on their way: written, reviewed, agreed to, published, withdrawn."""

from typing import Any
from uuid import UUID

from flask import current_app

from services.training.api import case_story_schemas as schemas
from services.training.models import CaseStory
from services.training.queries import case_stories as queries
from services.training.rules import case_stories as rules
from services.training.rules.case_story_access import PUBLISHERS, READERS, REVIEWERS, TAKERS, WRITERS
from services.training.use_cases import agree_to_story, picture_story, tell_story
from shared import files
from shared.papers import LARGEST_FILE
from shared.photographs import LARGEST
from shared.tokens import Keyring
from shared.web import Call, Download, Page, Resource

resource = Resource("case_stories", prefix="/case-stories", description="Case stories on their way to the library.")
_ONE = "/<uuid:story_id>"
_STEP: dict[str, Any] = {"returns": schemas.StoryOut, "if_match": True, "status": 200}
PURPOSE = "training story links 1"


@resource.get(query=schemas.StoryQuery, returns=schemas.StoryRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The stories of the caller's territory that meet all filters, the latest first."""
    return queries.list_stories(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=schemas.StoryIn, returns=schemas.StoryOut, allow=WRITERS)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a story of a small firm, a group or an enterprise."""
    return _told(call, tell_story.write_story(call.session, call.caller, **schemas.content_of(body)))


@resource.get(_ONE, returns=schemas.StoryOut, allow=READERS)
def show(call: Call, story_id: UUID) -> dict[str, Any]:
    """One story with its reviews, pictures and what was agreed."""
    return queries.show_story(call.session, call.caller, story_id)


@resource.put(_ONE, body=schemas.StoryTextIn, returns=schemas.StoryOut, allow=WRITERS)
def change(call: Call, body: dict[str, Any], story_id: UUID) -> dict[str, Any]:
    """Say what the story says from now on; what its owner agreed to before does not cover it."""
    told = schemas.content_of(body)
    done = tell_story.change_story(call.session, call.caller, story_id=story_id, version=call.if_match, **told)
    return _told(call, done)


@resource.post(f"{_ONE}/submission", allow=WRITERS, **_STEP)
def submit(call: Call, story_id: UUID) -> dict[str, Any]:
    """Hand it in for review."""
    return _told(call, tell_story.submit_story(call.session, call.caller, **_which(call, story_id)))


@resource.post(f"{_ONE}/review", allow=REVIEWERS, **_STEP)
def take(call: Call, story_id: UUID) -> dict[str, Any]:
    """Begin to review it; not one's own."""
    return _told(call, tell_story.take_story(call.session, call.caller, **_which(call, story_id)))


@resource.post(f"{_ONE}/conclusion", body=schemas.StoryReviewIn, allow=REVIEWERS, **_STEP)
def conclude(call: Call, body: dict[str, Any], story_id: UUID) -> dict[str, Any]:
    """Approve it, or return it with what is recommended."""
    return _told(call, tell_story.review_story(call.session, call.caller, **_which(call, story_id), **body))


@resource.post(f"{_ONE}/publication", allow=PUBLISHERS, **_STEP)
def publish(call: Call, story_id: UUID) -> dict[str, Any]:
    """Bring it into the library, as far as its owner agreed."""
    return _told(call, tell_story.publish_story(call.session, call.caller, **_which(call, story_id)))


@resource.post(f"{_ONE}/withdrawal", body=schemas.StoryWithdrawalIn, allow=TAKERS, **_STEP)
def withdraw(call: Call, body: dict[str, Any], story_id: UUID) -> dict[str, Any]:
    """Take it out of the library."""
    return _told(call, tell_story.withdraw_story(call.session, call.caller, **_which(call, story_id), **body))


@resource.post(f"{_ONE}/reopening", allow=WRITERS, **_STEP)
def reopen(call: Call, story_id: UUID) -> dict[str, Any]:
    """Write it anew; it will be reviewed again."""
    return _told(call, tell_story.reopen_story(call.session, call.caller, **_which(call, story_id)))


@resource.post(
    f"{_ONE}/pictures",
    upload=LARGEST,
    body=schemas.StoryPictureIn,
    returns=schemas.StoryOut,
    if_match=True,
    allow=WRITERS,
)
def add_picture(call: Call, story_id: UUID) -> dict[str, Any]:
    """Add a picture; the notes of its camera are not kept, and nobody sees it before its owner agreed to it."""
    assert call.upload is not None
    told: dict[str, Any] = {**_which(call, story_id), **call.form, "content": call.upload.content}
    return _told(call, picture_story.add_picture(call.session, call.caller, **told))


@resource.get(f"{_ONE}/pictures/<uuid:picture_id>", download=True, allow=READERS)
def picture(call: Call, story_id: UUID, picture_id: UUID) -> Download:
    """A picture, for the team."""
    story = queries.readable(call.session, call.caller, story_id)
    return as_picture(call, story.picture(picture_id))


@resource.post(f"{_ONE}/pictures/<uuid:picture_id>/removal", allow=WRITERS, **_STEP)
def remove_picture(call: Call, story_id: UUID, picture_id: UUID) -> dict[str, Any]:
    """Erase a picture."""
    told: dict[str, Any] = {**_which(call, story_id), "picture_id": picture_id}
    return _told(call, picture_story.remove_picture(call.session, call.caller, **told))


@resource.post(
    f"{_ONE}/consents", upload=LARGEST_FILE, body=schemas.StoryPaperIn, returns=schemas.StoryOut, allow=WRITERS
)
def keep_paper(call: Call, story_id: UUID) -> dict[str, Any]:
    """Keep the signed paper, and what it says of each purpose."""
    assert call.upload is not None
    form: dict[str, Any] = dict(call.form)
    answers = {purpose: form[purpose] == "yes" for purpose in rules.PURPOSES}
    told: dict[str, Any] = {"content": call.upload.content, "name": call.upload.name, "said_on": form["said_on"]}
    told["answers"] = answers
    return _told(call, agree_to_story.keep_paper(call.session, call.caller, story_id=story_id, **told))


@resource.get(f"{_ONE}/consents/<uuid:consent_id>/paper", download=True, allow=READERS)
def paper(call: Call, story_id: UUID, consent_id: UUID) -> Download:
    """The signed paper as it was kept."""
    file = files.find(call.session, queries.paper_of(call.session, call.caller, story_id, consent_id))
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@resource.post(
    f"{_ONE}/consent-withdrawals", body=schemas.StoryTakeBackIn, returns=schemas.StoryOut, status=200, allow=WRITERS
)
def take_back(call: Call, body: dict[str, Any], story_id: UUID) -> dict[str, Any]:
    """Note what the owner no longer agrees to; it applies at once."""
    return _told(call, agree_to_story.take_back(call.session, call.caller, story_id=story_id, **body))


@resource.get(f"{_ONE}/links", returns=schemas.StoryLinkOut, allow=WRITERS)
def links(call: Call, story_id: UUID) -> list[dict[str, Any]]:
    """The links of the story's owner, the latest first."""
    return queries.links_of(call.session, call.caller, story_id, link_key())


@resource.post(f"{_ONE}/links", body=schemas.StoryLinkIn, returns=schemas.StoryLinkOut, allow=WRITERS)
def link(call: Call, body: dict[str, Any], story_id: UUID) -> dict[str, Any]:
    """Give the story's owner a link of her own, until a day."""
    made = agree_to_story.link_story(call.session, call.caller, story_id=story_id, **body)
    return queries.link_row(made, link_key())


def as_picture(call: Call, found: Any) -> Download:
    """A picture to be shown in the page, for whoever may see it."""
    content, file = queries.picture_file(call.session, found)
    return Download(content, file.name, file.media_type, inline=True)


def link_key() -> bytes:
    """What signs the links of owners."""
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring.secret(PURPOSE)


def _told(call: Call, story: CaseStory) -> dict[str, Any]:
    return queries.told(call.session, call.caller, story)


def _which(call: Call, story_id: UUID) -> dict[str, Any]:
    return {"story_id": story_id, "version": call.if_match}
