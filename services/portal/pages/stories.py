"""The library of case stories, open to everybody; who is signed in also reads what only the network may."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from services.portal.clients import Answer, Client, Problem, api
from services.portal.frame import Form
from services.portal.frame.sending import send
from services.portal.pages.training.story_words import story_words

blueprint = Blueprint("pages_stories", __name__, url_prefix="/stories")
_FILTERS = ("text", "area", "sector", "unit")
_PER_PAGE = 24


@blueprint.get("")
def stories() -> Any:
    """The published stories."""
    form = Form(request.args)
    client, path = _shelf()
    asked = {name: form.text(name) for name in _FILTERS} | {"after": request.args.get("after"), "limit": _PER_PAGE}
    try:
        found = client.get(path, asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("stories/library.html", stories=found, form=form, **story_words())


@blueprint.get("/<uuid:story_id>")
def story(story_id: UUID) -> Any:
    """One story, in the reader's language where it is written in it."""
    client, path = _shelf()
    found = client.get(f"{path}/{story_id}")
    versions = {one["language"]: one for one in found["versions"]}
    language = request.args.get("in") or g.language
    shown = versions.get(language) or next(iter(versions.values()))
    others = [code for code in versions if code != shown["language"]]
    return render_template("stories/story.html", story=found, shown=shown, others=others, **story_words())


@blueprint.get("/<uuid:story_id>/pictures/<uuid:picture_id>")
def picture(story_id: UUID, picture_id: UUID) -> Response:
    """A picture of a story: nothing on the way keeps it, so that it is gone as soon as its owner says so."""
    client, path = _shelf()
    return send(client.file(f"{path}/{story_id}/pictures/{picture_id}"), inline=True)


def _shelf() -> tuple[Client, str]:
    """Whom to ask, and for which of the stories."""
    if g.me is None:
        return api("training", as_portal=True), "/story-library"
    return api("training"), "/network-stories"
