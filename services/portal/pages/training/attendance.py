"""Attendance of a session: on the page, and from a phone that had no line."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from flask import Response, flash, jsonify, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.delivery import STATIC
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.session_words import hours_of, minutes_of

_ABOUT_THE_MARK = frozenset({404, 409, 422})


@blueprint.get("/sessions/<uuid:session_id>/attendance")
@for_roles(*READERS)
def attendance(session_id: UUID) -> Any:
    """The list of a session."""
    return _list(session_id, Form())


@blueprint.post("/sessions/<uuid:session_id>/attendance")
@for_roles(*TEAM)
def take_attendance(session_id: UUID) -> Any:
    """Every mark of the list that is not what stood when the page was made."""
    form = Form(request.form)
    noted = 0
    for woman in _changed(form):
        body = {
            "mark_id": form.text(f"mark-{woman}"),
            "entrepreneur_id": woman,
            "status": form.text(f"status-{woman}"),
            "minutes": _minutes(form.text(f"status-{woman}"), form.text(f"hours-{woman}")),
            "seen": form.optional(f"seen-{woman}"),
            "reason": form.optional("reason"),
        }
        try:
            api("training").post(f"/sessions/{session_id}/marks", body)
            noted += 1
        except Problem as problem:
            form.refused(problem, minutes=f"hours-{woman}", status=f"status-{woman}")
    if form.errors:
        return _list(session_id, form), 422
    flash(_("Marks noted: %(count)s.", count=noted))
    return redirect(f"/training/sessions/{session_id}/attendance", 303)


@blueprint.get("/sessions/attendance-worker.js")
def attendance_worker() -> Response:
    """The script that opens a kept list without a line. It is served here because its reach is its own folder."""
    script = (STATIC / "training" / "attendance-worker.js").read_bytes()
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.post("/sessions/<uuid:session_id>/marks")
@for_roles(*TEAM)
def take_mark(session_id: UUID) -> Response:
    """One mark of a phone: what became of it, or the sentence that refuses it. What can be sent again later goes out
    as any other problem does.
    """
    form = Form(request.form)
    body = {
        "mark_id": form.text("mark_id"),
        "entrepreneur_id": form.text("woman"),
        "status": form.text("status"),
        "minutes": _minutes(form.text("status"), form.text("hours")),
        "marked_ms": _moment(form.text("marked_ms")),
        "seen": form.optional("seen"),
        "way": form.optional("way") or "page",
        "reason": form.optional("reason"),
    }
    try:
        made = api("training").post(f"/sessions/{session_id}/marks", body)
    except Problem as problem:
        if problem.status not in _ABOUT_THE_MARK:
            raise
        form.refused(problem)
        refused = jsonify(said=" ".join(form.errors.values()))
        refused.status_code = problem.status
        return refused
    return jsonify({name: made[name] for name in ("stands", "contradicts")})


def _changed(form: Form) -> Iterator[str]:
    """The women whose status or hours are not those that the page was made with."""
    for woman in form.many("women"):
        now = (form.text(f"status-{woman}"), form.text(f"hours-{woman}"))
        if now[0] and now != tuple(form.text(f"was-{woman}").split("|", 1)):
            yield woman


def _minutes(status: str, hours: str) -> int | str | None:
    """The hours of who was not there are nobody's: the field keeps what stood in it."""
    return minutes_of(hours) if status == "present" else None


def _moment(text: str) -> int | str | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text or None


def _list(session_id: UUID, form: Form) -> str:
    """The list as it stands now; what she typed and was refused stays."""
    shown = api("training").get(f"/sessions/{session_id}/attendance")
    begun: dict[str, Any] = {}
    for row in shown["women"]:
        woman, mark = row["entrepreneur_id"], row["mark"]
        status = mark["status"] if mark else ""
        hours = hours_of(mark["minutes"]) if mark and status == "present" else ""
        begun |= {f"status-{woman}": status, f"hours-{woman}": hours}
        row |= {"was": f"{status}|{hours}", "seen": mark["id"] if mark else "", "mark_id": str(uuid4())}
    typed = Form(begun | (request.form.to_dict(flat=False) if form.errors else {}))
    typed.errors.update(form.errors)
    return render_template("training/attendance.html", session=shown, form=typed, account=me().id)
