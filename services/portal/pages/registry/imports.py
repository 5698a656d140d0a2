"""Imports of the field inventory: bring a file in, watch, read the report."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.area import IMPORTERS, OVERSEERS, blueprint

_UNDER_WAY = ("queued", "working")
_NOT_KEPT = frozenset(
    {
        "consent.refused",
        "submission.identity_missing",
        "submission.doubled",
        "submission.withdrawn",
        "municipality.unknown",
        "municipality.undecided",
        "permission.row_outside_scope",
        "cell.required",
        "record.differs",
        "record.woman_differs",
        "record.form_of_another",
        "record.id_taken",
    }
)
_ROWS_SHOWN = 25
_TITLES = {
    "activity.of_another_section": "Class of another section of activity",
    "partner.shares_not_kept": "Shares of more than all there is",
    "difficulties.not_all": "Not all six questions about difficulties",
    "gps.missing": "Without GPS point",
    "gps.inaccurate": "GPS point not accurate enough",
    "gps.zero": "GPS point at 0, 0",
    "gps.swapped": "Latitude and longitude exchanged",
    "gps.out_of_range": "GPS point outside the three countries",
    "gps.mock": "GPS point with an accuracy of 0 m",
    "municipality.undecided": "Municipality that may be several",
    "place.contradicted": "GPS point in another municipality",
    "place.pending": "Places still to be checked",
    "national_id.check_digit": "Wrong check digit of the document",
    "national_id.missing": "Without document number",
    "national_id.length": "Document number too short or too long",
    "national_id.characters": "Document number with letters or signs",
    "national_id.place": "Document of a municipality that does not exist",
    "national_id.year": "Document of an impossible year",
    "national_id.repeated": "The same document twice in the file",
    "national_id.held_by_another": "Document of another woman of the inventory",
    "municipality.unknown": "Municipality that does not exist",
    "municipality.outside_department": "Municipality of another department",
    "permission.row_outside_scope": "Outside your territory",
    "consent.refused": "She did not agree to be in the inventory",
    "consent.taken_back": "She took back her consent",
    "consent.last_answer_kept": "Her last answer stays",
    "submission.identity_missing": "Form without its number",
    "submission.doubled": "The same form twice in the file",
    "submission.withdrawn": "She had withdrawn",
    "record.edited_by_hand": "Changed by hand in the meantime",
    "cell.required": "Empty cell that the form asks for",
    "product.without_submission": "Product without its form",
    "record.differs": "In the inventory it says something else",
    "record.woman_differs": "The owner is known otherwise",
    "record.form_of_another": "Form of another record",
    "record.id_taken": "Id of something else",
    "record.part_unfit": "Line that does not fit its record",
    "record.part_without_record": "Line without its record",
}


def _title(code: str) -> str:
    """What a group of problems is called."""
    return _(_TITLES.get(code, "Answer that cannot be read"))


@blueprint.get("/imports")
@for_roles(*OVERSEERS)
def imports() -> Any:
    """The imports so far."""
    answer = api("registry").get("/imports", {"after": request.args.get("after"), "limit": 25})
    return render_template("registry/imports.html", imports=answer)


@blueprint.get("/imports/new")
@for_roles(*IMPORTERS)
def choosing() -> Any:
    """The form for a file."""
    return render_template("registry/upload.html", form=Form({"mode": "try"}))


@blueprint.post("/imports/new")
@for_roles(*IMPORTERS)
def upload() -> Any:
    """Hand the file to the registry, which takes it from there."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file to bring in."))
        return render_template("registry/upload.html", form=form), 422
    fields = {"dry_run": "false" if form.text("mode") == "real" else "true"}
    media_type = file.mimetype or "application/octet-stream"
    try:
        begun = api("registry").upload(
            "/imports", name=file.filename, content=file.read(), media_type=media_type, fields=fields
        )
    except Problem as problem:
        form.refused(problem)
        return render_template("registry/upload.html", form=form), problem.status
    return redirect(f"/registry/imports/{begun['id']}", 303)


@blueprint.get("/imports/<uuid:import_id>")
@for_roles(*OVERSEERS)
def follow(import_id: UUID) -> Any:
    """How the import stands: its progress, then its report. The part that changes is asked for alone by htmx."""
    found = api("registry").get(f"/imports/{import_id}")
    under_way = found["state"] in _UNDER_WAY
    problems = [] if found["report"] is None else found["report"]["problems"]
    template = "registry/_progress.html" if under_way and request.headers.get("HX-Request") else "registry/import.html"
    page = render_template(
        template,
        title=_title,
        found=found,
        under_way=under_way,
        groups=_grouped(problems),
        shown=_ROWS_SHOWN,
        not_kept=_NOT_KEPT,
    )
    if request.headers.get("HX-Request") and not under_way:
        return "", 200, {"HX-Refresh": "true"}
    return page


