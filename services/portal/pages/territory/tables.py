"""Tables on their way: sent, looked at, used."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.territory.area import INDICATORS, KEEPERS, blueprint

UNDER_WAY = ("reading", "adopting")
_OPEN_JOB = ("queued", "running")
COLUMNS = {
    "denominators": (
        "sheet",
        "indicator",
        "country",
        "year",
        "unit",
        "value",
        "women",
        "men",
        "sex",
        "age",
        "ciiu",
        "size",
    ),
    "units": ("sheet", "country", "code", "name", "level", "parent", "valid_from", "valid_to"),
}
_ABOUT = ("title_es", "title_en", "source", "licence")


@blueprint.get("/data/tables")
@for_roles(*KEEPERS)
def tables() -> Any:
    """The tables that were sent, and a new one."""
    return _tables(Form({"purpose": "denominators"} | dict(request.args)))


@blueprint.post("/data/tables")
@for_roles(*KEEPERS)
def send_table() -> Any:
    """Hand a table to territory, which reads it in the background."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file of the table."))
        return _tables(form), 422
    try:
        received = api("territory").upload(
            "/table-files",
            name=file.filename,
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
            fields={"purpose": form.text("purpose"), "country": form.text("country")},
        )
    except Problem as problem:
        form.refused(problem)
        return _tables(form), problem.status
    return redirect(f"/territory/data/tables/{received['id']}", 303)


@blueprint.get("/data/tables/<uuid:table_id>")
@for_roles(*KEEPERS)
def table_file(table_id: UUID) -> Any:
    """A table: its progress, then how it is read, its quality report and what to do with it."""
    found = api("territory").get(f"/table-files/{table_id}")
    working = found["state"] in UNDER_WAY and (found["job"] or {}).get("state") in _OPEN_JOB
    if request.headers.get("HX-Request"):
        if working:
            return render_template("territory/_working.html", found=found, here=f"/territory/data/tables/{table_id}")
        return "", 200, {"HX-Refresh": "true"}
    return _table(found, Form(), working=working)


@blueprint.post("/data/tables/<uuid:table_id>/columns")
@for_roles(*KEEPERS)
def choose_table_columns(table_id: UUID) -> Any:
    """Have the table read with other columns."""
    form = Form(request.form)
    names = {name for options in COLUMNS.values() for name in options}
    return _changed(table_id, "columns", {name: form.optional(name) for name in sorted(names)}, form)


@blueprint.post("/data/tables/<uuid:table_id>/adoption")
@for_roles(*KEEPERS)
def adopt_table(table_id: UUID) -> Any:
    """Use what the table says."""
    form = Form(request.form)
    return _changed(table_id, "adoption", {name: form.optional(name) for name in _ABOUT}, form)


def _changed(table_id: UUID, what: str, body: dict[str, Any], form: Form) -> Any:
    try:
        api("territory").put(f"/table-files/{table_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("territory").get(f"/table-files/{table_id}")
        return _table(found, form, working=False), problem.status
    return redirect(f"/territory/data/tables/{table_id}", 303)


def _tables(form: Form) -> str:
    files = api("territory").get("/table-files", {"after": request.args.get("after"), "limit": 20})
    return render_template("territory/tables.html", files=files, form=form)


def _table(found: dict[str, Any], form: Form, *, working: bool) -> str:
    """What was guessed stands in the fields, what she typed over it."""
    mapping = found["reading"].get("mapping", {})
    begun: dict[str, Any] = {name: mapping.get(name) or "" for name in COLUMNS[found["purpose"]]}
    begun |= {"sheet": found["reading"].get("sheet") or "", "value": "", "women": "", "men": ""}
    for value in mapping.get("values", ()) if not mapping.get("preset") else ():
        begun[{"all": "value"}.get(value["sex"], value["sex"])] = value["column"] or ""
    indicator = INDICATORS.get(mapping.get("indicator", ""), "")
    title = mapping.get("title") or {}
    begun |= {
        "title_es": title.get("es") or _(indicator),
        "title_en": title.get("en") or indicator,
        "source": mapping.get("publisher") or found["name"],
        "licence": mapping.get("licence") or "",
    }
    begun |= {name: form.text(name) for name in begun if form.text(name)}
    shown = Form(begun | {"version": str(found["version"])})
    shown.errors.update(form.errors)
    return render_template("territory/table_file.html", found=found, form=shown, working=working)
