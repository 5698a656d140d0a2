"""The follow-up of firms by their team: the board with its lights, one firm, its links, reviews; the benchmark."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.training import firm_doors
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.firm_door import Door
from services.portal.pages.training.firm_doors import Handler
from services.portal.pages.training.follow_up_words import (
    BENCHMARK_READERS,
    FOLLOW_UP_READERS,
    FOLLOWERS,
    group_name,
    words,
)
from shared.kernel import clock

_FIRM = "/follow-up/<uuid:sme_id>"
_REVIEWERS = ("csr_reviewer",)
_USUAL_DAYS = 210
"""So long a link usually holds: the six months of a plan and a month before it."""


@blueprint.get("/follow-up")
@for_roles(*BENCHMARK_READERS)
def follow_up() -> Any:
    """The board: every firm with its diagnosis, its plan and its light."""
    if not me().has(*FOLLOW_UP_READERS):
        return redirect("/training/benchmark", 303)
    form = Form(request.args)
    asked = {"plan_state": form.text("plan_state"), "after": request.args.get("after"), "limit": 50}
    try:
        rows = api("training").get("/csr-follow-up", asked)
    except Problem as problem:
        form.refused(problem)
        rows = Answer()
    return render_template("training/follow_up.html", firms=rows, form=form, **words())


@blueprint.get("/benchmark")
@for_roles(*BENCHMARK_READERS)
def benchmark() -> Any:
    """How firms stand beside each other."""
    found = api("training").get("/csr-benchmark")
    return render_template("training/benchmark.html", found=found, group_name=group_name, **words())


@blueprint.get(_FIRM)
@for_roles(*FOLLOW_UP_READERS)
def firm(sme_id: UUID) -> Any:
    """One firm: its diagnosis, its plan, its links."""
    return _firm(_door(sme_id), Form())


def _firm(door: Door, form: Form) -> str:
    links = Answer()
    if door.may_write:
        links = api("training").get("/sme-links", {"sme_id": door.firm["sme_id"], "limit": 20})
    before = api("training").get("/diagnoses", {"sme_id": door.firm["sme_id"], "limit": 20})
    if not form.text("expires_on"):
        begun = Form({"expires_on": (clock.today() + timedelta(days=_USUAL_DAYS)).isoformat()})
        begun.errors.update(form.errors)
        form = begun
    address = f"{request.url_root}sme/"
    return door.show("firm.html", form=form, links=links, before=before, address=address)


@blueprint.post(f"{_FIRM}/links")
@for_roles(*FOLLOWERS)
def link_firm(sme_id: UUID) -> Any:
    """Give the firm a link of its own."""
    form = Form(request.form)
    try:
        api("training").post("/sme-links", {"sme_id": str(sme_id), "expires_on": form.text("expires_on")})
    except Problem as problem:
        form.refused(problem)
        return _firm(_door(sme_id), form), problem.status
    flash(_("The link is made. Send it only to the person who answers for the firm."))
    return redirect(f"/training/follow-up/{sme_id}", 303)


@blueprint.post(f"{_FIRM}/links/<uuid:link_id>/revocation")
@for_roles(*FOLLOWERS)
def revoke_firm_link(sme_id: UUID, link_id: UUID) -> Any:
    """Let nothing be said through it any more."""
    path = f"/sme-links/{link_id}/revocation"
    return _step(sme_id, path, None, _("The link is taken back."), leads_to="")


@blueprint.post(f"{_FIRM}/verification")
@for_roles(*FOLLOWERS, *_REVIEWERS)
def verify_diagnosis(sme_id: UUID) -> Any:
    """Say that the evidence was seen."""
    path = f"/diagnoses/{_door(sme_id).firm['diagnosis_id']}/verification"
    told = {"note": Form(request.form).text("note")}
    return _step(sme_id, path, told, _("The diagnosis is verified."), leads_to="/diagnosis")


@blueprint.post(f"{_FIRM}/plan/review")
@for_roles(*_REVIEWERS)
def take_plan(sme_id: UUID) -> Any:
    """Begin to review the plan."""
    return _plan_step(sme_id, "review", None, _("You review this plan."))


@blueprint.post(f"{_FIRM}/plan/conclusion")
@for_roles(*_REVIEWERS)
def conclude_review(sme_id: UUID) -> Any:
    """Accept the plan or return it."""
    form = Form(request.form)
    told = {name: form.text(name) for name in ("outcome", "recommendations")}
    return _plan_step(sme_id, "conclusion", told, _("The review is sent."))


@blueprint.post(f"{_FIRM}/plan/closing")
@for_roles(*FOLLOWERS, *_REVIEWERS)
def close_plan(sme_id: UUID) -> Any:
    """Close the plan."""
    form = Form(request.form)
    told = {name: form.text(name) for name in ("outcome", "note")}
    return _plan_step(sme_id, "closing", told, _("The plan is closed."))


def _plan_step(sme_id: UUID, step: str, told: Any, said: str) -> Any:
    path = f"/csr-plans/{_door(sme_id).firm['plan_id']}/{step}"
    return _step(sme_id, path, told, said, leads_to="/plan")


def _step(sme_id: UUID, path: str, told: Any, said: str, *, leads_to: str) -> Any:
    """A step forward; refused, the page it was asked on says why, with what was typed."""
    form = Form(request.form)
    try:
        api("training").post(path, told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        door = _door(sme_id)
        if leads_to == "/plan":
            return door.show("firm_plan.html", form=form), problem.status
        if leads_to == "/diagnosis":
            return firm_doors.diagnosis_page(door, form), problem.status
        return _firm(door, form), problem.status
    flash(said)
    return redirect(f"/training/follow-up/{sme_id}{leads_to}", 303)


def _door(sme_id: UUID) -> Door:
    client = api("training")
    firm: dict[str, Any] = dict(client.get(f"/csr-follow-up/{sme_id}"))
    diagnosis_path, plan_path = f"/diagnoses/{firm['diagnosis_id']}", f"/csr-plans/{firm['plan_id']}"
    firm["diagnosis"] = client.get(diagnosis_path) if firm["diagnosis_id"] else None
    firm["plan"] = client.get(plan_path) if firm["plan_id"] else None
    return Door(
        base=f"/training/follow-up/{sme_id}",
        client=client,
        firm=firm,
        own=False,
        may_write=me().has(*FOLLOWERS),
        begin_diagnosis=lambda form: client.post("/diagnoses", {"sme_id": str(sme_id), "form": form}),
        begin_plan=lambda: client.post("/csr-plans", {"sme_id": str(sme_id)}),
        diagnosis_path=diagnosis_path,
        plan_path=plan_path,
        evidence_path="/csr-evidence",
        may_open=me().has(*FOLLOWERS, *_REVIEWERS),
    )


def _behind(handler: Handler, *roles: str) -> Callable[..., Any]:
    """The page of a firm for its team."""

    def view(sme_id: UUID, **more: Any) -> Any:
        return handler(_door(sme_id), **more)

    return for_roles(*roles)(view)


for _path, _handler in firm_doors.LOOKS.items():
    blueprint.add_url_rule(f"{_FIRM}{_path}", f"firm_{_handler.__name__}", _behind(_handler, *FOLLOW_UP_READERS))
for _path, _handler in firm_doors.ACTS.items():
    blueprint.add_url_rule(
        f"{_FIRM}{_path}", f"firm_{_handler.__name__}", _behind(_handler, *FOLLOWERS), methods=["POST"]
    )
