"""Proposals of groups, asked for and looked at."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.codes import choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, WHY, blueprint
from shared.identity import EVERYWHERE

_COUNTRIES = ["GT", "SV", "HN"]


@blueprint.get("/proposals")
@for_roles(*READERS)
def proposals() -> Any:
    """The proposals made so far."""
    answer = api("training").get("/proposals", {"after": request.args.get("after"), "limit": 25})
    return render_template("training/proposals.html", proposals=answer)


@blueprint.get("/proposals/new")
@for_roles(*TEAM)
def asking() -> Any:
    """The form to ask for groups; the needs board fills in chain and need."""
    begun = {"minimum": "6", "maximum": "30", "diameter_km": "30"}
    asked = {name: request.args.get(name, "")[:40] for name in ("unit", "chain", "need")}
    return _ask(Form(begun | asked))


@blueprint.post("/proposals/new")
@for_roles(*TEAM)
def propose() -> Any:
    """Have groups proposed."""
    form = Form(request.form)
    body = {
        "units": [form.text("unit")] if form.text("unit") else my_units(),
        "minimum": form.integer("minimum"),
        "maximum": form.integer("maximum"),
        "diameter_km": _number(form.text("diameter_km")),
    }
    body |= {name: form.text(name) for name in ("chain", "need") if form.text(name)}
    try:
        made = api("training").post("/proposals", body)
    except Problem as problem:
        form.refused(problem, units="unit")
        return _ask(form), problem.status
    return redirect(f"/training/proposals/{made['id']}", 303)


@blueprint.get("/proposals/<uuid:proposal_id>")
@for_roles(*READERS)
def proposal(proposal_id: UUID) -> Any:
    """One proposal: its groups, and why the others are left out."""
    shown = api("training").get(f"/proposals/{proposal_id}")
    return render_template("training/proposal.html", proposal=shown)


@blueprint.get("/proposals/<uuid:proposal_id>/left-out")
@for_roles(*READERS)
def left_out(proposal_id: UUID) -> Any:
    """Every woman left out, with the one reason."""
    asked = {name: request.args.get(name) for name in ("reason", "after")}
    women = api("training").get(f"/proposals/{proposal_id}/left-out", asked | {"limit": 50})
    return render_template(
        "training/left_out.html", proposal_id=proposal_id, women=women, form=Form(request.args), why=why
    )


@blueprint.get("/proposals/<uuid:proposal_id>/groups/<int:number>")
@for_roles(*READERS)
def proposed(proposal_id: UUID, number: int) -> Any:
    """One proposed group: look at its women before it is formed."""
    return _proposed(proposal_id, number, Form())


@blueprint.post("/proposals/<uuid:proposal_id>/groups/<int:number>")
@for_roles(*TEAM)
def confirm(proposal_id: UUID, number: int) -> Any:
    """Form the group."""
    form = Form(request.form)
    body = {"name": form.text("name")} if form.text("name") else {}
    try:
        group = api("training").post(f"/proposals/{proposal_id}/groups/{number}/confirmation", body)
    except Problem as problem:
        form.refused(problem)
        return _proposed(proposal_id, number, form), problem.status
    flash(_("The group is formed. Its number is %(number)s.", number=group["number"]))
    return redirect(f"/training/groups/{group['id']}", 303)


def why(row: dict[str, Any]) -> str:
    """The one reason why a woman is left out, with the numbers that prove it."""
    return _(WHY[row["reason"]], **row["facts"])


def _ask(form: Form) -> str:
    return render_template("training/ask.html", form=form, places=place_choices(), choices=choices)


def _proposed(proposal_id: UUID, number: int, form: Form) -> str:
    shown = api("training").get(f"/proposals/{proposal_id}/groups/{number}")
    return render_template("training/proposed.html", group=shown, form=form)


def my_units() -> list[str]:
    """Her whole territory as units."""
    units = me().scope.units
    return _COUNTRIES if EVERYWHERE in units else sorted(units)


def _number(text: str) -> float | str:
    """The number, or the text as it is, so that the API says what is wrong with it."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text
