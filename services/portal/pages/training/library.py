"""The library of materials: found by words, written down, its files, who sees it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import CHAINS, NEEDS, choices
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.library_words import (
    ACCEPTED,
    KEEPERS,
    LIBRARY_READERS,
    SHARERS,
    library_choices,
    type_choices,
)

_HERE = "/library/<uuid:material_id>"
_FILTERS = ("text", "topic", "chain", "language", "kind", "dimension", "unit", "after")
_SAID = ("unit", "title", "kind", "language", "author", "licence", "summary")


@blueprint.get("/library")
@for_roles(*LIBRARY_READERS)
def library() -> Any:
    """The materials she may see, as she looks for them."""
    form = Form(request.args)
    asked: dict[str, Any] = {name: request.args.get(name) for name in _FILTERS}
    asked |= {"archived": "true" if form.flag("archived") else None, "limit": 25}
    try:
        found = api("training").get("/library", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    searched = any(request.args.get(name) for name in (*_FILTERS, "archived"))
    lists = library_choices()
    return render_template(
        "training/library.html", found=found, form=form, lists=lists, chains=choices(CHAINS), searched=searched
    )


@blueprint.get("/library/new")
@for_roles(*KEEPERS)
def writing_material() -> Any:
    """The form of a new material."""
    return _edit(Form({"language": "es"}), None)


@blueprint.post("/library/new")
@for_roles(*KEEPERS)
def write_material() -> Any:
    """Write it down; its file comes next."""
    form = Form(request.form)
    try:
        made = api("training").post("/library", _body(form))
    except Problem as problem:
        form.refused(problem)
        return _edit(form, None), problem.status
    flash(_("The material is written down. Now add its file."))
    return redirect(f"/training/library/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*LIBRARY_READERS)
def library_material(material_id: UUID) -> Any:
    """One material."""
    return _material(material_id, Form())


@blueprint.get(f"{_HERE}/change")
@for_roles(*KEEPERS)
def changing_material(material_id: UUID) -> Any:
    """The form of what is said of it."""
    found = api("training").get(f"/library/{material_id}")
    return _edit(Form(found), found)


@blueprint.post(f"{_HERE}/change")
@for_roles(*KEEPERS)
def change_material(material_id: UUID) -> Any:
    """Put it right."""
    form, client = Form(request.form), api("training")
    try:
        client.put(f"/library/{material_id}", _body(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = client.get(f"/library/{material_id}")
        return _edit(over(found, form) if problem.status == CHANGED_MEANWHILE else form, found), problem.status
    flash(_("The material is changed."))
    return redirect(f"/training/library/{material_id}", 303)


@blueprint.post(f"{_HERE}/files")
@for_roles(*KEEPERS)
def add_material_file(material_id: UUID) -> Any:
    """A newer version of its file."""
    form, sent = Form(request.form), request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose a file."))
        return _material(material_id, form), 422
    try:
        api("training").upload(
            f"/library/{material_id}/files",
            name=sent.filename,
            content=sent.stream,
            media_type=sent.mimetype,
            fields={"note": form.text("note")},
            version=form.text("version"),
        )
    except Problem as problem:
        form.refused(problem)
        return _material(material_id, form), problem.status
    flash(_("The file is kept. Those before stay."))
    return redirect(f"/training/library/{material_id}", 303)


@blueprint.get(f"{_HERE}/files/<int:number>")
@for_roles(*LIBRARY_READERS)
def material_file(material_id: UUID, number: int) -> Any:
    """A version of its file."""
    return send(api("training").file(f"/library/{material_id}/files/{number}"))


@blueprint.post(f"{_HERE}/reach")
@for_roles(*SHARERS)
def share_material(material_id: UUID) -> Any:
    """Decide who sees it."""
    return _change(material_id, "reach", ("reach",), _("It is decided who sees it."))


@blueprint.post(f"{_HERE}/archiving")
@for_roles(*KEEPERS)
def archive_material(material_id: UUID) -> Any:
    """Offer it no more."""
    return _change(material_id, "archiving", ("why",), _("It is archived: it is offered no more."))


@blueprint.post(f"{_HERE}/restoring")
@for_roles(*KEEPERS)
def restore_material(material_id: UUID) -> Any:
    """Offer it again."""
    return _change(material_id, "restoring", (), _("It is offered again."))


@blueprint.post(f"{_HERE}/erasing")
@for_roles(*KEEPERS)
def erase_material(material_id: UUID) -> Any:
    """It was written by mistake."""
    form = Form(request.form)
    try:
        api("training").delete(f"/library/{material_id}", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _material(material_id, form), problem.status
    flash(_("The material is erased."))
    return redirect("/training/library", 303)


def _change(material_id: UUID, what: str, fields: tuple[str, ...], told: str) -> Any:
    form = Form(request.form)
    body = {name: form.text(name) for name in fields} or None
    try:
        api("training").post(f"/library/{material_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _material(material_id, form), problem.status
    flash(told)
    return redirect(f"/training/library/{material_id}", 303)


def _body(form: Form) -> dict[str, Any]:
    told: dict[str, Any] = {name: form.text(name) for name in _SAID}
    told |= {name: form.many(name) for name in ("topics", "dimensions", "chains")}
    return told | {"year": form.integer("year"), "link": form.optional("link")}


def _edit(form: Form, found: Answer | None) -> str:
    lists = library_choices()
    return render_template(
        "training/library_edit.html",
        form=form,
        found=found,
        lists=lists,
        needs=choices(NEEDS),
        types=type_choices(lists["families"]),
    )


def _material(material_id: UUID, form: Form) -> str:
    """The material as it is now; what she typed stands over it."""
    found, lists = api("training").get(f"/library/{material_id}"), library_choices()
    typed = Form({"reach": found["reach"]} | request.form.to_dict() | {"version": found["version"]})
    typed.errors.update(form.errors)
    return render_template("training/library_material.html", found=found, form=typed, lists=lists, accepted=ACCEPTED)
