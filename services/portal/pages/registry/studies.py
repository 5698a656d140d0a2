"""Studies made with universities: found by words, place, year and institution; their files and records."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry import area, codes, place_names, saving
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint

_TEAM = 40


@blueprint.get("/studies")
@for_roles(*OVERSEERS)
def studies() -> Any:
    """The studies of her territory."""
    names = ("q", "place", "year", "institution_id", "after")
    asked = {name: request.args.get(name, "")[:100] for name in names}
    form, found = Form(request.args), Answer()
    try:
        found = api("registry").get("/studies", asked)
    except Problem as problem:
        form.refused(problem)
    return _page(
        "studies.html",
        form,
        studies=found,
        institutions=saving.options("/institutions"),
        places=place_names.place_choices(),
    )


@blueprint.get("/studies/<uuid:study_id>")
@for_roles(*OVERSEERS)
def study(study_id: UUID) -> Any:
    """One study."""
    return _shown(study_id, Form(request.args))


@blueprint.get("/studies/new")
@blueprint.get("/studies/<uuid:study_id>/edit")
@for_roles(*EDITORS)
def edit_study(study_id: UUID | None = None) -> Any:
    """The form of a study."""
    if study_id is None:
        return _edit(None, Form())
    found = api("registry").get(f"/studies/{study_id}")
    names = ("version", "title", "subject", "method", "findings", "institution_id", "begins_on", "ends_on")
    typed = {name: found[name] for name in names} | {"municipalities": "\n".join(found["municipality_names"])}
    for row, member in enumerate(found["team"]):
        typed |= {f"team-{row}-name": member["name"], f"team-{row}-task": member["task"]}
    return _edit(found, Form(typed))


@blueprint.post("/studies/new")
@blueprint.post("/studies/<uuid:study_id>/edit")
@for_roles(*EDITORS)
def save_study(study_id: UUID | None = None) -> Any:
    """Keep a study as it was typed."""
    form = Form(request.form)
    members = [row for row in range(_TEAM) if form.text(f"team-{row}-name")]
    body = {
        **{name: form.text(name) for name in ("title", "subject", "begins_on")},
        **{name: form.optional(name) for name in ("method", "findings", "institution_id", "ends_on")},
        "team": [{name: form.optional(f"team-{row}-{name}") for name in ("name", "task")} for row in members],
        "municipalities": [place_names.municipality_named(line) for line in saving.lines(form, "municipalities")],
    }
    return saving.save("/studies", study_id, body, form, again=_edit, said=_("The study is saved."))


@blueprint.post("/studies/<uuid:study_id>/records")
@for_roles(*EDITORS)
def cover(study_id: UUID) -> Any:
    """The study covers a record."""
    form = Form(request.form)
    try:
        api("registry").post(f"/studies/{study_id}/records", {"enterprise_id": form.text("enterprise_id")})
    except Problem as problem:
        form.refused(problem)
        return _shown(study_id, form), problem.status
    flash(_("The study covers the record."))
    return redirect(f"/registry/studies/{study_id}", 303)


@blueprint.post("/studies/<uuid:study_id>/records/<uuid:enterprise_id>/uncover")
@for_roles(*EDITORS)
def uncover(study_id: UUID, enterprise_id: UUID) -> Any:
    """The study does not cover a record."""
    said = _("The study does not cover the record any more.")
    return saving.take_out(f"/studies/{study_id}", f"records/{enterprise_id}", said=said)


@blueprint.post("/studies/<uuid:study_id>/files")
@for_roles(*EDITORS)
def add_file(study_id: UUID) -> Any:
    """Keep a file of the study."""
    return saving.keep_file(f"/studies/{study_id}", again=partial(_shown, study_id))


@blueprint.get("/studies/<uuid:study_id>/files/<uuid:file_id>")
@for_roles(*OVERSEERS)
def study_file(study_id: UUID, file_id: UUID) -> Any:
    """A file of the study, to be saved."""
    return send(api("registry").file(f"/studies/{study_id}/files/{file_id}"))


@blueprint.post("/studies/<uuid:study_id>/files/<uuid:file_id>/erase")
@for_roles(*EDITORS)
def erase_file(study_id: UUID, file_id: UUID) -> Any:
    """Erase a file of the study."""
    return saving.take_out(f"/studies/{study_id}", f"files/{file_id}", said=_("The file is erased."))


def _shown(study_id: UUID, form: Form) -> str:
    return _page(
        "study.html",
        form,
        study=api("registry").get(f"/studies/{study_id}"),
        covered=api("registry").get(f"/studies/{study_id}/records", {"after": request.args.get("after")}),
        found=area.records_named(form.text("q")),
    )


def _edit(found: Answer | None, form: Form) -> str:
    last = max((row for row in range(_TEAM) if form.text(f"team-{row}-name")), default=-1)
    rows = range(min(last + 3, _TEAM))
    return _page("study_edit.html", form, study=found, institutions=saving.options("/institutions"), rows=rows)


def _page(template: str, form: Form, **shown: Any) -> str:
    return render_template(f"registry/knowledge/{template}", form=form, choices=codes.choices, **shown)
