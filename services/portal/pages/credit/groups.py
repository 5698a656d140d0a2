"""Groups of women who borrow side by side: formed, put on an agenda, and how each member stands."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.credit.area import (
    CONVENERS,
    FILE_READERS,
    READERS,
    STAFF,
    blueprint,
    fund_choices,
    funds,
    names_of,
)

_JOINABLE = ("submitted", "appraised", "deferred", "lapsed")


@blueprint.get("/groups")
@for_roles(*READERS)
def groups() -> Any:
    """The groups of the territory, newest first."""
    answer = api("credit").get("/groups", {"after": request.args.get("after"), "limit": 25})
    return render_template("credit/groups.html", groups=answer, opens=me().has(*FILE_READERS, "cashier"))


@blueprint.get("/groups/new")
@for_roles(*STAFF)
def forming_group() -> Any:
    """The form: a fund, a name, the applications."""
    own = funds()
    return _form(Form({"fund": request.args.get("fund") or (own[0]["id"] if own else "")}), own)


@blueprint.post("/groups/new")
@for_roles(*STAFF)
def form_group() -> Any:
    """Form the group; or show the applications of another fund."""
    typed = Form(request.form)
    if typed.text("choose"):
        return _form(typed, funds())
    body = {
        "fund_id": typed.text("fund"),
        "name": typed.text("name"),
        "applications": typed.many("applications"),
    }
    try:
        done = api("credit").post("/groups", body)
    except Problem as problem:
        typed.refused(problem, fund_id="fund")
        return _form(typed, funds()), problem.status
    flash(_("The group is formed as %(number)s.", number=done["number"]))
    return redirect(f"/credit/groups/{done['id']}", 303)


@blueprint.get("/groups/<uuid:group_id>")
@for_roles(*FILE_READERS, "cashier")
def group(group_id: UUID) -> Any:
    """One group with each member's application and loan, and who is late."""
    return _page(group_id, Form())


@blueprint.post("/groups/<uuid:group_id>/join")
@for_roles(*STAFF)
def join_group(group_id: UUID) -> Any:
    """Take one more application in."""
    return _changed(group_id, "members", _("The application is in the group."))


@blueprint.post("/groups/<uuid:group_id>/leave")
@for_roles(*STAFF)
def leave_group(group_id: UUID) -> Any:
    """Let a member leave."""
    return _changed(group_id, "departures", _("The application is out of the group."))


@blueprint.post("/groups/<uuid:group_id>/agenda")
@for_roles(*CONVENERS)
def place_group(group_id: UUID) -> Any:
    """Put the members who wait on the agenda of a session, together."""
    typed = Form(request.form)
    known = {one["id"] for one in _sessions(api("credit").get(f"/groups/{group_id}")["fund_id"])}
    if typed.text("session") not in known:
        typed.wrong("session", _("Choose a session."))
        return _page(group_id, typed), 422
    try:
        api("credit").post(f"/sessions/{typed.text('session')}/agenda/groups", {"group_id": str(group_id)})
    except Problem as problem:
        typed.refused(problem, group_id="session")
        return _page(group_id, typed), problem.status
    flash(_("The group is on the agenda."))
    return redirect(f"/credit/sessions/{typed.text('session')}", 303)


def _changed(group_id: UUID, path: str, told: str) -> Any:
    typed = Form(request.form)
    try:
        api("credit").post(f"/groups/{group_id}/{path}", {"application_id": typed.text("application")})
    except Problem as problem:
        typed.refused(problem, application_id="application", applications="application")
        return _page(group_id, typed), problem.status
    flash(told)
    return redirect(f"/credit/groups/{group_id}", 303)


def _page(group_id: UUID, typed: Form) -> Any:
    found = api("credit").get(f"/groups/{group_id}")
    mine = {one["number"] for one in found["members"]}
    waiting = [one for one in _waiting(found["fund_id"]) if one["number"] not in mine] if me().has(*STAFF) else []
    enterprises = [one["enterprise_id"] for one in found["members"] if one["enterprise_id"]]
    return render_template(
        "credit/group.html",
        group=found,
        form=typed,
        waiting=waiting,
        sessions=_sessions(found["fund_id"]) if me().has(*CONVENERS) else [],
        names=names_of([*enterprises, *(one["enterprise_id"] for one in waiting)]),
    )


def _form(typed: Form, own: list[dict[str, Any]]) -> Any:
    waiting = _waiting(typed.text("fund")) if typed.text("fund") else []
    return render_template(
        "credit/form_group.html",
        form=typed,
        funds=fund_choices(own),
        waiting=waiting,
        names=names_of(one["enterprise_id"] for one in waiting),
    )


def _waiting(fund_id: str) -> list[dict[str, Any]]:
    """The applications of a fund that can join a group."""
    return api("credit").get("/applications", {"fund": fund_id, "state": list(_JOINABLE), "limit": 100}).rows


def _sessions(fund_id: str) -> list[dict[str, Any]]:
    listed = api("credit").get("/sessions", {"fund": fund_id, "limit": 50}).rows
    return [one for one in listed if one["state"] != "closed"]
