"""A round begun in one step: where, what, how many; the rest is suggested."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import TEAM, blueprint
from services.portal.pages.training.round_words import choices_of_rounds
from shared.identity import EVERYWHERE

_COUNTRIES = ["GT", "SV", "HN"]
_NUMBERS = ("minimum", "maximum", "reach_km")


@blueprint.get("/rounds/begin")
@for_roles(*TEAM)
def beginning_round() -> Any:
    """The form, with the sizes of the policy; the needs board fills in the place and a topic that meets the need."""
    choices, need = choices_of_rounds(), request.args.get("need", "")
    topics = [one["code"] for one in choices["topics"] if one["need"] == need][:1]
    sizes = {name: choices["defaults"][name] for name in _NUMBERS}
    return _begin(Form(sizes | {"unit": request.args.get("unit", "")[:6], "topics": topics}), choices)


@blueprint.post("/rounds/begin")
@for_roles(*TEAM)
def begin_round() -> Any:
    """Have groups proposed."""
    form = Form(request.form)
    body: dict[str, Any] = {"units": [form.text("unit")] if form.text("unit") else my_units()}
    body |= {"topics": form.many("topics")} | {name: form.integer(name) for name in _NUMBERS}
    body |= {"name": form.text("name")} if form.text("name") else {}
    try:
        made = api("training").post("/rounds/begun", {name: value for name, value in body.items() if value is not None})
    except Problem as problem:
        form.refused(problem, units="unit")
        return _begin(form, choices_of_rounds()), problem.status
    return redirect(f"/training/placements/{made['id']}", 303)


@blueprint.post("/rounds/<uuid:round_id>/venues/suggested")
@for_roles(*TEAM)
def suggest_round_venues(round_id: UUID) -> Any:
    """Add the venues that are suggested."""
    try:
        api("training").post(f"/rounds/{round_id}/venues/suggested", {})
    except Problem as problem:
        if problem.status not in {403, 409, 422}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("Venues are suggested. Look at each: its hours, its room and who teaches."))
    return redirect(f"/training/rounds/{round_id}", 303)


def my_units() -> list[str]:
    """Her whole territory as units."""
    units = me().scope.units
    return _COUNTRIES if EVERYWHERE in units else sorted(units)


def _begin(form: Form, choices: Any) -> str:
    return render_template("training/begin_round.html", form=form, choices=choices, places=place_choices())
