"""Applications: the board, a new one, the file, the appraisal."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    APPRAISERS,
    CONVENERS,
    FILE_READERS,
    READERS,
    STAFF,
    blueprint,
    fund_choices,
    funds,
    name_of,
    names_of,
)

_FILTERS = ("state", "fund", "municipality", "number", "conditions")


@blueprint.get("")
@for_roles(*READERS)
def board() -> Any:
    """The stages with how many applications stand at each, and the list of one or all of them."""
    asked = {name: request.args.get(name, "")[:60] for name in _FILTERS}
    filters, own = Form(request.args), funds()
    try:
        answer = api("credit").get("/applications", asked | {"after": request.args.get("after"), "limit": 25})
        stages = api("credit").get("/applications/stages", {**asked, "state": None}).rows
    except Problem as problem:
        filters.refused(problem)
        answer, stages = Answer(), []
    return render_template(
        "credit/board.html",
        applications=answer,
        stages=_stages(stages),
        names=names_of(row["enterprise_id"] for row in answer.rows),
        funds=fund_choices(own),
        own=own,
        form=filters,
    )


@blueprint.get("/applications/new")
@for_roles(*STAFF)
def begin() -> Any:
    """First the enterprise, found by search; then what is asked for."""
    if enterprise := request.args.get("enterprise"):
        return _request_form(_id(enterprise) or abort(404), Form({"instalments": "12", "grace": "0"}))
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
    return _file(api("credit").get(f"/applications/{application_id}"), Form())


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
        return _file(api("credit").get(f"/applications/{application_id}"), form), 422
    try:
        api("credit").post(f"/applications/{application_id}/withdrawal")
    except Problem as problem:
        form.refused(problem)
        return _file(api("credit").get(f"/applications/{application_id}"), form), problem.status
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
        return _file(api("credit").get(f"/applications/{application_id}"), form), 422
    try:
        api("credit").post(f"/sessions/{session_id}/agenda", {"application_id": str(application_id)})
    except Problem as problem:
        form.refused(problem, application_id="session")
        return _file(api("credit").get(f"/applications/{application_id}"), form), problem.status
    flash(_("The application is on the agenda."))
    return redirect(f"/credit/sessions/{session_id}", 303)


@blueprint.get("/applications/<uuid:application_id>/appraise")
@for_roles(*APPRAISERS)
def appraising(application_id: UUID) -> Any:
    """The form for what was found on site, with what was asked for already in it."""
    found = api("credit").get(f"/applications/{application_id}")
    begun = {name: found[name] for name in ("amount", "instalments", "grace")}
    return _appraisal_form(found, Form(begun))


@blueprint.post("/applications/<uuid:application_id>/appraise")
@for_roles(*APPRAISERS)
def appraise(application_id: UUID) -> Any:
    """Put the appraisal into the file."""
    form, found = Form(request.form), api("credit").get(f"/applications/{application_id}")
    currency = found["amount"]["currency"]
    body: dict[str, Any] = {
        name: form.money(name, currency) for name in ("monthly_income", "monthly_expense", "monthly_debts")
    }
    body |= {name: form.text(name) for name in ("guarantees", "remarks", "conditions", "recommendation")}
    body |= {"visited_on": form.text("visited_on"), "assistance_needs": form.many("assistance_needs")}
    try:
        api("credit").post(f"/applications/{application_id}/appraisals", body | _asked(form, {"currency": currency}))
    except Problem as problem:
        form.refused(problem)
        return _appraisal_form(found, form), problem.status
    flash(_("The appraisal is in the file."))
    return redirect(f"/credit/applications/{application_id}", 303)


@blueprint.post("/applications/<uuid:application_id>/conditions/<uuid:condition_id>")
@for_roles(*STAFF)
def condition(application_id: UUID, condition_id: UUID) -> Any:
    """Keep the paper that shows that a condition is met, and say so, as who was asked to look."""
    form, sent = Form(request.form), request.files.get("file")
    path = f"/applications/{application_id}/conditions/{condition_id}"
    try:
        if sent is not None and sent.filename:
            api("credit").upload(f"{path}/evidence", name=sent.filename, content=sent.stream, media_type=sent.mimetype)
        if form.flag("met"):
            api("credit").post(f"{path}/verification", {"note": form.text("note")})
    except Problem as problem:
        form.refused(problem)
        return _file(api("credit").get(f"/applications/{application_id}"), form), problem.status
    flash(_("The condition is met.") if form.flag("met") else _("The paper is kept."))
    return redirect(f"/credit/applications/{application_id}#conditions", 303)


@blueprint.get("/applications/<uuid:application_id>/conditions/<uuid:condition_id>")
@for_roles(*FILE_READERS, "cashier")
def evidence(application_id: UUID, condition_id: UUID) -> Any:
    """The paper that shows that a condition is met."""
    path = f"/applications/{application_id}/conditions/{condition_id}/evidence"
    return send(api("credit").file(path), inline=True)


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
    return render_template(
        "credit/request.html",
        form=form,
        enterprise=record,
        funds=own,
        fund=chosen,
        products=api("credit").get(f"/funds/{chosen['id']}/products").rows if chosen else [],
        check=_eligibility(enterprise_id, chosen) if chosen else None,
    )


def _eligibility(enterprise_id: UUID, fund: Any) -> Any:
    try:
        return api("credit").get(f"/enterprises/{enterprise_id}/eligibility", {"fund": fund["id"]})
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


def _file(found: Answer, form: Form) -> Any:
    waiting = (found["state"] in {"appraised", "deferred", "lapsed"} or found["expired"]) and me().has(*CONVENERS)
    sessions: list[Any] = []
    if waiting:
        listed = api("credit").get("/sessions", {"fund": found["fund_id"], "limit": 50}).rows
        been = {session["id"] for session in found["sessions"]}
        sessions = [session for session in listed if session["state"] != "closed" and session["id"] not in been]
    return render_template(
        "credit/application.html",
        found=found,
        form=form,
        enterprise=name_of(found["enterprise_id"]),
        sessions=sessions,
        waiting=waiting,
    )


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


def _appraisal_form(found: Answer, form: Form) -> Any:
    return render_template("credit/appraise.html", found=found, form=form, enterprise=name_of(found["enterprise_id"]))
