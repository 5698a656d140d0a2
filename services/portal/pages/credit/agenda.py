"""Sessions of the committee: the list, a new one."""

from typing import Any

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.credit.area import CONVENERS, READERS, blueprint, names_of


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


def _placed(session_id: str, application_id: str) -> bool:
    try:
        api("credit").post(f"/sessions/{session_id}/agenda", {"application_id": application_id})
    except Problem as problem:
        if problem.status not in {404, 409}:
            raise
        return False
    return True


def _waiting() -> list[dict[str, Any]]:
    return api("credit").get("/applications", {"state": ["appraised", "deferred"], "limit": 100}).rows


def _call_form(form: Form, waiting: list[dict[str, Any]]) -> Any:
    return render_template(
        "credit/call.html",
        form=form,
        committees=api("credit").get("/committees").rows,
        waiting=waiting,
        names=names_of(row["enterprise_id"] for row in waiting),
    )
