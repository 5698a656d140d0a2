"""Seed capital: the parts that an appraisal proposes, the award, and what comes of each part."""

from typing import Any
from uuid import UUID, uuid4

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.formats import day, money
from services.portal.frame.language import locale
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    APPRAISERS,
    BOOKS,
    COLLECTORS,
    CONVENERS,
    DISBURSERS,
    EVIDENCE_READERS,
    FILE_READERS,
    READERS,
    STAFF,
    blueprint,
    cents,
    fund_choices,
    funds,
    name_of,
    names_of,
)
from shared.kernel import clock

_KEEPERS = (*CONVENERS, "cashier")
_VIEWERS = (*FILE_READERS, *BOOKS)
_PART = ("text", "evidence", "amount", "due_on")


@blueprint.get("/seed")
@for_roles(*READERS)
def awards() -> Any:
    """The awards of her territory."""
    filters = Form(request.args)
    asked = {name: request.args.get(name, "")[:60] for name in ("fund", "state")}
    try:
        answer = api("credit").get("/seed-awards", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        filters.refused(problem)
        answer = Answer()
    own = [fund for fund in funds() if fund["kind"] == "seed_capital"]
    return render_template(
        "credit/awards.html",
        awards=answer,
        form=filters,
        funds=fund_choices(own),
        names=names_of(row["enterprise_id"] for row in answer.rows),
        opens=me().has(*_VIEWERS),
    )


@blueprint.get("/applications/<uuid:application_id>/parts")
@for_roles(*APPRAISERS)
def proposing(application_id: UUID) -> Any:
    """The form of the parts, with those that were proposed already in it."""
    plan = api("credit").get(f"/applications/{application_id}/milestones")
    begun: dict[str, Any] = {"own_contribution": plan["own_contribution"] or ""}
    for number, part in enumerate(plan["milestones"], start=1):
        begun |= {f"{name}_{number}": part[name] for name in _PART}
    return _plan_form(application_id, plan, Form(begun))


@blueprint.post("/applications/<uuid:application_id>/parts")
@for_roles(*APPRAISERS)
def propose(application_id: UUID) -> Any:
    """Propose them; a row in which nothing stands is no part."""
    form, plan = Form(request.form), api("credit").get(f"/applications/{application_id}/milestones")
    numbers = [n for n in range(1, 13) if any(form.text(f"{name}_{n}") for name in _PART)]
    body = {
        "own_contribution": form.money("own_contribution", plan["currency"]),
        "milestones": [_part(form, number, plan["currency"]) for number in numbers],
    }
    try:
        api("credit").post(f"/applications/{application_id}/milestones", body)
    except Problem as problem:
        places = {f"milestones-{i}-{name}": f"{name}_{n}" for i, n in enumerate(numbers) for name in _PART}
        places |= {f"milestones-{i}-amount-amount": f"amount_{n}" for i, n in enumerate(numbers)}
        form.refused(problem, **places)
        return _plan_form(application_id, plan, form), problem.status
    flash(_("The parts are in the file; they become part of what the committee votes on."))
    return redirect(f"/credit/applications/{application_id}#parts", 303)


@blueprint.get("/applications/<uuid:application_id>/award")
@for_roles(*DISBURSERS)
def check_award(application_id: UUID) -> Any:
    """What will be agreed to, before it is done."""
    return _award_form(application_id, Form({"key": uuid4()}))


@blueprint.post("/applications/<uuid:application_id>/award")
@for_roles(*DISBURSERS)
def award(application_id: UUID) -> Any:
    """Make the agreement."""
    form = Form(request.form)
    try:
        done = api("credit").post(f"/applications/{application_id}/award", key=form.text("key"))
    except Problem as problem:
        form.refused(problem)
        return _award_form(application_id, form), problem.status
    told = _("The award %(number)s is made. Print the agreement; she signs it, then the first part can be paid.")
    flash(told % {"number": done["number"]})
    return redirect(f"/credit/seed/{done['id']}", 303)


@blueprint.get("/seed/<uuid:award_id>")
@for_roles(*_VIEWERS)
def show_award(award_id: UUID) -> Any:
    """One award with its parts, and what can be done next."""
    return _award(award_id, Form())


@blueprint.post("/seed/<uuid:award_id>/payment/check")
@for_roles(*DISBURSERS)
def check_payment(award_id: UUID) -> Any:
    """Show once more which part is paid, and what comes of it."""
    form, found = Form(request.form), api("credit").get(f"/seed-awards/{award_id}")
    part = next((one for one in found["milestones"] if one["id"] == form.text("part")), None) or abort(404)
    if not form.text("payment_paid_on"):
        form.wrong("payment_paid_on", _("Write the day."))
        return _award(award_id, form), 422
    named, here = name_of(found["enterprise_id"]), f"/credit/seed/{award_id}"
    told = [
        (_("Part"), f"{part['position']}. {part['text']}"),
        (_("Amount"), money(part["amount"])),
        (_("Day on which she receives the money"), day(form.text("payment_paid_on"), locale(), "long")),
        (_("What she must show"), part["evidence"]),
        (_("Until when"), day(part["due_on"], locale(), "long")),
    ]
    return render_template(
        "credit/check.html",
        title=_("Check the payment of the part"),
        lead=named.owners or named.name,
        kicker=found["number"],
        told=told,
        follows=_(
            "The money leaves the account at the trustee and is not taken back here. The next part is paid once "
            "somebody else than who showed this one has verified it."
        ),
        button=_("Pay %(amount)s", amount=money(part["amount"])),
        trail=[(_("Credit"), "/credit"), (_("Award %(number)s", number=found["number"]), here)],
        action=f"{here}/payment",
        carried=("part", "payment_paid_on"),
        form=form,
        key=str(uuid4()),
    )


@blueprint.post("/seed/<uuid:award_id>/<any(payment, evidence, verification, lapse, report, closing, returns):what>")
@for_roles(*STAFF, *DISBURSERS)
def follow(award_id: UUID, what: str) -> Any:
    """Do the next thing: pay, show, verify, let lapse, report, take back, close."""
    form, found = Form(request.form), api("credit").get(f"/seed-awards/{award_id}")
    if form.text("back"):
        return _award(award_id, form)
    try:
        _done(form, found, what)
    except Problem as problem:
        form.refused(problem, paid_on=f"{what}_paid_on")
        return _award(award_id, form), problem.status
    flash(_("It is noted."))
    return redirect(f"/credit/seed/{award_id}", 303)


@blueprint.get("/seed/<uuid:award_id>/agreement")
@for_roles(*_KEEPERS)
def agreement(award_id: UUID) -> Any:
    """The agreement as a PDF."""
    return send(api("credit").file(f"/seed-awards/{award_id}/agreement"), inline=True)


@blueprint.get("/seed/<uuid:award_id>/evidence")
@for_roles(*EVIDENCE_READERS)
def award_evidence_file(award_id: UUID) -> Any:
    """Everything that is kept of the award in one signed file."""
    return send(api("credit").streamed(f"/seed-awards/{award_id}/evidence"))


@blueprint.get("/seed/<uuid:award_id>/report")
@for_roles(*FILE_READERS, "cashier")
def award_report(award_id: UUID) -> Any:
    """The final report."""
    return send(api("credit").file(f"/seed-awards/{award_id}/report"), inline=True)


@blueprint.get("/seed/<uuid:award_id>/parts/<uuid:part_id>")
@for_roles(*FILE_READERS, "cashier")
def part_evidence(award_id: UUID, part_id: UUID) -> Any:
    """The paper that shows a part."""
    return send(api("credit").file(f"/seed-awards/{award_id}/milestones/{part_id}/evidence"), inline=True)


def _done(form: Form, found: Answer, what: str) -> None:
    """One call of the API; which part it is about stands in the form."""
    here = f"/seed-awards/{found['id']}"
    part = f"{here}/milestones/{form.text('part')}"
    sent = request.files.get("file")
    if what in {"evidence", "report"}:
        path = f"{part}/evidence" if what == "evidence" else f"{here}/report"
        content = sent.stream if sent else b""
        name = (sent.filename if sent else "") or "file"
        kind = (sent.mimetype if sent else "") or "application/octet-stream"
        api("credit").upload(path, name=name, content=content, media_type=kind)
    elif what == "payment":
        api("credit").post(f"{part}/payment", {"paid_on": form.text("payment_paid_on")}, key=form.text("key"))
    elif what == "verification":
        api("credit").post(f"{part}/verification", {"note": form.text("note")})
    elif what == "returns":
        body: dict[str, Any] = {
            "amount": form.money("amount", found["amount"]["currency"]),
            "paid_on": form.text("returns_paid_on"),
            "channel": form.text("channel"),
        }
        api("credit").post(f"{here}/returns", body, key=form.text("key"))
    else:
        reason = {"reason": form.text("reason")} if what == "lapse" else None
        api("credit").post(f"{here}/{what}", reason, version=form.text("version"))


def _part(form: Form, number: int, currency: str) -> dict[str, Any]:
    texts: dict[str, Any] = {name: form.text(f"{name}_{number}") for name in ("text", "evidence", "due_on")}
    return texts | {"amount": form.money(f"amount_{number}", currency)}


def _plan_form(application_id: UUID, plan: Answer, form: Form) -> Any:
    found = api("credit").get(f"/applications/{application_id}")
    rows = min(12, max(plan["product"]["parts"], len(plan["milestones"])) + 1)
    return render_template(
        "credit/parts.html",
        found=found,
        plan=plan,
        form=form,
        rows=rows,
        enterprise=name_of(found["enterprise_id"]),
    )


def _award_form(application_id: UUID, form: Form) -> Any:
    found = api("credit").get(f"/applications/{application_id}/approval")
    return render_template(
        "credit/award_check.html",
        found=found,
        plan=api("credit").get(f"/applications/{application_id}/milestones"),
        form=form,
        enterprise=name_of(found["enterprise_id"]),
    )


def _award(award_id: UUID, form: Form) -> Any:
    found = api("credit").get(f"/seed-awards/{award_id}")
    parts = found["milestones"]
    paid = [part for part in parts if part["paid_on"]]
    unpaid = [part for part in parts if not part["paid_on"] and part["state"] == "open"]
    ready = not paid or paid[-1]["state"] == "verified"
    return render_template(
        "credit/award.html",
        found=found,
        form=form,
        key=str(uuid4()),
        day=clock.today().isoformat(),
        payable=unpaid[0]["id"] if unpaid and ready and found["state"] == "active" else None,
        left=cents(found["to_come_back"]),
        enterprise=name_of(found["enterprise_id"]),
        collects=me().has(*COLLECTORS),
        keeps=me().has(*_KEEPERS),
        takes_evidence=me().has(*EVIDENCE_READERS),
    )
