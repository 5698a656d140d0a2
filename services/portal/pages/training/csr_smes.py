"""Small firms of the workshops: a list, a form for each."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import TEAM, blueprint
from services.portal.pages.training.csr_words import CSR_READERS

_TEXTS = ("unit", "name", "sector", "size", "city")
_NUMBERS = ("employees", "women_employees", "women_owned_percent")
_CONTACT = ("contact_name", "contact_email", "contact_phone")


@blueprint.get("/csr/smes")
@for_roles(*CSR_READERS)
def smes() -> Any:
    """The firms of her territory."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in ("unit", "sector", "size", "text")}
    try:
        found = api("training").get("/smes", asked | {"after": request.args.get("after"), "limit": 50})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("training/csr_smes.html", smes=found, form=form, choices=choices)


@blueprint.get("/csr/smes/new")
@for_roles(*TEAM)
def new_sme() -> Any:
    """The form for a new firm."""
    return _page(Form(), None)


@blueprint.post("/csr/smes/new")
@for_roles(*TEAM)
def write_sme() -> Any:
    """Write a firm down."""
    form = Form(request.form)
    try:
        made = api("training").post("/smes", _facts(form))
    except Problem as problem:
        form.refused(problem)
        return _page(form, None), problem.status
    flash(_("The enterprise is written down."))
    return redirect(f"/training/csr/smes/{made['id']}", 303)


@blueprint.get("/csr/smes/<uuid:sme_id>")
@for_roles(*CSR_READERS)
def sme(sme_id: UUID) -> Any:
    """One firm."""
    found = api("training").get(f"/smes/{sme_id}")
    return _page(Form(found), found)


@blueprint.post("/csr/smes/<uuid:sme_id>")
@for_roles(*TEAM)
def change_sme(sme_id: UUID) -> Any:
    """Put the facts of a firm right."""
    form = Form(request.form)
    try:
        api("training").put(f"/smes/{sme_id}", _facts(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("training").get(f"/smes/{sme_id}")
        return _page(over(found, form) if problem.status == CHANGED_MEANWHILE else form, found), problem.status
    flash(_("The enterprise is changed."))
    return redirect(f"/training/csr/smes/{sme_id}", 303)


@blueprint.post("/csr/smes/<uuid:sme_id>/contact/forgetting")
@for_roles(*TEAM)
def forget_contact(sme_id: UUID) -> Any:
    """Erase the person by whom a firm is reached."""
    try:
        api("training").delete(f"/smes/{sme_id}/contact", version=Form(request.form).text("version"))
    except Problem as problem:
        if problem.status != CHANGED_MEANWHILE:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("The contact is erased."))
    return redirect(f"/training/csr/smes/{sme_id}", 303)


def _facts(form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {name: form.text(name) for name in _TEXTS}
    body |= {name: form.integer(name) for name in _NUMBERS}
    return body | {name: form.optional(name) for name in _CONTACT}


def _page(form: Form, found: Answer | None) -> str:
    may_change = me().has(*TEAM) and (found is None or me().scope.covers(found["unit"]))
    return render_template("training/csr_sme.html", form=form, found=found, choices=choices, may_change=may_change)
