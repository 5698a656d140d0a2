"""The plans that hold in a territory, and what they put first."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.territory.area import PLANNERS, READERS, blueprint


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


def _plans(form: Form) -> str:
    found = api("territory").get("/plans", {"after": request.args.get("after"), "limit": 50})
    return render_template("territory/plans.html", plans=found, form=form, may_plan=me().has(*PLANNERS))
