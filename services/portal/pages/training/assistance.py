"""Training and assistance of borrowers at their workplace: who waits, what is planned, each visit."""

from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.registry.codes import NEEDS, choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.session_words import ASSISTANCE_KINDS, OUTCOMES, minutes_of
from shared.kernel import clock


@blueprint.get("/assistance")
@for_roles(*READERS)
def assistance_list() -> Any:
    """Who waits for a first visit, and the plans."""
    form = Form(request.args)
    unit = {"unit": form.text("unit")}
    waiting, plans = Answer(), Answer()
    try:
        waiting = api("training").get("/assistance-waiting", unit | {"after": request.args.get("after"), "limit": 25})
        plans = api("training").get("/assistance", unit | {"limit": 100})
    except Problem as problem:
        form.refused(problem)
    return render_template(
        "training/assistance_list.html", waiting=waiting, plans=plans, form=form, places=place_choices()
    )


@blueprint.get("/assistance/loans/<uuid:loan_id>")
@for_roles(*TEAM)
def planning_assistance(loan_id: UUID) -> Any:
    """The form to plan for a project; what the appraisal found is ticked."""
    loan = api("training").get(f"/assistance-waiting/{loan_id}")
    begun = {"topics": loan["needs"], "begins_on": clock.today().isoformat(), "kind": "on_site_training"}
    return _plan(loan, Form(begun))


@blueprint.post("/assistance/loans/<uuid:loan_id>")
@for_roles(*TEAM)
def plan_assistance(loan_id: UUID) -> Any:
    """Plan it."""
    form = Form(request.form)
    body = {
        "loan_id": str(loan_id),
        "topics": form.many("topics"),
        "planned_minutes": minutes_of(form.text("hours")),
    } | {name: form.text(name) for name in ("kind", "goal", "begins_on")}
    try:
        made = api("training").post("/assistance", body)
    except Problem as problem:
        form.refused(problem, planned_minutes="hours")
        return _plan(api("training").get(f"/assistance-waiting/{loan_id}"), form), problem.status
    flash(_("The plan is made. Note each visit in it."))
    return redirect(f"/training/assistance/{made['id']}", 303)


@blueprint.get("/assistance/<uuid:assistance_id>")
@for_roles(*READERS)
def assistance(assistance_id: UUID) -> Any:
    """One plan with its visits."""
    return _assistance(assistance_id, Form())


@blueprint.post("/assistance/<uuid:assistance_id>/visits")
@for_roles(*TEAM)
def note_visit(assistance_id: UUID) -> Any:
    """Note a visit."""
    form = Form(request.form)
    body = {
        "visit_id": form.text("visit_id"),
        "topics": form.many("topics"),
        "minutes": minutes_of(form.text("hours")),
    } | {name: form.text(name) for name in ("day", "done")}
    try:
        api("training").post(f"/assistance/{assistance_id}/visits", body)
    except Problem as problem:
        form.refused(problem, minutes="hours")
        return _assistance(assistance_id, form), problem.status
    flash(_("The visit is noted."))
    return redirect(f"/training/assistance/{assistance_id}", 303)


@blueprint.post("/assistance/<uuid:assistance_id>/end")
@for_roles(*TEAM)
def end_assistance(assistance_id: UUID) -> Any:
    """What came of it."""
    form = Form(request.form)
    body = {"ended_on": form.text("ended_on"), "outcome": form.text("outcome"), "lessons": form.optional("lessons")}
    try:
        api("training").post(f"/assistance/{assistance_id}/end", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _assistance(assistance_id, form), problem.status
    flash(_("It is noted how it ended."))
    return redirect(f"/training/assistance/{assistance_id}", 303)


def _plan(loan: Answer, form: Form) -> str:
    return render_template(
        "training/plan_assistance.html",
        loan=loan,
        form=form,
        kinds=choices(ASSISTANCE_KINDS),
        topics=choices(NEEDS),
    )


def _assistance(assistance_id: UUID, form: Form) -> str:
    shown = api("training").get(f"/assistance/{assistance_id}")
    today = clock.today().isoformat()
    begun = {"day": today, "ended_on": today, "visit_id": str(uuid4()), "topics": shown["topics"]}
    typed = Form(begun | request.form.to_dict(flat=False) | {"version": shown["version"]})
    typed.errors.update(form.errors)
    topics = [choice for choice in choices(NEEDS) if choice[0] in shown["topics"]]
    return render_template(
        "training/assistance.html", plan=shown, form=typed, topics=topics, outcomes=choices(OUTCOMES)
    )
