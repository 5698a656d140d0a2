"""Learning centres and universities: partners that teach, their agreements with papers, renewals and obligations."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import READERS, blueprint
from services.portal.pages.training.csr_words import PARTNER_KEEPERS
from shared.kernel import clock

_HERE = "/centres/<uuid:partner_id>"
_REACHED = ("learning_kind", "address", "phone", "email", "website")
_ROWS = 8
"""Lines for obligations in the form of an agreement."""


@blueprint.get("/centres")
@for_roles(*READERS)
def learning_centres() -> Any:
    """The learning centres and universities, and the agreements with them that end soon."""
    return _centres(Form(request.args))


@blueprint.post("/centres")
@for_roles(*PARTNER_KEEPERS)
def write_centre() -> Any:
    """Write one down."""
    form = Form(request.form)
    try:
        made = api("training").post("/csr-partners", centre_body(form))
    except Problem as problem:
        form.refused(problem)
        return _centres(form), problem.status
    flash(_("The institution is written down."))
    return redirect(f"/training/centres/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*READERS)
def learning_centre(partner_id: UUID) -> Any:
    """One of them with its agreements."""
    return _centre(partner_id, Form())


@blueprint.post(_HERE)
@for_roles(*PARTNER_KEEPERS)
def change_centre(partner_id: UUID) -> Any:
    """Put right what is known of it."""
    form, client = Form(request.form), api("training")
    kind = client.get(f"/csr-partners/{partner_id}")["kind"]
    try:
        body = centre_body(form) | {"kind": kind}
        client.put(f"/csr-partners/{partner_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _centre(partner_id, form), problem.status
    flash(_("The institution is changed."))
    return redirect(f"/training/centres/{partner_id}", 303)


@blueprint.post(f"{_HERE}/agreements")
@for_roles(*PARTNER_KEEPERS)
def agree_with_centre(partner_id: UUID) -> Any:
    """Write an agreement with it down."""
    form, client = Form(request.form), api("training")
    lines = [(form.text(f"side-{row}"), form.text(f"what-{row}")) for row in range(_ROWS)]
    body: dict[str, Any] = {name: form.text(name) for name in ("title", "purpose", "contribution", "signed_on")}
    body |= {"ends_on": form.optional("ends_on"), "partner_ids": [str(partner_id)]}
    body |= {"unit": client.get(f"/csr-partners/{partner_id}")["unit"]}
    body |= {"obligations": [{"side": side, "what": what} for side, what in lines if what]}
    try:
        client.post("/csr-agreements", body)
    except Problem as problem:
        form.refused(problem)
        return _centre(partner_id, form), problem.status
    flash(_("The agreement is written down. Now keep its signed paper."))
    return redirect(f"/training/centres/{partner_id}#agreements", 303)


@blueprint.post(f"{_HERE}/agreements/<uuid:agreement_id>/renewal")
@for_roles(*PARTNER_KEEPERS)
def renew_agreement(partner_id: UUID, agreement_id: UUID) -> Any:
    """Write its renewal down."""
    form = Form(request.form)
    first, last = f"signed-{agreement_id}", f"until-{agreement_id}"
    body = {"signed_on": form.text(first), "ends_on": form.optional(last)}
    try:
        path = f"/csr-agreements/{agreement_id}/renewal"
        api("training").post(path, body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, signed_on=first, ends_on=last)
        return _centre(partner_id, form), problem.status
    flash(_("The agreement is renewed."))
    return redirect(f"/training/centres/{partner_id}#agreements", 303)


@blueprint.post(f"{_HERE}/agreements/<uuid:agreement_id>/paper")
@for_roles(*PARTNER_KEEPERS)
def keep_agreement_paper(partner_id: UUID, agreement_id: UUID) -> Any:
    """Keep its signed paper."""
    form, sent = Form(request.form), request.files.get("file")
    field = f"paper-{agreement_id}"
    if sent is None or not sent.filename:
        form.wrong(field, _("Choose a file."))
        return _centre(partner_id, form), 422
    try:
        path = f"/csr-agreements/{agreement_id}/paper"
        api("training").upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        form.refused(problem, file=field)
        return _centre(partner_id, form), problem.status
    flash(_("The file is kept."))
    return redirect(f"/training/centres/{partner_id}#agreements", 303)


@blueprint.get("/agreements/<uuid:agreement_id>/paper")
@for_roles(*READERS)
def agreement_paper(agreement_id: UUID) -> Any:
    """The signed paper."""
    return send(api("training").file(f"/csr-agreements/{agreement_id}/paper"))


def centre_body(form: Form) -> dict[str, Any]:
    """What the API takes of the form of a learning centre."""
    told: dict[str, Any] = {name: form.text(name) for name in ("unit", "name")}
    told |= {name: form.optional(name) for name in _REACHED}
    if told["learning_kind"] is None:
        told["learning_kind"] = ""
    return told | {"kind": "civil_society_academia"}


def _centres(form: Form) -> str:
    client = api("training")
    asked = {name: request.args.get(name) for name in ("text", "learning_kind", "after")}
    try:
        found = client.get("/csr-partners", asked | {"teaches": True, "limit": 25})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    ending = client.get("/csr-agreements", {"teaches": True, "standing": "ending", "limit": 50}).rows
    return render_template("training/centres.html", found=found, ending=ending, form=form, choices=choices)


def _centre(partner_id: UUID, form: Form) -> str:
    found = api("training").get(f"/csr-partners/{partner_id}")
    names = ("unit", "name", *_REACHED, "version")
    typed = Form({name: found[name] for name in names} | request.form.to_dict() | {"version": found["version"]})
    typed.errors.update(form.errors)
    return render_template(
        "training/centre.html",
        found=found,
        form=typed,
        choices=choices,
        rows=range(_ROWS),
        today=clock.today().isoformat(),
    )
