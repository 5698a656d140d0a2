"""What a credit would cost, before anybody applies."""

from typing import Any

from flask import render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, for_roles
from services.portal.pages.credit.area import READERS, blueprint, funds
from shared.kernel import clock

_ASKED = ("product", "instalments", "grace", "start", "first_due")


@blueprint.get("/quote")
@for_roles(*READERS)
def quote() -> Any:
    """The schedule that an amount would be paid back on, with what it costs a year and in all."""
    own = [one for one in funds() if one["kind"] == "revolving"]
    fund = next((one for one in own if one["id"] == request.args.get("fund")), own[0] if own else None)
    products = api("credit").get(f"/funds/{fund['id']}/products").rows if fund else []
    form = Form(request.args if "product" in request.args else _begun(products))
    offer = _offer(fund, form) if fund and "amount" in request.args else None
    return render_template("credit/quote.html", form=form, own=own, fund=fund, products=products, offer=offer)


def _begun(products: list[Any]) -> dict[str, Any]:
    product = products[0]["code"] if products else ""
    return {"product": product, "instalments": "12", "grace": "0", "start": clock.today().isoformat()}


def _offer(fund: Any, form: Form) -> Answer | None:
    """What the fund's quote says; None with the form's errors where it refuses."""
    amount = form.money("amount", fund["currency"])
    if form.errors:
        return None
    asked = {name: form.optional(name) for name in _ASKED} | {"amount": amount and amount["amount"]}
    try:
        return api("credit").get(f"/funds/{fund['id']}/quote", asked)
    except Problem as problem:
        form.refused(problem)
        return None
