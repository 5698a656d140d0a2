"""The books of a fund as of any day."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, for_roles
from services.portal.pages.credit.area import BOOKS, blueprint
from shared.kernel import clock


@blueprint.get("/funds/<uuid:fund_id>/books")
@for_roles(*BOOKS)
def books(fund_id: UUID) -> Any:
    """The trial balance and the balance sheet of a day, and whether everything agrees."""
    form = Form({"date": request.args.get("date") or clock.today().isoformat()})
    try:
        shown = api("credit").get(f"/funds/{fund_id}/books", {"date": form.text("date")})
    except Problem as problem:
        form.refused(problem)
        shown = Answer()
    status = 422 if form.errors else 200
    return render_template("credit/books.html", books=shown, fund_id=fund_id, form=form), status
