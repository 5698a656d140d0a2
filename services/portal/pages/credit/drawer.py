"""The cashier's desk: the drawer's balance, the totals of the day by kind and by channel, and its counts."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.credit.area import BOOKS, COLLECTORS, MOVEMENTS, blueprint, funds
from services.portal.pages.registry.codes import said
from shared.kernel import clock

PAID_KINDS = {
    "principal": "Principal",
    "interest": "Interest",
    "penalty": "Late charge",
    "fee": "Fees",
    "recovery": "Recoveries of what was written off",
    "excess": "Excess, held for who paid it",
}


def drawer_steps(drawer: Answer) -> list[dict[str, Any]]:
    """What leads from the balance of the morning to that of the evening, and what was counted last."""
    cash = [(said(PAID_KINDS, row["kind"]), row["cash"]) for row in drawer["kinds"] if row["cash"]["amount"] != "0.00"]
    other = [(said(MOVEMENTS, row["kind"]), row["amount"]) for row in drawer["movements"] if not row["repayments"]]
    ends = [(_("At the end of the day, by the books (account 1102)"), drawer["closing"])]
    if drawer["counts"]:
        ends.append((_("Counted last"), drawer["counts"][-1]["counted"]))
    steps = [(_("In the drawer in the morning"), drawer["opening"]), *cash, *other, *ends]
    return [{"label": label, "amount": amount} for label, amount in steps]


@blueprint.context_processor
def drawers() -> dict[str, Any]:
    """What the cash desk's page says."""
    return {"PAID_KINDS": PAID_KINDS, "drawer_steps": drawer_steps}


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
