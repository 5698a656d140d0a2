"""The numbers that analyses judge by, and who adopted them."""

from typing import Any

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.territory.area import LIVE, PUBLISHERS, blueprint
from services.portal.pages.territory.criteria_words import KINDS, NUMBERS
from shared.kernel import clock


@blueprint.get("/criteria")
@for_roles(*LIVE)
def criteria() -> Any:
    """What holds in a place today, and all editions."""
    return _criteria(Form())


@blueprint.post("/criteria")
@for_roles(*PUBLISHERS)
def adopt_criteria() -> Any:
    """Adopt other numbers for a place from a day on."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("kind", "valid_from", "source")}
    body["unit"] = form.optional("unit")
    names = [name for name in request.form if name.startswith("values-")]
    numbers = {name.removeprefix("values-"): _number(form, name) for name in names}
    body["values"] = [{"name": name, "value": value} for name, value in numbers.items() if value is not None]
    if form.errors:
        return _criteria(form), 422
    try:
        api("territory").post("/criteria", body)
    except Problem as problem:
        form.refused(problem)
        return _criteria(form), problem.status
    flash(_("The criteria are adopted: the analyses judge by them from that day on."))
    return redirect(f"/territory/criteria?unit={body['unit'] or ''}", 303)


def _number(form: Form, name: str) -> float | None:
    text = form.text(name).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError:
        form.wrong(name, _("Write a number."))
        return None


def _criteria(form: Form) -> str:
    client, unit = api("territory"), request.args.get("unit") or None
    held = client.get("/criteria/in-force", {"unit": unit}).rows
    editions = client.get("/criteria", {"after": request.args.get("after"), "limit": 20})
    typed = request.form.to_dict() if request.method == "POST" else {}
    shown = Form({"valid_from": clock.today().isoformat(), "unit": unit or "", **typed})
    shown.errors.update(form.errors)
    chosen = request.args.get("kind")
    words = {"KINDS": KINDS, "NUMBERS": NUMBERS, "may_adopt": me().has(*PUBLISHERS), "chosen": chosen}
    return render_template("territory/criteria.html", held=held, editions=editions, form=shown, **words)
