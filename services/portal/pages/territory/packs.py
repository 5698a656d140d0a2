"""Packs of reports: ordered by a coordinator, followed while they are made, taken home."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.territory.area import PUBLISHERS, REPORT_KINDS, blueprint

PACKED = {kind: REPORT_KINDS[kind] for kind in ("municipal", "departmental", "chain")}
PACK_FORMS = {"pdf": "PDF", "xlsx": "XLSX", "html": "HTML", "gpkg": "GeoPackage"}
LANGUAGES = {"es": "Spanish", "en": "English"}
JOB_STATES = {
    "queued": ("Waiting to be made", ""),
    "running": ("Being made", "accent"),
    "done": ("Ready to download", "good"),
    "failed": ("Could not be made", "bad"),
    "cancelled": ("It was stopped", ""),
}


@blueprint.get("/reports/packs")
@for_roles(*PUBLISHERS)
def packs() -> Any:
    """Her packs, how each stands, and the form for another."""
    return _packs(Form({"language": g.language, "kinds": "municipal", "form": "pdf"}))


@blueprint.post("/reports/packs")
@for_roles(*PUBLISHERS)
def order_pack() -> Any:
    """Order a pack."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("title", "form", "language")}
    body |= {"units": [form.text("units")], "kinds": form.many("kinds"), "monthly": form.flag("monthly")}
    try:
        api("territory").post("/report-packs", body)
    except Problem as problem:
        form.refused(problem)
        return _packs(form), problem.status
    flash(_("The reports are being made. You may leave this page and come back."))
    return redirect("/territory/reports/packs", 303)


@blueprint.post("/reports/packs/<uuid:pack_id>/<any(making, cancel, remove):what>")
@for_roles(*PUBLISHERS)
def change_pack(pack_id: UUID, what: str) -> Any:
    """Make it again, stop it, or remove it with its file."""
    version, client = Form(request.form).text("version"), api("territory")
    try:
        if what == "remove":
            client.delete(f"/report-packs/{pack_id}", version=version)
        else:
            client.post(f"/report-packs/{pack_id}/{what}", version=version if what == "making" else None)
    except Problem as problem:
        if problem.status not in {404, 409, 412}:
            raise
        flash(problem.detail, "bad")
    return redirect("/territory/reports/packs", 303)


@blueprint.get("/reports/packs/<uuid:pack_id>/file")
@for_roles(*PUBLISHERS)
def pack_file(pack_id: UUID) -> Any:
    """The reports of a pack, as one zip."""
    return send(api("territory").file(f"/report-packs/{pack_id}/file"))


def _packs(form: Form) -> str:
    found = api("territory").get("/report-packs", {"after": request.args.get("after"), "limit": 20})
    working = any(row["job"] and row["job"]["state"] in {"queued", "running"} for row in found.rows)
    words = {"PACKED": PACKED, "PACK_FORMS": PACK_FORMS, "LANGUAGES": LANGUAGES, "JOB_STATES": JOB_STATES}
    return render_template("territory/packs.html", form=form, packs=found, working=working, **words)
