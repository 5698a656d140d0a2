"""The library of case stories, and the links through which owners read theirs and say what may be shown."""

from typing import Any
from uuid import UUID

from services.training.api import case_story_schemas as schemas
from services.training.api.case_stories import as_picture, link_key
from services.training.queries import case_stories as queries
from services.training.queries import story_library as library
from services.training.rules import case_stories as rules
from services.training.rules.case_story_access import MEMBERS, WRITERS
from services.training.use_cases import agree_to_story
from shared.web import Call, Download, Page, Resource

resource = Resource("story_library", prefix="/story-library", description="Published case stories, for everybody.")
network = Resource("network_stories", prefix="/network-stories", description="Published stories, for the network.")
links = Resource("story_links", prefix="/story-links", description="Links of owners to their own story.")
_DOOR = "/<string(maxlength=64):token>"
_ONE = "/<uuid:story_id>"
_PICTURE = f"{_ONE}/pictures/<uuid:picture_id>"
_PUBLIC: dict[str, Any] = {"public": True, "scoped": False}
_NETWORK: dict[str, Any] = {"allow": MEMBERS, "scoped": False}
_LINKED: dict[str, Any] = {"allow": {"service"}, "scoped": False}


@resource.get(query=schemas.LibraryQuery, returns=schemas.LibraryRow, paged=True, **_PUBLIC)
def list_(call: Call) -> Page:
    """The stories whose owners agreed to the open web, the latest first."""
    return library.list_published(call.session, call.query, network=False, limit=call.limit, after=call.after)


@resource.get("/facets", returns=schemas.LibraryFacetsOut, **_PUBLIC)
def facets(call: Call) -> dict[str, Any]:
    """How many of them there are by area, dimension, sector and country."""
    return library.facets(call.session, network=False)


@resource.get(_ONE, returns=schemas.LibraryStoryOut, **_PUBLIC)
def show(call: Call, story_id: UUID) -> dict[str, Any]:
    """One of them."""
    return library.published(call.session, story_id, network=False)


@resource.get(_PICTURE, download=True, **_PUBLIC)
def picture(call: Call, story_id: UUID, picture_id: UUID) -> Download:
    """A picture that its owner agreed to show; nothing as soon as she no longer does."""
    found = library.published_picture(call.session, story_id, picture_id, network=False)
    return as_picture(call, found)


@network.get(query=schemas.LibraryQuery, returns=schemas.LibraryRow, paged=True, **_NETWORK)
def list_network(call: Call) -> Page:
    """Every published story, the latest first."""
    return library.list_published(call.session, call.query, network=True, limit=call.limit, after=call.after)


@network.get(_ONE, returns=schemas.LibraryStoryOut, **_NETWORK)
def show_network(call: Call, story_id: UUID) -> dict[str, Any]:
    """One of them."""
    return library.published(call.session, story_id, network=True, caller=call.caller)


@network.get(_PICTURE, download=True, **_NETWORK)
def picture_network(call: Call, story_id: UUID, picture_id: UUID) -> Download:
    """A picture of it."""
    return as_picture(call, library.published_picture(call.session, story_id, picture_id, network=True))


@links.post("/<uuid:story_link_id>/revocation", returns=schemas.StoryLinkOut, if_match=True, status=200, allow=WRITERS)
def revoke(call: Call, story_link_id: UUID) -> dict[str, Any]:
    """Let nothing be read or said through this link any more."""
    done = agree_to_story.revoke_story_link(call.session, call.caller, story_link_id, version=call.if_match)
    return queries.link_row(done, link_key())


@links.get(f"{_DOOR}/story", returns=schemas.OwnStoryOut, **_LINKED)
def own(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the story behind a link, and what its owner said so far."""
    return _own(queries.opened(call.session, token, link_key()))


@links.get(f"{_DOOR}/pictures/<uuid:picture_id>", download=True, **_LINKED)
def own_picture(call: Call, token: str, picture_id: UUID) -> Download:
    """For the portal: a picture of that story."""
    return as_picture(call, queries.opened(call.session, token, link_key()).story.picture(picture_id))


@links.post(f"{_DOOR}/answers", body=schemas.StoryAnswerIn, returns=schemas.OwnStoryOut, status=200, **_LINKED)
def answer(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the owner says what may be shown; it applies at once."""
    door = queries.opened(call.session, token, link_key())
    answers = {purpose: body[purpose] for purpose in rules.PURPOSES}
    agree_to_story.answer_by_link(call.session, door.caller, door.link, answers, body["seen"])
    return _own(door)


def _own(door: queries.StoryDoor) -> dict[str, Any]:
    story = door.story
    now, shown = story.allowed, story.shown
    return {
        "seen": agree_to_story.seen_of(story),
        "state": story.state,
        "unit": story.unit,
        "expires_on": door.link.expires_on,
        "firm_name": story.firm_name,
        "person_name": story.person_name,
        "content": story.content,
        "pictures": [queries.picture_row(story, one) for one in story.pictures],
        "answers": {purpose: now.has(purpose) for purpose in rules.PURPOSES},
        "asked": [purpose for purpose in rules.PURPOSES if shown.of(purpose)],
    }
