"""The collection agenda of a territory, and what was done about one loan."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    COLLECTION_READERS,
    STAFF,
    blueprint,
    fund_choices,
    funds,
    name_of,
    names_of,
)
from shared.kernel import clock

_FILTERS = ("municipality", "fund", "officer", "todo", "state")


@blueprint.get("/collection")
@for_roles(*COLLECTION_READERS)
def collection_agenda() -> Any:
    """The loans that are overdue today, written off or not, by what is to be done about each."""
    asked = {name: request.args.get(name, "")[:100] for name in _FILTERS}
    form = Form(request.args)
    try:
        found = api("credit").get("/collection/agenda", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer({"rows": [], "count": 0, "overdue": [], "written_off": [], "by_todo": []})
    officers = api("credit").get("/collection/officers").rows
    return render_template(
        "credit/collection.html",
        found=found,
        form=form,
        names=names_of(row["enterprise_id"] for row in found["rows"]),
        funds=fund_choices(funds()),
        officers=[(row["id"], row["name"]) for row in officers],
    ), 422 if form.errors else 200


@blueprint.get("/loans/<uuid:loan_id>/collection")
@for_roles(*COLLECTION_READERS)
def loan_collection(loan_id: UUID) -> Any:
    """What was done about a loan, and a form for the next action."""
    return _page(loan_id, Form({"done_on": clock.today().isoformat()}))


@blueprint.post("/loans/<uuid:loan_id>/collection")
@for_roles(*STAFF)
def note_collection(loan_id: UUID) -> Any:
    """Note what was done."""
    form, loan = Form(request.form), api("credit").get(f"/loans/{loan_id}")
    for name, sentence in (("kind", _("Say what was done.")), ("result", _("Say with which result."))):
        if not form.text(name):
            form.wrong(name, sentence)
    body = {
        "kind": form.text("kind"),
        "result": form.text("result"),
        "note": form.text("note"),
        "done_on": form.text("done_on"),
        "promised_on": form.optional("promised_on"),
        "promised_amount": form.money("promised_amount", loan["currency"]),
        "next_on": form.optional("next_on"),
    }
    if form.errors:
        return _page(loan_id, form), 422
    try:
        api("credit").post(f"/loans/{loan_id}/collection", body)
    except Problem as problem:
        form.refused(problem)
        return _page(loan_id, form), problem.status
    flash(_("It is noted."))
    return redirect(f"/credit/loans/{loan_id}/collection", 303)


@blueprint.get("/loans/<uuid:loan_id>/reminder")
@for_roles(*STAFF)
def reminder(loan_id: UUID) -> Any:
    """The letter of reminder as a PDF."""
    return send(api("credit").file(f"/loans/{loan_id}/reminder"), inline=True)


def _page(loan_id: UUID, form: Form) -> Any:
    loan = api("credit").get(f"/loans/{loan_id}")
    return render_template(
        "credit/loan_collection.html",
        loan=loan,
        enterprise=name_of(loan["enterprise_id"]),
        actions=api("credit").get(f"/loans/{loan_id}/collection").rows,
        form=form,
    )
