"""A fund is opened, and its reserve changed."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.credit.area import GOVERNORS, blueprint
from shared import places
from shared.kernel import COUNTRY_CURRENCY, CURRENCIES

RESERVERS = (*GOVERNORS, "trust_fund_member")
_TEXTS = ("code", "name", "kind", "centre", "host", "trustee", "trustee_account", "currency")


@blueprint.get("/funds/new")
@for_roles(*GOVERNORS)
def opening() -> Any:
    """The form of a new fund, in the currency of her country."""
    currency = COUNTRY_CURRENCY.get(me().country or "", CURRENCIES[0])
    return _open_form(Form({"currency": currency, "kind": "revolving", "centre": me().centre}))


@blueprint.post("/funds/new")
@for_roles(*GOVERNORS)
def open_fund() -> Any:
    """Open it."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in _TEXTS}
    body |= {"units": form.many("units"), "reserve": form.money("reserve", form.text("currency"))}
    try:
        done = api("credit").post("/funds", body)
    except Problem as problem:
        form.refused(problem, **{f"units-{number}": "units" for number in range(50)})
        return _open_form(form), problem.status
    flash(_("The fund is open. Record the first contribution once it has reached the trustee."))
    return redirect(f"/credit/funds/{done['id']}/funding", 303)


@blueprint.get("/funds/<uuid:fund_id>/reserve")
@for_roles(*RESERVERS)
def reserve(fund_id: UUID) -> Any:
    """The form with the reserve of today."""
    fund = api("credit").get(f"/funds/{fund_id}")
    return _reserve_form(fund, Form({"reserve": fund["reserve"], "version": fund["version"]}))


@blueprint.post("/funds/<uuid:fund_id>/reserve")
@for_roles(*RESERVERS)
def change_reserve(fund_id: UUID) -> Any:
    """Change it, unless somebody else did meanwhile."""
    form, fund = Form(request.form), api("credit").get(f"/funds/{fund_id}")
    body = {"reserve": form.money("reserve", fund["currency"])}
    try:
        api("credit").patch(f"/funds/{fund_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _reserve_form(fund, form), problem.status
    flash(_("The reserve is changed."))
    return redirect(f"/credit/funds/{fund_id}", 303)


def _open_form(form: Form) -> Any:
    return render_template(
        "credit/open_fund.html", form=form, units=_units(), currencies=[(code, code) for code in CURRENCIES]
    )


def _units() -> list[tuple[str, str]]:
    """What she works in, and one level below it."""
    mine = [unit for unit in me().scope.units if unit in places.names()] or sorted(COUNTRY_CURRENCY)
    within = {code for code in places.names() for unit in mine if code.startswith(unit) and len(code) <= len(unit) + 2}
    return [(code, places.in_full(code)) for code in sorted(within)]


def _reserve_form(fund: Answer, form: Form) -> Any:
    return render_template("credit/reserve.html", fund=fund, form=form)
