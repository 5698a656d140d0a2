"""Official boundaries: what is in force, and the files that were sent."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.territory.area import KEEPERS, blueprint
from shared.kernel import clock

UNDER_WAY = ("reading", "adopting")
_OPEN_JOB = ("queued", "running")


@blueprint.get("/boundaries")
@for_roles(*KEEPERS)
def boundaries() -> Any:
    """What is in force, and the files that were sent."""
    return _boundaries(Form())


@blueprint.post("/boundaries")
@for_roles(*KEEPERS)
def send_file() -> Any:
    """Hand a file of official boundaries to territory, which reads it in the background."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file of the boundaries."))
        return _boundaries(form), 422
    try:
        received = api("territory").upload(
            "/boundary-files",
            name=file.filename,
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
        )
    except Problem as problem:
        form.refused(problem)
        return _boundaries(form), problem.status
    return redirect(f"/territory/boundaries/{received['id']}", 303)


@blueprint.get("/boundaries/<uuid:file_id>")
@for_roles(*KEEPERS)
def boundary_file(file_id: UUID) -> Any:
    """A file: its progress, then its quality report and what to do with it. The part that changes is polled alone."""
    found = api("territory").get(f"/boundary-files/{file_id}")
    working = found["state"] in UNDER_WAY and (found["job"] or {}).get("state") in _OPEN_JOB
    if request.headers.get("HX-Request"):
        if working:
            return render_template("territory/_reading.html", found=found)
        return "", 200, {"HX-Refresh": "true"}
    return _file(found, Form(), working=working)


@blueprint.post("/boundaries/<uuid:file_id>/columns")
@for_roles(*KEEPERS)
def choose_columns(file_id: UUID) -> Any:
    """Have the file read with other columns."""
    form = Form(request.form)
    choice = {name: form.optional(name) for name in ("layer", "code", "name", "country")}
    return _changed(file_id, "columns", choice, form)


@blueprint.post("/boundaries/<uuid:file_id>/adoption")
@for_roles(*KEEPERS)
def adopt(file_id: UUID) -> Any:
    """Put the boundaries of the file in force."""
    form = Form(request.form)
    return _changed(file_id, "adoption", {"source": form.text("source"), "valid_from": form.text("valid_from")}, form)


def _changed(file_id: UUID, what: str, body: dict[str, Any], form: Form) -> Any:
    try:
        api("territory").put(f"/boundary-files/{file_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("territory").get(f"/boundary-files/{file_id}")
        return _file(found, form, working=False), problem.status
    return redirect(f"/territory/boundaries/{file_id}", 303)


def _boundaries(form: Form) -> str:
    client = api("territory")
    files = client.get("/boundary-files", {"after": request.args.get("after"), "limit": 20})
    return render_template("territory/boundaries.html", sets=client.get("/boundaries").rows, files=files, form=form)


def _file(found: dict[str, Any], form: Form, *, working: bool) -> str:
    kept = found["reading"].get("mapping", {}) | {"layer": found["reading"].get("layer")}
    begun = {name: value or "" for name, value in kept.items()}
    begun |= {"source": found["name"], "valid_from": clock.today().isoformat()}
    begun |= {
        name: form.text(name)
        for name in ("layer", "code", "name", "country", "source", "valid_from")
        if form.text(name)
    }
    shown = Form(begun | {"version": str(found["version"])})
    shown.errors.update(form.errors)
    return render_template("territory/boundary_file.html", found=found, form=shown, working=working)
