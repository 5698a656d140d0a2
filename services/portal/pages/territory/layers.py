"""Reference layers: what is there, a new one, one with its table and drawing."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.territory import sent_files
from services.portal.pages.territory.area import LAYER_KEEPERS, READERS, blueprint

_HERE = "/territory/data/layers"
_TOLD = ("kind", "title", "source", "licence", "layer")


@blueprint.get("/data/layers/new")
@for_roles(*LAYER_KEEPERS)
def new_layer() -> Any:
    """What a new layer is of."""
    return _new(Form(dict(request.args)))


@blueprint.post("/data/layers/new")
@for_roles(*LAYER_KEEPERS)
def send_layer() -> Any:
    """Hand a layer to territory, which reads it in the background."""
    form = Form(request.form)
    told = {name: form.text(name) for name in (*_TOLD, "units")}
    missing = _("Choose the file of the layer.")
    return sent_files.hand_on("/layers", _HERE, missing=missing, again=_new, told=told)


@blueprint.get("/data/layers/<uuid:layer_id>")
@for_roles(*READERS)
def layer(layer_id: UUID) -> Any:
    """A layer: its progress, then its drawing and its table."""
    return sent_files.watch(f"/layers/{layer_id}", f"{_HERE}/{layer_id}", _layer)


@blueprint.get("/data/layers/<uuid:layer_id>/file.<any(geojson, gpkg, csv, xlsx):kind>")
@for_roles(*READERS)
def layer_file(layer_id: UUID, kind: str) -> Any:
    """The layer to take home."""
    return send(api("territory").file(f"/layers/{layer_id}/document", {"format": kind}))


@blueprint.post("/data/layers/<uuid:layer_id>/delete")
@for_roles(*LAYER_KEEPERS)
def delete_layer(layer_id: UUID) -> Any:
    """Delete a layer."""
    form = Form(request.form)
    try:
        api("territory").delete(f"/layers/{layer_id}", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _layer(api("territory").get(f"/layers/{layer_id}"), form, working=False), problem.status
    flash(_("The layer is deleted."))
    return redirect("/territory/data", 303)


def _new(form: Form) -> str:
    return render_template("territory/layer_new.html", form=form)


def _layer(found: dict[str, Any], form: Form, *, working: bool) -> str:
    client = api("territory")
    ready = found["state"] == "ready"
    drawing = client.get(f"/layers/{found['id']}/drawing") if ready else None
    asked = {"after": request.args.get("after"), "limit": 50}
    features = client.get(f"/layers/{found['id']}/features", asked) if ready else None
    return render_template(
        "territory/layer.html", found=found, drawing=drawing, features=features, form=form, working=working
    )
