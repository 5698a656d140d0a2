"""Diplomas: issued to groups whose training ended, the register of them, and each of them with its links."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint

KINDS = {"attendance": "Attendance", "achievement": "Achievement"}
STATES = {"valid": "In force", "revoked": "Annulled"}
LINK_STATES = {"valid": "Open", "revoked": "Closed by the centre", "expired": "Over"}
REASONS = {
    "wrong_name": "Her name is wrong",
    "wrong_facts": "What it says is wrong",
    "not_earned": "It was not earned",
    "lost": "It was lost",
    "other": "Another reason",
}
LANGUAGES = {"es": "Spanish", "en": "English"}
LEFT_OUT = {
    "has_one": "She has this diploma already.",
    "too_few_hours": "She attended %(hours)s hours; %(needed)s are needed.",
    "not_completed": "It is not noted that she completed the training.",
    "no_name": "The registry does not give her name.",
}
JOB_STATES = {
    "queued": ("Waiting to be printed", ""),
    "running": ("Being printed", "accent"),
    "done": ("Printed", "good"),
    "failed": ("Could not be printed", "bad"),
    "cancelled": ("It was stopped", ""),
}
_WORDS: dict[str, Any] = {
    "KINDS": KINDS,
    "STATES": STATES,
    "LINK_STATES": LINK_STATES,
    "REASONS": REASONS,
    "LANGUAGES": LANGUAGES,
    "JOB_STATES": JOB_STATES,
    "choices": choices,
}
_CONFLICTS = frozenset({404, 409, 412, 422})


@blueprint.get("/diplomas")
@for_roles(*READERS)
def diplomas() -> Any:
    """The register."""
    form = Form(request.args)
    names = ("unit", "kind", "state", "number", "subject_id", "batch_id")
    asked = {name: form.text(name) for name in names} | {"after": request.args.get("after"), "limit": 25}
    try:
        found = api("training").get("/diplomas", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("training/diplomas.html", diplomas=found, form=form, places=place_choices(), **_WORDS)


@blueprint.get("/diplomas/new")
@for_roles(*TEAM)
def new_diplomas() -> Any:
    """Which groups, which kind, how many hours; for one group, how many each woman attended."""
    groups = request.args.getlist("group")
    told = {"kind": "attendance", "language": g.language, "groups": groups}
    return _new(Form(told | (_attended(groups[0]) if len(groups) == 1 else {})))


@blueprint.post("/diplomas/new")
@for_roles(*TEAM)
def issue_diplomas() -> Any:
    """Issue them."""
    form = Form(request.form)
    taught = {"title": form.text("title"), "hours": _hours(form.text("hours"))}
    trainings: list[dict[str, Any]] = [{"group_id": group, **taught} for group in form.many("groups")]
    attended = [
        {"entrepreneur_id": name.removeprefix("hours-"), "hours": _hours(form.text(name))}
        for name in request.form
        if name.startswith("hours-") and form.text(name)
    ]
    if len(trainings) == 1 and attended:
        trainings[0]["attended"] = attended
    body = {"kind": form.text("kind"), "language": form.text("language"), "trainings": trainings}
    try:
        batch = api("training").post("/diploma-batches", body)
    except Problem as problem:
        form.refused(problem, trainings="groups", attended="hours", group_id="groups")
        return _new(form), problem.status
    return redirect(f"/training/diplomas/batches/{batch['id']}", 303)


@blueprint.get("/diplomas/batches/<uuid:batch_id>")
@for_roles(*TEAM)
def diploma_batch(batch_id: UUID) -> Any:
    """What was issued together: how the printing stands, and who got none and why."""
    client = api("training")
    batch = client.get(f"/diploma-batches/{batch_id}")
    issued = client.get("/diplomas", {"batch_id": batch_id, "limit": 200})
    working = batch["job"] is not None and batch["job"]["state"] in {"queued", "running"}
    told = {"batch": batch, "issued": issued, "working": working, "why": why, "why_not_she": why_not_she}
    return render_template("training/diploma_batch.html", **told, **_WORDS)


@blueprint.post("/diplomas/batches/<uuid:batch_id>/printing")
@for_roles(*TEAM)
def print_diplomas(batch_id: UUID) -> Any:
    """Print those that hold anew."""
    try:
        api("training").post(f"/diploma-batches/{batch_id}/printing")
    except Problem as problem:
        _told(problem)
    return redirect(f"/training/diplomas/batches/{batch_id}", 303)


@blueprint.get("/diplomas/batches/<uuid:batch_id>/file")
@for_roles(*TEAM)
def diploma_file(batch_id: UUID) -> Any:
    """All of them, as one ZIP."""
    return send(api("training").file(f"/diploma-batches/{batch_id}/file"))


@blueprint.get("/diplomas/<uuid:diploma_id>")
@for_roles(*READERS)
def diploma(diploma_id: UUID) -> Any:
    """One diploma."""
    return _diploma(diploma_id, Form({"language": ""}))


@blueprint.get("/diplomas/<uuid:diploma_id>/<any(pdf, badge):what>")
@for_roles(*READERS)
def diploma_paper(diploma_id: UUID, what: str) -> Any:
    """Its signed file, or its badge."""
    return send(api("training").file(f"/diplomas/{diploma_id}/{what}"))


@blueprint.post("/diplomas/<uuid:diploma_id>/<any(revocation, reissue):what>")
@for_roles(*TEAM)
def take_diploma_back(diploma_id: UUID, what: str) -> Any:
    """Revoke it, or replace it by a new one."""
    form = Form(request.form)
    body = {"reason": form.text("reason")}
    if what == "reissue" and form.text("language"):
        body["language"] = form.text("language")
    try:
        now = api("training").post(f"/diplomas/{diploma_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _diploma(diploma_id, form), problem.status
    if what == "reissue":
        flash(_("The new diploma is %(number)s; the one before holds no more.", number=now["number"]))
    else:
        flash(_("The diploma is revoked: whoever verifies it is told so."))
    return redirect(f"/training/diplomas/{now['id']}", 303)


@blueprint.post("/diplomas/<uuid:diploma_id>/links")
@for_roles(*TEAM)
def share_diploma(diploma_id: UUID) -> Any:
    """Make a personal link for its holder."""
    try:
        api("training").post(f"/diplomas/{diploma_id}/links", {})
    except Problem as problem:
        _told(problem)
    else:
        flash(_("The link is ready: give it to her and to nobody else."))
    return redirect(f"/training/diplomas/{diploma_id}", 303)


@blueprint.post("/diplomas/<uuid:diploma_id>/links/<uuid:link_id>/revocation")
@for_roles(*TEAM)
def take_link_back(diploma_id: UUID, link_id: UUID) -> Any:
    """The link leads nowhere any more."""
    version = Form(request.form).text("version")
    try:
        api("training").post(f"/diploma-links/{link_id}/revocation", version=version)
    except Problem as problem:
        _told(problem)
    return redirect(f"/training/diplomas/{diploma_id}", 303)


def why(row: dict[str, Any]) -> str:
    """The one reason why she got no diploma, with the numbers that prove it."""
    return _(LEFT_OUT[row["reason"]], **row["facts"])


def why_not_she(row: dict[str, Any]) -> str:
    """The same of a participant of a workshop."""
    return _("Her firm has not handed in an action plan.") if row["reason"] == "not_completed" else why(row)


def _new(form: Form) -> str:
    client = api("training")
    groups = client.get("/groups", {"ended": "true", "limit": 200}).rows
    chosen = form.many("groups")
    only = next((one for one in groups if [one["id"]] == chosen), None)
    women = client.get(f"/groups/{only['id']}")["members"] if only else []
    told = {"form": form, "groups": groups, "only": only, "women": women}
    return render_template("training/diplomas_new.html", **told, **_WORDS)


def _attended(group_id: str) -> dict[str, str]:
    """The hours of a group and of each of its women by the roll of its sessions, to a tenth; nothing where no roll was
    called or there is no such group.
    """
    try:
        found = api("training").get(f"/groups/{group_id}/hours")
    except Problem as problem:
        if problem.status not in {403, 404}:
            raise
        return {}
    if not found["held_minutes"]:
        return {}
    women = {f"hours-{one['entrepreneur_id']}": f"{one['minutes'] / 60:.1f}" for one in found["members"]}
    return {"hours": f"{found['held_minutes'] / 60:.1f}"} | women


def _diploma(diploma_id: UUID, form: Form) -> str:
    shown = api("training").get(f"/diplomas/{diploma_id}")
    address = f"{request.url_root}diploma/"
    return render_template("training/diploma.html", diploma=shown, form=form, address=address, **_WORDS)


def _told(problem: Problem) -> None:
    if problem.status not in _CONFLICTS:
        raise problem
    flash(problem.detail, "bad")


def _hours(text: str) -> float | str:
    """The number, or the text as it is, so that the API says what is wrong with it."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text
