"""Sessions of groups: what comes, what was, and each with its history."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.curriculum_choices import modules_to_teach
from services.portal.pages.training.library_words import trainer_choices
from services.portal.pages.training.round_words import choices_of_rounds
from services.portal.pages.training.session_words import hours_of, minutes_of

_TIMETABLE = ("first_day", "last_day", "starts", "ends", "place")


@blueprint.get("/sessions")
@for_roles(*READERS)
def sessions() -> Any:
    """The sessions of her territory: those to come, or those that are over."""
    form = Form({"when": "coming"} | request.args.to_dict())
    asked = {"when": form.text("when"), "unit": form.text("unit"), "after": request.args.get("after"), "limit": 25}
    try:
        answer = api("training").get("/sessions", asked)
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template("training/sessions.html", sessions=answer, form=form, places=place_choices())


@blueprint.get("/groups/<uuid:group_id>/sessions/new")
@for_roles(*TEAM)
def planning_session(group_id: UUID) -> Any:
    """The form to plan a session of a group."""
    return _plan(group_id, Form({"starts": "08:00", "ends": "12:00"}))


@blueprint.post("/groups/<uuid:group_id>/sessions/new")
@for_roles(*TEAM)
def plan_session(group_id: UUID) -> Any:
    """Plan it."""
    form = Form(request.form)
    body = {"group_id": str(group_id), "title": form.text("title")} | _timetable(form) | _teaching(form)
    body["module_id"] = form.optional("module_id")
    try:
        made = api("training").post("/sessions", body)
    except Problem as problem:
        form.refused(problem, minutes="hours")
        return _plan(group_id, form), problem.status
    flash(_("The session is planned."))
    return redirect(f"/training/sessions/{made['id']}", 303)


@blueprint.get("/sessions/<uuid:session_id>")
@for_roles(*READERS)
def session(session_id: UUID) -> Any:
    """One session with every change of its plan."""
    return _session(session_id, Form())


@blueprint.post("/sessions/<uuid:session_id>/move")
@for_roles(*TEAM)
def move_session(session_id: UUID) -> Any:
    """Give it another time or place."""
    form = Form(request.form)
    body = {"reason": form.text("reason")} | _timetable(form)
    return _change(session_id, form, "move", body, _("The session is moved. What it was before stays in its history."))


@blueprint.post("/sessions/<uuid:session_id>/cancellation")
@for_roles(*TEAM)
def cancel(session_id: UUID) -> Any:
    """It will not be."""
    form = Form(request.form)
    body = {"reason": form.text("why")}
    return _change(session_id, form, "cancellation", body, _("The session is cancelled."), reason="why")


@blueprint.post("/sessions/<uuid:session_id>/teaching")
@for_roles(*TEAM)
def teach_session(session_id: UUID) -> Any:
    """Say what is taught and who teaches it."""
    form = Form(request.form)
    return _change(session_id, form, "teaching", _teaching(form), _("It is noted what is taught, and by whom."))


@blueprint.post("/sessions/<uuid:session_id>/module")
@for_roles(*TEAM)
def change_session_module(session_id: UUID) -> Any:
    """Say which module of the group's curriculum is taught in it."""
    form = Form(request.form)
    return _change(session_id, form, "module", {"module_id": form.optional("module_id")}, _("The module is changed."))


@blueprint.post("/sessions/<uuid:session_id>/closing")
@for_roles(*TEAM)
def close(session_id: UUID) -> Any:
    """Its attendance is complete."""
    return _change(session_id, Form(request.form), "closing", None, _("The attendance is closed."))


@blueprint.post("/sessions/<uuid:session_id>/sheets")
@for_roles(*TEAM)
def issue_sheet(session_id: UUID) -> Any:
    """A list to print."""
    form = Form(request.form)
    try:
        api("training").post(f"/sessions/{session_id}/sheets")
    except Problem as problem:
        form.refused(problem)
        return _session(session_id, form), problem.status
    flash(_("The sheet is ready: download it and print it."))
    return redirect(f"/training/sessions/{session_id}", 303)


@blueprint.get("/sessions/<uuid:session_id>/sheets/<uuid:sheet_id>")
@for_roles(*TEAM)
def sheet(session_id: UUID, sheet_id: UUID) -> Any:
    """The list as a PDF."""
    return send(api("training").file(f"/sessions/{session_id}/sheets/{sheet_id}/document"))


@blueprint.post("/sessions/<uuid:session_id>/sheets/<uuid:sheet_id>/revocation")
@for_roles(*TEAM)
def revoke_sheet(session_id: UUID, sheet_id: UUID) -> Any:
    """The list was lost."""
    form = Form(request.form)
    try:
        api("training").post(f"/sessions/{session_id}/sheets/{sheet_id}/revocation")
    except Problem as problem:
        form.refused(problem)
        return _session(session_id, form), problem.status
    flash(_("The sheet is void: its codes open nothing any more."))
    return redirect(f"/training/sessions/{session_id}", 303)


def _change(session_id: UUID, form: Form, what: str, body: Any, told: str, **renamed: str) -> Any:
    try:
        api("training").post(f"/sessions/{session_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, minutes="hours", **renamed)
        return _session(session_id, form, changed=problem.status == CHANGED_MEANWHILE), problem.status
    flash(told)
    return redirect(f"/training/sessions/{session_id}", 303)


def _timetable(form: Form) -> dict[str, Any]:
    told: dict[str, Any] = {name: form.optional(name) for name in _TIMETABLE}
    return told | {"minutes": minutes_of(form.text("hours")), "on_holiday": form.flag("on_holiday")}


def _teaching(form: Form) -> dict[str, Any]:
    return {name: form.optional(name) for name in ("topic", "trainer_id")}


def _plan(group_id: UUID, form: Form) -> str:
    client = api("training")
    group, modules = client.get(f"/groups/{group_id}"), modules_to_teach(client, group_id)
    taught = _taught_by(group["municipality"])
    return render_template("training/plan_session.html", group=group, modules=modules, form=form, **taught)


def _taught_by(unit: str) -> dict[str, Any]:
    """The topics, and the trainers who go to a place, for two selects."""
    topics = choices_of_rounds()["topics_named"]
    return {"topics": list(topics.items()), "topics_named": topics, "trainers": trainer_choices({"unit": unit})}


def _session(session_id: UUID, form: Form, *, changed: bool = False) -> str:
    """The session as it is now; what she typed stands over it."""
    shown = api("training").get(f"/sessions/{session_id}")
    begun = {name: shown[name] for name in (*_TIMETABLE, "topic", "trainer_id", "module_id")} | {
        "hours": hours_of(shown["minutes"])
    }
    typed = Form(begun | request.form.to_dict(flat=False) | {"version": shown["version"]})
    typed.errors.update(form.errors)
    taught = _taught_by(shown["unit"])
    if shown["state"] == "planned":
        taught["modules"] = modules_to_teach(api("training"), shown["subject_id"])
    return render_template("training/session.html", session=shown, form=typed, changed=changed, **taught)
