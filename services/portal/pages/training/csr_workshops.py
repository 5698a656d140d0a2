"""Workshops on social responsibility: planned, registered for, held."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.csr_words import CSR_READERS, REPORT_READERS
from shared.kernel import clock

_HERE = "/csr/workshops/<uuid:workshop_id>"
_REACHED = ("email", "phone")
_DESCRIBED = ("city", "title", "topics", "capacity")


@blueprint.get("/csr")
@for_roles(*REPORT_READERS)
def csr() -> Any:
    """The workshops of her territory; who sees only reports is led to the report."""
    if not me().has(*CSR_READERS):
        return redirect("/training/csr/report", 303)
    form = Form(request.args)
    asked = {"unit": form.text("unit"), "state": form.text("state")}
    try:
        found = api("training").get("/csr-workshops", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("training/csr_workshops.html", workshops=found, form=form, choices=choices)


@blueprint.get("/csr/workshops/new")
@for_roles(*TEAM)
def new_workshop() -> Any:
    """The form to plan a workshop."""
    return _new(Form({"title": _("From awareness to action: social responsibility in small firms")}))


@blueprint.post("/csr/workshops/new")
@for_roles(*TEAM)
def plan_workshop() -> Any:
    """Plan a workshop."""
    form = Form(request.form)
    body = _described(form) | {"unit": form.text("unit"), **_date(form)}
    try:
        made = api("training").post("/csr-workshops", body)
    except Problem as problem:
        form.refused(problem)
        return _new(form), problem.status
    flash(_("The workshop is planned. Add its partners, and let firms register."))
    return redirect(f"/training/csr/workshops/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*CSR_READERS)
def workshop(workshop_id: UUID) -> Any:
    """One workshop."""
    return _workshop(workshop_id, Form())


@blueprint.post(_HERE)
@for_roles(*TEAM)
def describe_workshop(workshop_id: UUID) -> Any:
    """Put right what is said of it."""
    form = Form(request.form)
    try:
        api("training").put(f"/csr-workshops/{workshop_id}", _described(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _workshop(workshop_id, form), problem.status
    flash(_("The workshop is changed."))
    return redirect(f"/training/csr/workshops/{workshop_id}", 303)


@blueprint.post(f"{_HERE}/<any(dates, holding, cancellation, partners, materials, registration):what>")
@for_roles(*TEAM)
def change_workshop(workshop_id: UUID, what: str) -> Any:
    """Move it, say that it was held or is called off, add a partner or a material, let firms register."""
    form = Form(request.form)
    bodies: dict[str, dict[str, Any]] = {
        "dates": {"reason": form.text("reason"), **_date(form)},
        "partners": {"partner_id": form.text("partner_id")},
        "materials": {
            "title": form.text("material"),
            "address": form.text("address"),
            "library_id": form.optional("library_id"),
        },
        "registration": {"until": form.text("until")},
    }
    try:
        path = f"/csr-workshops/{workshop_id}/{what}"
        api("training").post(path, bodies.get(what), version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **({"title": "material"} if what == "materials" else {}))
        return _workshop(workshop_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/training/csr/workshops/{workshop_id}", 303)


@blueprint.post(f"{_HERE}/<any(partners, materials):what>/<uuid:part_id>/removal")
@for_roles(*TEAM)
def take_from_workshop(workshop_id: UUID, what: str, part_id: UUID) -> Any:
    """Take a partner or a material off it."""
    return _removed(workshop_id, f"/csr-workshops/{workshop_id}/{what}/{part_id}")


@blueprint.post(f"{_HERE}/registration/closing")
@for_roles(*TEAM)
def close_registration(workshop_id: UUID) -> Any:
    """Let nobody register any more."""
    return _removed(workshop_id, f"/csr-workshops/{workshop_id}/registration")


@blueprint.get(f"{_HERE}/participants")
@for_roles(*READERS)
def participants(workshop_id: UUID) -> Any:
    """Who is registered."""
    return _participants(workshop_id, Form())


@blueprint.post(f"{_HERE}/participants")
@for_roles(*TEAM)
def register_participant(workshop_id: UUID) -> Any:
    """Register somebody, for a firm that is known or for a new one."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("name", "sex")}
    body |= {name: form.optional(name) for name in _REACHED}
    known = form.optional("sme_id")
    told = {"name": "firm", "unit": "unit", "city": "city", "sector": "sector", "size": "size"}
    body |= {"sme_id": known} if known else {"sme": {field: form.text(name) for field, name in told.items()}}
    try:
        api("training").post(f"/csr-workshops/{workshop_id}/participants", body)
    except Problem as problem:
        form.refused(problem, **{f"sme-{field}": name for field, name in told.items()})
        return _participants(workshop_id, form), problem.status
    flash(_("She is registered."))
    return redirect(f"/training/csr/workshops/{workshop_id}/participants", 303)


@blueprint.get(f"{_HERE}/participants/<uuid:participant_id>")
@for_roles(*TEAM)
def participant(workshop_id: UUID, participant_id: UUID) -> Any:
    """The form to put right who somebody is."""
    return _participant(workshop_id, participant_id, Form())


