"""Statements of the trustee: brought in, read column by column, and laid beside the books."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.credit.area import RECORDERS, STATEMENT_READERS, blueprint

COLUMNS = ("date", "description", "amount", "debit", "credit", "balance")
_AT_ONCE = 100
"""Lines to confirm on one page."""


@blueprint.get("/funds/<uuid:fund_id>/statements")
@for_roles(*STATEMENT_READERS)
def trustee_statements(fund_id: UUID) -> Any:
    """The statements so far, and a form for the next one."""
    return _statements(fund_id, Form())


@blueprint.post("/funds/<uuid:fund_id>/statements")
@for_roles(*RECORDERS)
def bring_statement(fund_id: UUID) -> Any:
    """Hand a file to credit, which guesses its columns."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file of the statement."))
        return _statements(fund_id, form), 422
    try:
        received = api("credit").upload(
            f"/funds/{fund_id}/statements",
            name=file.filename,
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
        )
    except Problem as problem:
        form.refused(problem)
        return _statements(fund_id, form), problem.status
    return redirect(f"/credit/funds/{fund_id}/statements/{received['id']}", 303)


@blueprint.get("/funds/<uuid:fund_id>/statements/<uuid:statement_id>")
@for_roles(*STATEMENT_READERS)
def trustee_statement(fund_id: UUID, statement_id: UUID) -> Any:
    """Its columns while they are guessed; then its lines beside the books."""
    return _statement(fund_id, statement_id, None)


@blueprint.post("/funds/<uuid:fund_id>/statements/<uuid:statement_id>/columns")
@for_roles(*RECORDERS)
def read_columns(fund_id: UUID, statement_id: UUID) -> Any:
    """Have the lines read with these columns."""
    form = Form(request.form)
    fund = api("credit").get(f"/funds/{fund_id}")
    body = {
        "begins": form.integer("begins"),
        "day_first": form.text("day_first") == "yes",
        **{name: form.integer(name) for name in COLUMNS},
        "closing_balance": form.money("closing_balance", fund["currency"]),
    }
    try:
        done = api("credit").post(f"{_path(fund_id, statement_id)}/columns", body)
    except Problem as problem:
        form.refused(problem)
        return _statement(fund_id, statement_id, form), problem.status
    flash(_("The lines are read: %(count)s new, %(known)s known already.", count=done["lines"], known=done["repeated"]))
    return _back(fund_id, statement_id)


@blueprint.post("/funds/<uuid:fund_id>/statements/<uuid:statement_id>/matches")
@for_roles(*RECORDERS)
def confirm_matches(fund_id: UUID, statement_id: UUID) -> Any:
    """Confirm the pairs that were chosen; a line without a movement is left for later."""
    form = Form(request.form)
    pairs = [
        {"line_id": name.removeprefix("entry-"), "entry_id": form.text(name)}
        for name in request.form
        if name.startswith("entry-") and form.text(name)
    ]
    if not pairs:
        form.wrong("", _("Choose for at least one line the movement that it is."))
        return _statement(fund_id, statement_id, form), 422
    return _done(fund_id, statement_id, form, "/matches", {"pairs": pairs})


@blueprint.post("/funds/<uuid:fund_id>/statements/<uuid:statement_id>/lines/<uuid:line_id>/book")
@for_roles(*RECORDERS)
def book_line(fund_id: UUID, statement_id: UUID, line_id: UUID) -> Any:
    """Book what only the bank knew; sent twice, it is booked once."""
    form = Form(request.form)
    body = {"item": form.text("item")}
    return _done(fund_id, statement_id, form, f"/lines/{line_id}/booking", body, key=form.text("key"))


@blueprint.post("/funds/<uuid:fund_id>/statements/<uuid:statement_id>/lines/<uuid:line_id>/release")
@for_roles(*RECORDERS)
def release_line(fund_id: UUID, statement_id: UUID, line_id: UUID) -> Any:
    """Undo the confirmation of a line."""
    try:
        api("credit").remove(f"{_path(fund_id, statement_id)}/matches/{line_id}")
    except Problem as problem:
        form = Form()
        form.refused(problem)
        return _statement(fund_id, statement_id, form), problem.status
    return _back(fund_id, statement_id)


@blueprint.post("/funds/<uuid:fund_id>/statements/<uuid:statement_id>/take-back")
@for_roles(*RECORDERS)
def take_back(fund_id: UUID, statement_id: UUID) -> Any:
    """Take the whole statement back."""
    try:
        api("credit").remove(_path(fund_id, statement_id))
    except Problem as problem:
        form = Form()
        form.refused(problem)
        return _statement(fund_id, statement_id, form), problem.status
    flash(_("The statement is taken back."))
    return redirect(f"/credit/funds/{fund_id}/statements", 303)


def _done(fund_id: UUID, statement_id: UUID, form: Form, path: str, body: Any, key: str | None = None) -> Any:
    try:
        api("credit").post(f"{_path(fund_id, statement_id)}{path}", body, key=key)
    except Problem as problem:
        form.refused(problem)
        return _statement(fund_id, statement_id, form), problem.status
    return _back(fund_id, statement_id)


def _path(fund_id: UUID, statement_id: UUID) -> str:
    return f"/funds/{fund_id}/statements/{statement_id}"


def _back(fund_id: UUID, statement_id: UUID) -> Any:
    return redirect(f"/credit/funds/{fund_id}/statements/{statement_id}", 303)


def _statements(fund_id: UUID, form: Form) -> Any:
    return render_template(
        "credit/statements.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        statements=api("credit").get(f"/funds/{fund_id}/statements").rows,
        form=form,
    )


def _statement(fund_id: UUID, statement_id: UUID, form: Form | None) -> Any:
    path = _path(fund_id, statement_id)
    found = api("credit").get(path)
    if found["state"] == "guessed":
        return _columns(found, form)
    told = api("credit").get(f"{path}/reconciliation")
    waiting = [line for line in told["rows"] if line["entry"] is None]
    return render_template(
        "credit/reconciliation.html",
        told=told,
        form=form or Form(),
        choosing=[line for line in waiting if line["candidates"]][:_AT_ONCE],
        alone=[line for line in waiting if not line["candidates"]],
        confirmed=[line for line in told["rows"] if line["entry"]],
        keys={line["id"]: str(uuid4()) for line in waiting},
    )


def _columns(found: Answer, form: Form | None) -> Any:
    layout = found["layout"]
    titles = [(number, f"{number + 1}. {title}") for number, title in enumerate(layout["titles"])]
    guessed = {name: layout[name] for name in ("begins", *COLUMNS)}
    return render_template(
        "credit/statement_columns.html",
        found=found,
        titles=titles,
        form=form or Form(guessed | {"day_first": "yes" if layout["day_first"] else "no"}),
    )
