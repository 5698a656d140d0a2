"""The women the enterprises belong to: what is known of them, what they agree to, their withdrawal."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, blueprint
from shared.kernel import clock

_FIELDS = ("given_names", "surnames", "id_kind", "id_number", "born_on", "phone", "other_phone", "people")


@blueprint.get("/people/<uuid:entrepreneur_id>")
@for_roles(*EDITORS)
def woman(entrepreneur_id: UUID) -> Any:
    """One woman: her data, her enterprises, her answers for each purpose."""
    found = _found(entrepreneur_id)
    return _page(found, Form(_typed(found)))


@blueprint.post("/people/<uuid:entrepreneur_id>")
@for_roles(*EDITORS)
def change_woman(entrepreneur_id: UUID) -> Any:
    """Put right what is known of her."""
    form = Form(request.form)
    body = {name: form.optional(name) for name in _FIELDS}
    body |= {"given_names": form.text("given_names"), "surnames": form.text("surnames")}
    try:
        api("registry").patch(f"/entrepreneurs/{entrepreneur_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = _found(entrepreneur_id)
        if problem.status == CHANGED_MEANWHILE:
            differing = {name for name in _FIELDS if form.text(name) != (found[name] or "")}
            return _page(found, over(found, form), differing), problem.status
        return _page(found, form), problem.status
    flash(_("The change is saved."))
    return redirect(f"/registry/people/{entrepreneur_id}", 303)


@blueprint.post("/people/<uuid:entrepreneur_id>/consents")
@for_roles(*EDITORS)
def consent(entrepreneur_id: UUID) -> Any:
    """Record her answer for one purpose."""
    form = Form(request.form)
    body = {
        "purpose": form.text("purpose"),
        "granted": form.text("granted") == "yes",
        "given_on": form.text("given_on"),
        "channel": form.text("channel"),
    }
    try:
        api("registry").post(f"/entrepreneurs/{entrepreneur_id}/consents", body)
    except Problem as problem:
        form.refused(problem)
        found = _found(entrepreneur_id)
        shown = Form(_typed(found) | request.form.to_dict())
        shown.errors.update(form.errors)
        return _page(found, shown), problem.status
    flash(_("Her answer is recorded."))
    return redirect(f"/registry/people/{entrepreneur_id}", 303)


@blueprint.post("/people/<uuid:entrepreneur_id>/document")
@for_roles(*EDITORS)
def confirm_document(entrepreneur_id: UUID) -> Any:
    """Say that the number of her document is right although something about it is wrong, and why."""
    form = Form(request.form)
    path = f"/entrepreneurs/{entrepreneur_id}/document-confirmation"
    try:
        api("registry").put(path, {"because": form.text("because")}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = _found(entrepreneur_id)
        shown = Form(_typed(found) | {"because": form.text("because")})
        shown.errors.update(form.errors)
        return _page(found, shown), problem.status
    flash(_("Her document is confirmed."))
    return redirect(f"/registry/people/{entrepreneur_id}", 303)


@blueprint.get("/people/<uuid:entrepreneur_id>/withdraw")
@for_roles("coordinator")
def withdrawing(entrepreneur_id: UUID) -> Any:
    """Say what a withdrawal erases, before it does."""
    found = _found(entrepreneur_id)
    return render_template("registry/withdraw.html", woman=found, form=Form({"version": found["version"]}))


@blueprint.post("/people/<uuid:entrepreneur_id>/withdraw")
@for_roles("coordinator")
def withdraw(entrepreneur_id: UUID) -> Any:
    """Erase her and tell what was erased and what stays."""
    form = Form(request.form)
    if not form.flag("sure"):
        form.wrong("sure", _("Confirm that she asked for it."))
        return render_template("registry/withdraw.html", woman=_found(entrepreneur_id), form=form), 422
    try:
        erasure = api("registry").delete(f"/entrepreneurs/{entrepreneur_id}", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = _found(entrepreneur_id)
        again = Form({"version": found["version"]})  # she is asked anew, over what is there now
        again.errors.update(form.errors)
        return render_template("registry/withdraw.html", woman=found, form=again), problem.status
    return render_template("registry/withdrawn.html", erasure=erasure)


def languages() -> dict[str, str]:
    """The names of languages by their codes."""
    return {row["code"]: row["name"] for row in api("registry").get("/lists/languages").rows}


def _found(entrepreneur_id: UUID) -> Answer:
    return api("registry").get(f"/entrepreneurs/{entrepreneur_id}")


def _typed(found: Answer) -> dict[str, Any]:
    """What is known of her as the form shows it."""
    return {name: found[name] for name in (*_FIELDS, "version")}


def _page(found: Answer, form: Form, differing: Collection[str] | None = None) -> str:
    return render_template(
        "registry/woman.html",
        woman=found,
        form=form,
        differing=differing,
        choices=codes.choices,
        languages=languages(),
        today=clock.today().isoformat(),
    )
