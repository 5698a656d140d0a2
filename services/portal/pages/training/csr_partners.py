"""Partners of the programme and what was agreed with them; the annual report."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.csr_words import CSR_READERS, PARTNER_KEEPERS, REPORT_READERS
from shared.kernel import clock

_OF_CENTRES = ("learning_kind", "address", "phone", "email", "website")
"""What the page of a learning centre tells of it; here it stays."""


@blueprint.get("/csr/partners")
@for_roles(*CSR_READERS)
def csr_partners() -> Any:
    """The partners and agreements of her territory and of what it lies in."""
    return _partners(Form(request.args))


@blueprint.post("/csr/partners")
@for_roles(*PARTNER_KEEPERS)
def write_partner() -> Any:
    """Write a partner down."""
    form = Form(request.form)
    renamed = {"unit": "partner_unit", "name": "partner_name", "kind": "partner_kind"}
    try:
        api("training").post("/csr-partners", {name: form.text(field) for name, field in renamed.items()})
    except Problem as problem:
        form.refused(problem, **renamed)
        return _partners(form), problem.status
    flash(_("The institution is written down."))
    return redirect("/training/csr/partners", 303)


@blueprint.get("/csr/partners/<uuid:partner_id>")
@for_roles(*CSR_READERS)
def csr_partner(partner_id: UUID) -> Any:
    """One partner with its agreements."""
    found = api("training").get(f"/csr-partners/{partner_id}")
    return _partner(found, Form(found))


@blueprint.post("/csr/partners/<uuid:partner_id>")
@for_roles(*PARTNER_KEEPERS)
def change_partner(partner_id: UUID) -> Any:
    """Put a partner's name, kind or home right."""
    form = Form(request.form)
    kept = api("training").get(f"/csr-partners/{partner_id}")
    body = {name: kept[name] for name in _OF_CENTRES} | {name: form.text(name) for name in ("unit", "name", "kind")}
    try:
        api("training").put(f"/csr-partners/{partner_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("training").get(f"/csr-partners/{partner_id}")
        return _partner(found, over(found, form) if problem.status == CHANGED_MEANWHILE else form), problem.status
    flash(_("The institution is changed."))
    return redirect(f"/training/csr/partners/{partner_id}", 303)


@blueprint.post("/csr/agreements")
@for_roles(*PARTNER_KEEPERS)
def sign_agreement() -> Any:
    """Write down what was agreed."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("title", "purpose", "contribution", "signed_on")}
    body |= {name: form.optional(name) for name in ("ends_on", "activity_id")}
    body |= {"unit": form.text("agreement_unit"), "partner_ids": form.many("partner_ids")}
    try:
        api("training").post("/csr-agreements", body)
    except Problem as problem:
        form.refused(problem, unit="agreement_unit")
        return _partners(form), problem.status
    flash(_("The agreement is written down."))
    return redirect("/training/csr/partners#agreements", 303)


@blueprint.post("/csr/agreements/<uuid:agreement_id>/end")
@for_roles(*PARTNER_KEEPERS)
def end_agreement(agreement_id: UUID) -> Any:
    """Write down the last day of an agreement."""
    form = Form(request.form)
    field = f"end-{agreement_id}"
    try:
        path, body = f"/csr-agreements/{agreement_id}/end", {"ends_on": form.text(field)}
        api("training").post(path, body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, ends_on=field)
        return _partners(form), problem.status
    flash(_("It is written down."))
    return redirect("/training/csr/partners#agreements", 303)


@blueprint.get("/csr/report")
@for_roles(*REPORT_READERS)
def csr_report() -> Any:
    """The annual report as of a day."""
    form = Form(request.args)
    try:
        report = api("training").get("/csr-report", _asked())
    except Problem as problem:
        form.refused(problem)
        return render_template("training/csr_report.html", report=None, form=form), problem.status
    return render_template("training/csr_report.html", report=report, form=form)


@blueprint.get("/csr/report.<any(pdf, xlsx):kind>")
@for_roles(*REPORT_READERS)
def csr_report_document(kind: str) -> Any:
    """The same report as a document."""
    return send(api("training").file("/csr-report/document", _asked() | {"format": kind}))


def _asked() -> dict[str, Any]:
    return {name: request.args.get(name) for name in ("as_of", "unit")}


def _partners(form: Form) -> str:
    client = api("training")
    asked = {name: request.args.get(name) for name in ("unit", "kind", "text", "after")}
    try:
        found = client.get("/csr-partners", asked | {"limit": 50})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    agreements = client.get("/csr-agreements", {"limit": 50}).rows
    held = client.get("/csr-dialogues", {"state": "held", "limit": 50}).rows
    return render_template(
        "training/csr_partners.html",
        partners=found,
        agreements=agreements,
        held=[(one["id"], f"{one['title']}, {one['city']}") for one in held],
        every=[(one["id"], one["name"]) for one in client.get("/csr-partners", {"limit": 200}).rows],
        form=form,
        choices=choices,
        today=clock.today().isoformat(),
    )


def _partner(found: Answer, form: Form) -> str:
    may_change = me().has(*PARTNER_KEEPERS)
    return render_template("training/csr_partner.html", found=found, form=form, choices=choices, may_change=may_change)
