"""Loans: the list, the account, paying out, taking a repayment, the receipt."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    COLLECTORS,
    DISBURSERS,
    EVIDENCE_READERS,
    NOTE_KEEPERS,
    PAPER_READERS,
    READERS,
    blueprint,
    fund_choices,
    funds,
    name_of,
    names_of,
)
from shared.kernel import clock

_FILTERS = ("state", "fund", "municipality", "number")


@blueprint.get("/loans")
@for_roles(*READERS)
def loans() -> Any:
    """The loans with what is late, and what the list sums to."""
    asked: dict[str, Any] = {name: request.args.get(name, "")[:60] for name in _FILTERS}
    asked["overdue"] = request.args.get("overdue") in {"yes", "true"} or None
    filters = Form(request.args)
    try:
        answer = api("credit").get("/loans", asked | {"after": request.args.get("after"), "limit": 25})
        totals = api("credit").get("/loans/totals", asked).rows
    except Problem as problem:
        filters.refused(problem)
        answer, totals = Answer(), []
    return render_template(
        "credit/loans.html",
        loans=answer,
        totals=totals,
        names=names_of(row["enterprise_id"] for row in answer.rows),
        funds=fund_choices(funds()),
        form=filters,
    )


@blueprint.get("/loans/<uuid:loan_id>")
@for_roles(*READERS)
def loan(loan_id: UUID) -> Any:
    """One loan with its schedule and its movements."""
    found = api("credit").get(f"/loans/{loan_id}")
    return render_template(
        "credit/loan.html",
        loan=found,
        enterprise=name_of(found["enterprise_id"]),
        may_print=me().has(*PAPER_READERS),
        keeps_notes=me().has(*NOTE_KEEPERS),
        takes_evidence=me().has(*EVIDENCE_READERS),
    )


@blueprint.get("/loans/<uuid:loan_id>/note")
@for_roles(*NOTE_KEEPERS)
def note(loan_id: UUID) -> Any:
    """The promissory note as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/note"), inline=True)


@blueprint.get("/loans/<uuid:loan_id>/evidence")
@for_roles(*EVIDENCE_READERS)
def evidence_file(loan_id: UUID) -> Any:
    """Everything that is kept of the loan in one signed file."""
    return send(api("credit").streamed(f"/loans/{loan_id}/evidence"))


@blueprint.get("/loans/<uuid:loan_id>/statement")
@for_roles(*PAPER_READERS)
def statement(loan_id: UUID) -> Any:
    """The statement as of today as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/statement"), inline=True)


@blueprint.get("/loans/<uuid:loan_id>/closure")
@for_roles(*NOTE_KEEPERS)
def closure(loan_id: UUID) -> Any:
    """The certificate that it is paid in full as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/closure"), inline=True)


@blueprint.get("/applications/<uuid:application_id>/disburse")
@for_roles(*DISBURSERS)
def check_disbursement(application_id: UUID) -> Any:
    """What will be paid out and the schedule it makes, before it is done."""
    day = request.args.get("disbursed_on") or clock.today().isoformat()
    begun = {"disbursed_on": day, "first_due": request.args.get("first_due") or "", "key": uuid4()}
    return _disbursement(application_id, Form(begun))


@blueprint.post("/applications/<uuid:application_id>/disburse")
@for_roles(*DISBURSERS)
def disburse(application_id: UUID) -> Any:
    """Pay it out."""
    form = Form(request.form)
    if not form.flag("handed_over"):
        form.wrong("handed_over", _("Tick the box once the conditions are met and she is here to sign."))
        return _disbursement(application_id, form), 422
    body: dict[str, Any] = {"disbursed_on": form.text("disbursed_on"), "first_due": form.optional("first_due")}
    if form.text("amount"):
        currency = api("credit").get(f"/applications/{application_id}/approval")["amount"]["currency"]
        body["amount"] = form.money("amount", currency)
    try:
        done = api("credit").post(f"/applications/{application_id}/disbursement", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _disbursement(application_id, form), problem.status
    told = _("The loan %(number)s is booked. Print the promissory note; she signs it, then hand over the money.")
    flash(told % {"number": done["number"]})
    return redirect(f"/credit/loans/{done['id']}", 303)


@blueprint.get("/loans/<uuid:loan_id>/repay")
@for_roles(*COLLECTORS)
def repaying(loan_id: UUID) -> Any:
    """The cashier's form, with what is due today already in it."""
    found = api("credit").get(f"/loans/{loan_id}")
    first = next((row for row in found["instalments"] if row["state"] != "paid"), None)
    due = found["due_now"] if found["due_now"]["amount"] != "0.00" else first and first["outstanding"]
    begun = {"amount": due, "paid_on": clock.today().isoformat(), "channel": "cash"}
    return _repay_form(found, Form(begun))


@blueprint.post("/loans/<uuid:loan_id>/repay/check")
@for_roles(*COLLECTORS)
def check_repayment(loan_id: UUID) -> Any:
    """Show once more what will be posted; its key makes that sending twice posts once."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    amount = form.money("amount", found["currency"])
    if amount is None:
        form.wrong("amount", _("Write the amount."))
    if not form.text("paid_on"):
        form.wrong("paid_on", _("Write the day of the payment."))
    if form.errors or amount is None:
        return _repay_form(found, form), 422
    return render_template(
        "credit/check_repayment.html",
        loan=found,
        form=form,
        key=str(uuid4()),
        amount=amount["amount"],
        enterprise=name_of(found["enterprise_id"]),
    )


@blueprint.post("/loans/<uuid:loan_id>/repay")
@for_roles(*COLLECTORS)
def repay(loan_id: UUID) -> Any:
    """Post the repayment."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    if form.text("back"):
        return _repay_form(found, form)
    body = {
        "amount": form.money("amount", found["currency"]),
        "paid_on": form.text("paid_on"),
        "channel": form.text("channel"),
        "slip": form.text("slip"),
        "hold_excess": form.flag("hold_excess"),
    }
    try:
        done = api("credit").post(f"/loans/{loan_id}/repayments", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _repay_form(found, form), problem.status
    return redirect(f"/credit/receipts/{done['id']}", 303)


@blueprint.get("/receipts/<uuid:repayment_id>")
@for_roles(*READERS)
def receipt(repayment_id: UUID) -> Any:
    """The confirmation with the number of the receipt."""
    found = api("credit").get(f"/repayments/{repayment_id}")
    return render_template("credit/receipt.html", found=found, may_print=me().has(*PAPER_READERS))


@blueprint.get("/receipts/<uuid:repayment_id>/pdf")
@for_roles(*PAPER_READERS)
def print_receipt(repayment_id: UUID) -> Any:
    """The receipt as a PDF."""
    return send(api("credit").file(f"/repayments/{repayment_id}/receipt"), inline=True)


def _disbursement(application_id: UUID, form: Form) -> Any:
    found = api("credit").get(f"/applications/{application_id}/approval")
    offer = None
    try:
        days = {"disbursed_on": form.text("disbursed_on"), "first_due": form.optional("first_due")}
        offer = api("credit").get(f"/applications/{application_id}/schedule", days)
    except Problem as problem:
        form.refused(problem)
    return render_template(
        "credit/disburse.html", found=found, form=form, offer=offer, enterprise=name_of(found["enterprise_id"])
    )


def _repay_form(found: Answer, form: Form) -> Any:
    return render_template("credit/repay.html", loan=found, form=form, enterprise=name_of(found["enterprise_id"]))