@blueprint.post("/imports/<uuid:import_id>/commit")
@for_roles(*IMPORTERS)
def commit(import_id: UUID) -> Any:
    """Take the tried file in for real."""
    try:
        begun = api("registry").post(f"/imports/{import_id}/commit")
    except Problem as problem:
        return _told(problem, import_id)
    return redirect(f"/registry/imports/{begun['id']}", 303)


@blueprint.get("/imports/<uuid:import_id>/columns")
@for_roles(*IMPORTERS)
def columns(import_id: UUID) -> Any:
    """What each column of somebody's own table is taken for, to be confirmed."""
    try:
        asked = api("registry").get(f"/imports/{import_id}/mapping")
    except Problem as problem:
        return _told(problem, import_id)
    values = {f"column-{column['position']}": column["field"] or "" for column in asked["columns"]}
    return _columns(import_id, asked, Form(values))


@blueprint.post("/imports/<uuid:import_id>/columns")
@for_roles(*IMPORTERS)
def tell_columns(import_id: UUID) -> Any:
    """Try the file with the columns as they were told."""
    form, asked = Form(request.form), api("registry").get(f"/imports/{import_id}/mapping")
    told = [
        {"position": column["position"], "field": field}
        for column in asked["columns"]
        if (field := form.text(f"column-{column['position']}"))
    ]
    try:
        begun = api("registry").post(f"/imports/{import_id}/mapping", {"columns": told, "dry_run": True})
    except Problem as problem:
        form.refused(problem)
        return _columns(import_id, asked, form), problem.status
    return redirect(f"/registry/imports/{begun['id']}", 303)


def _columns(import_id: UUID, asked: dict[str, Any], form: Form) -> str:
    found = api("registry").get(f"/imports/{import_id}")
    return render_template("registry/columns.html", found=found, asked=asked, form=form)


@blueprint.post("/imports/<uuid:import_id>/cancel")
@for_roles(*IMPORTERS)
def cancel(import_id: UUID) -> Any:
    """Stop an import under way."""
    try:
        api("registry").post(f"/imports/{import_id}/cancel")
    except Problem as problem:
        return _told(problem, import_id)
    flash(_("The import is being stopped."))
    return redirect(f"/registry/imports/{import_id}", 303)


@blueprint.get("/imports/<uuid:import_id>/undo")
@for_roles(*IMPORTERS)
def undoing(import_id: UUID) -> Any:
    """What would be undone, to be looked at before it is."""
    found = api("registry").get(f"/imports/{import_id}")
    if not found["undo"] or found["undo"]["state"] != "possible":
        return redirect(f"/registry/imports/{import_id}", 303)
    return render_template("registry/undo.html", found=found, form=Form())


@blueprint.post("/imports/<uuid:import_id>/undo")
@for_roles(*IMPORTERS)
def undo(import_id: UUID) -> Any:
    """Have the registry undo the import."""
    try:
        api("registry").post(f"/imports/{import_id}/undo")
    except Problem as problem:
        return _told(problem, import_id)
    flash(_("The import is being undone."))
    return redirect(f"/registry/imports/{import_id}", 303)


@blueprint.get("/imports/<uuid:import_id>/problems.csv")
@for_roles(*OVERSEERS)
def table(import_id: UUID) -> Any:
    """The report as a table for a spreadsheet."""
    return send(api("registry").file(f"/imports/{import_id}/problems.csv"))


@blueprint.get("/imports/<uuid:import_id>/corrections.xlsx")
@for_roles(*IMPORTERS)
def corrections(import_id: UUID) -> Any:
    """The rows with problems, to be put right and sent again."""
    try:
        return send(api("registry").file(f"/imports/{import_id}/corrections.xlsx"))
    except Problem as problem:
        return _told(problem, import_id)


@blueprint.get("/imports/template.<any(xlsx, csv):kind>")
@for_roles(*OVERSEERS)
def template(kind: str) -> Any:
    """Our own template, to be filled in."""
    return send(api("registry").file(f"/imports/template.{kind}"))


def _told(problem: Problem, import_id: UUID) -> Any:
    if problem.status not in {403, 409}:
        raise problem
    flash(problem.detail, "bad")
    return redirect(f"/registry/imports/{import_id}", 303)


def _grouped(problems: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The problems by their code, those whose rows were not kept first, then by how many there are."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for problem in problems:
        groups.setdefault(problem["code"], []).append(problem)
    return sorted(groups.items(), key=lambda group: (group[0] not in _NOT_KEPT, -len(group[1]), group[0]))
