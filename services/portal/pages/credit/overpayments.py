"""What is held for borrowers who paid too much: the register, giving it back, paying a loan with it."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.formats import money
from services.portal.frame.sending import send
from services.portal.pages.credit.area import BOOKS, COLLECTORS, READERS, REFUNDERS, TILL, blueprint, names_of
from services.portal.pages.credit.reversals import loan_numbered
from services.portal.pages.registry.codes import said

_PAPERS = tuple(role for role in READERS if role != "leda_viewer")
_CARRIED = ("amount", "channel", "reason", "loan")


@blueprint.get("/funds/<uuid:fund_id>/overpayments")
@for_roles(*BOOKS)
def overpayments(fund_id: UUID) -> Any:
    """The loans for which something is held."""
    rows = api("credit").get(f"/funds/{fund_id}/overpayments").rows
    return render_template(
        "credit/overpayments.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        rows=rows,
        names=names_of(row["enterprise_id"] for row in rows),
    )


@blueprint.get("/loans/<uuid:loan_id>/refund")
@for_roles(*REFUNDERS)
def refunding(loan_id: UUID) -> Any:
    """The form of a refund, with all that is held in it."""
    found = api("credit").get(f"/loans/{loan_id}")
    return _form(found, Form({"amount": found["held"], "channel": "cash"}), "refund")


@blueprint.get("/loans/<uuid:loan_id>/apply")
@for_roles(*COLLECTORS)
def applying(loan_id: UUID) -> Any:
    """The form to pay a loan with what is held."""
    found = api("credit").get(f"/loans/{loan_id}")
    return _form(found, Form({"amount": found["held"], "loan": found["number"]}), "apply")


@blueprint.post("/loans/<uuid:loan_id>/refund/check")
@for_roles(*REFUNDERS)
def check_refund(loan_id: UUID) -> Any:
    """Show once more what goes back."""
    return _check(loan_id, "refund")


@blueprint.post("/loans/<uuid:loan_id>/apply/check")
@for_roles(*COLLECTORS)
def check_application(loan_id: UUID) -> Any:
    """Show once more which loan is paid."""
    return _check(loan_id, "apply")


@blueprint.post("/loans/<uuid:loan_id>/refund")
@for_roles(*REFUNDERS)
def refund(loan_id: UUID) -> Any:
    """Give it back; sent twice, it is given back once."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    if form.text("back"):
        return _form(found, form, "refund")
    body = {
        "amount": form.money("amount", found["currency"]),
        "channel": form.text("channel"),
        "reason": form.text("reason"),
    }
    try:
        done = api("credit").post(f"/loans/{loan_id}/overpayments/refunds", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _form(found, form, "refund"), problem.status
    flash(_("The refund %(number)s is booked. Print its receipt and have it signed.", number=done["number"]))
    return redirect(f"/credit/loans/{loan_id}/overpayments", 303)


@blueprint.post("/loans/<uuid:loan_id>/apply")
@for_roles(*COLLECTORS)
def apply(loan_id: UUID) -> Any:
    """Pay the loan; sent twice, it is paid once."""
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    if form.text("back"):
        return _form(found, form, "apply")
    target = loan_numbered(form, "loan")
    if target is None:
        return _form(found, form, "apply"), 422
    body = {"amount": form.money("amount", found["currency"]), "target_id": target["id"]}
    try:
        done = api("credit").post(f"/loans/{loan_id}/overpayments/applications", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem, target_id="loan")
        return _form(found, form, "apply"), problem.status
    flash(_("Loan %(number)s is paid with it.", number=target["number"]))
    return redirect(f"/credit/receipts/{done['repayment_id']}", 303)


@blueprint.get("/loans/<uuid:loan_id>/overpayments")
@for_roles(*BOOKS)
def loan_overpayments(loan_id: UUID) -> Any:
    """What became of what was held for a loan."""
    return render_template(
        "credit/loan_overpayments.html",
        loan=api("credit").get(f"/loans/{loan_id}"),
        uses=api("credit").get(f"/loans/{loan_id}/overpayments").rows,
        may_print=me().has(*_PAPERS),
    )


@blueprint.get("/refunds/<uuid:use_id>/pdf")
@for_roles(*_PAPERS)
def print_refund(use_id: UUID) -> Any:
    """The receipt of a refund as a PDF."""
    return send(api("credit").file(f"/refunds/{use_id}/receipt"), inline=True)


def _check(loan_id: UUID, what: str) -> Any:
    form, found = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    amount = form.money("amount", found["currency"])
    if amount is None:
        form.wrong("amount", _("Write the amount."))
    told = [(_("Held for loan"), found["number"])]
    if what == "apply":
        target = loan_numbered(form, "loan")
        told.append((_("Loan that is paid"), target["number"] if target else ""))
    else:
        if form.text("channel") not in TILL:
            form.wrong("channel", _("Choose how it is given back."))
        told += [(_("How"), said(TILL, form.text("channel"))), (_("Reason"), form.text("reason"))]
    if form.errors or amount is None:
        return _form(found, form, what), 422
    return render_template(
        "credit/check.html",
        title=_TITLES[what],
        kicker=found["number"],
        told=[*told, (_("Amount"), money(amount))],
        trail=[(_("Credit"), "/credit"), (found["number"], f"/credit/loans/{loan_id}")],
        action=f"/credit/loans/{loan_id}/{what}",
        carried=_CARRIED,
        form=form,
        key=str(uuid4()),
    )


_TITLES = {"refund": "Give an overpayment back", "apply": "Pay a loan with an overpayment"}


def _form(found: Answer, form: Form, what: str) -> Any:
    return render_template("credit/use_overpayment.html", loan=found, form=form, what=what, title=_TITLES[what])
