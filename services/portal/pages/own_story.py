"""The page of a story's owner behind her link: she reads what is to be told and says what may be shown."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _
from services.portal.frame.sending import send
from services.portal.pages.training.story_words import PURPOSES, story_words

blueprint = Blueprint("pages_own_story", __name__, url_prefix="/story")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_LINK = "/<string(maxlength=64):token>"
_NOTHING_THERE = frozenset({404, 422})


@blueprint.get(_LINK)
def read(token: str) -> Any:
    """The story, and what she said so far."""
    return _page(token, Form(), 200)


@blueprint.post(_LINK)
def answer(token: str) -> Any:
    """What she says now; it applies at once."""
    form = Form(request.form)
    asked = form.many("asked")
    said = {purpose: form.text(purpose) == "yes" for purpose in PURPOSES}
    if silent := [purpose for purpose in PURPOSES if purpose in asked and not form.text(purpose)]:
        for purpose in silent:
            form.wrong(purpose, _("Say yes or no."))
        return _page(token, form, 422)
    try:
        api("training", as_portal=True).post(
            f"/story-links/{_checked(token)}/answers", said | {"seen": form.text("seen")}
        )
    except Problem as problem:
        if problem.code == "story_link.not_open":
            return _page(token, form, 404)
        form.refused(problem, seen="")
        return _page(token, form, problem.status)
    flash(_("Thank you. What you said applies from now on; with this address you can change it."))
    return redirect(f"/story/{token}", 303)


@blueprint.get(f"{_LINK}/pictures/<uuid:picture_id>")
def picture(token: str, picture_id: UUID) -> Response:
    """A picture of her story."""
    return send(
        api("training", as_portal=True).file(f"/story-links/{_checked(token)}/pictures/{picture_id}"), inline=True
    )


def _page(token: str, form: Form, status: int) -> Response:
    try:
        found = api("training", as_portal=True).get(f"/story-links/{_checked(token)}/story")
    except Problem as problem:
        if problem.status not in _NOTHING_THERE:
            raise
        return _private(make_response(render_template("training/firm_closed.html", said=problem.detail), 404))
    told = {"token": token, "versions": _versions(found), "form": _typed(found, form)}
    return _private(make_response(render_template("stories/own.html", story=found, **told, **story_words()), status))


def _versions(found: Answer) -> list[dict[str, Any]]:
    return [{"language": language, **told} for language, told in found["content"].items() if told]


def _typed(found: Answer, form: Form) -> Form:
    """What she said so far, below what she typed; nothing is ticked for her before she answered."""
    known = found["answers"] if any(found["answers"].values()) else {}
    told = {purpose: "yes" if yes else "no" for purpose, yes in known.items()}
    begun = Form(told | {purpose: form.text(purpose) for purpose in PURPOSES if form.text(purpose)})
    begun.errors.update(form.errors)
    return begun


def _checked(token: str) -> str:
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    return token


def _private(response: Response) -> Response:
    """The address is a key: what it leads to is kept nowhere on the way, and found by no search."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
