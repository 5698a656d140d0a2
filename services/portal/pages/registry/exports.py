"""Exports of the inventory: choose a kind of file, watch it being written, take it, and those of before."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.area import READERS, blueprint
from services.portal.pages.registry.conditions import CONDITIONS, Conditions

FORMATS = {
    "xlsx": ("Workbook (XLSX)", "For Excel and LibreOffice: a sheet of enterprises, others with their parts."),
    "csv": ("Delimited text (CSV)", "One row for each enterprise; for any program."),
    "gpkg": ("GeoPackage", "A layer of points with its tables; for QGIS."),
    "geojson": ("GeoJSON", "Points for maps on the web."),
    "kobo_xlsx": ("As KoboToolbox, XLSX", "The columns of the field form, then all the others."),
    "kobo_csv": ("As KoboToolbox, CSV", "The same in one table."),
}
_UNDER_WAY = ("queued", "running")
_NOT_A_FILTER = frozenset({"after", "limit", "sort", "csrf_token", "format"})
_BY_NAME = {one.name: one for one in CONDITIONS}


@blueprint.get("/exports")
@for_roles(*READERS)
def exports() -> Any:
    """Her exports so far."""
    answer = api("registry").get("/exports", {"after": request.args.get("after"), "limit": 25})
    return render_template("registry/exports.html", exports=answer, formats=FORMATS, filter_words=filter_words)


@blueprint.get("/exports/new")
@for_roles(*READERS)
def choosing_export() -> Any:
    """Which kind of file; the filter is that of the list she comes from."""
    pairs = [(name, value) for name, value in request.args.items() if value and name not in _NOT_A_FILTER]
    return _choose(Form({"format": "xlsx", "filter": urlencode(pairs)}))


@blueprint.post("/exports/new")
@for_roles(*READERS)
def ask_for_export() -> Any:
    """Have the registry write the file."""
    form = Form(request.form)
    try:
        asked = api("registry").post("/exports", {"format": form.text("format"), "filter": form.text("filter")})
    except Problem as problem:
        form.refused(problem)
        return _choose(form), problem.status
    return redirect(f"/registry/exports/{asked['id']}", 303)


@blueprint.get("/exports/<uuid:export_id>")
@for_roles(*READERS)
def follow_export(export_id: UUID) -> Any:
    """How the export stands. The part that changes is asked for alone by htmx."""
    found = api("registry").get(f"/exports/{export_id}")
    under_way = found["state"] in _UNDER_WAY
    if request.headers.get("HX-Request") and not under_way:
        return "", 200, {"HX-Refresh": "true"}
    template = "registry/_export_progress.html" if request.headers.get("HX-Request") else "registry/export.html"
    return render_template(
        template, found=found, under_way=under_way, formats=FORMATS, told=filter_words(found["filter"])
    )


@blueprint.get("/exports/<uuid:export_id>/file")
@for_roles(*READERS)
def export_file(export_id: UUID) -> Any:
    """The file itself."""
    try:
        return send(api("registry").streamed(f"/exports/{export_id}/file"))
    except Problem as problem:
        if problem.status not in {403, 409}:
            raise
        flash(problem.detail, "bad")
        return redirect(f"/registry/exports/{export_id}", 303)


@blueprint.post("/exports/<uuid:export_id>/forget")
@for_roles(*READERS)
def forget_export(export_id: UUID) -> Any:
    """Stop it, or erase its file."""
    api("registry").delete(f"/exports/{export_id}", version=0)
    flash(_("The export is stopped, and its file is not kept."))
    return redirect("/registry/exports", 303)


def filter_words(query: str) -> list[tuple[str, str]]:
    """A filter as she reads it: what was asked for, and the answers."""
    conditions = Conditions()
    return [_worded(conditions, name, value) for name, value in parse_qsl(query)]


def _worded(conditions: Conditions, name: str, value: str) -> tuple[str, str]:
    """Of what may name a person, only that it was asked for is left once the export is over."""
    known = _BY_NAME.get(name)
    if known is None or (known.kind == "typed" and value == "true"):
        return (_("Chosen records") if known is None else _(known.label)), _("Yes")
    several = [value] if known.kind == "typed" else value.split(",")
    return _(known.label), ", ".join(conditions.word(known, one) for one in several)


def _choose(form: Form) -> str:
    try:
        counts = api("registry").get("/enterprises/count", dict(parse_qsl(form.text("filter"))))
    except Problem:
        counts = Answer()
    kinds = [(code, _(words[0]), _(words[1])) for code, words in FORMATS.items()]
    told = filter_words(form.text("filter"))
    return render_template("registry/export_new.html", form=form, kinds=kinds, counts=counts, told=told)
