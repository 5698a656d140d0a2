"""A repayment is reversed: why, where its money is, one last look, and the counter-entry with its number."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.formats import money
from services.portal.pages.credit.area import REVERSERS, blueprint

_CARRIED = ("reason", "money", "loan")
WHERE = {
    "back": "The money goes back, or never came in",
    "moved": "The money stays: it was for another loan",
}


@blueprint.get("/receipts/<uuid:repayment_id>/reverse")
@for_roles(*REVERSERS)
def reversing(repayment_id: UUID) -> Any:
    """The form: why, and where the money is."""
    return _form(repayment_id, Form())


@blueprint.post("/receipts/<uuid:repayment_id>/reverse/check")
@for_roles(*REVERSERS)
def check_reversal(repayment_id: UUID) -> Any:
    """Show once more what is reversed."""
    form, found = Form(request.form), api("credit").get(f"/repayments/{repayment_id}")
    if not form.text("reason"):
        form.wrong("reason", _("Write the reason."))
    if form.text("money") not in WHERE:
        form.wrong("money", _("Say where the money is."))
    target = _target(form)
    if form.errors:
        return _form(repayment_id, form), 422
    told = [
        (_("Receipt"), found["number"]),
        (_("Loan"), found["loan"]),
        (_("Amount"), money(found["amount"])),
        (_("Reason"), form.text("reason")),
        (_("Where the money is"), _(WHERE[form.text("money")])),
    ]
    return render_template(
        "credit/check.html",
        title="Reverse a repayment",
        kicker=found["number"],
        told=told + ([(_("Loan it was for"), target["number"])] if target else []),
        trail=[(_("Credit"), "/credit"), (found["number"], f"/credit/receipts/{repayment_id}")],
        action=f"/credit/receipts/{repayment_id}/reverse",
        carried=_CARRIED,
        form=form,
        key=str(uuid4()),
    )


@blueprint.post("/receipts/<uuid:repayment_id>/reverse")
@for_roles(*REVERSERS)
def reverse(repayment_id: UUID) -> Any:
    """Reverse it; sent twice, it is reversed once."""
    form = Form(request.form)
    if form.text("back"):
        return _form(repayment_id, form)
    target = _target(form)
    body = {"reason": form.text("reason"), "move_to": target["id"] if target else None}
    try:
        done = api("credit").post(f"/repayments/{repayment_id}/reversal", body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem, move_to="loan")
        return _form(repayment_id, form), problem.status
    if target:
        flash(_("The payment stands on loan %(number)s now.", number=target["number"]))
        return redirect(f"/credit/loans/{target['id']}", 303)
    return redirect(f"/credit/receipts/{done['id']}", 303)


def _target(form: Form) -> Any:
    """The loan that the money was for, by its number; says what is wrong with a number that fits none."""
    if form.text("money") != "moved":
        return None
    return loan_numbered(form, "loan")


def loan_numbered(form: Form, name: str) -> Any:
    """The loan whose number stands in a field; says so where there is none."""
    wanted = form.text(name).upper()
    rows = api("credit").get("/loans", {"number": wanted, "limit": 5}).rows if wanted else []
    found = next((row for row in rows if row["number"] == wanted), None)
    if found is None:
        form.wrong(name, _("There is no loan with this number. Write it as on the promissory note."))
    return found


def _form(repayment_id: UUID, form: Form) -> Any:
    found: Answer = api("credit").get(f"/repayments/{repayment_id}")
    return render_template("credit/reverse.html", found=found, form=form, where=WHERE)
