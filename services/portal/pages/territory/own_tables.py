"""Own tables and charts: chosen step by step, seen at once, kept, shared, taken away."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import said
from services.portal.pages.territory.area import READERS, blueprint, unit_choices
from services.portal.pages.territory.map_words import LEVELS
from services.portal.pages.territory.own_table_words import EVERY, WHICH
from shared import places

LIST = "/territory/own-tables"
_REFUSED = frozenset({403, 404, 409, 422})


@blueprint.get("/own-tables")
@for_roles(*READERS)
def own_tables() -> Any:
    """Her tables."""
    found = api("territory").get("/own-tables", {"after": request.args.get("after"), "limit": 20})
    return render_template("territory/own_tables.html", tables=found, address=_address, units_told=_units_told, **EVERY)


@blueprint.get("/own-tables/new")
@for_roles(*READERS)
def build_table() -> Any:
    """Choose what a table is made of, and see it."""
    return _builder(Form(request.args))


@blueprint.get("/own-tables/document")
@for_roles(*READERS)
def own_document() -> Any:
    """A table that is not kept yet, as a file."""
    return send(api("territory").file("/own-tables/table/document", _asked(Form(request.args)) | _form()))


@blueprint.post("/own-tables/new")
@for_roles(*READERS)
def keep_own_table() -> Any:
    """Keep it."""
    form = Form(request.form)
    try:
        kept = api("territory").post("/own-tables", _body(form))
    except Problem as problem:
        form.refused(problem)
        return _builder(form)[0], problem.status
    flash(_("Your table is kept."))
    return redirect(f"{LIST}/{kept['id']}", 303)


@blueprint.get("/own-tables/<uuid:table_id>")
@for_roles(*READERS)
def own_table(table_id: UUID) -> Any:
    """What a table shows today, of hers or of another who shares it."""
    kept = api("territory").get(f"/own-tables/{table_id}")
    form, told, status = Form(), None, 200
    try:
        told = api("territory").get(f"/own-tables/{table_id}/table")
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        form.refused(problem)
        status = problem.status
    return render_template("territory/own_table.html", form=form, kept=kept, table=told, address=_address), status


@blueprint.get("/own-tables/<uuid:table_id>/document")
@for_roles(*READERS)
def kept_document(table_id: UUID) -> Any:
    """The same as a file."""
    return send(api("territory").file(f"/own-tables/{table_id}/table/document", _form()))


@blueprint.get("/own-tables/<uuid:table_id>/change")
@for_roles(*READERS)
def rebuild_table(table_id: UUID) -> Any:
    """Choose anew what one of her tables is made of."""
    kept = api("territory").get(f"/own-tables/{table_id}")
    shown: dict[str, Any] = {"title": kept["title"], "shared": kept["shared"], "version": kept["version"]}
    chosen = request.args.to_dict() if request.args else _flat(kept["definition"] or {})
    return _builder(Form(shown | chosen), kept)


@blueprint.post("/own-tables/<uuid:table_id>/change")
@for_roles(*READERS)
def change_own_table(table_id: UUID) -> Any:
    """Keep it as it is now."""
    form = Form(request.form)
    try:
        api("territory").put(f"/own-tables/{table_id}", _body(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _builder(form, api("territory").get(f"/own-tables/{table_id}"))[0], problem.status
    flash(_("Your table is kept."))
    return redirect(f"{LIST}/{table_id}", 303)


@blueprint.post("/own-tables/<uuid:table_id>/remove")
@for_roles(*READERS)
def remove_own_table(table_id: UUID) -> Any:
    """Throw it away."""
    try:
        api("territory").delete(f"/own-tables/{table_id}", version=Form(request.form).text("version"))
    except Problem as problem:
        if problem.status not in {404, 412}:
            raise
        flash(problem.detail, "bad")
    return redirect(LIST, 303)


def _builder(form: Form, kept: Answer | None = None) -> tuple[str, int]:
    """The steps with what may still be chosen, the table that comes of it, and what it is kept as."""
    choices, told, status = Answer(), None, 200
    try:
        choices = api("territory").get("/own-tables/choices", _asked(form))
        told = api("territory").get("/own-tables/table", choices["chosen"]) if form.text("units") else None
    except Problem as problem:
        if problem.status not in _REFUSED or problem.code.startswith("permission"):
            raise
        form.refused(problem, **{"units-0": "units"})
        status, choices = problem.status, choices or api("territory").get("/own-tables/choices")
    chosen = _flat(choices["chosen"])
    for_keeping = {name: form.text(name) for name in ("title", "shared", "version")}
    filled = Form(chosen | for_keeping)
    filled.errors.update(form.errors)
    page = render_template(
        "territory/own_table_new.html", form=filled, kept=kept, choices_left=choices, table=told, chosen=chosen,
        begun=bool(form.text("measure")), places_left=_places(chosen.get("units", ""), several=choices["several"]),
        address=_address, offered=_offered, LEVELS=LEVELS, WHICH=(*WHICH, "units"), **EVERY,
    )  # fmt: skip
    return page, status


def _asked(form: Form) -> dict[str, Any]:
    """What the API is asked for; the places of a whole territory stand in one field."""
    asked: dict[str, Any] = {name: form.text(name) or None for name in WHICH}
    return asked | {"units": [unit for unit in form.text("units").split(",") if unit] or None}


def _body(form: Form) -> dict[str, Any]:
    definition = {name: value for name, value in _asked(form).items() if value is not None}
    return {"title": form.text("title"), "shared": form.flag("shared"), "definition": definition}


def _flat(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as the fields of a form hold it."""
    chosen = {name: definition[name] for name in WHICH if definition.get(name)}
    return chosen | ({"units": ",".join(definition["units"])} if definition.get("units") else {})


def _address(path: str, definition: Mapping[str, Any], **more: str) -> str:
    """The address of a page with a definition in it."""
    return f"{path}?{urlencode({**_flat(definition), **more})}"


def _offered(words: Mapping[str, Any], codes: list[str]) -> list[tuple[str, str]]:
    """The codes that are left, with their words."""
    return [(code, said(words, code)) for code in codes]


def _units_told(units: list[str]) -> str:
    return "; ".join(map(places.in_full, units))


def _form() -> dict[str, Any]:
    return {"format": request.args.get("format")}


def _places(chosen: str, *, several: bool) -> list[tuple[str, Any]]:
    """The places to choose from: all her territory and whole countries only where places stand beside each other."""
    listed = unit_choices()
    own = sorted(unit for unit in me().scope.units if unit in places.names()) or ["GT", "HN", "SV"]
    if not several:
        listed = [(group, inner) for group, inner in listed if inner and len(inner[0][0]) > 2]
    elif len(own) > 1:
        listed = [(",".join(own), _("All my territory")), *listed]
    known = {code for _group, inner in listed for code, _words in (inner if isinstance(inner, list) else [])}
    single = chosen in places.names() and chosen not in known
    return [*listed, (chosen, places.in_full(chosen))] if single else listed
