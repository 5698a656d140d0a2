"""Licences to teach: the programme in which they are earned, each licence, and what its number tells."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.library_words import (
    KEEPERS,
    LICENCE_STANDINGS,
    SHARERS,
    TRAINER_READERS,
    paired,
    trainer_choices,
)
from services.portal.pages.training.round_words import choices_of_rounds
from services.portal.pages.training.session_words import minutes_of
from shared.kernel import clock

_EDITION, _CANDIDATE = "/trainer-editions/<uuid:edition_id>", "/trainer-candidates/<uuid:candidate_id>"
_LICENCE = "/licences/<uuid:licence_id>"


@blueprint.get("/licences")
@for_roles(*TRAINER_READERS)
def licences() -> Any:
    """The licences and the editions of the programme."""
    return _licences(Form(request.args))


@blueprint.post("/licences")
@for_roles(*SHARERS)
def open_edition() -> Any:
    """Open an edition of the programme."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("unit", "name", "level", "starts_on", "ends_on")}
    try:
        made = api("training").post("/trainer-editions", body | {"topics": form.many("topics")})
    except Problem as problem:
        form.refused(problem)
        return _licences(form), problem.status
    flash(_("The edition is open. Add who takes part."))
    return redirect(f"/training/trainer-editions/{made['id']}", 303)


@blueprint.get(_EDITION)
@for_roles(*TRAINER_READERS)
def trainer_edition(edition_id: UUID) -> Any:
    """One edition with its candidates."""
    return _edition(edition_id, Form())


@blueprint.post(_EDITION)
@for_roles(*KEEPERS)
def enter_candidate(edition_id: UUID) -> Any:
    """A trainer takes part in it."""
    form = Form(request.form)
    try:
        body = {"trainer_id": form.text("trainer_id")}
        made = api("training").post(f"/trainer-editions/{edition_id}/candidates", body)
    except Problem as problem:
        form.refused(problem)
        return _edition(edition_id, form), problem.status
    flash(_("She takes part."))
    return redirect(f"/training/trainer-candidates/{made['id']}", 303)


@blueprint.get(_CANDIDATE)
@for_roles(*TRAINER_READERS)
def trainer_candidate(candidate_id: UUID) -> Any:
    """One candidate with what she proved."""
    return _candidate(candidate_id, Form())


@blueprint.post(f"{_CANDIDATE}/<any(hours, tests, observations):what>")
@for_roles(*KEEPERS)
def prove(candidate_id: UUID, what: str) -> Any:
    """Note hours, a test or an observed session."""
    form = Form(request.form)
    body: dict[str, Any] = {"on": form.text(f"{what}-on"), "note": form.text(f"{what}-note")}
    if what == "hours":
        body |= {"minutes": minutes_of(form.text("hours-hours"))}
    elif what == "tests":
        body |= {"percent": form.integer("tests-percent")}
    else:
        criteria = api("training").get("/trainer-licences/choices")["criteria"]
        given = [(one["code"], form.integer(f"mark-{one['code']}")) for one in criteria]
        body |= {"marks": [{"criterion": code, "points": points} for code, points in given if points is not None]}
        body |= {"session_id": form.optional("session_id")}
    try:
        api("training").post(f"/trainer-candidates/{candidate_id}/{what}", body)
    except Problem as problem:
        first = next((name for name in request.form if name.startswith("mark-")), "observations-on")
        named = {"on": f"{what}-on", "note": f"{what}-note", "minutes": "hours-hours", "percent": "tests-percent"}
        form.refused(problem, **named, marks=first)
        return _candidate(candidate_id, form), problem.status
    flash(_("It is noted."))
    return redirect(f"/training/trainer-candidates/{candidate_id}", 303)


@blueprint.post(f"{_CANDIDATE}/proofs/<int:number>/striking")
@for_roles(*KEEPERS)
def strike_proof(candidate_id: UUID, number: int) -> Any:
    """What was noted by mistake counts no more."""
    form, field = Form(request.form), f"why-{number}"
    path = f"/trainer-candidates/{candidate_id}/proofs/{number}/striking"
    try:
        api("training").post(path, {"why": form.text(field)}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, why=field)
        return _candidate(candidate_id, form), problem.status
    flash(_("It counts no more."))
    return redirect(f"/training/trainer-candidates/{candidate_id}", 303)


