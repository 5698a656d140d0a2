"""Tests and surveys: questionnaires, groups that answer them, and what was learned."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.learning_words import LEVELS, MEASURES, MOMENTS, PURPOSES, SHEET_STATES

_WORDS = {"MOMENTS": MOMENTS, "PURPOSES": PURPOSES, "SHEET_STATES": SHEET_STATES, "choices": choices}


@blueprint.get("/learning")
@for_roles(*READERS)
def learning() -> Any:
    """The groups that were asked, and how many of their women answered."""
    asked = {name: request.args.get(name) for name in ("group_id", "instrument_id", "after")}
    measured = api("training").get("/measurements", asked | {"limit": 25})
    return render_template("training/learning.html", measured=measured, **_WORDS)


@blueprint.get("/evaluation")
@for_roles(*READERS)
def evaluation() -> Any:
    """Reaction, learning, behaviour and results of the trainings of her territory."""
    form, told = Form(request.args), None
    try:
        told = api("training").get("/evaluation", {name: form.text(name) for name in ("unit", "chain")})
    except Problem as problem:
        form.refused(problem)
    return render_template(
        "training/evaluation.html",
        told=told,
        form=form,
        places=place_choices(),
        choices=choices,
        LEVELS=LEVELS,
        MEASURES=MEASURES,
    )


@blueprint.get("/donor-report")
@for_roles(*READERS)
def donor_report() -> Any:
    """Who was trained until the end of a month, and what was gained."""
    form, told = Form(request.args), None
    try:
        told = api("training").get("/donor-report", {name: form.text(name) for name in ("unit", "as_of")})
    except Problem as problem:
        form.refused(problem)
    if told and not form.text("as_of"):
        form = Form({"unit": form.text("unit"), "as_of": told["as_of"]})
    return render_template("training/donor_report.html", told=told, form=form, places=place_choices())


@blueprint.get("/donor-report/document")
@for_roles(*READERS)
def donor_document() -> Any:
    """The same as PDF, workbook or CSV, in the reader's language."""
    asked = {name: request.args.get(name, "")[:10] for name in ("unit", "as_of")}
    asked |= {"format": request.args.get("format", "pdf")[:4], "language": g.language}
    return send(api("training").file("/donor-report/document", asked))


@blueprint.get("/questionnaires")
@for_roles(*READERS)
def questionnaires() -> Any:
    """Every edition of every questionnaire."""
    found = api("training").get("/learning-instruments", {"after": request.args.get("after"), "limit": 25})
    return render_template("training/questionnaires.html", found=found, **_WORDS)


@blueprint.get("/questionnaires/new")
@for_roles(*TEAM)
def new_questionnaire() -> Any:
    """The form of a questionnaire, empty or begun with one of the house or with an earlier edition."""
    client, wanted = api("training"), request.args.get("from", "")[:40]
    starters = client.get("/learning-instruments/starters").rows
    begun = next((one for one in starters if one["code"] == wanted), {"purpose": "knowledge"})
    if edition := request.args.get("edition"):
        begun = client.get(f"/learning-instruments/{edition}")
    return _write(Form({name: begun.get(name) for name in ("code", "title", "purpose", "questions")}), starters)


@blueprint.post("/questionnaires/new")
@for_roles(*TEAM)
def write_questionnaire() -> Any:
    """Write a questionnaire, or its next edition."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("code", "title", "purpose", "questions")}
    try:
        made = api("training").post("/learning-instruments", body)
    except Problem as problem:
        form.refused(problem)
        return _write(form, []), problem.status
    flash(_("The questionnaire is written. This is edition %(number)s.", number=made["edition"]))
    return redirect(f"/training/questionnaires/{made['id']}", 303)


@blueprint.get("/questionnaires/<uuid:instrument_id>")
@for_roles(*READERS)
def questionnaire(instrument_id: UUID) -> Any:
    """One edition of a questionnaire: what it asks, and what was learned by it."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in ("moment", "unit", "chain", "group_id")}
    client, told = api("training"), None
    shown = client.get(f"/learning-instruments/{instrument_id}")
    try:
        told = client.get(f"/learning-instruments/{instrument_id}/result", asked)
    except Problem as problem:
        form.refused(problem)
    return render_template(
        "training/questionnaire.html", shown=shown, told=told, form=form, places=place_choices(), **_WORDS
    )


@blueprint.get("/measurements/new")
@for_roles(*TEAM)
def new_measurement() -> Any:
    """The form to ask a group."""
    return _ask(Form({"group_id": request.args.get("group", "")[:36], "moment": "before"}))


@blueprint.post("/measurements/new")
@for_roles(*TEAM)
def ask_group() -> Any:
    """Ask a group."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("group_id", "instrument_id", "moment", "closes_on")}
    try:
        made = api("training").post("/measurements", body)
    except Problem as problem:
        form.refused(problem)
        return _ask(form), problem.status
    flash(_("The group can answer now. Share the links below."))
    return redirect(f"/training/measurements/{made['id']}", 303)


@blueprint.get("/measurements/<uuid:measurement_id>")
@for_roles(*TEAM)
def measurement(measurement_id: UUID) -> Any:
    """One measurement: its links and codes, and how far each woman is."""
    return _measurement(measurement_id, Form())


@blueprint.post("/measurements/<uuid:measurement_id>/<any(invitations, closing):what>")
@for_roles(*TEAM)
def move_measurement(measurement_id: UUID, what: str) -> Any:
    """Invite who joined since, or take no answers any more."""
    form = Form(request.form)
    try:
        api("training").post(f"/measurements/{measurement_id}/{what}", {}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        if problem.status == CHANGED_MEANWHILE:
            form = Form({})
            form.wrong("", _("Somebody changed this meanwhile. Look at it and try again."))
        return _measurement(measurement_id, form), problem.status
    flash(_("It is closed: no answers are taken any more.") if what == "closing" else _("They are invited now."))
    return redirect(f"/training/measurements/{measurement_id}", 303)


@blueprint.post("/measurements/<uuid:measurement_id>/sheets/<uuid:sheet_id>/revocation")
@for_roles(*TEAM)
def revoke_link(measurement_id: UUID, sheet_id: UUID) -> Any:
    """The personal link of one woman leads nowhere any more."""
    try:
        api("training").post(f"/measurements/{measurement_id}/sheets/{sheet_id}/revocation", {})
    except Problem as problem:
        form = Form()
        form.refused(problem)
        return _measurement(measurement_id, form), problem.status
    flash(_("That link leads nowhere any more. Her code still opens the link of the group."))
    return redirect(f"/training/measurements/{measurement_id}", 303)


def _write(form: Form, starters: list[dict[str, Any]]) -> str:
    return render_template("training/write_questionnaire.html", form=form, starters=starters, **_WORDS)


def _ask(form: Form) -> str:
    client = api("training")
    groups = client.get("/groups", {"limit": 200}).rows
    found = client.get("/learning-instruments", {"limit": 200}).rows
    return render_template("training/ask_group.html", form=form, groups=groups, found=found, **_WORDS)


def _measurement(measurement_id: UUID, form: Form) -> str:
    shown = api("training").get(f"/measurements/{measurement_id}")
    address = f"{request.host_url}answer/"
    return render_template("training/measurement.html", shown=shown, form=form, address=address, **_WORDS)