@blueprint.post(f"{_HERE}/participants/<uuid:participant_id>")
@for_roles(*TEAM)
def correct_participant(workshop_id: UUID, participant_id: UUID) -> Any:
    """Put right who somebody is and how she is reached."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("name", "sex")} | {name: form.optional(name) for name in _REACHED}
    try:
        api("training").post(f"/csr-workshops/{workshop_id}/participants/{participant_id}/correction", body)
    except Problem as problem:
        form.refused(problem)
        return _participant(workshop_id, participant_id, form), problem.status
    flash(_("It is put right. A diploma says it once it is replaced by a new one."))
    return redirect(f"/training/csr/workshops/{workshop_id}/participants", 303)


@blueprint.post(f"{_HERE}/participants/<uuid:participant_id>/forgetting")
@for_roles(*TEAM)
def forget_participant(workshop_id: UUID, participant_id: UUID) -> Any:
    """Erase her name and addresses."""
    try:
        api("training").remove(f"/csr-workshops/{workshop_id}/participants/{participant_id}")
    except Problem as problem:
        if problem.status != 409:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("Her name and her addresses are erased. That somebody was registered stays."))
    return redirect(f"/training/csr/workshops/{workshop_id}/participants", 303)


@blueprint.get(f"{_HERE}/roll/<int:day>")
@for_roles(*TEAM)
def roll(workshop_id: UUID, day: int) -> Any:
    """The list to call on one of the days."""
    return _roll(workshop_id, day, Form())


@blueprint.post(f"{_HERE}/roll/<int:day>")
@for_roles(*TEAM)
def call_roll(workshop_id: UUID, day: int) -> Any:
    """Say who was there: of everybody on the list, those ticked."""
    form = Form(request.form)
    there = set(form.many("present"))
    marks = [{"participant_id": one, "present": one in there} for one in form.many("listed")]
    try:
        api("training").post(f"/csr-workshops/{workshop_id}/attendance", {"day": day, "marks": marks})
    except Problem as problem:
        form.refused(problem, day="present", marks="present")
        return _roll(workshop_id, day, form), problem.status
    flash(_("The attendance of day %(day)s is noted.", day=day))
    return redirect(f"/training/csr/workshops/{workshop_id}", 303)


def _described(form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {name: form.text(name) for name in ("city", "title", "topics")}
    return body | {"capacity": form.integer("capacity"), "gender_module": form.flag("gender_module")}


def _date(form: Form) -> dict[str, Any]:
    return {"starts_on": form.text("starts_on"), "on_holiday": form.flag("on_holiday")}


def _new(form: Form) -> str:
    return render_template("training/csr_workshop_new.html", form=form)


def _workshop(workshop_id: UUID, form: Form) -> str:
    found = api("training").get(f"/csr-workshops/{workshop_id}")
    begun = {name: found[name] for name in (*_DESCRIBED, "gender_module")}
    typed = Form(begun | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    partners = api("training").get("/csr-partners", {"limit": 200}).rows
    taking = {one["id"] for one in found["partners"]}
    return render_template(
        "training/csr_workshop.html",
        found=found,
        form=typed,
        partner_choices=[(one["id"], one["name"]) for one in partners if one["id"] not in taking],
        shelf=[(one["id"], one["title"]) for one in api("training").get("/library", {"limit": 200}).rows],
        may_change=me().has(*TEAM) and me().scope.covers(found["unit"]),
        today=clock.today().isoformat(),
        address=f"{request.host_url}register/{found['registration_token']}" if found["registration_token"] else None,
    )


def _participants(workshop_id: UUID, form: Form) -> str:
    found = api("training").get(f"/csr-workshops/{workshop_id}")
    people = api("training").get(f"/csr-workshops/{workshop_id}/participants", {"after": request.args.get("after")})
    firms = api("training").get("/smes", {"limit": 200}).rows
    begun = {"unit": found["unit"], "city": found["city"]}
    typed = Form(begun | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    return render_template(
        "training/csr_participants.html",
        found=found,
        people=people,
        form=typed,
        choices=choices,
        firms=[(one["id"], f"{one['name']} ({one['city'] or one['unit']})") for one in firms],
        may_change=me().has(*TEAM) and me().scope.covers(found["unit"]) and found["state"] != "cancelled",
    )


def _participant(workshop_id: UUID, participant_id: UUID, form: Form) -> str:
    found = api("training").get(f"/csr-workshops/{workshop_id}")
    her = next((one for one in _everybody(workshop_id) if one["id"] == str(participant_id) and one["name"]), None)
    if her is None:
        raise Problem(404, "http.404")
    begun = {name: her[name] or "" for name in ("name", "sex", *_REACHED)}
    typed = Form(begun | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    return render_template("training/csr_participant.html", found=found, her=her, form=typed, choices=choices)


def _everybody(workshop_id: UUID) -> list[dict[str, Any]]:
    """All who are registered for a workshop."""
    people: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = api("training").get(f"/csr-workshops/{workshop_id}/participants", {"limit": 200, "after": after})
        people += page.rows
        after = page.next
        if after is None:
            return people


def _roll(workshop_id: UUID, day: int, form: Form) -> str:
    client = api("training")
    found = client.get(f"/csr-workshops/{workshop_id}")
    if not 1 <= day <= found["days"]:
        raise Problem(404, "http.404")
    people = _everybody(workshop_id)
    there = {one["id"] for one in people if one["attended"][day - 1]}
    typed = Form({"present": sorted(there)} | request.form.to_dict(flat=False))
    typed.errors.update(form.errors)
    return render_template("training/csr_roll.html", found=found, day=day, people=people, form=typed)


def _removed(workshop_id: UUID, path: str) -> Any:
    try:
        api("training").delete(path, version=Form(request.form).text("version"))
    except Problem as problem:
        if problem.status not in {404, 409, CHANGED_MEANWHILE}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("It is written down."))
    return redirect(f"/training/csr/workshops/{workshop_id}", 303)
