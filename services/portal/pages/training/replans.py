"""A round planned anew: who would move from where to where, looked at before it is carried out."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.placements import SAID, words_of

_CHANGES = "/placements/<uuid:placement_id>/changes"


@blueprint.post("/rounds/<uuid:round_id>/replan")
@for_roles(*TEAM)
def replan_round(round_id: UUID) -> Any:
    """Plan the round anew, going on from its formed groups."""
    try:
        made = api("training").post(f"/rounds/{round_id}/placements", {"keep": True})
    except Problem as problem:
        if problem.status not in SAID:
            raise
        flash(problem.detail, "bad")
        return redirect(f"/training/rounds/{round_id}", 303)
    return redirect(f"/training/placements/{made['id']}", 303)


@blueprint.get(_CHANGES)
@for_roles(*READERS)
def replan_changes(placement_id: UUID) -> Any:
    """Who would not keep her place, with what it was and what it would be; or who would."""
    client = api("training")
    shown = client.get(f"/placements/{placement_id}")
    who = "staying" if request.args.get("who") == "staying" else "moving"
    rows = client.get(
        f"/placements/{placement_id}/changes", {"who": who, "after": request.args.get("after"), "limit": 50}
    )
    return render_template("training/replan_changes.html", placement=shown, changes=rows, who=who, **words_of(shown))


@blueprint.post(_CHANGES)
@for_roles(*TEAM)
def carry_out_replan(placement_id: UUID) -> Any:
    """Carry the plan out."""
    form, address = Form(request.form), f"/training/placements/{placement_id}"
    try:
        api("training").post(f"/placements/{placement_id}/carrying-out", {}, version=form.text("version"))
    except Problem as problem:
        if problem.status not in SAID:
            raise
        flash(problem.detail, "bad")
        return redirect(f"{address}/changes", 303)
    flash(_("The plan is carried out. Who has another place is invited anew: tell each of them."))
    return redirect(address, 303)
