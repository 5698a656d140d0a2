"""Applications: the board, a new one, the file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.credit.area import (
    CONVENERS,
    FILE_READERS,
    FUND_READERS,
    OPEN_FILE,
    READERS,
    STAFF,
    blueprint,
    fund_choices,
    funds,
    name_of,
    names_of,
)
from services.portal.pages.credit.guarantees import standing_behind

_FILTERS = ("state", "fund", "municipality", "number", "conditions")
_OF_THE_LIST = ("state", "number", "conditions", "after")


@blueprint.get("")
@for_roles(*FUND_READERS)
def board() -> Any:
    """The stages with how many applications stand at each; those that wait, by age, or the list of what was asked. The
    administrator, who is told of no application, begins with the funds.
    """
    if not me().has(*READERS):
        return render_template("credit/funds.html", funds=funds())
    asked = {name: request.args.get(name, "")[:60] for name in _FILTERS}
    filters, own = Form(request.args), funds()
    answer, stages, waiting = Answer(), [], None
    try:
        stages = api("credit").get("/applications/stages", {**asked, "state": None}).rows
        if any(request.args.get(name) for name in _OF_THE_LIST):
            answer = api("credit").get("/applications", asked | {"after": request.args.get("after"), "limit": 25})
        else:
            where = {name: asked[name] for name in ("fund", "municipality")}
            waiting = api("credit").get("/applications/pipeline", where).rows
    except Problem as problem:
        filters.refused(problem)
    shown = [*answer.rows, *(row for stage in waiting or [] for row in stage["items"])]
    return render_template(
        "credit/board.html",
        applications=answer,
        waiting=waiting,
        stages=_stages(stages),
        names=names_of(row["enterprise_id"] for row in shown),
        funds=fund_choices(own),
        own=own,
        form=filters,
    )


@blueprint.get("/applications/new")
@for_roles(*STAFF)
def begin() -> Any:
    """First the enterprise, found by search; then what is asked for."""
    if enterprise := request.args.get("enterprise"):
        begun = {"instalments": "12", "grace": "0", "fund": request.args.get("fund", "")[:40]}
        return _request_form(_id(enterprise) or abort(404), Form(begun))
    query, rows = request.args.get("q", "").strip()[:100], []
    if query:
        rows = api("registry").get("/enterprises", {"q": query, "limit": 20}).rows
    return render_template("credit/choose.html", form=Form(request.args), rows=rows, query=query)


@blueprint.post("/applications/new")
@for_roles(*STAFF)
def submit() -> Any:
    """Hand the application in."""
    form = Form(request.form)
    enterprise, fund = _id(form.text("enterprise")) or abort(404), _fund(form.text("fund"))
    body = {
        "fund_id": form.text("fund"),
        "enterprise_id": str(enterprise),
        "product": form.text("product"),
        "purpose": form.text("purpose"),
        "project": form.text("project"),
        **_asked(form, fund),
    }
    try:
        done = api("credit").post("/applications", body)
    except Problem as problem:
        form.refused(problem, enterprise_id="enterprise", fund_id="fund")
        return _request_form(enterprise, form), problem.status
    flash(_("The application is handed in as %(number)s.", number=done["number"]))
    return redirect(f"/credit/applications/{done['id']}", 303)


@blueprint.get("/applications/<uuid:application_id>")
@for_roles(*FILE_READERS)
def show(application_id: UUID) -> Any:
    """The file: what was asked, what was found, what was decided, and what can be done next."""
    return file_of(api("credit").get(f"/applications/{application_id}"), Form())


@blueprint.get("/applications/<uuid:application_id>/change")
@for_roles(*STAFF)
def changing(application_id: UUID) -> Any:
    """The form with what the application asks for today."""
    found = api("credit").get(f"/applications/{application_id}")
    return _change(found, Form(_typed(found)))


@blueprint.post("/applications/<uuid:application_id>/change")
@for_roles(*STAFF)
def change(application_id: UUID) -> Any:
    """Correct what is asked for."""
    form, found = Form(request.form), api("credit").get(f"/applications/{application_id}")
    try:
        body = _correction(form, found)
        api("credit").patch(f"/applications/{application_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        if problem.status == CHANGED_MEANWHILE:
            found = api("credit").get(f"/applications/{application_id}")
            return _change(found, over(found, form), _differing(found, form)), problem.status
        return _change(found, form), problem.status
    flash(_("The change is saved."))
    return redirect(f"/credit/applications/{application_id}", 303)


@blueprint.post("/applications/<uuid:application_id>/withdraw")
@for_roles(*STAFF)
def withdraw(application_id: UUID) -> Any:
    """Take it back, as the applicant wishes."""
    form = Form(request.form)
    if not form.flag("sure"):
        form.wrong("sure", _("Tick the box to say that she wishes it."))
        return file_of(api("credit").get(f"/applications/{application_id}"), form), 422
    try:
        api("credit").post(f"/applications/{application_id}/withdrawal")
    except Problem as problem:
        form.refused(problem)
        return file_of(api("credit").get(f"/applications/{application_id}"), form), problem.status
    flash(_("The application is taken back."))
    return redirect(f"/credit/applications/{application_id}", 303)


@blueprint.post("/applications/<uuid:application_id>/agenda")
@for_roles(*CONVENERS)
def place(application_id: UUID) -> Any:
    """Put it on the agenda of a session."""
    form = Form(request.form)
    session_id = _id(form.text("session"))
    if session_id is None:
        form.wrong("session", _("Choose a session."))
        return file_of(api("credit").get(f"/applications/{application_id}"), form), 422
    try:
        api("credit").post(f"/sessions/{session_id}/agenda", {"application_id": str(application_id)})
    except Problem as problem:
        form.refused(problem, application_id="session")
        return file_of(api("credit").get(f"/applications/{application_id}"), form), problem.status
    flash(_("The application is on the agenda."))
    return redirect(f"/credit/sessions/{session_id}", 303)


def _id(text: str) -> UUID | None:
    """The id that an address or a hidden field carries; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _asked(form: Form, fund: Any) -> dict[str, Any]:
    return {
        "amount": form.money("amount", fund["currency"]),
        "instalments": form.integer("instalments"),
        "grace": form.integer("grace") or 0,
    }


