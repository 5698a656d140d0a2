"""The session room: roll call, item after item, votes, the close."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    CHOICES,
    CONDUCTORS,
    CONVENERS,
    MINUTES_READERS,
    blueprint,
    names_of,
)
from services.portal.pages.registry.codes import said
from shared.kernel import LOCAL_TIME, clock

_ROOM = (*MINUTES_READERS, "technician")


@blueprint.get("/sessions/<uuid:session_id>")
@for_roles(*_ROOM)
def enter(session_id: UUID) -> Any:
    """The room as it is now for whoever looks."""
    return _room(_session(session_id), Form())


@blueprint.post("/sessions/<uuid:session_id>/opening")
@for_roles(*CONDUCTORS)
def open_(session_id: UUID) -> Any:
    """Call the roll and, once it was looked at again, open."""
    form = Form(request.form)
    if form.text("back"):
        return _room(_session(session_id), form)
    if not form.flag("checked"):
        return _check_opening(_session(session_id), form)
    return _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/opening", {"present": form.many("present")}),
        _("The session is open. The roll is fixed now."),
    )


@blueprint.post("/sessions/<uuid:session_id>/attendance")
@for_roles(*CONDUCTORS)
def attendance(session_id: UUID) -> Any:
    """Note that somebody came in or went out."""
    form = Form(request.form)
    body = {"seat": form.text("seat"), "present": form.text("present") == "yes"}
    return _done(
        session_id, form, lambda: api("credit").post(f"/sessions/{session_id}/attendance", body), _("It is noted.")
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/check")
@for_roles("committee_member")
def check_vote(session_id: UUID, item_id: UUID) -> Any:
    """Show the vote once more before it is cast."""
    form, session = Form(request.form), _session(session_id)
    item = _item(session, item_id)
    if form.text("choice") not in CHOICES:
        form.wrong("choice", _("Choose how you vote."))
    elif form.text("choice") != "approve":
        if not form.text("reason"):
            form.wrong("reason", _("Write the reason; it stands in the minutes."))
        if any(one["own"] for one in session["reasons"][form.text("choice")]) and not _reason_code(form):
            form.wrong("reason_" + form.text("choice"), _("Choose one of the reasons of the regulations."))
    if form.errors:
        return _room(session, form, item_id), 422
    known = {one["code"]: one["name"] for one in session["reasons"].get(form.text("choice"), [])}
    return render_template(
        "credit/check_vote.html",
        session=session,
        item=item,
        form=form,
        names=_names(session),
        reason=known.get(_reason_code(form) or ""),
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/vote")
@for_roles("committee_member")
def vote(session_id: UUID, item_id: UUID) -> Any:
    """Cast the vote that was checked, or go back to it."""
    form = Form(request.form)
    if form.text("back"):
        return _room(_session(session_id), form, item_id)
    body = {"choice": form.text("choice"), "reason": form.text("reason"), "reason_code": _reason_code(form)}
    return _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/items/{item_id}/votes", body),
        _("Your vote is cast: %(choice)s.", choice=said(CHOICES, form.text("choice")).lower()),
        item_id,
    )


@blueprint.post("/sessions/<uuid:session_id>/answer")
@for_roles("committee_member")
def answer_invitation(session_id: UUID) -> Any:
    """Say whether she comes to a session she was told of."""
    form = Form(request.form)
    body = {"answer": form.text("answer"), "excuse": form.text("excuse")}
    sentence = _("Thank you: you are expected.") if body["answer"] == "coming" else _("Your excuse is noted.")
    return _done(session_id, form, lambda: api("credit").post(f"/sessions/{session_id}/answer", body), sentence)


@blueprint.post("/sessions/<uuid:session_id>/observe")
@for_roles("trust_fund_member")
def observe_session(session_id: UUID) -> Any:
    """Observe it for the Trust Fund Committee."""
    path = f"/sessions/{session_id}/observers"
    return _done(session_id, Form(), lambda: api("credit").post(path), _("It stands in the minutes that you observe."))


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/recuse")
@for_roles(*CONDUCTORS)
def recuse(session_id: UUID, item_id: UUID) -> Any:
    """Leave the quorum of the item, or note who said so."""
    form = Form(request.form)
    body = {"reason": form.text("recusal"), "seat": form.optional("seat")}
    return _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/items/{item_id}/recusals", body),
        _("The recusal is noted."),
        item_id,
        reason="recusal",
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/conditions")
@for_roles(*CONDUCTORS, *CONVENERS)
def ask_condition(session_id: UUID, item_id: UUID) -> Any:
    """Put a condition into the motion, before anybody has voted."""
    form = Form(request.form)
    body = {
        "text": form.text("condition"),
        "due_on": form.optional("due_on"),
        "verifier": form.text("verifier"),
    }
    return _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/items/{item_id}/conditions", body),
        _("The condition is in the motion."),
        item_id,
        text="condition",
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/conditions/<uuid:condition_id>/drop")
@for_roles(*CONDUCTORS, *CONVENERS)
def drop_condition(session_id: UUID, item_id: UUID, condition_id: UUID) -> Any:
    """Take a condition out of the motion, before anybody has voted."""
    path = f"/sessions/{session_id}/items/{item_id}/conditions/{condition_id}/removal"
    return _done(
        session_id, Form(), lambda: api("credit").post(path), _("The condition is out of the motion."), item_id
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/conditions/carry")
@for_roles(*CONDUCTORS, *CONVENERS)
def carry_conditions(session_id: UUID, item_id: UUID) -> Any:
    """Put the conditions into the motion that were asked for when it was deferred."""
    form = Form(request.form)
    done = _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/items/{item_id}/conditions/carried"),
        _("The conditions are in the motion again."),
        item_id,
    )
    return redirect(f"/credit/sessions/{session_id}/agenda", 303) if form.text("agenda") and not form.errors else done


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/exception")
@for_roles(*CONDUCTORS, *CONVENERS)
def make_exception(session_id: UUID, item_id: UUID) -> Any:
    """Note why it may be approved although a rule is not met."""
    form = Form(request.form)
    return _done(
        session_id,
        form,
        lambda: api("credit").post(
            f"/sessions/{session_id}/items/{item_id}/exception", {"reason": form.text("exception")}
        ),
        _("The reason for the exception is noted."),
        item_id,
        reason="exception",
    )


@blueprint.post("/sessions/<uuid:session_id>/corrections")
@for_roles(*CONDUCTORS)
def correct(session_id: UUID) -> Any:
    """Correct earlier minutes; it stands in those of this session."""
    form = Form(request.form)
    body = {"acta": form.text("acta").upper(), "text": form.text("correction")}
    return _done(
        session_id,
        form,
        lambda: api("credit").post(f"/sessions/{session_id}/corrections", body),
        _("The correction is noted; it is printed in the minutes of this session."),
        text="correction",
    )


@blueprint.post("/sessions/<uuid:session_id>/items/<uuid:item_id>/close")
@for_roles(*CONDUCTORS)
def close_item(session_id: UUID, item_id: UUID) -> Any:
    """Count the votes."""
    form = Form(request.form)
    try:
        done = api("credit").post(f"/sessions/{session_id}/items/{item_id}/closing")
    except Problem as problem:
        form.refused(problem)
        return _room(_session(session_id), form, item_id), problem.status
    sentences = {
        "approved": _("Resolution %(number)s: approved.", number=done["number"]),
        "refused": _("Resolution %(number)s: refused.", number=done["number"]),
        "deferred": _("Resolution %(number)s: deferred.", number=done["number"]),
    }
    flash(sentences[done["outcome"]], "message" if done["outcome"] == "approved" else "warn")
    return redirect(f"/credit/sessions/{session_id}", 303)


@blueprint.get("/sessions/<uuid:session_id>/close")
@for_roles(*CONDUCTORS)
def check_close(session_id: UUID) -> Any:
    """What closing will do, before it is done."""
    session = _session(session_id)
    return render_template("credit/check_close.html", session=session, form=Form(), names=_names(session))


@blueprint.post("/sessions/<uuid:session_id>/close")
@for_roles(*CONDUCTORS)
def close(session_id: UUID) -> Any:
    """Close the session; its acta is made."""
    form = Form(request.form)
    try:
        acta = api("credit").post(f"/sessions/{session_id}/closing")
    except Problem as problem:
        form.refused(problem)
        session = _session(session_id)
        shown = render_template("credit/check_close.html", session=session, form=form, names=_names(session))
        return shown, problem.status
    flash(_("The session is closed and its minutes %(number)s are made.", number=acta["number"]))
    return redirect(f"/credit/sessions/{session_id}", 303)


@blueprint.get("/sessions/<uuid:session_id>/acta")
@for_roles(*MINUTES_READERS)
def acta(session_id: UUID) -> Any:
    """The minutes as a PDF."""
    return send(api("credit").file(f"/sessions/{session_id}/acta"), inline=True)


def _check_opening(session: Answer, form: Form) -> Any:
    here = form.many("present")
    seats = [seat for seat in session["seats"] if seat["id"] in here]
    doubled = [seat for seat in seats if seat["alternate_for_id"] in here]
    missing = [who for who in session["rule"]["constituencies"] if who not in {seat["constituency"] for seat in seats}]
    called_for = datetime.fromisoformat(session["scheduled_for"]).astimezone(LOCAL_TIME).date()
    today = called_for == clock.today()
    return render_template(
        "credit/check_opening.html",
        session=session,
        seats=seats,
        missing=missing,
        today=today,
        doubled=doubled,
        untold=_untold(session),
    )


def _untold(session: Answer) -> list[Any]:
    """The principals whom nobody told of the session, where the regulations ask for notice."""
    told = {one["seat"] for one in session["notice"]["notified"]}
    principals = [seat for seat in session["seats"] if not seat["alternate_for_id"]]
    return [seat for seat in principals if session["notice"]["days"] and seat["id"] not in told]


def _session(session_id: UUID) -> Answer:
    return api("credit").get(f"/sessions/{session_id}")


def _reason_code(form: Form) -> str | None:
    """The reason chosen for the choice that was made; none for an approval."""
    return form.optional("reason_" + form.text("choice")) if form.text("choice") in {"refuse", "defer"} else None


def _item(session: Answer, item_id: UUID) -> Any:
    for item in session["agenda"]:
        if item["id"] == str(item_id):
            return item
    raise Problem(404, "session.item_unknown")


def _names(session: Answer) -> Any:
    return names_of(item["application"]["enterprise_id"] for item in session["agenda"] if item["application"])


def _room(session: Answer, form: Form, item_id: UUID | None = None) -> Any:
    current = next((item for item in session["agenda"] if item["state"] == "pending"), None)
    chosen = str(item_id) if item_id else request.args.get("item")
    shown = next((item for item in session["agenda"] if item["id"] == chosen), current)
    return render_template(
        "credit/room.html", session=session, form=form, item=shown, current=current, names=_names(session)
    )


def _done(
    session_id: UUID,
    form: Form,
    step: Callable[[], Any],
    sentence: str,
    item_id: UUID | None = None,
    **renamed: str,
) -> Any:
    """Do it and come back to the room; what is refused is told there, with what was typed."""
    try:
        step()
    except Problem as problem:
        form.refused(problem, **renamed)
        return _room(_session(session_id), form, item_id), problem.status
    flash(sentence)
    where = f"?item={item_id}" if item_id else ""
    return redirect(f"/credit/sessions/{session_id}{where}", 303)
