"""A project of an accompaniment: what it is about, how it moves on, the photographs of its visits."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.frame.sending import send
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, blueprint
from services.portal.pages.registry.codes import PHASES
from shared.kernel import clock

_SEERS = (*EDITORS, "network_coordinator")


@blueprint.get("/accompaniments/<uuid:accompaniment_id>/project")
@for_roles(*EDITORS)
def describing_project(accompaniment_id: UUID) -> Any:
    """The form of what the project is about."""
    found = api("registry").get(f"/accompaniments/{accompaniment_id}")
    names = ("version", "title", "aim", "needs", "resolved_needs")
    return _page("project.html", found, Form({name: found[name] for name in names}))


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/project")
@for_roles(*EDITORS)
def describe_project(accompaniment_id: UUID) -> Any:
    """Keep it as it was typed."""
    form = Form(request.form)
    body = {
        "title": form.optional("title"),
        "aim": form.optional("aim"),
        "needs": form.many("needs"),
        "resolved_needs": form.many("resolved_needs"),
    }
    path = f"/accompaniments/{accompaniment_id}"
    try:
        api("registry").put(f"{path}/project", body, version=form.text("version"))
    except Problem as problem:
        return _again("project.html", path, form, problem)
    flash(_("The project is saved."))
    return redirect(f"/registry{path}", 303)


@blueprint.get("/accompaniments/<uuid:accompaniment_id>/move/<phase>")
@for_roles(*EDITORS)
def moving_project(accompaniment_id: UUID, phase: str) -> Any:
    """What it takes to go to a phase, and the form to do it."""
    found = api("registry").get(f"/accompaniments/{accompaniment_id}")
    begun = Form({"version": found["version"], "on": clock.today().isoformat(), "months": "12"})
    return _page("move.html", found, begun, phase=_phase(phase))


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/move/<phase>")
@for_roles(*EDITORS)
def move_project(accompaniment_id: UUID, phase: str) -> Any:
    """Move the case there."""
    form = Form(request.form)
    body = {
        "phase": _phase(phase),
        "on": form.text("on"),
        "reason": form.optional("reason"),
        "financed_how": form.optional("financed_how"),
    }
    if form.text("months"):
        body["months"] = form.integer("months")  # type: ignore[assignment]
    path = f"/accompaniments/{accompaniment_id}"
    try:
        api("registry").post(f"{path}/moves", body, version=form.text("version"))
    except Problem as problem:
        return _again("move.html", path, form, problem, phase=phase)
    flash(_("The project is now in this phase: %(phase)s.", phase=codes.said(PHASES, phase)))
    return redirect(f"/registry{path}", 303)


@blueprint.get("/accompaniments/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo")
@for_roles(*_SEERS)
def visit_photo(accompaniment_id: UUID, visit_id: UUID) -> Any:
    """The photograph of a visit."""
    return send(api("registry").file(f"/accompaniments/{accompaniment_id}/visits/{visit_id}/photo"), inline=True)


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo")
@for_roles(*EDITORS)
def keep_photo(accompaniment_id: UUID, visit_id: UUID) -> Any:
    """Keep a photograph of a visit that is written down, in the place of the one before."""
    if not send_photo(accompaniment_id, str(visit_id)):
        flash(_("Choose the photograph first."), "warn")
    return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo/remove")
@for_roles(*EDITORS)
def remove_photo(accompaniment_id: UUID, visit_id: UUID) -> Any:
    """Erase the photograph of a visit."""
    try:
        api("registry").remove(f"/accompaniments/{accompaniment_id}/visits/{visit_id}/photo")
        flash(_("The photograph is erased."))
    except Problem as problem:
        _tell(problem)
    return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)


def send_photo(accompaniment_id: UUID, visit_id: str) -> bool:
    """Send the photograph of the form, and say what came of it; False where none was chosen."""
    chosen = request.files.get("photo")
    if chosen is None or not chosen.filename:
        return False
    try:
        path = f"/accompaniments/{accompaniment_id}/visits/{visit_id}/photo"
        media_type = chosen.mimetype or "application/octet-stream"
        api("registry").upload(path, name=chosen.filename, content=chosen.stream, media_type=media_type)
        flash(_("The photograph is kept, without where and when it was taken."))
    except Problem as problem:
        _tell(problem)
    return True


def _tell(problem: Problem) -> None:
    form = Form()
    form.refused(problem)
    for sentence in form.errors.values():
        flash(sentence, "warn")


def _phase(phase: str) -> str:
    if phase not in PHASES:
        abort(404)
    return phase


def _again(template: str, path: str, form: Form, problem: Problem, **shown: Any) -> Any:
    """The form once more with what is wrong; over the case as it is now where somebody changed it meanwhile."""
    form.refused(problem)
    found = api("registry").get(path)
    changed = problem.status == CHANGED_MEANWHILE
    return _page(template, found, over(found, form) if changed else form, **shown), problem.status


def _page(template: str, found: Answer, form: Form, **shown: Any) -> str:
    return render_template(
        f"registry/{template}",
        found=found,
        form=form,
        choices=codes.choices,
        today=clock.today().isoformat(),
        **shown,
    )
