"""Training: who needs what, proposals of groups, groups."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry.codes import CHAINS, NEEDS, choices, said
from services.portal.pages.registry.place_names import place_choices
from shared import places
from shared.identity import EVERYWHERE
from shared.kernel import clock

blueprint = Blueprint("pages_training", __name__, url_prefix="/training")

TEAM = ("trainer", "technician", "coordinator")
READERS = (*TEAM, "network_coordinator", "auditor")

_COUNTRIES = ["GT", "SV", "HN"]
_MEMBERS_LINK = ("technician", "coordinator", "network_coordinator", "auditor", "trainer")
REASONS = {
    "no_place": "Her place is not known",
    "too_many_partners": "Her enterprise has more women than a group holds",
    "too_few_near": "Too few women like her live near",
    "no_room": "The groups near her are full",
    "neighbours_placed": "Her neighbours are in other groups",
    "already_in_group": "She is in a group for this need already",
}
WHY = {
    "no_place": "Her point is missing, and too few points are known in her municipality.",
    "too_many_partners": "Her enterprise has %(women)s women, more than a group holds.",
    "too_few_near": "Such women near enough, herself included: %(near)s. Missing for a group: %(missing)s.",
    "no_room": "The groups near her (%(groups)s) are full.",
    "neighbours_placed": "Such women near enough: %(near)s. In other groups: %(placed)s. The rest do not make one.",
    "already_in_group": "She is in group %(group)s for this need already.",
}


@blueprint.get("")
@for_roles(*READERS)
def needs() -> Any:
    """The needs board: how many women of each chain wait for what."""
    form = Form(request.args)
    try:
        rows = api("training").get("/needs", {"unit": form.text("unit")}).rows
    except Problem as problem:
        form.refused(problem)
        rows = []
    return render_template("training/needs.html", board=_board(rows), rows=rows, form=form, places=place_choices())


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
        "units": [form.text("unit")] if form.text("unit") else _mine(),
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


@blueprint.get("/groups")
@for_roles(*READERS)
def groups() -> Any:
    """The groups of her territory."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in ("unit", "chain", "need")}
    try:
        answer = api("training").get("/groups", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template("training/groups.html", groups=answer, form=form, places=place_choices(), choices=choices)


@blueprint.get("/groups/<uuid:group_id>")
@for_roles(*READERS)
def group(group_id: UUID) -> Any:
    """One group with its women."""
    return _group(group_id, Form())


@blueprint.post("/groups/<uuid:group_id>")
@for_roles(*TEAM)
def rename(group_id: UUID) -> Any:
    """Give the group another name."""
    form = Form(request.form)
    try:
        api("training").patch(f"/groups/{group_id}", {"name": form.text("name")}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        changed = problem.status == CHANGED_MEANWHILE
        return _group(group_id, form, changed=changed), problem.status
    flash(_("The name is changed."))
    return redirect(f"/training/groups/{group_id}", 303)


@blueprint.post("/groups/<uuid:group_id>/completion")
@for_roles(*TEAM)
def complete(group_id: UUID) -> Any:
    """Say that its training ended, and who completed it."""
    form = Form(request.form)
    body = {"completed_on": form.text("completed_on"), "entrepreneur_ids": form.many("women")}
    try:
        api("training").post(f"/groups/{group_id}/completion", body, version=form.text("seen"))
    except Problem as problem:
        form.refused(problem, entrepreneur_ids="women")
        return _group(group_id, form), problem.status
    flash(_("It is noted who completed the training."))
    return redirect(f"/training/groups/{group_id}", 303)


def why(row: dict[str, Any]) -> str:
    """The one reason why a woman is left out, with the numbers that prove it."""
    return _(WHY[row["reason"]], **row["facts"])


def _ask(form: Form) -> str:
    return render_template("training/ask.html", form=form, places=place_choices(), choices=choices)


def _proposed(proposal_id: UUID, number: int, form: Form) -> str:
    shown = api("training").get(f"/proposals/{proposal_id}/groups/{number}")
    return render_template("training/proposed.html", group=shown, form=form)


def _group(group_id: UUID, form: Form, *, changed: bool = False) -> str:
    """The group as it is now; `changed`: under her hands, so that what she typed stands over it."""
    shown = api("training").get(f"/groups/{group_id}")
    if changed:
        form = over(shown, form)
    elif not form.text("version"):
        begun = {"name": shown["name"], "version": shown["version"], "completed_on": clock.today().isoformat()}
        if not request.form:
            begun |= {"women": [member["entrepreneur_id"] for member in shown["members"]]}
        typed = Form(begun | request.form.to_dict(flat=False))
        typed.errors.update(form.errors)
        form = typed
    return render_template("training/group.html", group=shown, form=form, changed=changed)


def _board(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for each chain that has a need, in the order of the codes, with its cells by need."""
    cells = {(row["chain"], row["need"]): row for row in rows}
    return [
        {"chain": chain, "cells": {need: cells.get((chain, need)) for need in NEEDS}}
        for chain in CHAINS
        if any((chain, need) in cells for need in NEEDS)
    ]


def _mine() -> list[str]:
    """Her whole territory as units."""
    units = me().scope.units
    return _COUNTRIES if EVERYWHERE in units else sorted(units)


def _number(text: str) -> float | str:
    """The number, or the text as it is, so that the API says what is wrong with it."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "full_name": places.full_name,
        "CHAINS": CHAINS,
        "NEEDS": NEEDS,
        "REASONS": REASONS,
        "may_form": person is not None and person.has(*TEAM),
        "may_open_records": person is not None and person.has(*_MEMBERS_LINK),
    }
