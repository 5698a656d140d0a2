"""A committee: who sits on it, the mandates, what its members declared."""

from typing import Any
from uuid import UUID

from flask import abort, current_app, flash, redirect, render_template, request

from services.portal import queries
from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.credit.area import (
    COMMITTEE_KEEPERS,
    FUND_READERS,
    OVERSIGHT,
    SEAT_READERS,
    blueprint,
)
from services.portal.pages.credit.seats import account_of

_DECLARERS = ("coordinator", "committee_member", "trust_fund_member")


@blueprint.get("/committees/<uuid:committee_id>")
@for_roles(*FUND_READERS)
def committee(committee_id: UUID) -> Any:
    """Who sits on it today: principals, each with her alternate."""
    return _committee(committee_id, Form())


@blueprint.get("/funds/<uuid:fund_id>/committee")
@for_roles(*COMMITTEE_KEEPERS)
def forming(fund_id: UUID) -> Any:
    """The form for a committee of a fund: the one that decides, or the one that watches."""
    begun = Form({"kind": "trust_fund" if request.args.get("kind") == "trust_fund" else "credit"})
    return render_template("credit/form_committee.html", fund=api("credit").get(f"/funds/{fund_id}"), form=begun)


@blueprint.post("/funds/<uuid:fund_id>/committee")
@for_roles(*COMMITTEE_KEEPERS)
def form(fund_id: UUID) -> Any:
    """Form it; its seats are given next."""
    typed = Form(request.form)
    kind = "trust_fund" if typed.text("kind") == "trust_fund" else "credit"
    body = {"fund_id": str(fund_id), "name": typed.text("name"), "kind": kind}
    try:
        done = api("credit").post("/committees", body)
    except Problem as problem:
        typed.refused(problem)
        found = api("credit").get(f"/funds/{fund_id}")
        return render_template("credit/form_committee.html", fund=found, form=typed), problem.status
    flash(_("The committee is formed. Give its mandates now."))
    return redirect(f"/credit/committees/{done['id']}", 303)


@blueprint.get("/committees/<uuid:committee_id>/mandate")
@for_roles(*COMMITTEE_KEEPERS)
def giving(committee_id: UUID) -> Any:
    """The form for a mandate; of an alternate, with the seat she answers for."""
    begun = {"alternate_for": request.args.get("alternate_for", ""), "position": "member"}
    return _mandate(_found(committee_id), Form(begun))


@blueprint.post("/committees/<uuid:committee_id>/mandate")
@for_roles(*COMMITTEE_KEEPERS)
def give(committee_id: UUID) -> Any:
    """Give the mandate."""
    typed, found = Form(request.form), _found(committee_id)
    people = dict(_people(found))
    if typed.text("person") not in people:
        typed.wrong("person", _("Choose the person."))
        return _mandate(found, typed), 422
    principal = next((seat for seat in found["seats"] if seat["id"] == typed.text("alternate_for")), None)
    body = {
        "constituency": principal["constituency"] if principal else typed.text("constituency"),
        "position": "member" if principal else typed.text("position"),
        "subject": typed.text("person"),
        "name": people[typed.text("person")],
        "organization": typed.text("organization"),
        "since": typed.text("since"),
        "until": typed.optional("until"),
        "alternate_for": principal["id"] if principal else None,
    }
    try:
        done = api("credit").post(f"/committees/{committee_id}/seats", body)
    except Problem as problem:
        typed.refused(problem, subject="person")
        return _mandate(found, typed), problem.status
    flash(_("The mandate is given. Add the paper that says so."))
    return redirect(f"/credit/committees/{committee_id}/seats/{done['id']}", 303)


@blueprint.get("/committees/<uuid:committee_id>/seats/<uuid:seat_id>")
@for_roles(*SEAT_READERS)
def seat(committee_id: UUID, seat_id: UUID) -> Any:
    """One mandate: its paper, its end, and, for herself and the coordinator, what she declared."""
    return _seat(committee_id, seat_id, Form())


@blueprint.post("/committees/<uuid:committee_id>/seats/<uuid:seat_id>/mandate")
@for_roles(*COMMITTEE_KEEPERS)
def keep_paper(committee_id: UUID, seat_id: UUID) -> Any:
    """Keep the paper by which she was sent."""
    typed, sent = Form(request.form), request.files.get("file")
    if sent is None or not sent.filename:
        typed.wrong("file", _("Choose the file."))
        return _seat(committee_id, seat_id, typed), 422
    path = f"/committees/{committee_id}/seats/{seat_id}/mandate"
    try:
        api("credit").upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        typed.refused(problem)
        return _seat(committee_id, seat_id, typed), problem.status
    flash(_("The paper is kept."))
    return redirect(f"/credit/committees/{committee_id}/seats/{seat_id}", 303)


