"""Public hearings, dialogues of many sides, and alliances."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.territory.area import PUBLISHERS, blueprint
from services.portal.pages.territory.influence_words import ATTENDANTS, SEERS

_COUNTS = ("institutions", "women", "men")


@blueprint.get("/dialogues")
@for_roles(*SEERS)
def dialogues() -> Any:
    """The hearings, dialogues and alliances of her territory."""
    return _dialogues(Form(request.args))


@blueprint.get("/dialogues.<any(csv, xlsx):kind>")
@for_roles(*SEERS)
def dialogues_table(kind: str) -> Any:
    """The dialogues that the filter shows, as a table to be saved."""
    return send(api("territory").file("/dialogues/table", {"unit": request.args.get("unit"), "format": kind}))


@blueprint.post("/dialogues")
@for_roles(*PUBLISHERS)
def hold_dialogue() -> Any:
    """Write a hearing or a dialogue down."""
    form = Form(request.form)
    told = [kind for kind in ATTENDANTS if any(form.text(f"{kind}-{name}") for name in _COUNTS)]
    body: dict[str, Any] = {name: form.text(name) for name in ("kind", "title", "held_on", "topics")}
    participants = [{"kind": kind, **{name: form.integer(f"{kind}-{name}") or 0 for name in _COUNTS}} for kind in told]
    renamed = {f"participants-{at}-{name}": f"{kind}-{name}" for at, kind in enumerate(told) for name in _COUNTS}
    renamed |= {"participants": "women_organizations-institutions", "unit": "dialogue_unit"}
    try:
        made = api("territory").post(
            "/dialogues", body | {"unit": form.text("dialogue_unit"), "participants": participants}
        )
    except Problem as problem:
        form.refused(problem, **renamed)
        return _dialogues(form), problem.status
    flash(_("It is written down. Add what was agreed."))
    return redirect(f"/territory/dialogues/{made['id']}", 303)


@blueprint.get("/dialogues/<uuid:dialogue_id>")
@for_roles(*SEERS)
def dialogue(dialogue_id: UUID) -> Any:
    """One dialogue: who was there, and what was agreed."""
    return _dialogue(dialogue_id, Form())


@blueprint.post("/dialogues/<uuid:dialogue_id>/agreements")
@for_roles(*PUBLISHERS)
def agree(dialogue_id: UUID) -> Any:
    """Write down what was agreed."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("what", "responsible", "due_on")}
    try:
        api("territory").post(f"/dialogues/{dialogue_id}/agreements", body)
    except Problem as problem:
        form.refused(problem)
        return _dialogue(dialogue_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/territory/dialogues/{dialogue_id}", 303)


@blueprint.post("/alliances")
@for_roles(*PUBLISHERS)
def form_alliance() -> Any:
    """Write an alliance down."""
    form = Form(request.form)
    members = [line.strip() for line in form.text("members").splitlines() if line.strip()]
    body = {
        "unit": form.text("alliance_unit"),
        "name": form.text("alliance_name"),
        "purpose": form.text("purpose"),
        "agreement": form.optional("agreement"),
        "begun_on": form.text("begun_on"),
        "members": members,
    }
    renamed = {"unit": "alliance_unit", "name": "alliance_name"}
    renamed |= {f"members-{at}": "members" for at in range(len(members))}
    try:
        api("territory").post("/alliances", body)
    except Problem as problem:
        form.refused(problem, **renamed)
        return _dialogues(form), problem.status
    flash(_("The alliance is written down."))
    return redirect("/territory/dialogues#alliances", 303)


@blueprint.post("/alliances/<uuid:alliance_id>/end")
@for_roles(*PUBLISHERS)
def end_alliance(alliance_id: UUID) -> Any:
    """Write the last day of an alliance down."""
    form = Form(request.form)
    field = f"end-{alliance_id}"
    body = {"day": form.text(field)}
    try:
        api("territory").post(f"/alliances/{alliance_id}/end", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, day=field)
        return _dialogues(form), problem.status
    flash(_("It is written down."))
    return redirect("/territory/dialogues#alliances", 303)


def _dialogues(form: Form) -> str:
    unit, client = request.args.get("unit"), api("territory")
    return render_template(
        "territory/dialogues.html",
        dialogues=client.get("/dialogues", {"unit": unit, "after": request.args.get("after"), "limit": 50}),
        alliances=client.get("/alliances", {"unit": unit, "limit": 50}).rows,
        form=form,
    )


def _dialogue(dialogue_id: UUID, form: Form) -> str:
    found = api("territory").get(f"/dialogues/{dialogue_id}")
    may_write = me().has(*PUBLISHERS) and me().scope.covers(found["unit"])
    return render_template("territory/dialogue.html", found=found, form=form, may_write=may_write)
