"""Accompaniments on site: the list, the plan of one, a visit written down."""

from typing import Any
from uuid import UUID

from flask import abort, current_app, flash, redirect, render_template, request

from services.portal import queries
from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from services.portal.pages.registry.projects import send_photo
from shared.database import Database
from shared.kernel import clock

_READERS = (*OVERSEERS, "credit_officer")


@blueprint.get("/accompaniments")
@for_roles(*_READERS)
def accompaniments() -> Any:
    """The accompaniments of her territory; a technician begins with her own."""
    asked = {name: request.args.get(name) for name in ("state", "technician", "due", "phase", "arrears", "after")}
    if not request.args and me().has("technician") and not me().has("coordinator"):
        asked["technician"] = "me"
    answer = api("registry").get("/accompaniments", asked | {"limit": 50})
    return render_template(
        "registry/accompaniments.html", accompaniments=answer, form=Form(asked), choices=codes.choices
    )


@blueprint.get("/accompaniments/<uuid:accompaniment_id>")
@for_roles(*_READERS)
def accompaniment(accompaniment_id: UUID) -> Any:
    """The plan of one accompaniment, and what may be done with it."""
    return _plan(accompaniment_id, Form({"due_on": ""}))


@blueprint.get("/accompaniments/new/<uuid:enterprise_id>")
@for_roles(*EDITORS)
def opening(enterprise_id: UUID) -> Any:
    """The form to stand beside a project, from its idea on or one that has its money already."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    begun = Form(
        {"begins_on": clock.today().isoformat(), "months": "12", "needs": enterprise["needs"], "phase": "idea"}
    )
    return render_template("registry/accompany.html", form=begun, enterprise=enterprise, choices=codes.choices)


@blueprint.post("/accompaniments/new/<uuid:enterprise_id>")
@for_roles(*EDITORS)
def open_(enterprise_id: UUID) -> Any:
    """Open it; the plan of visits is made from the needs."""
    form = Form(request.form)
    body = {
        "enterprise_id": str(enterprise_id),
        "needs": form.many("needs"),
        "begins_on": form.text("begins_on"),
        "months": form.integer("months") or 12,
        "phase": form.text("phase") or "implementation",
        "title": form.optional("title"),
        "aim": form.optional("aim"),
    }
    try:
        opened = api("registry").post("/accompaniments", body)
    except Problem as problem:
        form.refused(problem)
        enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
        page = render_template("registry/accompany.html", form=form, enterprise=enterprise, choices=codes.choices)
        return page, problem.status
    flash(_("The accompaniment is open."))
    return redirect(f"/registry/accompaniments/{opened['id']}", 303)


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/assign")
@for_roles(*EDITORS)
def assign(accompaniment_id: UUID) -> Any:
    """Make somebody responsible: herself, or whom the coordinator chose."""
    form = Form(request.form)
    chosen = form.text("technician") or str(me().id)
    body = {
        "technician": chosen,
        "technician_name": dict(_team()).get(chosen, me().name),
        "note": form.optional("note"),
    }
    return _changed(accompaniment_id, form, body, _("The accompaniment is assigned."))


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/close")
@for_roles(*EDITORS)
def close(accompaniment_id: UUID) -> Any:
    """End the accompaniment."""
    form = Form(request.form)
    body = {"closed_on": form.text("closed_on"), "reason": form.optional("reason")}
    return _changed(accompaniment_id, form, body, _("The accompaniment is closed."))


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/plan")
@for_roles(*EDITORS)
def plan(accompaniment_id: UUID) -> Any:
    """One more visit in the plan."""
    form = Form(request.form)
    try:
        body = {"due_on": form.text("due_on"), "purpose": form.text("purpose") or "other"}
        api("registry").post(f"/accompaniments/{accompaniment_id}/plan", body)
    except Problem as problem:
        form.refused(problem)
        return _plan(accompaniment_id, form), problem.status
    flash(_("The visit is in the plan."))
    return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)


@blueprint.get("/accompaniments/<uuid:accompaniment_id>/visit")
@for_roles(*EDITORS)
def visiting(accompaniment_id: UUID) -> Any:
    """The form for a visit that was made; `planned` names the one of the plan."""
    begun = Form({"made_on": clock.today().isoformat(), "visit_id": request.args.get("planned", "")})
    return _visit(accompaniment_id, begun, fresh=True)


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/visit")
@for_roles(*EDITORS)
def visit(accompaniment_id: UUID) -> Any:
    """Write the visit down."""
    form = Form(request.form)
    body: dict[str, Any] = {
        "made_on": form.text("made_on"),
        "minutes": form.integer("minutes"),
        "notes": form.optional("notes"),
        "agreements": form.optional("agreements"),
        "place": form.optional("place"),
    }
    if form.many("needs"):
        body["needs"] = form.many("needs")
    if form.text("visit_id"):
        body["visit_id"] = form.text("visit_id")
    if form.text("due_on"):
        body["next_visit"] = {"due_on": form.text("due_on"), "purpose": form.text("purpose") or "other"}
    before = {visit["id"] for visit in api("registry").get(f"/accompaniments/{accompaniment_id}")["visits"]}
    try:
        saved = api("registry").post(f"/accompaniments/{accompaniment_id}/visits", body)
    except Problem as problem:
        form.refused(problem, **{"next_visit-due_on": "due_on", "next_visit-purpose": "purpose"})
        return _visit(accompaniment_id, form), problem.status
    flash(_("The visit is written down."))
    made = [visit["id"] for visit in saved["visits"] if visit["made_on"] and visit["id"] not in before]
    send_photo(accompaniment_id, form.text("visit_id") or made[0])
    return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)


@blueprint.get("/accompaniments/<uuid:accompaniment_id>/visits/<uuid:visit_id>/cancel")
@for_roles(*EDITORS)
def cancelling(accompaniment_id: UUID, visit_id: UUID) -> Any:
    """The form that asks why a planned visit will not take place."""
    found = api("registry").get(f"/accompaniments/{accompaniment_id}")
    return _cancel(found, visit_id, Form({"version": found["version"]}))


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/visits/<uuid:visit_id>/cancel")
@for_roles(*EDITORS)
def cancel_visit(accompaniment_id: UUID, visit_id: UUID) -> Any:
    """Cancel the visit."""
    form, path = Form(request.form), f"/accompaniments/{accompaniment_id}"
    try:
        body = {"reason": form.text("reason")}
        api("registry").post(f"{path}/visits/{visit_id}/cancel", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("registry").get(path)
        changed = problem.status == CHANGED_MEANWHILE
        return _cancel(found, visit_id, over(found, form) if changed else form), problem.status
    flash(_("The visit is cancelled."))
    return redirect(f"/registry{path}", 303)


def _cancel(found: Answer, visit_id: UUID, form: Form) -> str:
    planned = next((visit for visit in found["visits"] if visit["id"] == str(visit_id)), None)
    if planned is None:
        abort(404)
    return render_template("registry/cancel_visit.html", found=found, planned=planned, form=form)


def _plan(accompaniment_id: UUID, form: Form) -> str:
    found = api("registry").get(f"/accompaniments/{accompaniment_id}")
    return render_template(
        "registry/accompaniment.html",
        found=found,
        form=form,
        team=_team(),
        may_assign=me().has("coordinator") or found["technician"] == str(me().id),
        choices=codes.choices,
        today=clock.today().isoformat(),
    )


def _visit(accompaniment_id: UUID, form: Form, *, fresh: bool = False) -> str:
    found = api("registry").get(f"/accompaniments/{accompaniment_id}")
    planned: Answer | dict[str, Any] | None = next(
        (visit for visit in found["visits"] if visit["id"] == form.text("visit_id")), None
    )
    if fresh and planned is not None:
        form = Form({name: form.text(name) for name in ("made_on", "visit_id")} | {"needs": planned["needs"]})
    return render_template(
        "registry/visit.html",
        found=found,
        planned=planned,
        form=form,
        needs=[(code, codes.said(codes.NEEDS, code)) for code in found["needs"]],
        choices=codes.choices,
        today=clock.today().isoformat(),
    )


def _changed(accompaniment_id: UUID, form: Form, body: dict[str, Any], done: str) -> Any:
    try:
        api("registry").patch(f"/accompaniments/{accompaniment_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _plan(accompaniment_id, form), problem.status
    flash(done)
    return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)


def _team() -> list[tuple[str, str]]:
    """The technicians of her territory, by name."""
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        page = queries.list_people(session, scope=me().scope, role="technician", limit=200, after=None)
    return [(str(row["id"]), row["name"]) for row in page.rows]
