"""Dialogues on social responsibility: who was there, what they came to, what was promised."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.csr_words import CSR_READERS, PARTNER_KEEPERS, SIDES
from shared.kernel import clock

_HERE = "/csr/dialogues/<uuid:dialogue_id>"
_COUNTS = ("institutions", "women", "men")


@blueprint.get("/csr/dialogues")
@for_roles(*CSR_READERS)
def csr_dialogues() -> Any:
    """The dialogues of her territory, and the commitments that are due."""
    return _dialogues(Form(request.args))


@blueprint.post("/csr/dialogues")
@for_roles(*PARTNER_KEEPERS)
def plan_dialogue() -> Any:
    """Plan a dialogue, or write down one that was held."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("city", "title", "topics", "starts_on")}
    body["on_holiday"] = form.flag("on_holiday")
    body |= {"kind": form.text("dialogue_kind"), "unit": form.text("dialogue_unit"), "days": form.integer("days")}
    try:
        made = api("training").post("/csr-dialogues", body)
    except Problem as problem:
        form.refused(problem, kind="dialogue_kind", unit="dialogue_unit")
        return _dialogues(form), problem.status
    flash(_("It is written down. Add its partners; once it was held, what it came to."))
    return redirect(f"/training/csr/dialogues/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*CSR_READERS)
def csr_dialogue(dialogue_id: UUID) -> Any:
    """One dialogue."""
    return _dialogue(dialogue_id, Form())


@blueprint.post(_HERE)
@for_roles(*PARTNER_KEEPERS)
def describe_dialogue(dialogue_id: UUID) -> Any:
    """Put right what is said of it."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("title", "city")} | {"topics": form.text("topics") or ""}
    try:
        api("training").put(f"/csr-dialogues/{dialogue_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _dialogue(dialogue_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/training/csr/dialogues/{dialogue_id}", 303)


@blueprint.post(f"{_HERE}/<any(dates, cancellation, partners, outcome, commitments):what>")
@for_roles(*PARTNER_KEEPERS)
def change_dialogue(dialogue_id: UUID, what: str) -> Any:
    """Move it, call it off, add a partner, say what it came to and what was promised."""
    form = Form(request.form)
    told = [side for side in SIDES if any(form.text(f"{side}-{name}") for name in _COUNTS)]
    present = [{"side": side, **{name: form.integer(f"{side}-{name}") or 0 for name in _COUNTS}} for side in told]
    bodies: dict[str, dict[str, Any]] = {
        "dates": {
            "starts_on": form.text("starts_on"),
            "reason": form.text("reason"),
            "on_holiday": form.flag("on_holiday"),
        },
        "partners": {"partner_id": form.text("partner_id")},
        "outcome": {"present": present, "conclusions": form.text("conclusions")},
        "commitments": {name: form.text(name) for name in ("what", "owner", "due_on")},
    }
    renamed = {f"present-{at}-{name}": f"{side}-{name}" for at, side in enumerate(told) for name in _COUNTS}
    version = None if what == "commitments" else form.text("version")
    try:
        api("training").post(f"/csr-dialogues/{dialogue_id}/{what}", bodies.get(what), version=version)
    except Problem as problem:
        form.refused(problem, present="government-institutions", **renamed)
        return _dialogue(dialogue_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/training/csr/dialogues/{dialogue_id}", 303)


@blueprint.post(f"{_HERE}/partners/<uuid:partner_id>/removal")
@for_roles(*PARTNER_KEEPERS)
def take_from_dialogue(dialogue_id: UUID, partner_id: UUID) -> Any:
    """A partner takes no part in it after all."""
    version = Form(request.form).text("version")
    try:
        api("training").delete(f"/csr-dialogues/{dialogue_id}/partners/{partner_id}", version=version)
    except Problem as problem:
        if problem.status not in {404, CHANGED_MEANWHILE}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("It is written down."))
    return redirect(f"/training/csr/dialogues/{dialogue_id}", 303)


@blueprint.post(f"{_HERE}/commitments/<uuid:commitment_id>")
@for_roles(*PARTNER_KEEPERS)
def follow_promise(dialogue_id: UUID, commitment_id: UUID) -> Any:
    """Say what was found of a commitment, and how it stands since."""
    form = Form(request.form)
    fields = {name: f"{name}-{commitment_id}" for name in ("day", "state", "note")}
    body = {name: form.text(field) for name, field in fields.items()}
    try:
        path = f"/csr-commitments/{commitment_id}/follow-ups"
        api("training").post(path, body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **fields)
        return _dialogue(dialogue_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/training/csr/dialogues/{dialogue_id}", 303)


def _dialogues(form: Form) -> str:
    client = api("training")
    asked = {name: request.args.get(name) for name in ("unit", "kind", "state", "after")}
    try:
        found = client.get("/csr-dialogues", asked | {"limit": 25})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    due = client.get("/csr-commitments", {"state": "open", "limit": 20}).rows
    return render_template("training/csr_dialogues.html", dialogues=found, due=due, form=form, choices=choices)


def _dialogue(dialogue_id: UUID, form: Form) -> str:
    found = api("training").get(f"/csr-dialogues/{dialogue_id}")
    begun: dict[str, Any] = {name: found[name] for name in ("title", "city", "topics", "conclusions")}
    begun |= {f"{one['side']}-{name}": one[name] for one in found["present"] for name in _COUNTS}
    typed = Form(begun | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    partners = api("training").get("/csr-partners", {"limit": 200}).rows
    taking = {one["id"] for one in found["partners"]}
    return render_template(
        "training/csr_dialogue.html",
        found=found,
        form=typed,
        choices=choices,
        partner_choices=[(one["id"], one["name"]) for one in partners if one["id"] not in taking],
        may_change=me().has(*PARTNER_KEEPERS) and me().scope.covers(found["unit"]),
        today=clock.today().isoformat(),
    )
