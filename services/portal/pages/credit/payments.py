"""Files of payments: brought in, read column by column, looked at line by line, posted; and the lines that wait."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.formats import day, money
from services.portal.frame.language import locale
from services.portal.pages.credit.area import COLLECTORS, PAYMENT_READERS, PAYMENT_SOURCES, blueprint, name_of
from services.portal.pages.credit.reversals import loan_numbered

COLUMNS = ("date", "amount", "reference", "transaction", "payer", "charge", "currency")


@blueprint.get("/funds/<uuid:fund_id>/payments")
@for_roles(*PAYMENT_READERS)
def payment_files(fund_id: UUID) -> Any:
    """The files so far, a form for the next one, and what waits for a hand."""
    return _files(fund_id, Form({"source": "bank"}))


@blueprint.post("/funds/<uuid:fund_id>/payments")
@for_roles(*COLLECTORS)
def bring_payments(fund_id: UUID) -> Any:
    """Hand a file to credit, which guesses its columns."""
    form, file = Form(request.form), request.files.get("file")
    if form.text("source") not in PAYMENT_SOURCES:
        form.wrong("source", _("Say who made the file."))
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file of payments."))
    if form.errors or file is None:
        return _files(fund_id, form), 422
    try:
        received = api("credit").upload(
            f"/funds/{fund_id}/payment-files",
            {"source": form.text("source")},
            name=file.filename or "",
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
        )
    except Problem as problem:
        form.refused(problem)
        return _files(fund_id, form), problem.status
    return redirect(f"/credit/funds/{fund_id}/payments/{received['id']}", 303)


@blueprint.get("/funds/<uuid:fund_id>/payments/<uuid:file_id>")
@for_roles(*PAYMENT_READERS)
def payment_file(fund_id: UUID, file_id: UUID) -> Any:
    """Its columns while they are guessed; then line by line what would become of it, or became."""
    return _file(fund_id, file_id, None)


@blueprint.post("/funds/<uuid:fund_id>/payments/<uuid:file_id>/columns")
@for_roles(*COLLECTORS)
def read_payment_columns(fund_id: UUID, file_id: UUID) -> Any:
    """Have the lines read with these columns."""
    form = Form(request.form)
    body = {
        "begins": form.integer("begins"),
        "day_first": form.text("day_first") == "yes",
        **{name: form.integer(name) for name in COLUMNS},
    }
    try:
        api("credit").post(f"/funds/{fund_id}/payment-files/{file_id}/columns", body)
    except Problem as problem:
        form.refused(problem)
        return _file(fund_id, file_id, form), problem.status
    return redirect(f"/credit/funds/{fund_id}/payments/{file_id}", 303)


@blueprint.post("/funds/<uuid:fund_id>/payments/<uuid:file_id>/post")
@for_roles(*COLLECTORS)
def post_payment_file(fund_id: UUID, file_id: UUID) -> Any:
    """Have the lines posted that can be; sent twice, each is posted once."""
    form = Form(request.form)
    try:
        api("credit").post(f"/funds/{fund_id}/payment-files/{file_id}/posting", {}, key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _file(fund_id, file_id, form), problem.status
    flash(_("The payments are being posted; it is done in a moment. Load the page again to see the receipts."))
    return redirect(f"/credit/funds/{fund_id}/payments/{file_id}", 303)


@blueprint.post("/funds/<uuid:fund_id>/payments/<uuid:file_id>/take-back")
@for_roles(*COLLECTORS)
def take_payments_back(fund_id: UUID, file_id: UUID) -> Any:
    """Take the whole file back."""
    try:
        api("credit").remove(f"/funds/{fund_id}/payment-files/{file_id}")
    except Problem as problem:
        form = Form()
        form.refused(problem)
        return _file(fund_id, file_id, form), problem.status
    flash(_("The file is taken back."))
    return redirect(f"/credit/funds/{fund_id}/payments", 303)


@blueprint.get("/funds/<uuid:fund_id>/payment-lines/<uuid:line_id>")
@for_roles(*COLLECTORS)
def payment_line(fund_id: UUID, line_id: UUID) -> Any:
    """One line that waits: to be assigned to a loan, or dismissed."""
    return _line(fund_id, line_id, Form())


@blueprint.post("/funds/<uuid:fund_id>/payment-lines/<uuid:line_id>/assign/check")
@for_roles(*COLLECTORS)
def check_assignment(fund_id: UUID, line_id: UUID) -> Any:
    """Show once more whose loan it pays, and what comes of it."""
    form = Form(request.form)
    target = loan_numbered(form, "loan")
    line = api("credit").get(f"/funds/{fund_id}/payment-lines/{line_id}")
    if target is None or line["state"] != "waiting":
        return _line(fund_id, line_id, form), 422
    loan, here = api("credit").get(f"/loans/{target['id']}"), f"/credit/funds/{fund_id}/payment-lines/{line_id}"
    named = name_of(loan["enterprise_id"])
    told = [
        (_("Loan"), loan["number"]),
        (_("Who pays, by the file"), line["payer"] or line["reference"]),
        (_("Day of the payment"), day(line["day"], locale(), "long")),
        (_("Amount"), money(line["amount"])),
        (_("Due today"), money(loan["due_now"])),
    ]
    return render_template(
        "credit/check.html",
        title=_("Check whose loan it pays"),
        lead=named.owners or named.name,
        kicker=line["transaction"],
        told=told,
        follows=_(
            "The payment is posted to this loan with a receipt; what is above what she owes is held for her. From now "
            "on payments with this reference go to this loan by themselves. A mistake is put right by a reversal."
        ),
        button=_("Post it and give the receipt"),
        trail=[(_("Credit"), "/credit"), (_("Payment that waits"), here)],
        action=f"{here}/assign",
        carried=("loan",),
        form=form,
        key=str(uuid4()),
    )


@blueprint.post("/funds/<uuid:fund_id>/payment-lines/<uuid:line_id>/assign")
@for_roles(*COLLECTORS)
def assign_payment(fund_id: UUID, line_id: UUID) -> Any:
    """Post it to the loan that it means; sent twice, it is posted once."""
    form = Form(request.form)
    if form.text("back"):
        return _line(fund_id, line_id, form)
    target = loan_numbered(form, "loan")
    if target is None:
        return _line(fund_id, line_id, form), 422
    path, body = f"/funds/{fund_id}/payment-lines/{line_id}/assignment", {"loan_id": target["id"]}
    try:
        done = api("credit").post(path, body, key=form.text("key"))
    except Problem as problem:
        form.refused(problem, loan_id="loan", paid_on="loan")
        return _line(fund_id, line_id, form), problem.status
    return redirect(f"/credit/receipts/{done['id']}", 303)


@blueprint.post("/funds/<uuid:fund_id>/payment-lines/<uuid:line_id>/dismiss")
@for_roles(*COLLECTORS)
def dismiss_payment(fund_id: UUID, line_id: UUID) -> Any:
    """Say that it pays no loan, and why."""
    form = Form(request.form)
    if not form.text("reason"):
        form.wrong("reason", _("Write the reason."))
        return _line(fund_id, line_id, form), 422
    try:
        api("credit").post(f"/funds/{fund_id}/payment-lines/{line_id}/dismissal", {"reason": form.text("reason")})
    except Problem as problem:
        form.refused(problem)
        return _line(fund_id, line_id, form), problem.status
    flash(_("The line is dismissed."))
    return redirect(f"/credit/funds/{fund_id}/payments", 303)


def _files(fund_id: UUID, form: Form) -> Any:
    return render_template(
        "credit/payments.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        files=api("credit").get(f"/funds/{fund_id}/payment-files").rows,
        waiting=api("credit").get(f"/funds/{fund_id}/payment-lines").rows,
        form=form,
    )


def _file(fund_id: UUID, file_id: UUID, form: Form | None) -> Any:
    found = api("credit").get(f"/funds/{fund_id}/payment-files/{file_id}")
    if found["state"] == "guessed":
        return _columns(found, form)
    return render_template("credit/payment_file.html", found=found, form=form or Form(), key=str(uuid4()))


def _columns(found: Answer, form: Form | None) -> Any:
    layout = found["layout"]
    titles = [(number, f"{number + 1}. {title}") for number, title in enumerate(layout["titles"])]
    guessed = {name: layout[name] for name in ("begins", *COLUMNS)}
    return render_template(
        "credit/payment_columns.html",
        found=found,
        titles=titles,
        form=form or Form(guessed | {"day_first": "yes" if layout["day_first"] else "no"}),
    )


def _line(fund_id: UUID, line_id: UUID, form: Form) -> Any:
    return render_template(
        "credit/payment_line.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        line=api("credit").get(f"/funds/{fund_id}/payment-lines/{line_id}"),
        form=form,
        key=str(uuid4()),
    )
