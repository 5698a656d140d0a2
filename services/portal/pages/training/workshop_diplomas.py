"""Diplomas for the participants of a workshop on social responsibility: who earned one, and issuing them."""

from typing import Any
from uuid import UUID

from flask import g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, for_roles, me
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.diplomas import KINDS, LANGUAGES, STATES

STANDINGS = {
    "earned": ("Earned", "accent"),
    "has_one": ("Has it", "good"),
    "too_few_hours": ("Too few hours", ""),
    "not_completed": ("No action plan yet", ""),
    "no_name": ("Name erased", ""),
}
_HERE = "/csr/workshops/<uuid:workshop_id>/diplomas"


@blueprint.get(_HERE)
@for_roles(*READERS)
def workshop_diplomas(workshop_id: UUID) -> Any:
    """Who earned one, and the form to issue them."""
    return _shown(workshop_id, Form())


@blueprint.post(_HERE)
@for_roles(*TEAM)
def award_workshop(workshop_id: UUID) -> Any:
    """Issue them to those chosen, or to everybody who earned one."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("kind", "language", "title")}
    if chosen := form.many("participant_ids"):
        body["participant_ids"] = chosen
    try:
        batch = api("training").post(f"/csr-workshops/{workshop_id}/diplomas", body)
    except Problem as problem:
        form.refused(problem)
        return _shown(workshop_id, form), problem.status
    return redirect(f"/training/diplomas/batches/{batch['id']}", 303)


def _shown(workshop_id: UUID, form: Form) -> str:
    client = api("training")
    found = client.get(f"/csr-workshops/{workshop_id}")
    begun = {"kind": "attendance", "language": g.language, "title": found["title"]}
    typed = Form(begun | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    return render_template(
        "training/workshop_diplomas.html",
        found=found,
        earned=client.get(f"/csr-workshops/{workshop_id}/diplomas"),
        issued=client.get("/diplomas", {"subject_id": workshop_id, "limit": 200}),
        form=typed,
        may_change=me().has(*TEAM) and me().scope.covers(found["unit"]) and found["state"] == "held",
        KINDS=KINDS,
        STATES=STATES,
        STANDINGS=STANDINGS,
        LANGUAGES=LANGUAGES,
        choices=choices,
    )
