"""Councils: who sits in them for women's organizations, what they discussed, and what was promised."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.territory.area import PUBLISHERS, blueprint
from services.portal.pages.territory.influence_words import SEERS
from shared.kernel import clock

_HERE = "/councils/<uuid:council_id>"


@blueprint.get("/councils")
@for_roles(*SEERS)
def councils() -> Any:
    """The councils of her territory, and the commitments that are due."""
    return _councils(Form(request.args))


@blueprint.get("/councils.<any(csv, xlsx):kind>")
@for_roles(*SEERS)
def councils_table(kind: str) -> Any:
    """The councils that the filter shows, as a table to be saved."""
    return send(api("territory").file("/councils/table", {"unit": request.args.get("unit"), "format": kind}))


@blueprint.post("/councils")
@for_roles(*PUBLISHERS)
def write_council() -> Any:
    """Write a council down."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("kind", "name")}
    body |= {"unit": form.text("council_unit"), "seats_total": form.integer("seats_total")}
    try:
        made = api("territory").post("/councils", body)
    except Problem as problem:
        form.refused(problem, unit="council_unit")
        return _councils(form), problem.status
    flash(_("The council is written down. Add the seats that women's organizations hold in it."))
    return redirect(f"/territory/councils/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*SEERS)
def council(council_id: UUID) -> Any:
    """One council with its seats, sessions and commitments."""
    return _council(council_id, Form())


@blueprint.post(_HERE)
@for_roles(*PUBLISHERS)
def change_council(council_id: UUID) -> Any:
    """Put its name and the number of its seats right."""
    form = Form(request.form)
    body = {"name": form.text("name"), "seats_total": form.integer("seats_total")}
    try:
        api("territory").put(f"/councils/{council_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _council(council_id, form), problem.status
    flash(_("The council is changed."))
    return redirect(f"/territory/councils/{council_id}", 303)


@blueprint.post(f"{_HERE}/seats")
@for_roles(*PUBLISHERS)
def give_seat(council_id: UUID) -> Any:
    """Write a seat of a women's organization down."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("organization", "constituency", "held_from")}
    body |= {"kind": form.text("seat_kind")}
    return _done(council_id, "seats", body | {"held_until": form.optional("held_until")}, form, kind="seat_kind")


@blueprint.post(f"{_HERE}/seats/<uuid:seat_id>/end")
@for_roles(*PUBLISHERS)
def end_seat(council_id: UUID, seat_id: UUID) -> Any:
    """Write the last day of a seat down."""
    form = Form(request.form)
    field = f"end-{seat_id}"
    path, body = f"seats/{seat_id}/end", {"day": form.text(field)}
    return _done(council_id, path, body, form, version=form.text("version"), day=field)


@blueprint.post(f"{_HERE}/sessions")
@for_roles(*PUBLISHERS)
def hold_session(council_id: UUID) -> Any:
    """Write a session down."""
    form = Form(request.form)
    present = [line.strip() for line in form.text("organizations").splitlines() if line.strip()]
    body = {
        "held_on": form.text("held_on"),
        "agenda": form.text("agenda"),
        "women": form.integer("women"),
        "men": form.integer("men"),
        "organizations": present,
    }
    renamed = {f"organizations-{at}": "organizations" for at in range(len(present))}
    return _done(council_id, "sessions", body, form, **renamed)


@blueprint.post(f"{_HERE}/commitments")
@for_roles(*PUBLISHERS)
def promise(council_id: UUID) -> Any:
    """Write down what an institution promised in a session."""
    form = Form(request.form)
    held = form.text("session_id")
    if not held:
        form.wrong("session_id", _("Choose the session in which it was promised."))
        return _council(council_id, form), 422
    body = {name: form.text(name) for name in ("what", "responsible", "due_on")}
    return _done(council_id, f"sessions/{held}/commitments", body, form)


@blueprint.get("/commitments/<uuid:commitment_id>/proof")
@for_roles(*SEERS)
def show_proof(commitment_id: UUID) -> Any:
    """The paper that shows a commitment."""
    return send(api("territory").file(f"/commitments/{commitment_id}/proof"), inline=True)


@blueprint.post("/commitments/<uuid:commitment_id>")
@for_roles(*PUBLISHERS)
def settle(commitment_id: UUID) -> Any:
    """Say whether a commitment was kept, with its paper where there is one; goes back to where it was promised."""
    form, sent, client = Form(request.form), request.files.get("proof"), api("territory")
    version = form.text("version")
    try:
        if form.text("state"):
            body = {"state": form.text("state"), "note": form.optional("note")}
            version = client.post(f"/commitments/{commitment_id}/settlement", body, version=version)["version"]
        if sent is not None and sent.filename:
            path = f"/commitments/{commitment_id}/proof"
            client.upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype, version=version)
    except Problem as problem:
        if problem.status not in {403, 404, 409, 412, 413, 422}:
            raise
        flash(problem.errors[0]["detail"] if problem.errors else problem.detail, "bad")
        return redirect(_origin(form), 303)
    flash(_("It is written down."))
    return redirect(_origin(form), 303)


def _origin(form: Form) -> str:
    """The page of the council or dialogue in which it was promised."""
    kind, its_id = form.text("of"), form.text("of_id")
    try:
        return f"/territory/{'dialogues' if kind == 'dialogues' else 'councils'}/{UUID(its_id)}"
    except ValueError:
        return "/territory/councils"


def _done(
    council_id: UUID, under: str, body: dict[str, Any], form: Form, *, version: str | None = None, **renamed: str
) -> Any:
    try:
        api("territory").post(f"/councils/{council_id}/{under}", body, version=version)
    except Problem as problem:
        form.refused(problem, **renamed)
        return _council(council_id, form), problem.status
    flash(_("It is written down."))
    return redirect(f"/territory/councils/{council_id}", 303)


def _councils(form: Form) -> str:
    unit, client = request.args.get("unit"), api("territory")
    return render_template(
        "territory/councils.html",
        councils=client.get("/councils", {"unit": unit, "after": request.args.get("after"), "limit": 50}),
        due=client.get("/commitments", {"unit": unit, "state": "open", "limit": 20}).rows,
        form=form,
    )


def _council(council_id: UUID, form: Form) -> str:
    found = api("territory").get(f"/councils/{council_id}")
    sessions = [(held["id"], f"{held['held_on']}: {held['agenda'][:60]}") for held in found["sessions"]]
    return render_template(
        "territory/council.html",
        found=found,
        form=form,
        session_choices=sessions,
        may_write=me().has(*PUBLISHERS) and me().scope.covers(found["unit"]),
        today=clock.today().isoformat(),
    )
