"""Sessions of the committee: the list, a new one, its agenda and its notice."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    CONVENERS,
    MINUTES_READERS,
    NOTICE_CHANNELS,
    READERS,
    blueprint,
    names_of,
)
from shared.kernel import LOCAL_TIME, clock


@blueprint.get("/sessions")
@for_roles(*READERS)
def sessions() -> Any:
    """The sessions of the committees, newest first."""
    form = Form(request.args)
    try:
        answer = api("credit").get(
            "/sessions", {"state": request.args.get("state"), "after": request.args.get("after"), "limit": 25}
        )
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template("credit/sessions.html", sessions=answer, form=form)


@blueprint.get("/sessions/new")
@for_roles(*CONVENERS)
def calling() -> Any:
    """The form to call a session; the applications that wait can be put on its agenda at once."""
    waiting = _waiting()
    return _call_form(Form({"held_at": "09:00", "applications": [row["id"] for row in waiting]}), waiting)


@blueprint.post("/sessions/new")
@for_roles(*CONVENERS)
def call() -> Any:
    """Call the session and put the chosen applications on its agenda."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("held_on", "held_at", "place")} | {
        "committee_id": form.text("committee")
    }
    try:
        session = api("credit").post("/sessions", body)
    except Problem as problem:
        form.refused(problem, committee_id="committee", scheduled_for="held_on")
        return _call_form(form, _waiting()), problem.status
    left = [application for application in form.many("applications") if not _placed(session["id"], application)]
    if left:
        flash(_("Some applications could not be put on the agenda: they belong to another fund or moved on."), "warn")
    flash(_("The session is called as %(number)s.", number=session["number"]))
    return redirect(f"/credit/sessions/{session['id']}", 303)


@blueprint.get("/sessions/<uuid:session_id>/agenda")
@for_roles(*CONVENERS)
def agenda(session_id: UUID) -> Any:
    """The agenda before the session: its order, its conditions, what else waits; and who was told."""
    return _builder(session_id, Form())


@blueprint.post("/sessions/<uuid:session_id>/agenda")
@for_roles(*CONVENERS)
def add(session_id: UUID) -> Any:
    """Put more applications on it."""
    form = Form(request.form)
    chosen = form.many("applications")
    if not chosen:
        form.wrong("applications", _("Choose what is to be decided."))
        return _builder(session_id, form), 422
    if any(not _placed(str(session_id), application) for application in chosen):
        flash(_("Some applications could not be put on the agenda: they belong to another fund or moved on."), "warn")
    return _back(session_id)


@blueprint.post("/sessions/<uuid:session_id>/agenda/<uuid:item_id>/up")
@for_roles(*CONVENERS)
def move_up(session_id: UUID, item_id: UUID) -> Any:
    """Deal with an item one place earlier."""
    order = [item["id"] for item in api("credit").get(f"/sessions/{session_id}")["agenda"]]
    at = order.index(str(item_id)) if str(item_id) in order else 0
    if at:
        order[at - 1], order[at] = order[at], order[at - 1]
    return _do(session_id, lambda: api("credit").post(f"/sessions/{session_id}/agenda/order", {"items": order}))


@blueprint.post("/sessions/<uuid:session_id>/agenda/<uuid:item_id>/off")
@for_roles(*CONVENERS)
def take_off(session_id: UUID, item_id: UUID) -> Any:
    """Take an item off; its application waits for another session."""
    return _do(session_id, lambda: api("credit").post(f"/sessions/{session_id}/items/{item_id}/removal"))


@blueprint.post("/sessions/<uuid:session_id>/notify")
@for_roles(*CONVENERS)
def notify(session_id: UUID) -> Any:
    """Note who was told of the session, and how."""
    form = Form(request.form)
    if not form.many("seats"):
        form.wrong("seats", _("Choose who was told."))
    if form.text("channel") not in NOTICE_CHANNELS:
        form.wrong("channel", _("Choose how they were told."))
    if form.errors:
        return _builder(session_id, form), 422
    body = {"seats": form.many("seats"), "channel": form.text("channel"), "reason": form.text("reason")}
    return _do(session_id, lambda: api("credit").post(f"/sessions/{session_id}/notifications", body), form)


@blueprint.get("/sessions/<uuid:session_id>/notice")
@for_roles(*MINUTES_READERS)
def notice(session_id: UUID) -> Any:
    """The notice with the agenda as a PDF."""
    return send(api("credit").file(f"/sessions/{session_id}/notice"), inline=True)


def _do(session_id: UUID, step: Callable[[], Any], form: Form | None = None) -> Any:
    """Do it and come back to the agenda; what is refused is told there."""
    form = form or Form(request.form)
    try:
        step()
    except Problem as problem:
        form.refused(problem)
        return _builder(session_id, form), problem.status
    return _back(session_id)


def _back(session_id: UUID) -> Any:
    return redirect(f"/credit/sessions/{session_id}/agenda", 303)


def _builder(session_id: UUID, form: Form) -> Any:
    session = api("credit").get(f"/sessions/{session_id}")
    waiting = [row for row in _waiting() if row["fund_id"] == session["fund_id"]]
    enterprises = [item["application"]["enterprise_id"] for item in session["agenda"] if item["application"]]
    told = {one["seat"] for one in session["notice"]["notified"]}
    held = datetime.fromisoformat(session["scheduled_for"]).astimezone(LOCAL_TIME).date()
    days = (held - clock.today()).days
    return render_template(
        "credit/agenda.html",
        session=session,
        waiting=waiting,
        names=names_of([*enterprises, *(row["enterprise_id"] for row in waiting)]),
        untold=[seat for seat in session["seats"] if seat["id"] not in told],
        short=days < session["notice"]["days"] and not session["notice"]["short"],
        days=max(days, 0),
        form=form,
    )


def _placed(session_id: str, application_id: str) -> bool:
    """Whether it is on the agenda now; why it is not is told."""
    try:
        api("credit").post(f"/sessions/{session_id}/agenda", {"application_id": application_id})
    except Problem as problem:
        if problem.status not in {404, 409}:
            raise
        if problem.status == 409:
            number = api("credit").get(f"/applications/{application_id}")["number"]
            flash(f"{number}: {problem.detail}", "warn")
        return False
    return True


def _waiting() -> list[dict[str, Any]]:
    return api("credit").get("/applications", {"state": ["appraised", "deferred", "lapsed"], "limit": 100}).rows


def _call_form(form: Form, waiting: list[dict[str, Any]]) -> Any:
    return render_template(
        "credit/call.html",
        form=form,
        committees=[row for row in api("credit").get("/committees").rows if row["kind"] == "credit"],
        waiting=waiting,
        names=names_of(row["enterprise_id"] for row in waiting),
    )
