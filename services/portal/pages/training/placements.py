"""What is done with a placement beside moving women: its groups one by one, who is left out, invitations."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, formats, language
from services.portal.pages.registry.codes import choices as listed
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.round_words import (
    REASONS,
    change,
    choices_of_rounds,
    slot_name,
    type_name,
    why,
)

_ONE = "/placements/<uuid:placement_id>"
_GROUP = f"{_ONE}/groups/<int:number>"
SAID = frozenset({403, 404, 409, 412, 422})


@blueprint.post(f"{_ONE}/stop")
@for_roles(*TEAM)
def stop_improving(placement_id: UUID) -> Any:
    """End the improvement."""
    return _done(placement_id, "/improvement/stop", {}, _("The search is ended; what it had found stays."))


@blueprint.get(_GROUP)
@for_roles(*READERS)
def placed_group(placement_id: UUID, number: int) -> Any:
    """One group with its women, to be changed and formed."""
    return _group(placement_id, number, Form())


@blueprint.post(f"{_GROUP}/exception")
@for_roles(*TEAM)
def small_group(placement_id: UUID, number: int) -> Any:
    """Let the group be smaller than the least size."""
    form, path = Form(request.form), f"/placements/{placement_id}/groups/{number}/exception"
    try:
        api("training").post(path, {"why": form.text("why")}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _group(placement_id, number, form), problem.status
    flash(_("The exception is noted in your name."))
    return redirect(f"/training/placements/{placement_id}/groups/{number}", 303)


@blueprint.post(f"{_GROUP}/confirmation")
@for_roles(*TEAM)
def form_placed(placement_id: UUID, number: int) -> Any:
    """Form the group."""
    form = Form(request.form)
    body = {"name": form.text("name")} if form.text("name") else {}
    try:
        made = api("training").post(f"/placements/{placement_id}/groups/{number}/confirmation", body)
    except Problem as problem:
        form.refused(problem)
        return _group(placement_id, number, form), problem.status
    flash(_("The group is formed. Its number is %(number)s.", number=made["number"]))
    return redirect(f"/training/groups/{made['id']}/invitations", 303)


@blueprint.get(f"{_ONE}/left-out")
@for_roles(*READERS)
def placement_left_out(placement_id: UUID) -> Any:
    """Every woman left out, with the one reason, and the groups she could be tried in."""
    client, form = api("training"), Form(request.args)
    shown = client.get(f"/placements/{placement_id}")
    asked = {name: request.args.get(name) or None for name in ("reason", "chain", "after")}
    women = client.get(f"/placements/{placement_id}/left-out", asked | {"limit": 50})
    words = words_of(shown)
    return render_template(
        "training/placement_left_out.html",
        placement=shown,
        women=women,
        form=form,
        reasons=listed(REASONS),
        why=lambda row: why(row, shown, words["choices"]),
        targets=targets_of(shown, words["choices"]),
        **words,
    )


@blueprint.get("/groups/<uuid:group_id>/invitations")
@for_roles(*READERS)
def invitations(group_id: UUID) -> Any:
    """Who is invited and what she said; who could come instead."""
    client = api("training")
    group = client.get(f"/groups/{group_id}")
    invited = client.get(f"/groups/{group_id}/invitations").rows
    waiting = client.get(f"/groups/{group_id}/replacements").rows if invited else []
    return render_template("training/invitations.html", group=group, invited=invited, waiting=waiting)


@blueprint.post("/groups/<uuid:group_id>/invitations")
@for_roles(*TEAM)
def answer_invitation(group_id: UUID) -> Any:
    """Note what a woman said, or invite one of the waiting list."""
    form, client = Form(request.form), api("training")
    try:
        if form.flag("instead"):
            client.post(f"/groups/{group_id}/replacements", {"entrepreneur_id": form.text("woman")})
        else:
            client.post(f"/groups/{group_id}/invitations/{form.text('woman')}", {"state": form.text("state")})
    except Problem as problem:
        if problem.status not in SAID:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("She is invited.") if form.flag("instead") else _("It is noted what she said."))
    return redirect(f"/training/groups/{group_id}/invitations", 303)


def effect(gained: list[int]) -> str:
    """What a move did to the placement, in words."""
    placed, groups, match, metres = gained
    told = []
    if placed:
        told.append(_("Placed, by priority: %(more)s.", more=f"{placed:+}"))
    if groups:
        told.append(_("Groups: %(more)s.", more=f"{-groups:+}"))
    if match:
        told.append(_("Match of need and type: %(more)s points.", more=f"{match:+}"))
    if metres:
        told.append(_("Travel: %(more)s km.", more=f"{-metres / 1000:+.1f}"))
    return " ".join(told) or _("Nothing else changes.")


def kept(shown: Any) -> str:
    """Of a plan made anew, how many of the confirmed women stay where they were; nothing of another placement."""
    plan = shown["replan"]
    if not plan:
        return ""
    told = {name: formats.number(plan[name], language.locale()) for name in ("stay", "move", "out")}
    return _("Keep their place: %(stay)s. Get another: %(move)s. Have none any more: %(out)s.", **told)


def _group(placement_id: UUID, number: int, form: Form) -> str:
    client = api("training")
    group = client.get(f"/placements/{placement_id}/groups/{number}")
    shown = client.get(f"/placements/{placement_id}")
    words = words_of(shown)
    targets = [target for target in targets_of(shown, words["choices"]) if target[0] != number]
    return render_template(
        "training/placed_group.html", group=group, placement=shown, form=form, targets=targets, **words
    )


def targets_of(shown: Any, choices: Any) -> list[tuple[int, str]]:
    """The groups that a woman could be moved to."""
    topics = choices["topics_named"]
    return [
        (group["number"], "{number}. {venue}, {slot}, {topic} ({women})".format(**_target(group, topics)))
        for group in shown["groups"]
        if not group["group_id"]
    ]


def _target(group: Any, topics: Any) -> dict[str, Any]:
    topic = topics.get(group["topic"], group["topic"])
    told = {name: group[name] for name in ("number", "women")}
    return told | {"venue": group["venue_name"], "slot": slot_name(group["slot"]), "topic": topic}


def words_of(shown: Any) -> dict[str, Any]:
    choices = choices_of_rounds()
    return {
        "choices": choices,
        "slot_name": slot_name,
        "type_name": type_name,
        "REASONS_OUT": REASONS,
        "effect": effect,
        "kept": kept,
        "change": lambda row: change(row, shown, choices),
    }


def _done(placement_id: UUID, path: str, body: dict[str, Any], said: str) -> Any:
    form = Form(request.form)
    try:
        api("training").post(f"/placements/{placement_id}{path}", body, version=form.optional("version"))
    except Problem as problem:
        if problem.status not in SAID:
            raise
        flash(problem.detail, "bad")
    else:
        flash(said)
    return redirect(f"/training/placements/{placement_id}", 303)
