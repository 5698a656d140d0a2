"""Tables on their way: sent, looked at, used."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.territory import sent_files
from services.portal.pages.territory.area import INDICATORS, KEEPERS, blueprint

_HERE = "/territory/data/tables"
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
    told = {name: Form(request.form).text(name) for name in ("purpose", "country")}
    missing = _("Choose the file of the table.")
    return sent_files.hand_on("/table-files", _HERE, missing=missing, again=_tables, told=told)


@blueprint.get("/data/tables/<uuid:table_id>")
@for_roles(*KEEPERS)
def table_file(table_id: UUID) -> Any:
    """A table: its progress, then how it is read, its quality report and what to do with it."""
    return sent_files.watch(f"/table-files/{table_id}", f"{_HERE}/{table_id}", _table)


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
    path, here = f"/table-files/{table_id}", f"{_HERE}/{table_id}"
    return sent_files.change(path, what, here, _table, body=body, form=form)


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