def _fund(fund_id: str) -> Any:
    return next((fund for fund in funds() if fund["id"] == fund_id), {"currency": "USD"})


def _stages(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The counts of every stage with the sums in each currency."""
    stages: dict[str, Any] = {}
    for row in rows:
        stage = stages.setdefault(row["state"], {"count": 0, "amounts": []})
        stage["count"] += row["count"]
        stage["amounts"].append(row["amount"])
    return stages


def _request_form(enterprise_id: UUID, form: Form) -> Any:
    record = api("registry").get(f"/enterprises/{enterprise_id}")
    own = [fund for fund in funds() if any(record["municipality"].startswith(unit) for unit in fund["units"])]
    chosen = next((fund for fund in own if fund["id"] == form.text("fund")), own[0] if own else None)
    check = _eligibility(enterprise_id, chosen) if chosen else None
    if check and request.method == "GET":
        typed = {name: form.text(name) for name in ("instalments", "grace", "fund")}
        form = Form({**typed, "purpose": check["purpose_of_needs"]})
    return render_template(
        "credit/request.html",
        form=form,
        enterprise=record,
        funds=own,
        fund=chosen,
        products=api("credit").get(f"/funds/{chosen['id']}/products").rows if chosen else [],
        check=check,
    )


def _eligibility(enterprise_id: UUID, fund: Any) -> Any:
    try:
        return api("credit").get(f"/enterprises/{enterprise_id}/eligibility", {"fund": fund["id"]})
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


def file_of(found: Answer, form: Form) -> Any:
    """The page of an application's file, with what is wrong in the form that was sent."""
    waiting = (found["state"] in {"appraised", "deferred", "lapsed"} or found["expired"]) and me().has(*CONVENERS)
    sessions: list[Any] = []
    if waiting:
        listed = api("credit").get("/sessions", {"fund": found["fund_id"], "limit": 50}).rows
        been = {session["id"] for session in found["sessions"]}
        sessions = [session for session in listed if session["state"] != "closed" and session["id"] not in been]
    seed = None
    if found["fund_kind"] == "seed_capital":
        seed = api("credit").get(f"/applications/{found['id']}/milestones")
    return render_template(
        "credit/application.html",
        found=found,
        seed=seed,
        form=form,
        enterprise=name_of(found["enterprise_id"]),
        sessions=sessions,
        waiting=waiting,
        plans=_business_plans(found),
        **standing_behind(found),
    )


def _business_plans(found: Answer) -> list[tuple[str, str]]:
    """The ready business plans of the enterprise that may be linked; a page does without them when nobody answers."""
    if found["state"] not in OPEN_FILE or not me().has(*STAFF):
        return []
    try:
        asked = {"enterprise_id": found["enterprise_id"], "state": "ready", "limit": 25}
        rows = api("registry").get("/business-plans", asked, patience=3).rows
    except Problem:
        return []
    linked = {paper["plan_id"] for paper in found["attachments"]}
    return [(row["id"], row["label"]) for row in rows if row["id"] not in linked]


def _typed(found: Answer) -> dict[str, Any]:
    """What is asked for as the form shows it."""
    names = ("product", "amount", "instalments", "grace", "purpose", "project", "version")
    return {name: found[name] for name in names}


def _correction(form: Form, found: Answer) -> dict[str, Any]:
    """What the form asks for, as the API takes it."""
    asked = _asked(form, {"currency": found["amount"]["currency"]})
    return {
        **asked,
        "product": form.optional("product"),
        "purpose": form.text("purpose"),
        "project": form.text("project"),
    }


def _differing(found: Answer, form: Form) -> set[str]:
    """The fields in which the application says something else now than what she typed."""
    typed, there = (_correction(each, found) for each in (form, Form(_typed(found))))
    return {name for name in there if typed[name] != there[name]}


def _change(found: Answer, form: Form, differing: Collection[str] | None = None) -> Any:
    return render_template(
        "credit/change.html",
        found=found,
        form=form,
        differing=differing,
        products=api("credit").get(f"/funds/{found['fund_id']}/products").rows,
        enterprise=name_of(found["enterprise_id"]),
    )
