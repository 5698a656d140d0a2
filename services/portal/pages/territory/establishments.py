"""The published table of establishments by place, class and size."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.territory.area import KEEPERS, READERS, SIZES, blueprint
from shared import places

_ASKED = ("place", "ciiu", "by")
_OPEN = ("queued", "running")
ALL = "all"


@blueprint.get("/data/sets/<uuid:set_id>/establishments")
@for_roles(*READERS)
def establishments(set_id: UUID) -> Any:
    """What the table tells of a place by class, or of a class by place; how it stands while it is being made."""
    client, asked = api("territory"), {name: request.args.get(name) or None for name in _ASKED}
    try:
        told = client.get(f"/establishments/{set_id}", asked)
    except Problem as problem:
        if problem.code in {"establishments.no_place", "establishments.no_class"}:
            flash(problem.detail, "bad")
            return redirect(request.path, 303)
        if problem.code not in {"establishments.being_made", "establishments.not_made"}:
            raise
        found = next(
            (row for row in client.get("/establishments", {"limit": 100}).rows if row["id"] == str(set_id)), None
        )
        working = bool(found and found["job"] and found["job"]["state"] in _OPEN)
        return render_template("territory/establishments_waiting.html", found=found, working=working, set_id=set_id)
    rows = [{**row, "subtotal": number == 0} for number, row in enumerate(told["rows"])]
    chosen = next(one for one in told["classes"] if one["code"] == told["ciiu"])
    return render_template(
        "territory/establishments.html",
        found=told,
        rows=rows,
        chosen=_("All classes") if chosen["code"] == ALL else chosen["name"],
        form=Form({name: told[name] for name in _ASKED}),
        place_groups=_place_groups(told["places"]),
        class_groups=_class_groups(told["classes"]),
        SIZES=SIZES,
    )


@blueprint.get("/data/sets/<uuid:set_id>/establishments/<any(csv, xlsx):form>")
@for_roles(*READERS)
def establishments_file(set_id: UUID, form: str) -> Any:
    """The rows on screen as CSV or XLSX."""
    asked = {name: request.args.get(name) or None for name in _ASKED}
    return send(api("territory").file(f"/establishments/{set_id}/document", asked | {"format": form}))


@blueprint.get("/data/sets/<uuid:set_id>/establishments/cells.csv")
@for_roles(*READERS)
def establishment_cells(set_id: UUID) -> Any:
    """The whole table as CSV, one cell in a line."""
    return send(api("territory").file(f"/establishments/{set_id}/cells/document"))


@blueprint.post("/data/sets/<uuid:set_id>/establishments/making")
@for_roles(*KEEPERS)
def make_establishments(set_id: UUID) -> Any:
    """Have the table made."""
    try:
        api("territory").post(f"/establishments/{set_id}/making")
    except Problem as problem:
        if problem.status not in {403, 404, 409}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("The table is being protected. You may leave this page and come back."))
    return redirect(f"/territory/data/sets/{set_id}/establishments", 303)


def _place_groups(codes: list[str]) -> list[tuple[str, Any]]:
    """The places of a table: the country, its departments, and the municipalities of each."""
    named = [(code, places.name_of(code)) for code in codes]
    country = [(code, name) for code, name in named if places.level_of(code) == places.COUNTRY]
    departments = [(code, name) for code, name in named if places.level_of(code) == places.DEPARTMENT]
    groups: list[tuple[str, Any]] = [(_("Countries"), country), (_("Departments"), departments)]
    for department, name in departments:
        inside = [(code, told) for code, told in named if len(code) > len(department) and code.startswith(department)]
        groups.append((name, inside))
    return [(group, choices) for group, choices in groups if choices]


def _class_groups(classes: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """The classes of a table: all and the sections first, then what is in each of them."""
    sections = {one["code"]: one["name"] for one in classes if one["code"] == one["section"]}
    inside: dict[str, list[tuple[str, str]]] = {section: [] for section in sections}
    others: list[tuple[str, str]] = []
    for one in classes:
        if one["code"] not in sections and one["code"] != ALL:
            inside.get(one["section"], others).append((one["code"], one["name"]))
    groups: list[tuple[str, Any]] = [(_("Sections"), [(ALL, _("All classes")), *sections.items()])]
    groups += [(sections[section], choices) for section, choices in inside.items()]
    return [(group, choices) for group, choices in (*groups, (_("Other classes"), others)) if choices]
