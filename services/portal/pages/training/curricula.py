"""Curricula: their list, one with its versions, and how one is begun and revised."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Answer, Client, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.csr_words import home_choices
from services.portal.pages.training.curriculum_choices import group_choices
from services.portal.pages.training.curriculum_words import curriculum_words, on_shelf, strategy_place

_HEAD = ("title", "topic", "type", "language")
_FILTERS = ("text", "topic", "type", "language", "state", "unit")
SIGNED_IN = {"teacher": ("trainer",), "expert": ("technician", "coordinator")}


@blueprint.get("/curricula")
@for_roles(*READERS)
def curricula() -> Any:
    """The curricula of her territory and of what it lies in."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in _FILTERS} | {"after": request.args.get("after"), "limit": 25}
    try:
        found = api("training").get("/curricula", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("training/curricula.html", found=found, form=form, choices=choices, **curriculum_words())


@blueprint.get("/curricula/new")
@for_roles(*TEAM)
def new_curriculum() -> Any:
    """The form of a new one, begun with what a link to it says."""
    told = {name: request.args.get(name, "")[:160] for name in _HEAD}
    return _head(Form({"language": "es"} | {name: value for name, value in told.items() if value}), None)


@blueprint.post("/curricula/new")
@for_roles(*TEAM)
def begin_curriculum() -> Any:
    """Begin it."""
    form = Form(request.form)
    try:
        made = api("training").post("/curricula", {name: form.text(name) for name in ("unit", *_HEAD)})
    except Problem as problem:
        form.refused(problem)
        return _head(form, None), problem.status
    flash(_("The curriculum is begun. Write its first module now."))
    return redirect(f"/training/curricula/{made['id']}", 303)


@blueprint.get("/curricula/<uuid:curriculum_id>")
@for_roles(*READERS)
def curriculum(curriculum_id: UUID) -> Any:
    """One curriculum: a version of it, the latest unless another is chosen."""
    wanted = request.args.get("version", "")[:36]
    return curriculum_page(api("training"), curriculum_id, wanted, Form())


@blueprint.get("/curricula/<uuid:curriculum_id>/change")
@for_roles(*TEAM)
def curriculum_head(curriculum_id: UUID) -> Any:
    """The form to change its head."""
    found = api("training").get(f"/curricula/{curriculum_id}")
    return _head(Form({name: found[name] for name in ("version", *_HEAD)}), found)


@blueprint.post("/curricula/<uuid:curriculum_id>/change")
@for_roles(*TEAM)
def change_curriculum(curriculum_id: UUID) -> Any:
    """Change its head."""
    form, client = Form(request.form), api("training")
    body = {name: form.text(name) for name in _HEAD}
    try:
        client.patch(f"/curricula/{curriculum_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _head(form, client.get(f"/curricula/{curriculum_id}")), problem.status
    flash(_("It is changed."))
    return redirect(f"/training/curricula/{curriculum_id}", 303)


@blueprint.post("/curricula/<uuid:curriculum_id>/versions")
@for_roles(*TEAM)
def revise_curriculum(curriculum_id: UUID) -> Any:
    """Begin the next version."""
    form, client = Form(request.form), api("training")
    try:
        client.post(f"/curricula/{curriculum_id}/versions", {"change": form.text("change")})
    except Problem as problem:
        form.refused(problem)
        return curriculum_page(client, curriculum_id, "", form), problem.status
    flash(_("The new version is begun with what the last one says. Change it, then propose it."))
    return redirect(f"/training/curricula/{curriculum_id}", 303)


def curriculum_page(client: Client, curriculum_id: UUID | str, wanted: str, form: Form) -> str:
    """The page of a curriculum with one of its versions, the latest where `wanted` is none of them."""
    found = client.get(f"/curricula/{curriculum_id}")
    chosen = next((one for one in found["versions"] if one["id"] == wanted), found["versions"][0])
    version = client.get(f"/curriculum-versions/{chosen['id']}")
    works = g.me.has(*TEAM)
    links = client.get(f"/curriculum-versions/{chosen['id']}/links", {"limit": 100}) if works else Answer()
    words, place = curriculum_words(), strategy_place(found["unit"])
    asked = {"unit": place, "chain": found["type"]}
    followed = client.get("/training-strategies/in-force", asked).rows if place else []
    need = words["need_of"].get(found["topic"])
    given = {one["voice"] for one in version["acceptances"]}
    hers = [voice for voice, roles in SIGNED_IN.items() if g.me.has(*roles)]
    return render_template(
        "training/curriculum.html",
        found=found,
        shown=version,
        chosen=chosen,
        links=links,
        form=form,
        titles={one["id"]: one["title"] for one in version["modules"]},
        may_write=works and found["may_write"],
        own_voices=hers,
        to_accept=[voice for voice in hers if voice not in given],
        groups=group_choices(client) if works else [],
        address=f"{request.host_url}curriculum/",
        shelf_address=on_shelf,
        file_address=lambda module, file: (
            f"/training/curriculum-versions/{version['id']}/modules/{module}/files/{file}"
        ),
        strategy=next((row for row in followed if row["need"] == need), None),
        place=place,
        **words,
    )


def changed_meanwhile(problem: Problem, form: Form) -> None:
    """What was refused, put to the form; a version that somebody else changed is told in words."""
    form.refused(problem)
    if problem.status == CHANGED_MEANWHILE:
        form.errors.clear()
        form.wrong("", _("Somebody changed this meanwhile. Look at it and try again."))


def _head(form: Form, found: Answer | None) -> str:
    return render_template(
        "training/curriculum_head.html", form=form, found=found, units=home_choices(), **curriculum_words()
    )
