"""A test or survey answered through a link, without an account: on a phone, without JavaScript, saved as she goes."""

import re
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _
from services.portal.pages.training.learning_words import STEPS
from shared.incoming import check_text

blueprint = Blueprint("pages_answer", __name__, url_prefix="/answer")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_NUMBERS = range(1, 61)


@blueprint.get("/<string(maxlength=64):token>")
def begin(token: str) -> Response:
    """The questions, or, through the link of a group, the place for her code."""
    return _opened(token, Form())


@blueprint.post("/<string(maxlength=64):token>")
def go_on(token: str) -> Response:
    """Open with her code, keep what she answered so far, or hand it in."""
    form = Form(request.form)
    doing = form.text("doing")
    if doing not in {"save", "hand_in"}:
        return _opened(token, form)
    client = api("training", as_portal=True)
    body = _code(form) | {"answers": _answers(form), "hand_in": doing == "hand_in"}
    try:
        kept = client.post(f"/answer-links/{_checked(token)}/answers", body)
    except Problem as problem:
        _take(problem, form)
        return _opened(token, form, status=problem.status)
    return _shown(kept, form, saved=True)


def _opened(token: str, form: Form, status: int = 200) -> Response:
    """What the link leads to, with what she typed over what is kept; a link that is over says so."""
    try:
        found = api("training", as_portal=True).post(f"/answer-links/{_checked(token)}/opening", _code(form))
    except Problem as problem:
        if problem.status not in {404, 409, 422, 429}:
            raise
        if problem.status not in {422, 429}:
            return _page(render_template("training/answer_over.html", said=problem.detail), 404)
        if request.method == "POST":
            _take(problem, form)
        page = render_template("training/answer_code.html", form=form, typed=_typed(form))
        return _page(page, problem.status if form.errors else 200)
    return _shown(found, form, status=status)


def _shown(found: Answer, form: Form, *, status: int = 200, saved: bool = False) -> Response:
    kept = {f"answer_{item['number']}": item["answer"] for item in found["items"]}
    typed = {name: form.text(name) for name in kept if name in request.form} if form.errors else {}
    shown = Form(kept | typed | {"code": form.text("code")})
    shown.errors.update(form.errors)
    steps = [(step, _(word)) for step, word in STEPS.items()]
    done = found["handed_in"]
    page = render_template("training/answer.html", found=found, form=shown, steps=steps, saved=saved, done=done)
    return _page(page, status)


def _take(problem: Problem, form: Form) -> None:
    """What is refused, beside the answer it is about."""
    form.refused(problem, **{f"answers-{number}": f"answer_{number}" for number in _NUMBERS})


def _typed(form: Form) -> dict[str, str]:
    """What she had typed when her code was refused: it goes on with the next one."""
    names = ("doing", *(f"answer_{number}" for number in _NUMBERS))
    return {name: value for name in names if (value := form.text(name))}


def _answers(form: Form) -> list[dict[str, Any]]:
    given = {number: form.text(f"answer_{number}") for number in _NUMBERS}
    return [{"number": number, "value": value[:2_000]} for number, value in given.items() if value]


def _code(form: Form) -> dict[str, str]:
    code = form.text("code")[:20]
    check_text(code, "/code")
    told = {"code": code, "address": request.remote_addr or ""}
    return {name: value for name, value in told.items() if value}


def _checked(token: str) -> str:
    """The token, if it has the form of one."""
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    return token


def _page(html: str, status: int) -> Response:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
