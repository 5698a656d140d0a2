"""A version of a curriculum: its modules are written, it is talked over, proposed, accepted; links to it are given."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Client, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.curricula import changed_meanwhile, curriculum_page
from services.portal.pages.training.curriculum_choices import woman_choices
from services.portal.pages.training.curriculum_words import (
    curriculum_words,
    materials_of,
    materials_text,
    shelf_choices,
)
from services.portal.pages.training.session_words import hours_of, minutes_of

_ONE = "/curriculum-versions/<uuid:curriculum_version_id>"
_MODULE = f"{_ONE}/modules/<uuid:curriculum_module_id>"
_TEXTS = ("title", "objectives", "contents")


@blueprint.get(f"{_ONE}/modules/new")
@for_roles(*TEAM)
def new_module(curriculum_version_id: UUID) -> Any:
    """The form of a module."""
    return _module_page(_version(curriculum_version_id), Form({"hours": "4"}), None)


@blueprint.post(f"{_ONE}/modules/new")
@for_roles(*TEAM)
def write_module(curriculum_version_id: UUID) -> Any:
    """Add it at the end."""
    form, client = Form(request.form), api("training")
    try:
        client.post(f"/curriculum-versions/{curriculum_version_id}/modules", _body(form), version=form.text("version"))
    except Problem as problem:
        _take(problem, form)
        return _module_page(_version(curriculum_version_id), form, None), problem.status
    flash(_("The module is written."))
    return _back(client, curriculum_version_id, "modules")


@blueprint.get(_MODULE)
@for_roles(*TEAM)
def edit_module(curriculum_version_id: UUID, curriculum_module_id: UUID) -> Any:
    """The form of a module with what it says."""
    version = _version(curriculum_version_id)
    module = _of(version, curriculum_module_id)
    return _module_page(version, _begun(module), module)


@blueprint.post(_MODULE)
@for_roles(*TEAM)
def rewrite_module(curriculum_version_id: UUID, curriculum_module_id: UUID) -> Any:
    """Write it anew."""
    form, client = Form(request.form), api("training")
    path = f"/curriculum-versions/{curriculum_version_id}/modules/{curriculum_module_id}"
    try:
        client.put(path, _body(form), version=form.text("version"))
    except Problem as problem:
        _take(problem, form)
        version = _version(curriculum_version_id)
        return _module_page(version, form, _of(version, curriculum_module_id)), problem.status
    flash(_("The module is saved."))
    return _back(client, curriculum_version_id, "modules")


@blueprint.post(f"{_MODULE}/removal")
@for_roles(*TEAM)
def remove_module(curriculum_version_id: UUID, curriculum_module_id: UUID) -> Any:
    """Take it out."""
    path = f"/modules/{curriculum_module_id}/removal"
    return _do(curriculum_version_id, path, lambda _form: None, _("The module is taken out."), "modules")


@blueprint.post(f"{_MODULE}/place")
@for_roles(*TEAM)
def place_module(curriculum_version_id: UUID, curriculum_module_id: UUID) -> Any:
    """Put it at another place."""
    path = f"/modules/{curriculum_module_id}/place"
    told = _("The order is changed.")
    return _do(curriculum_version_id, path, lambda form: {"position": form.integer("position")}, told, "modules")


@blueprint.post(f"{_MODULE}/files")
@for_roles(*TEAM)
def attach_module_file(curriculum_version_id: UUID, curriculum_module_id: UUID) -> Any:
    """Give it a file."""
    form, sent, client = Form(request.form), request.files.get("file"), api("training")
    path = f"/curriculum-versions/{curriculum_version_id}/modules/{curriculum_module_id}"
    status = 422
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose the file."))
    else:
        told: dict[str, Any] = {"name": sent.filename, "content": sent.stream, "media_type": sent.mimetype}
        try:
            client.upload(f"{path}/files", **told, version=form.text("version"))
        except Problem as problem:
            changed_meanwhile(problem, form)
            status = problem.status
        else:
            flash(_("The file is kept."))
            return redirect(f"/training{path}", 303)
    version = _version(curriculum_version_id)
    module = _of(version, curriculum_module_id)
    shown = _begun(module)
    shown.errors.update(form.errors)
    return _module_page(version, shown, module), status


@blueprint.get(f"{_MODULE}/files/<uuid:curriculum_file_id>")
@for_roles(*READERS)
def module_file(curriculum_version_id: UUID, curriculum_module_id: UUID, curriculum_file_id: UUID) -> Any:
    """A file of a module."""
    path = f"/curriculum-versions/{curriculum_version_id}/modules/{curriculum_module_id}/files/{curriculum_file_id}"
    return send(api("training").file(path), inline=True)


@blueprint.post(f"{_MODULE}/files/<uuid:curriculum_file_id>/removal")
@for_roles(*TEAM)
def detach_module_file(curriculum_version_id: UUID, curriculum_module_id: UUID, curriculum_file_id: UUID) -> Any:
    """Take a file out of a module."""
    path = f"/modules/{curriculum_module_id}/files/{curriculum_file_id}/removal"
    return _do(curriculum_version_id, path, lambda _form: None, _("The file is taken out."), "modules")


@blueprint.post(f"{_ONE}/proposal")
@for_roles(*TEAM)
def propose_version(curriculum_version_id: UUID) -> Any:
    """From now on it says what it says."""
    told = _("The version is proposed: it does not change any more. Now the three voices accept it.")
    return _do(curriculum_version_id, "/proposal", lambda _form: None, told, "acceptances")


@blueprint.post(f"{_ONE}/withdrawal")
@for_roles(*TEAM)
def withdraw_version(curriculum_version_id: UUID) -> Any:
    """Nothing more is planned with it."""
    body = lambda form: {"reason": form.text("reason")}  # noqa: E731
    return _do(curriculum_version_id, "/withdrawal", body, _("The version is withdrawn."), "")


@blueprint.post(f"{_ONE}/contributions")
@for_roles(*TEAM)
def contribute(curriculum_version_id: UUID) -> Any:
    """Say something about it."""

    def body(form: Form) -> dict[str, Any]:
        return {"voice": form.text("voice"), "text": form.text("text"), "module_id": form.optional("module_id")}

    return _do(curriculum_version_id, "/contributions", body, _("Your contribution is kept."), "contributions")


@blueprint.post(f"{_ONE}/contributions/<uuid:contribution_id>/answer")
@for_roles(*TEAM)
def answer_contribution(curriculum_version_id: UUID, contribution_id: UUID) -> Any:
    """Say what was made of a contribution."""
    names = {name: f"{name}-{contribution_id}" for name in ("state", "answer")}

    def body(form: Form) -> dict[str, Any]:
        return {name: form.text(field) for name, field in names.items()}

    path = f"/contributions/{contribution_id}/answer"
    return _do(curriculum_version_id, path, body, _("The answer is kept."), "contributions", **names)


@blueprint.post(f"{_ONE}/acceptances")
@for_roles(*TEAM)
def accept_version(curriculum_version_id: UUID) -> Any:
    """Accept exactly what was read."""

    def body(form: Form) -> dict[str, Any]:
        return {"voice": form.text("accept_as"), "content_hash": form.text("content_hash")}

    told = _("You accepted this version.")
    return _do(curriculum_version_id, "/acceptances", body, told, "acceptances", voice="accept_as")


@blueprint.get(f"{_ONE}/links/new")
@for_roles(*TEAM)
def new_curriculum_link(curriculum_version_id: UUID) -> Any:
    """The form of a link: for a woman of a group, or by name."""
    return _link_page(curriculum_version_id, Form(request.args))


@blueprint.post(f"{_ONE}/links/new")
@for_roles(*TEAM)
def make_curriculum_link(curriculum_version_id: UUID) -> Any:
    """Give it."""
    form, client = Form(request.form), api("training")
    body: dict[str, Any] = {name: form.text(name) for name in ("voice", "expires_on")}
    body |= {name: form.optional(name) for name in ("group_id", "entrepreneur_id", "name")}
    try:
        client.post(f"/curriculum-versions/{curriculum_version_id}/links", body)
    except Problem as problem:
        form.refused(problem)
        return _link_page(curriculum_version_id, form), problem.status
    flash(_("The link is made. Send it to her; whoever has it speaks for her."))
    return _back(client, curriculum_version_id, "links")


@blueprint.post(f"{_ONE}/links/<uuid:curriculum_link_id>/revocation")
@for_roles(*TEAM)
def revoke_curriculum_link(curriculum_version_id: UUID, curriculum_link_id: UUID) -> Any:
    """Take a link back."""
    form, client = Form(request.form), api("training")
    try:
        client.post(f"/curriculum-links/{curriculum_link_id}/revocation", version=form.text("link_version"))
    except Problem as problem:
        changed_meanwhile(problem, form)
        return _shown(client, curriculum_version_id, form), problem.status
    flash(_("That link leads nowhere any more."))
    return _back(client, curriculum_version_id, "links")


def _do(version_id: UUID, path: str, body: Callable[[Form], Any], told: str, part: str, **renamed: str) -> Any:
    """Send what was typed; where it is refused, the page again with what is wrong beside its field."""
    form, client = Form(request.form), api("training")
    seen = form.optional("version")
    try:
        client.post(f"/curriculum-versions/{version_id}{path}", body(form), version=seen)
    except Problem as problem:
        form.refused(problem, **renamed)
        changed_meanwhile(problem, form)
        return _shown(client, version_id, form), problem.status
    flash(told)
    return _back(client, version_id, part)


def _shown(client: Client, version_id: UUID, form: Form) -> str:
    version = client.get(f"/curriculum-versions/{version_id}")
    return curriculum_page(client, version["curriculum_id"], str(version_id), form)


def _back(client: Client, version_id: UUID, part: str) -> Any:
    version = client.get(f"/curriculum-versions/{version_id}")
    return redirect(f"/training/curricula/{version['curriculum_id']}?version={version_id}#{part}", 303)


def _version(version_id: UUID) -> Answer:
    return api("training").get(f"/curriculum-versions/{version_id}")


def _of(version: Answer, module_id: UUID) -> dict[str, Any]:
    found = next((one for one in version["modules"] if one["id"] == str(module_id)), None)
    if found is None:
        raise Problem(404, "http.404")
    return dict(found)


def _body(form: Form) -> dict[str, Any]:
    told: dict[str, Any] = {name: form.text(name) for name in _TEXTS}
    hours = {"minutes": minutes_of(form.text("hours")), "links": materials_of(form.text("links"))}
    return told | hours | {name: form.many(name) for name in ("methods", "material_ids")}


def _begun(module: dict[str, Any]) -> Form:
    """What a module says, to be changed."""
    told = {name: module[name] for name in (*_TEXTS, "methods")}
    told |= {"hours": hours_of(module["minutes"]), "links": materials_text(module["links"])}
    return Form(told | {"material_ids": [one["id"] for one in module["materials"]]})


def _take(problem: Problem, form: Form) -> None:
    places = {f"links-{number}-{name}": "links" for number in range(20) for name in ("title", "link")}
    form.refused(problem, minutes="hours", **places)
    if form.errors.get("links"):
        form.errors["links"] = _(
            "Write each material on a line: its name, then its address, which begins with https://"
        )
    changed_meanwhile(problem, form)


def _module_page(version: Answer, form: Form, module: dict[str, Any] | None) -> str:
    shelf = shelf_choices(module["materials"] if module else ())
    facts = {"shown": version, "form": form, "module": module, "shelf": shelf}
    return render_template("training/curriculum_module.html", **facts, **curriculum_words())


def _link_page(version_id: UUID, form: Form) -> str:
    client = api("training")
    group = client.get(f"/groups/{form.text('group_id')}") if form.text("group_id") else None
    women = woman_choices(dict(group)) if group else []
    version = client.get(f"/curriculum-versions/{version_id}")
    facts = {"shown": version, "form": form, "group": group, "women": women}
    return render_template("training/curriculum_link.html", **facts, **curriculum_words())
