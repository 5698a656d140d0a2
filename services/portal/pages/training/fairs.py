"""Fairs: which are to come, the groups that get ready, what each enterprise has ready, and what came of it."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.pages.training.area import READERS, TEAM, blueprint

FAIR_ITEMS = {
    "price_list": "Price list",
    "labels": "Labels and packaging",
    "samples": "Samples to taste or try",
    "stock": "Goods enough for the days",
    "stand": "Table, cloth and sign of the stand",
    "change": "Small change",
    "sales_book": "Notebook for sales, orders and contacts",
    "permits": "Permits (health, municipality)",
    "transport": "Transport there and back",
}
ITEM_STATES = {"ready": "Ready", "under_way": "Under way", "missing": "Not there yet", "not_needed": "Not needed"}
GOING = {"invited": "Invited", "confirmed": "Confirmed"}


@blueprint.get("/fairs")
@for_roles(*READERS)
def training_fairs() -> Any:
    """The fairs to come, or those that have begun."""
    form = Form({"when": "coming"} | request.args.to_dict())
    asked = {"when": form.text("when"), "after": request.args.get("after"), "limit": 25}
    try:
        answer = api("training").get("/fairs", asked)
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return _page("fairs.html", form, fairs=answer)


@blueprint.get("/fairs/<uuid:fair_id>")
@for_roles(*READERS)
def training_fair(fair_id: UUID) -> Any:
    """One fair: its groups, who is in none, and its results once it is over."""
    return _fair(fair_id, Form())


@blueprint.post("/fairs/<uuid:fair_id>/preparations")
@for_roles(*TEAM)
def prepare_fair(fair_id: UUID) -> Any:
    """Form a group of those who are chosen, or let them join one."""
    form = Form(request.form)
    chosen, joined = form.many("enterprise_ids"), form.optional("group")
    if not chosen:
        form.wrong("enterprise_ids", _("Choose at least one enterprise."))
        return _fair(fair_id, form), 422
    body: dict[str, Any] = {"enterprise_ids": chosen}
    path = f"/fair-preparations/{joined}/enterprises" if joined else f"/fairs/{fair_id}/preparations"
    if not joined:
        body["name"] = form.optional("name")
    try:
        made = api("training").post(path, body)
    except Problem as problem:
        form.refused(problem)
        return _fair(fair_id, form), problem.status
    flash(_("They are in the group. Plan its sessions before the fair, and note what each one has ready."))
    return redirect(f"/training/fair-preparations/{made['id']}", 303)


@blueprint.get("/fair-preparations/<uuid:preparation_id>")
@for_roles(*READERS)
def fair_preparation(preparation_id: UUID) -> Any:
    """One group with what each enterprise has ready."""
    found = api("training").get(f"/fair-preparations/{preparation_id}")
    asked = {"group_id": found["group_id"], "limit": 100}
    planned = api("training").get("/sessions", asked).rows
    before = [one for one in planned if not found["begins_on"] or one["first_day"] < found["begins_on"]]
    return _page("fair_preparation.html", Form(), found=found, sessions=before)


@blueprint.get("/fair-preparations/<uuid:preparation_id>/enterprises/<uuid:listed_id>")
@for_roles(*TEAM)
def fair_list(preparation_id: UUID, listed_id: UUID) -> Any:
    """The list of one enterprise, to be noted."""
    return _list(preparation_id, listed_id, None)


@blueprint.post("/fair-preparations/<uuid:preparation_id>/enterprises/<uuid:listed_id>")
@for_roles(*TEAM)
def note_fair_list(preparation_id: UUID, listed_id: UUID) -> Any:
    """Note what it has ready."""
    form = Form(request.form)
    told = {item: form.text(f"item-{item}") for item in form.many("items")}
    items = [{"item": item, "state": state} for item, state in told.items() if state]
    if not items:
        form.wrong("", _("Say of at least one thing how far it is."))
        return _list(preparation_id, listed_id, form), 422
    path = f"/fair-preparations/{preparation_id}/enterprises/{listed_id}"
    try:
        api("training").put(path, {"items": items}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _list(preparation_id, listed_id, form, changed=problem.status == CHANGED_MEANWHILE), problem.status
    flash(_("It is noted."))
    return redirect(f"/training/fair-preparations/{preparation_id}", 303)


def _fair(fair_id: UUID, form: Form) -> str:
    found = api("training").get(f"/fairs/{fair_id}")
    results = api("training").get(f"/fairs/{fair_id}/results")
    return _page("fair.html", form, fair=found, results=results)


def _list(preparation_id: UUID, listed_id: UUID, form: Form | None, *, changed: bool = False) -> str:
    found = api("training").get(f"/fair-preparations/{preparation_id}")
    row = next((one for one in found["enterprises"] if one["listed_id"] == str(listed_id)), None)
    if row is None:
        abort(404)
    noted = {f"item-{one['item']}": one["state"] or "" for one in row["noted"]}
    typed = request.form.to_dict(flat=False) if form else {}
    shown = Form(noted | typed | {"version": row["version"]})
    shown.errors.update(form.errors if form else {})
    return _page("fair_list.html", shown, found=found, row=row, changed=changed)


def _page(template: str, form: Form, **given: Any) -> str:
    words = {"FAIR_ITEMS": FAIR_ITEMS, "ITEM_STATES": ITEM_STATES, "GOING": GOING}
    return render_template(f"training/{template}", form=form, **words, **given)
