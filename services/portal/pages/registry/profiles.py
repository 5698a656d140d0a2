"""The profile of an enterprise: a subject to a page, the answers checked, then the score and how it came about."""

from typing import Any
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from shared.kernel import clock

READERS = (*OVERSEERS, "credit_officer", "committee_member", "trust_fund_member", "cashier")
DIMENSIONS = {
    "credit": "Credit",
    "certifications": "Certifications",
    "market": "Access to markets",
    "quality": "Quality of the product",
    "training": "Training",
}
SUBJECTS = {**DIMENSIONS, "innovation": "Innovation potential", "scaling": "Scaling potential"}
MEANINGS = {
    "strategic": "It can grow more: the centre offers it its financial and business services.",
    "emerging": "The minimal conditions come first: the centre works on what is lacking.",
}
STANDINGS = {"strength": ("Strength", "good"), "middle": ("In between", ""), "weakness": ("Weakness", "warn")}
_STEPS = ("day", *SUBJECTS, "check")
_MOST = 200


@blueprint.context_processor
def words_of_profiles() -> dict[str, Any]:
    """What the templates say of profiles."""
    person = g.get("me")
    return {
        "SUBJECTS": SUBJECTS,
        "TIERS": codes.TIERS,
        "STANDINGS": STANDINGS,
        "MEANINGS": MEANINGS,
        "may_see_profiles": person is not None and person.has(*READERS),
    }


