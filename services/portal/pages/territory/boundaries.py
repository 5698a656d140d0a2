"""Official boundaries: what is in force, and the files that were sent."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.territory import sent_files
from services.portal.pages.territory.area import KEEPERS, blueprint
from shared.kernel import clock

_HERE = "/territory/boundaries"


@blueprint.get("/boundaries")
@for_roles(*KEEPERS)
def boundaries() -> Any:
    """What is in force, and the files that were sent."""
    return _boundaries(Form())


@blueprint.post("/boundaries")
@for_roles(*KEEPERS)
def send_file() -> Any:
    """Hand a file of official boundaries to territory, which reads it in the background."""
    missing = _("Choose the file of the boundaries.")
    return sent_files.hand_on("/boundary-files", _HERE, missing=missing, again=_boundaries)


@blueprint.get("/boundaries/<uuid:file_id>")
@for_roles(*KEEPERS)
def boundary_file(file_id: UUID) -> Any:
    """A file: its progress, then its quality report and what to do with it."""
    return sent_files.watch(f"/boundary-files/{file_id}", f"{_HERE}/{file_id}", _file)


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
    path, here = f"/boundary-files/{file_id}", f"{_HERE}/{file_id}"
    return sent_files.change(path, what, here, _file, body=body, form=form)


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