@blueprint.post(f"{_CANDIDATE}/licence")
@for_roles(*SHARERS)
def issue_licence(candidate_id: UUID) -> Any:
    """Issue the licence that she earned."""
    form = Form(request.form)
    try:
        path = f"/trainer-candidates/{candidate_id}/licence"
        made = api("training").post(path, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _candidate(candidate_id, form), problem.status
    flash(_("The licence is issued."))
    return redirect(f"/training/licences/{made['id']}", 303)


@blueprint.get(_LICENCE)
@for_roles(*TRAINER_READERS)
def licence(licence_id: UUID) -> Any:
    """One licence."""
    return _licence(licence_id, Form())


@blueprint.get(f"{_LICENCE}/document")
@for_roles(*TRAINER_READERS)
def licence_paper(licence_id: UUID) -> Any:
    """It on paper, with a code to the page that says whether it counts."""
    try:
        return send(api("training").file(f"/trainer-licences/{licence_id}/document"))
    except Problem as problem:
        if problem.status != 409:
            raise
        flash(problem.detail, "bad")
        return redirect(f"/training/licences/{licence_id}", 303)


@blueprint.post(f"{_LICENCE}/<any(renewal, suspension, revocation):what>")
@blueprint.post(f"{_LICENCE}/<any('giving-back'):what>")
@for_roles(*SHARERS)
def change_licence(licence_id: UUID, what: str) -> Any:
    """Renew, suspend, give back or annul it."""
    form = Form(request.form)
    field = f"{what}-reason"
    body = {"reason": form.text(field)} if what in {"suspension", "revocation"} else None
    try:
        done = api("training").post(f"/trainer-licences/{licence_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, reason=field)
        return _licence(licence_id, form), problem.status
    flash(_("It is noted."))
    return redirect(f"/training/licences/{done['id']}", 303)


def licence_choices() -> Answer:
    """Levels and criteria with their names, and which topics need a licence."""
    found = api("training").get("/trainer-licences/choices")
    found["asked"] = {one["code"]: one for one in found["levels"]}
    return paired(found, "levels", "criteria")


def _licences(form: Form) -> str:
    client = api("training")
    asked = {"standing": request.args.get("standing"), "after": request.args.get("after"), "limit": 25}
    try:
        found = client.get("/trainer-licences", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    editions = client.get("/trainer-editions", {"limit": 50}).rows
    standings = [("expiring", _("Ends soon, not renewed")), *choices(LICENCE_STANDINGS)]
    return _page("licences.html", form, found=found, editions=editions, standings=standings)


def _edition(edition_id: UUID, form: Form) -> str:
    found = api("training").get(f"/trainer-editions/{edition_id}")
    there = {one["trainer_id"] for one in found["people"]}
    others = [pair for pair in trainer_choices() if pair[0] not in there]
    return _page("trainer_edition.html", form, found=found, others=others)


def _candidate(candidate_id: UUID, form: Form) -> str:
    client = api("training")
    found = client.get(f"/trainer-candidates/{candidate_id}")
    hers = client.get(f"/trainers/{found['trainer_id']}")["sessions"]
    sessions = [(one["id"], f"{one['title']}, {one['first_day']}") for one in hers]
    return _page("trainer_candidate.html", form, found=found, sessions=sessions)


def _licence(licence_id: UUID, form: Form) -> str:
    return _page("licence.html", form, found=api("training").get(f"/trainer-licences/{licence_id}"))


def _page(name: str, form: Form, **told: Any) -> str:
    topics = choices_of_rounds()["topics_named"]
    return render_template(
        f"training/{name}",
        form=form,
        lists=licence_choices(),
        topics=list(topics.items()),
        topics_named=topics,
        today=clock.today().isoformat(),
        **told,
    )