@blueprint.get("/enterprises/<uuid:enterprise_id>/profile")
@for_roles(*READERS)
def profile(enterprise_id: UUID) -> Any:
    """The latest profile (or the one that `of` names), how its score came about, and those before it."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    history = api("registry").get(f"/enterprises/{enterprise_id}/profiles", {"limit": _MOST}).rows
    wanted = request.args.get("of") or (history[0]["id"] if history else None)
    if wanted is not None and all(row["id"] != wanted for row in history):
        abort(404)
    found = api("registry").get(f"/enterprises/{enterprise_id}/profiles/{wanted}") if wanted else None
    return render_template(
        "registry/profile.html", enterprise=enterprise, profile=found, history=_with_changes(history)
    )


@blueprint.get("/enterprises/<uuid:enterprise_id>/profile/new")
@for_roles(*EDITORS)
def profiling(enterprise_id: UUID) -> Any:
    """The first page: when she was seen."""
    return _step(enterprise_id, "day", Form({"assessed_on": clock.today().isoformat()}))


@blueprint.post("/enterprises/<uuid:enterprise_id>/profile/new")
@for_roles(*EDITORS)
def profile_on(enterprise_id: UUID) -> Any:
    """One page further, back, to the page that a button names, or saved; every page carries what was answered."""
    form = Form(request.form)
    here, go = form.text("step"), form.text("go")
    if here not in _STEPS:
        abort(400)
    at = _STEPS.index(here)
    if go == "save":
        return _save(enterprise_id, form)
    if go in SUBJECTS or go == "day":
        return _step(enterprise_id, go, form, checking=True)
    if go == "back":
        return _step(enterprise_id, _STEPS[max(0, at - 1)], form)
    if not _answered(here, form):
        return _step(enterprise_id, here, form, checking=form.flag("checking")), 422
    return _step(enterprise_id, "check" if form.flag("checking") else _STEPS[min(at + 1, len(_STEPS) - 1)], form)


@blueprint.get("/enterprises/<uuid:enterprise_id>/profile/<uuid:profile_id>/<subject>/file")
@for_roles(*READERS)
def evidence(enterprise_id: UUID, profile_id: UUID, subject: str) -> Any:
    """The photograph or document, to be saved."""
    return send(api("registry").file(f"/enterprises/{enterprise_id}/profiles/{profile_id}/{subject}/file"))


@blueprint.get("/enterprises/<uuid:enterprise_id>/profile/<uuid:profile_id>/<subject>/add")
@for_roles(*EDITORS)
def adding(enterprise_id: UUID, profile_id: UUID, subject: str) -> Any:
    """The form for a photograph or document."""
    return _file_page(enterprise_id, profile_id, subject, Form())


@blueprint.post("/enterprises/<uuid:enterprise_id>/profile/<uuid:profile_id>/<subject>/add")
@for_roles(*EDITORS)
def add(enterprise_id: UUID, profile_id: UUID, subject: str) -> Any:
    """Keep it with the profile."""
    form, sent = Form(), request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose a photograph or a document."))
        return _file_page(enterprise_id, profile_id, subject, form), 422
    path = f"/enterprises/{enterprise_id}/profiles/{profile_id}/{subject}/file"
    try:
        api("registry").upload(path, name=sent.filename, content=sent.stream, media_type="application/octet-stream")
    except Problem as problem:
        form.refused(problem)
        return _file_page(enterprise_id, profile_id, subject, form), problem.status
    flash(_("The evidence is kept."))
    return redirect(f"/registry/enterprises/{enterprise_id}/profile?of={profile_id}", 303)


def _answered(step: str, form: Form) -> bool:
    """Whether a page is answered; what is missing is said at its field."""
    if step == "day" and not form.text("assessed_on"):
        form.wrong("assessed_on", _("Write the day on which you saw the enterprise."))
    if step == "day" and form.text("assessed_on") > clock.today().isoformat():
        form.wrong("assessed_on", _("That day is still to come. Write the day on which you saw the enterprise."))
    if step in SUBJECTS and not form.text(f"{step}-level"):
        form.wrong(f"{step}-level", _("Choose one of the five sentences."))
    if step in DIMENSIONS and not form.text(f"{step}-evidence"):
        form.wrong(f"{step}-evidence", _("Write what you saw: who reads it later was not there."))
    return not form.errors


def _save(enterprise_id: UUID, form: Form) -> Any:
    body: dict[str, Any] = {"assessed_on": form.text("assessed_on")}
    for subject in SUBJECTS:
        body[subject] = {"level": form.integer(f"{subject}-level"), "evidence": form.optional(f"{subject}-evidence")}
    try:
        api("registry").post(f"/enterprises/{enterprise_id}/profiles", body)
    except Problem as problem:
        form.refused(problem)
        wrong = next((name.partition("-")[0] for name in form.placed), "check")
        step = "day" if wrong == "assessed_on" else wrong if wrong in SUBJECTS else "check"
        return _step(enterprise_id, step, form, checking=True), problem.status
    flash(_("The profile is saved."))
    return redirect(f"/registry/enterprises/{enterprise_id}/profile", 303)


def _step(enterprise_id: UUID, step: str, form: Form, *, checking: bool = False) -> str:
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    rubric = None if step == "day" else _rubric(enterprise, form)
    if step != "day" and rubric is None:
        step = "day"
    subjects = {} if rubric is None else {one["subject"]: one for one in rubric["subjects"]}
    own = {"day": ["assessed_on"], "check": []}.get(step, [f"{step}-level", f"{step}-evidence"])
    answers = ["assessed_on", *(f"{s}-{name}" for s in SUBJECTS for name in ("level", "evidence"))]
    return render_template(
        "registry/profile_step.html" if step != "check" else "registry/profile_check.html",
        enterprise=enterprise,
        form=form,
        step=step,
        number=_STEPS.index(step),
        total=len(SUBJECTS),
        subjects=subjects,
        words_needed=step in DIMENSIONS,
        hidden_fields=[name for name in answers if name not in own],
        checking=checking,
        today=clock.today().isoformat(),
    )


def _rubric(enterprise: Answer, form: Form) -> Answer | None:
    """The edition in force that day where the enterprise works; None where the day cannot be read."""
    asked = {"municipality": enterprise["municipality"], "day": form.text("assessed_on")}
    try:
        return api("registry").get("/rubrics/in-force", asked)
    except Problem as problem:
        form.refused(problem, day="assessed_on")
        return None


def _file_page(enterprise_id: UUID, profile_id: UUID, subject: str, form: Form) -> str:
    if subject not in SUBJECTS:
        abort(404)
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    return render_template(
        "registry/profile_file.html", enterprise=enterprise, profile_id=profile_id, subject=subject, form=form
    )


def _with_changes(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each profile with what its score changed by, and in which subjects the level changed, since the one before."""
    told = []
    for number, row in enumerate(history):
        before = history[number + 1] if number + 1 < len(history) else None
        then = {} if before is None else {one["subject"]: one["level"] for one in before["levels"]}
        changed = [
            (one["subject"], one["level"] - then[one["subject"]])
            for one in row["levels"]
            if then and one["level"] != then[one["subject"]]
        ]
        told.append(row | {"change": None if before is None else row["score"] - before["score"], "changed": changed})
    return told
