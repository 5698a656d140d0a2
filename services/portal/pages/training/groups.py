"""Training groups and who completed their training."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.pages.registry.codes import choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.curriculum_choices import of_group
from shared.kernel import clock


@blueprint.get("/groups")
@for_roles(*READERS)
def groups() -> Any:
    """The groups of her territory."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in ("unit", "chain", "need")}
    try:
        answer = api("training").get("/groups", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template("training/groups.html", groups=answer, form=form, places=place_choices(), choices=choices)


@blueprint.get("/groups/<uuid:group_id>")
@for_roles(*READERS)
def group(group_id: UUID) -> Any:
    """One group with its women."""
    return group_page(group_id, Form())


@blueprint.post("/groups/<uuid:group_id>")
@for_roles(*TEAM)
def rename(group_id: UUID) -> Any:
    """Give the group another name."""
    form = Form(request.form)
    try:
        api("training").patch(f"/groups/{group_id}", {"name": form.text("name")}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        changed = problem.status == CHANGED_MEANWHILE
        return group_page(group_id, form, changed=changed), problem.status
    flash(_("The name is changed."))
    return redirect(f"/training/groups/{group_id}", 303)


@blueprint.post("/groups/<uuid:group_id>/completion")
@for_roles(*TEAM)
def complete(group_id: UUID) -> Any:
    """Say that its training ended, and who completed it."""
    form = Form(request.form)
    body = {"completed_on": form.text("completed_on"), "entrepreneur_ids": form.many("women")}
    try:
        api("training").post(f"/groups/{group_id}/completion", body, version=form.text("seen"))
    except Problem as problem:
        form.refused(problem, entrepreneur_ids="women")
        return group_page(group_id, form), problem.status
    flash(_("It is noted who completed the training."))
    return redirect(f"/training/groups/{group_id}", 303)


def group_page(group_id: UUID, form: Form, *, changed: bool = False) -> str:
    """The group as it is now; `changed`: under her hands, so that what she typed stands over it."""
    shown = api("training").get(f"/groups/{group_id}")
    hours = api("training").get(f"/groups/{group_id}/hours")
    sessions = api("training").get("/sessions", {"group_id": str(group_id), "limit": 100})
    if changed:
        form = over(shown, form)
    elif not form.text("version"):
        begun = {"name": shown["name"], "version": shown["version"], "completed_on": clock.today().isoformat()}
        if not request.form:
            begun |= {"women": _proposed(hours)}
        typed = Form(begun | request.form.to_dict(flat=False))
        typed.errors.update(form.errors)
        form = typed
    return render_template(
        "training/group.html",
        group=shown,
        form=form,
        changed=changed,
        hours=hours,
        sessions=sessions,
        **of_group(api("training"), group_id),
    )


def _proposed(hours: Answer) -> list[str]:
    """Who completed by the rule; all of them where no session was held here."""
    return [row["entrepreneur_id"] for row in hours["members"] if row["completes"] or not hours["sessions"]]
