"""The cashier's desk: the drawer's balance, the totals of the day by channel, and its counts."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, for_roles
from services.portal.pages.credit.area import BOOKS, COLLECTORS, blueprint, funds
from shared.kernel import clock


@blueprint.get("/drawer")
@for_roles(*COLLECTORS)
def desk() -> Any:
    """Her drawer where there is one fund, else which fund's."""
    found = funds()
    if len(found) == 1:
        return redirect(f"/credit/funds/{found[0]['id']}/drawer", 303)
    return render_template("credit/drawers.html", funds=found)


@blueprint.get("/funds/<uuid:fund_id>/drawer")
@for_roles(*BOOKS)
def drawer(fund_id: UUID) -> Any:
    """The drawer on one day."""
    form = Form({"date": request.args.get("date") or clock.today().isoformat()})
    try:
        shown = api("credit").get(f"/funds/{fund_id}/drawer", {"date": form.text("date")})
    except Problem as problem:
        form.refused(problem)
        shown = Answer()
    status = 422 if form.errors else 200
    return render_template("credit/drawer.html", drawer=shown, fund_id=fund_id, form=form), status
