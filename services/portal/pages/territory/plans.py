"""The plans that hold in a territory, and what they put first."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.territory.area import PLANNERS, READERS, blueprint
from services.portal.pages.territory.influence_words import SEERS, currency_of

BUDGET_ROWS = range(4)


@blueprint.get("/plans")
@for_roles(*READERS)
def plans() -> Any:
    """The plans that hold where she works, and what they put first."""
    return _plans(Form())


@blueprint.post("/plans")
@for_roles(*PLANNERS)
def declare_plan() -> Any:
    """Declare what a plan puts first."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("unit", "kind", "title", "source", "valid_from")}
    body |= {"valid_until": form.optional("valid_until")}
    body |= {name: form.many(name) for name in ("chains", "purposes")}
    try:
        api("territory").post("/plans", body)
    except Problem as problem:
        form.refused(problem)
        return _plans(form), problem.status
    flash(_("The plan is declared: the credit committees see it from now on."))
    return redirect("/territory/plans", 303)


@blueprint.post("/plans/<uuid:plan_id>/withdraw")
@for_roles(*PLANNERS)
def withdraw_plan(plan_id: UUID) -> Any:
    """Say that a plan holds no more."""
    form = Form(request.form)
    try:
        api("territory").post(f"/plans/{plan_id}/withdrawal", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _plans(form), problem.status
    flash(_("The plan is withdrawn."))
    return redirect("/territory/plans", 303)


@blueprint.get("/plans/<uuid:plan_id>")
@for_roles(*READERS)
def plan(plan_id: UUID) -> Any:
    """One plan with its lines, their projects, and the proposals that aim at it."""
    return _plan(plan_id, Form())


@blueprint.post("/plans/<uuid:plan_id>/lines")
@for_roles(*PLANNERS)
def write_line(plan_id: UUID) -> Any:
    """Write a programme line of a plan down."""
    form = Form(request.form)
    body = {"number": form.text("number"), "title": form.text("title"), "chain": form.optional("chain")}
    return _written(plan_id, "lines", body, form, _("The line is written down."))


@blueprint.post("/plans/<uuid:plan_id>/projects")
@for_roles(*PLANNERS)
def write_project(plan_id: UUID) -> Any:
    """Write a project under a line down, with its money by year and source."""
    form = Form(request.form)
    line = form.text("line_id")
    if not line:
        form.wrong("line_id", _("Choose the line that the project belongs to."))
        return _plan(plan_id, form), 422
    currency = currency_of(form.text("unit"))
    rows = [n for n in BUDGET_ROWS if form.text(f"budget-{n}-amount")]
    budget = [
        {
            "year": form.integer(f"budget-{n}-year"),
            "source": form.text(f"budget-{n}-source"),
            "amount": form.money(f"budget-{n}-amount", currency),
        }
        for n in rows
    ]
    body = {"title": form.text("project_title"), "chain": form.optional("project_chain"), "budget": budget}
    renamed = {
        f"budget-{at}-{name}": f"budget-{n}-{name}"
        for at, n in enumerate(rows)
        for name in ("year", "source", "amount")
    }
    renamed |= {"title": "project_title", "chain": "project_chain"}
    return _written(plan_id, f"lines/{line}/projects", body, form, _("The project is written down."), renamed)


@blueprint.post("/plans/<uuid:plan_id>/lines/<uuid:line_id>/remove")
@blueprint.post("/plans/<uuid:plan_id>/lines/<uuid:line_id>/projects/<uuid:project_id>/remove")
@for_roles(*PLANNERS)
def remove_from_plan(plan_id: UUID, line_id: UUID, project_id: UUID | None = None) -> Any:
    """Take a line or a project out that was written by mistake."""
    under = f"lines/{line_id}" + (f"/projects/{project_id}" if project_id else "")
    form, said = Form(request.form), _("It is taken out of the plan.")
    return _written(plan_id, f"{under}/removal", {}, form, said, version=form.text("version"))


def _written(
    plan_id: UUID,
    under: str,
    body: dict[str, Any],
    form: Form,
    said: str,
    renamed: dict[str, str] | None = None,
    *,
    version: str | None = None,
) -> Any:
    try:
        api("territory").post(f"/plans/{plan_id}/{under}", body, version=version)
    except Problem as problem:
        form.refused(problem, **(renamed or {}))
        return _plan(plan_id, form), problem.status
    flash(said)
    return redirect(f"/territory/plans/{plan_id}", 303)


def _plan(plan_id: UUID, form: Form) -> str:
    client = api("territory")
    found = client.get(f"/plans/{plan_id}")
    proposals = client.get("/proposals", {"plan_id": plan_id, "limit": 50}).rows if me().has(*SEERS) else []
    may_plan = me().has(*PLANNERS) and me().scope.covers(found["unit"]) and found["state"] == "adopted"
    return render_template(
        "territory/plan.html",
        plan=found,
        proposals=proposals,
        form=form,
        may_plan=may_plan,
        budget_rows=BUDGET_ROWS,
        currency=currency_of(found["unit"]),
    )


def _plans(form: Form) -> str:
    found = api("territory").get("/plans", {"after": request.args.get("after"), "limit": 50})
    return render_template("territory/plans.html", plans=found, form=form, may_plan=me().has(*PLANNERS))
