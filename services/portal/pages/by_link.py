"""What a signed link opens without signing in: the row of a printed attendance list, and a calendar feed."""

import re
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, g, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form
from services.portal.pages.registry.codes import said
from services.portal.pages.training.session_words import STATUSES, hours_of, minutes_of
from shared import i18n

blueprint = Blueprint("pages_by_link", __name__)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_NOTHING_THERE = frozenset({404, 409, 422})


@blueprint.get("/attendance/<string(maxlength=64):token>")
def sheet_row(token: str) -> Any:
    """The row that a QR leads to: nobody's name stands there, it stands on the paper."""
    return _row(token, Form())


@blueprint.post("/attendance/<string(maxlength=64):token>")
def mark_row(token: str) -> Any:
    """Note whether she of the row is there."""
    form = Form(request.form)
    body = {
        "mark_id": form.text("mark_id"),
        "status": form.text("status"),
        "minutes": minutes_of(form.text("hours")) if form.text("status") == "present" else None,
    }
    try:
        _check(token)
        api("training", as_portal=True).post(f"/sheet-rows/{token}/marks", body)
    except Problem as problem:
        form.refused(problem, minutes="hours", mark_id="status")
        return _row(token, form)
    return _row(token, Form(), noted=True)


def _row(token: str, form: Form, *, noted: bool = False) -> Any:
    _check(token)
    try:
        shown = api("training", as_portal=True).get(f"/sheet-rows/{token}")
    except Problem as problem:
        if problem.status not in _NOTHING_THERE:
            raise
        return render_template("training/row.html", row=None, told=problem.detail, form=Form()), 404
    begun = {"status": shown["status"] or "", "hours": hours_of(shown["minutes"]), "mark_id": str(uuid4())}
    typed = Form(begun | (request.form.to_dict(flat=False) if form.errors else {}))
    typed.errors.update(form.errors)
    page = render_template("training/row.html", row=shown, form=typed, noted=noted, STATUSES=STATUSES, said=said)
    return page, 422 if form.errors else 200


@blueprint.get("/calendar/<string(maxlength=64):token>.ics")
def calendar(token: str) -> Response:
    """The sessions, as a calendar program reads them; nothing where the address has not the form of a link."""
    g.me, g.language = None, i18n.choose(request.headers.get("Accept-Language"))
    _check(token)
    try:
        taken = api("training", as_portal=True).file(f"/calendar-links/{token}/calendar")
    except Problem as problem:
        if problem.status not in _NOTHING_THERE:
            raise
        return Response(problem.detail, 404, content_type="text/plain; charset=utf-8")
    return Response(taken.content, content_type=taken.media_type, headers={"Cache-Control": "no-store"})


def _check(token: str) -> None:
    if _TOKEN.fullmatch(token) is None:
        abort(404)
