"""What figures are compared with, and the rates that come of it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.territory.area import KEEPERS, MEASURES, READERS, blueprint

COUNTS = ("population", "economically_active", "establishments", "households")
_ASKED = ("unit", "measure", "sex", "ciiu", "per")


@blueprint.get("/data")
@for_roles(*READERS)
def data() -> Any:
    """The sets in force and the layers of her territory."""
    client = api("territory")
    sets = client.get("/denominators", {"state": "in_force", "limit": 100}).rows
    layers = client.get("/layers", {"after": request.args.get("after"), "limit": 50})
    return render_template("territory/data.html", sets=sets, layers=layers)


@blueprint.get("/data/sets/<uuid:set_id>")
@for_roles(*READERS)
def data_set(set_id: UUID) -> Any:
    """A set: its values in her territory, and of a count the rates."""
    return _set(set_id, Form())


@blueprint.get("/data/sets/<uuid:set_id>/values.csv")
@for_roles(*READERS)
def data_set_file(set_id: UUID) -> Any:
    """The values of a set as CSV."""
    return send(api("territory").file(f"/denominators/{set_id}/document", {"unit": request.args.get("unit")}))


@blueprint.get("/data/sets/<uuid:set_id>/rates.csv")
@for_roles(*READERS)
def rates_file(set_id: UUID) -> Any:
    """The rates of a set as CSV."""
    found = api("territory").get(f"/denominators/{set_id}")
    return send(api("territory").file("/rates/document", _asked(found)))


@blueprint.post("/data/sets/<uuid:set_id>/withdraw")
@for_roles(*KEEPERS)
def withdraw_set(set_id: UUID) -> Any:
    """Use a set no more."""
    form = Form(request.form)
    try:
        api("territory").post(f"/denominators/{set_id}/withdrawal", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _set(set_id, form), problem.status
    flash(_("The data are used no more."))
    return redirect("/territory/data", 303)


def _set(set_id: UUID, form: Form) -> str:
    client = api("territory")
    found = client.get(f"/denominators/{set_id}")
    rates = client.get("/rates", _asked(found)) if found["indicator"] in COUNTS else None
    values = None
    if rates is None:
        asked = {"unit": request.args.get("unit"), "after": request.args.get("after"), "limit": 100}
        values = client.get(f"/denominators/{set_id}/values", asked)
    without = [row for row in rates["rates"] if row["numerator"] == 0] if rates else []
    begun = Form(_asked(found))
    begun.errors.update(form.errors)
    return render_template(
        "territory/data_set.html", found=found, rates=rates, without=without, values=values, form=begun
    )


def _asked(found: dict[str, Any]) -> dict[str, Any]:
    """The rate that is asked for: of the inhabitants per 1,000 women, of the others per 100, unless she says so."""
    asked: dict[str, Any] = {name: request.args.get(name) for name in _ASKED}
    people = found["indicator"] == "population"
    asked["measure"] = asked["measure"] or next(iter(MEASURES))
    asked["per"] = asked["per"] or ("1000" if people else "100")
    asked["sex"] = (asked["sex"] or "women") if people else None
    asked["unit"] = asked["unit"] or _here(found["country"])
    return asked | {"indicator": found["indicator"], "year": found["year"]}


def _here(country: str) -> str | None:
    """Her territory in the country of a set."""
    scope = me().scope
    if scope.covers(country):
        return country
    return ",".join(sorted(unit for unit in scope.units if unit.startswith(country))) or None
