"""A version of a curriculum behind a personal link: read on a phone, contributed to and accepted without an account."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from services.portal.clients import Problem, api
from services.portal.frame import Form, _
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import said
from services.portal.pages.training.curriculum_words import curriculum_words, on_open_shelf
from services.portal.pages.training.session_words import in_hours

blueprint = Blueprint("pages_curriculum", __name__, url_prefix="/curriculum")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_LINK = "/<string(maxlength=64):token>"


@blueprint.get(_LINK)
def read_by_link(token: str) -> Response:
    """The modules, what she said, and whether she accepts."""
    return _page(token, Form())


@blueprint.post(f"{_LINK}/contributions")
def contribute_by_link(token: str) -> Response:
    """She says what should change."""
    told = _("Thank you: what you wrote is kept. You find the answer here.")
    return _send(
        token, "contributions", lambda form: {"text": form.text("text"), "module_id": form.optional("module_id")}, told
    )


@blueprint.post(f"{_LINK}/acceptance")
def accept_by_link(token: str) -> Response:
    """She accepts what she read."""
    told = _("Thank you: you accepted it.")
    return _send(token, "acceptance", lambda form: {"content_hash": form.text("content_hash")}, told)


@blueprint.post(f"{_LINK}/asked-subjects")
def ask_by_link(token: str) -> Response:
    """She asks for another subject."""
    told = _("Thank you: your subject is noted.")
    return _send(token, "asked-subjects", lambda form: {"subject": form.text("subject")}, told)


@blueprint.get(f"{_LINK}/files/<uuid:curriculum_file_id>")
def file_by_link(token: str, curriculum_file_id: UUID) -> Response:
    """A file of a module."""
    client = api("training", as_portal=True)
    return send(client.file(f"/curriculum-links/{_checked(token)}/files/{curriculum_file_id}"), inline=True)


def _send(token: str, what: str, body: Callable[[Form], dict[str, Any]], told: str) -> Response:
    form = Form(request.form)
    try:
        api("training", as_portal=True).post(f"/curriculum-links/{_checked(token)}/{what}", body(form))
    except Problem as problem:
        if problem.code == "curriculum.link_not_open":
            return _page(token, form)
        form.refused(problem)
        return _page(token, form, problem.status)
    flash(told)
    return _private(redirect(f"/curriculum/{token}", 303))


def _page(token: str, form: Form, status: int = 200) -> Response:
    try:
        found = api("training", as_portal=True).get(f"/curriculum-links/{_checked(token)}/own")
    except Problem as problem:
        if problem.code != "curriculum.link_not_open":
            raise
        return _private(make_response(render_template("training/answer_over.html", said=problem.detail), 404))
    shown = {
        "found": found,
        "form": form,
        "base": f"/curriculum/{token}",
        "titles": {one["id"]: one["title"] for one in found["modules"]},
        "file_address": lambda _module, file: f"/curriculum/{token}/files/{file}",
        "shelf_address": on_open_shelf,
        "said": said,
        "in_hours": in_hours,
    }
    page = render_template("training/curriculum_by_link.html", **shown, **curriculum_words(as_portal=True))
    return _private(make_response(page, status))


def _checked(token: str) -> str:
    """The token, if it has the form of one."""
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    return token


def _private(response: Any) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    kept: Response = response
    return kept
