"""The Trust Fund Committee: compliance month by month, its observations, the suspension of lending."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request

from services.portal import queries
from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import WATCHERS, blueprint
from services.portal.pages.credit.compliance_words import COMPLIANCE
from shared.kernel import clock


@blueprint.get("/funds/<uuid:fund_id>/compliance")
@for_roles(*WATCHERS)
def compliance(fund_id: UUID) -> Any:
    """Each rule of the regulations against what happened in a month."""
    return _page(fund_id, Form())


@blueprint.get("/funds/<uuid:fund_id>/compliance/pdf")
@for_roles(*WATCHERS)
def compliance_pdf(fund_id: UUID) -> Any:
    """The same as a PDF."""
    path = f"/funds/{fund_id}/compliance/pdf"
    return send(api("credit").file(path, {"month": _month().isoformat()}), inline=True)


@blueprint.get("/reports")
@for_roles(*WATCHERS)
def reports() -> Any:
    """The monthly reports as they were issued, of every fund that is hers to watch."""
    return render_template("credit/reports.html", rows=api("credit").get("/compliance-reports").rows)


@blueprint.get("/reports/<uuid:report_id>/pdf")
@for_roles(*WATCHERS)
def report_pdf(report_id: UUID) -> Any:
    """One of them, as a PDF."""
    return send(api("credit").file(f"/compliance-reports/{report_id}/pdf"), inline=True)


@blueprint.get("/reports/<uuid:report_id>/reading-copy")
@for_roles(*WATCHERS)
def report_copy(report_id: UUID) -> Any:
    """The same in English, to be read: the original rules."""
    return send(api("credit").file(f"/compliance-reports/{report_id}/reading-copy"), inline=True)


@blueprint.post("/funds/<uuid:fund_id>/observations")
@for_roles("trust_fund_member")
def observe(fund_id: UUID) -> Any:
    """Observe something; it must be answered."""
    form = Form(request.form)
    body = {"month": _month().isoformat(), "rule": form.optional("rule"), "text": form.text("text")}
    return _post(fund_id, form, f"/funds/{fund_id}/observations", body, _("The observation is made."))


@blueprint.post("/funds/<uuid:fund_id>/observations/<uuid:observation_id>/answer")
@for_roles("coordinator")
def answer(fund_id: UUID, observation_id: UUID) -> Any:
    """Answer an observation, once."""
    form = Form(request.form)
    name = f"answer-{observation_id}"
    path = f"/funds/{fund_id}/observations/{observation_id}/answer"
    return _post(fund_id, form, path, {"answer": form.text(name)}, _("The answer is given."), answer=name)


@blueprint.post("/funds/<uuid:fund_id>/suspend")
@for_roles("trust_fund_member")
def suspend(fund_id: UUID) -> Any:
    """Suspend the lending of the fund."""
    return _switch(fund_id, "suspension", _("Lending is suspended: nothing is approved and nothing paid out."))


@blueprint.post("/funds/<uuid:fund_id>/resume")
@for_roles("trust_fund_member")
def resume(fund_id: UUID) -> Any:
    """Let the fund lend again."""
    return _switch(fund_id, "resumption", _("The fund lends again."))


def _switch(fund_id: UUID, what: str, sentence: str) -> Any:
    form = Form(request.form)
    if not form.flag("sure"):
        form.wrong("sure", _("Tick the box: the committee decided it."))
        return _page(fund_id, form), 422
    return _post(fund_id, form, f"/funds/{fund_id}/{what}", {"reason": form.text("reason")}, sentence)


def _post(fund_id: UUID, form: Form, path: str, body: dict[str, Any], sentence: str, **renamed: str) -> Any:
    try:
        api("credit").post(path, body)
    except Problem as problem:
        form.refused(problem, **renamed)
        return _page(fund_id, form), problem.status
    flash(sentence)
    return redirect(f"/credit/funds/{fund_id}/compliance?month={_month().isoformat()[:7]}", 303)


def _month() -> date:
    """The month that is asked for, in the address or the form; this one where none is, or it is none."""
    asked = request.values.get("month", "")
    try:
        return date.fromisoformat(f"{asked[:7]}-01")
    except ValueError:
        return clock.today().replace(day=1)


def _people(subjects: set[str]) -> dict[str, str]:
    """The names behind accounts."""
    with current_app.extensions["database"].reading() as session:
        return queries.names_of(session, subjects)


def _page(fund_id: UUID, form: Form) -> Any:
    month = _month()
    found = api("credit").get(f"/funds/{fund_id}/compliance", {"month": month.isoformat()})
    after = (month + timedelta(days=31)).replace(day=1)
    return render_template(
        "credit/compliance.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        found=found,
        form=form,
        month=month.isoformat()[:7],
        earlier=(month - timedelta(days=1)).isoformat()[:7],
        later=after.isoformat()[:7] if after <= clock.today() else None,
        people=_people({row["subject"] for row in found["attempts"]}),
        broken=[check for check in found["checks"] if check["state"] == "broken"],
        rules=list(COMPLIANCE.items()),
    )