@blueprint.get("/committees/<uuid:committee_id>/seats/<uuid:seat_id>/mandate")
@for_roles(*SEAT_READERS)
def paper(committee_id: UUID, seat_id: UUID) -> Any:
    """The paper by which she was sent."""
    return send(api("credit").file(f"/committees/{committee_id}/seats/{seat_id}/mandate"), inline=True)


@blueprint.post("/committees/<uuid:committee_id>/seats/<uuid:seat_id>/end")
@for_roles(*COMMITTEE_KEEPERS)
def end(committee_id: UUID, seat_id: UUID) -> Any:
    """End the mandate today."""
    typed = Form(request.form)
    if not typed.flag("sure"):
        typed.wrong("sure", _("Tick the box to end the mandate."))
        return _seat(committee_id, seat_id, typed), 422
    try:
        api("credit").post(f"/committees/{committee_id}/seats/{seat_id}/end")
    except Problem as problem:
        typed.refused(problem)
        return _seat(committee_id, seat_id, typed), problem.status
    flash(_("The mandate ended today. Sessions that are open keep their roll."))
    return redirect(f"/credit/committees/{committee_id}", 303)


@blueprint.post("/committees/<uuid:committee_id>/seats/<uuid:seat_id>/interests")
@for_roles(*_DECLARERS)
def declare(committee_id: UUID, seat_id: UUID) -> Any:
    """Declare that she is, or is close to, an entrepreneur."""
    typed = Form(request.form)
    if not typed.text("owner"):
        if not typed.text("q"):
            typed.wrong("q", _("Write the name of her enterprise to find it."))
        return _seat(committee_id, seat_id, typed), 422 if typed.errors else 200
    body = {
        "entrepreneur_id": typed.text("owner"),
        "relation": typed.text("relation"),
        "degree": typed.integer("degree") if typed.text("relation") == "relative" else None,
    }
    try:
        api("credit").post(f"/committees/{committee_id}/seats/{seat_id}/interests", body)
    except Problem as problem:
        typed.refused(problem, entrepreneur_id="owner")
        return _seat(committee_id, seat_id, typed), problem.status
    flash(_("It is declared: she does not vote where the regulations bar her."))
    return redirect(f"/credit/committees/{committee_id}/seats/{seat_id}", 303)


def _found(committee_id: UUID) -> Answer:
    return api("credit").get(f"/committees/{committee_id}")


def _committee(committee_id: UUID, typed: Form) -> Any:
    found = _found(committee_id)
    alternates = {row["alternate_for_id"]: row for row in found["seats"] if row["alternate_for_id"]}
    principals = [row for row in found["seats"] if not row["alternate_for_id"]]
    ids = {row["id"] for row in principals}
    alone = [row for row in alternates.values() if row["alternate_for_id"] not in ids]
    return render_template(
        "credit/committee.html", found=found, principals=principals + alone, alternates=alternates, form=typed
    )


def _mandate(found: Answer, typed: Form) -> Any:
    principal = next((row for row in found["seats"] if row["id"] == typed.text("alternate_for")), None)
    return render_template("credit/mandate.html", found=found, principal=principal, people=_people(found), form=typed)


def _people(committee: Answer) -> list[tuple[str, str]]:
    """Who can sit on a committee: the accounts of her territory that have its role."""
    role = "trust_fund_member" if committee["kind"] == "trust_fund" else "committee_member"
    with current_app.extensions["database"].reading() as session:
        page = queries.list_people(session, scope=me().scope, role=role, limit=200, after=None)
    return [(str(row["id"]), str(row["name"])) for row in page.rows]


def _seat(committee_id: UUID, seat_id: UUID, typed: Form) -> Any:
    found = _found(committee_id)
    row = next((one for one in found["seats"] + found["coming"] if one["id"] == str(seat_id)), None) or abort(404)
    interests = None
    if me().has(*_DECLARERS):
        try:
            interests = api("credit").get(f"/committees/{committee_id}/seats/{seat_id}/interests")["interests"]
        except Problem as problem:
            if problem.status != 403:
                raise
    seated = row["account"] or any(one["account"] for one in found["seats"])
    owners = owners_called(typed.text("q")) if interests is not None and typed.text("q") else []
    return render_template(
        "credit/seat.html",
        committee=found,
        seat=row,
        account=account_of(row),
        reads_paper=found["kind"] != "trust_fund" or seated or me().has(*COMMITTEE_KEEPERS, *OVERSIGHT),
        interests=interests,
        owners=owners,
        form=typed,
    )


def owners_called(query: str) -> list[tuple[str, str, str]]:
    """The owners of the enterprises that a search finds."""
    rows = api("registry").get("/enterprises", {"q": query[:100], "limit": 20}).rows
    found = {}
    for row in rows:
        for owner in row.get("owners") or []:
            name = " ".join(filter(None, (owner.get("given_names"), owner.get("surnames"))))
            if owner.get("id") and name:
                found[owner["id"]] = (owner["id"], name, row.get("name") or "")
    return list(found.values())
