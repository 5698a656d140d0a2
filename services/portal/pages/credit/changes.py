"""What changes a running loan: asking the committee, appraising it, carrying it out; another tranche."""

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    APPRAISERS,
    CARRIERS,
    CHANGE_KINDS,
    DISBURSERS,
    NOTE_KEEPERS,
    PAPER_READERS,
    READERS,
    STAFF,
    blueprint,
    fund_choices,
    funds,
    name_of,
)
from shared.kernel import clock


@blueprint.get("/changes")
@for_roles(*READERS)
def changes() -> Any:
    """What changed the loans, newest first."""
    form = Form(request.args)
    asked = {name: request.args.get(name, "")[:60] for name in ("kind", "fund")}
    try:
        answer = api("credit").get("/changes", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template("credit/changes.html", changes=answer, form=form, funds=fund_choices(funds()))


@blueprint.get("/loans/<uuid:loan_id>/change")
@for_roles(*STAFF)
def asking(loan_id: UUID) -> Any:
    """What the committee is to be asked about a loan."""
    kind = request.args.get("kind", "")
    if kind not in CHANGE_KINDS:
        abort(404)
    return _ask_form(api("credit").get(f"/loans/{loan_id}"), kind, Form({"grace": "0"}))


@blueprint.post("/loans/<uuid:loan_id>/change")
@for_roles(*STAFF)
def ask(loan_id: UUID) -> Any:
    """Hand it in; it goes the way of an application."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    kind = form.text("kind")
    body: dict[str, Any] = {"kind": kind, "reason": form.text("reason")}
    if kind != "write_off":
        body |= {"instalments": form.integer("instalments"), "grace": form.integer("grace") or 0}
    if kind == "refinance":
        body["amount"] = form.money("amount", found["currency"])
    try:
        done = api("credit").post(f"/loans/{loan_id}/changes", body)
    except Problem as problem:
        form.refused(problem)
        return _ask_form(found, kind, form), problem.status
    flash(_("It is handed in as %(number)s. Appraise it, so that it goes on an agenda.", number=done["number"]))
    return redirect(f"/credit/applications/{done['id']}", 303)


@blueprint.get("/applications/<uuid:application_id>/appraise-change")
@for_roles(*APPRAISERS)
def appraising_change(application_id: UUID) -> Any:
    """The form for what was found, with the plan that was asked for already in it."""
    found = api("credit").get(f"/applications/{application_id}")
    return _appraise_form(found, Form({name: found[name] for name in ("instalments", "grace")}))


@blueprint.post("/applications/<uuid:application_id>/appraise-change")
@for_roles(*APPRAISERS)
def appraise_change(application_id: UUID) -> Any:
    """Put it into the file."""
    form, found = Form(request.form), api("credit").get(f"/applications/{application_id}")
    currency = found["amount"]["currency"]
    body: dict[str, Any] = {
        name: form.money(name, currency) for name in ("monthly_income", "monthly_expense", "monthly_debts")
    }
    body |= {name: form.text(name) for name in ("visited_on", "recommendation", "remarks", "conditions")}
    if found["kind"] == "reschedule":
        body |= {
            "instalments": form.integer("instalments"),
            "grace": form.integer("grace") or 0,
            "first_due": form.optional("first_due"),
        }
    try:
        api("credit").post(f"/applications/{application_id}/change-appraisals", body)
    except Problem as problem:
        form.refused(problem)
        return _appraise_form(found, form), problem.status
    flash(_("The appraisal is in the file."))
    return redirect(f"/credit/applications/{application_id}", 303)


@blueprint.get("/applications/<uuid:application_id>/carry-out")
@for_roles(*CARRIERS)
def check_carrying_out(application_id: UUID) -> Any:
    """What was resolved about a loan, before it is done."""
    return _carry_out_form(api("credit").get(f"/applications/{application_id}"), Form({"key": uuid4()}))


@blueprint.post("/applications/<uuid:application_id>/carry-out")
@for_roles(*CARRIERS)
def carry_out(application_id: UUID) -> Any:
    """Do it."""
    form, found = Form(request.form), api("credit").get(f"/applications/{application_id}")
    if not form.flag("sure"):
        form.wrong("sure", _("Tick the box once you have read what changes."))
        return _carry_out_form(found, form), 422
    try:
        done = api("credit").post(f"/applications/{application_id}/execution", key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _carry_out_form(found, form), problem.status
    flash(_("What was resolved about the loan %(number)s is done.", number=done["number"]))
    if found["kind"] == "reschedule":
        flash(_("Print the addendum with the new schedule; she signs it, and it takes the place of the paper before."))
    return redirect(f"/credit/loans/{done['id']}", 303)


@blueprint.get("/loans/<uuid:loan_id>/tranche")
@for_roles(*DISBURSERS)
def handing_out(loan_id: UUID) -> Any:
    """The form for another part of what was approved, with all that is left of it."""
    found = api("credit").get(f"/loans/{loan_id}")
    begun = {"amount": found["rest"], "disbursed_on": clock.today().isoformat(), "key": uuid4()}
    return _tranche_form(found, Form(begun))


@blueprint.post("/loans/<uuid:loan_id>/tranche")
@for_roles(*DISBURSERS)
def hand_out(loan_id: UUID) -> Any:
    """Hand it out."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    if not form.flag("handed_over"):
        form.wrong("handed_over", _("Tick the box once she is here to sign for it."))
        return _tranche_form(found, form), 422
    body = {"amount": form.money("amount", found["currency"]), "disbursed_on": form.text("disbursed_on")}
    try:
        api("credit").post(f"/loans/{loan_id}/tranches", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _tranche_form(found, form), problem.status
    flash(_("It is booked, and the instalments to come are found anew. Print the receipt; she signs it."))
    return redirect(f"/credit/loans/{loan_id}", 303)


@blueprint.get("/loans/<uuid:loan_id>/tranches/<uuid:change_id>")
@for_roles(*PAPER_READERS)
def tranche_receipt(loan_id: UUID, change_id: UUID) -> Any:
    """The receipt of a part that was paid out, as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/tranches/{change_id}/receipt"), inline=True)


@blueprint.get("/loans/<uuid:loan_id>/changes/<uuid:change_id>/addendum")
@for_roles(*NOTE_KEEPERS)
def addendum(loan_id: UUID, change_id: UUID) -> Any:
    """The addendum of a loan that was planned anew, as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/changes/{change_id}/addendum"), inline=True)


@blueprint.post("/loans/<uuid:loan_id>/rest-release")
@for_roles(*CARRIERS)
def give_up_rest(loan_id: UUID) -> Any:
    """Pay nothing more out of its approval."""
    try:
        api("credit").post(f"/loans/{loan_id}/rest-release")
    except Problem as problem:
        flash(problem.detail, "warn")
    else:
        flash(_("What was not paid out is free again."))
    return redirect(f"/credit/loans/{loan_id}", 303)


def _ask_form(found: Answer, kind: str, form: Form) -> Any:
    return render_template(
        "credit/ask_change.html", loan=found, kind=kind, form=form, enterprise=name_of(found["enterprise_id"])
    )


def _appraise_form(found: Answer, form: Form) -> Any:
    return render_template(
        "credit/appraise_change.html", found=found, form=form, enterprise=name_of(found["enterprise_id"])
    )


def _carry_out_form(found: Answer, form: Form) -> Any:
    return render_template(
        "credit/carry_out.html",
        found=found,
        appraisal=found["appraisals"][-1] if found["appraisals"] else None,
        form=form,
        enterprise=name_of(found["enterprise_id"]),
    )


def _tranche_form(found: Answer, form: Form) -> Any:
    return render_template("credit/tranche.html", loan=found, form=form, enterprise=name_of(found["enterprise_id"]))
