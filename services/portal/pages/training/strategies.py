"""Training strategies in force at a place, and the complementary subjects that women ask for."""

from typing import Any

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.registry.codes import NEEDS, choices
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.csr_words import home_choices
from services.portal.pages.training.curriculum_choices import group_choices
from services.portal.pages.training.curriculum_words import curriculum_words, strategy_place
from services.portal.pages.training.session_words import minutes_of
from shared.kernel import clock

_STRATEGY = ("unit", "type", "need", "since", "form", "decided_by", "source", "note")


@blueprint.get("/strategies")
@for_roles(*READERS)
def strategies() -> Any:
    """For each need the strategies in force at a place, and what was decided before."""
    return _strategies(Form({"unit": strategy_place()} | request.args.to_dict(flat=False)))


@blueprint.get("/strategies/new")
@for_roles(*TEAM)
def new_strategy() -> Any:
    """The form of a decision, begun with what a link to it says."""
    begun = {name: request.args.get(name, "")[:24] for name in ("unit", "type", "need")}
    return _decide(Form({"since": clock.today().isoformat(), "smallest": "8", "largest": "20"} | begun))


@blueprint.post("/strategies/new")
@for_roles(*TEAM)
def decide_strategy() -> Any:
    """Write a decision down."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in _STRATEGY} | {"methods": form.many("methods")}
    body |= {"smallest": form.integer("smallest"), "largest": form.integer("largest")}
    try:
        made = api("training").post("/training-strategies", body | {"minutes": minutes_of(form.text("hours"))})
    except Problem as problem:
        form.refused(problem, minutes="hours")
        return _decide(form), problem.status
    flash(_("The strategy is written down. It holds from its day on."))
    return redirect(f"/training/strategies?unit={made['unit']}", 303)


@blueprint.get("/asked-subjects")
@for_roles(*READERS)
def asked_subjects() -> Any:
    """What women ask for, by subject."""
    return _asked(Form(request.args))


@blueprint.get("/asked-subjects/new")
@for_roles(*TEAM)
def new_asked_subject() -> Any:
    """The form to note that women asked for something."""
    begun = {"group_id": request.args.get("group", "")[:36], "asked_on": clock.today().isoformat(), "women": "1"}
    return _note(Form(begun))


@blueprint.post("/asked-subjects/new")
@for_roles(*TEAM)
def note_asked_subject() -> Any:
    """Note it."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("subject", "source", "asked_on", "note")}
    body |= {name: form.optional(name) for name in ("group_id", "unit")} | {"women": form.integer("women")}
    if body["group_id"]:
        body["unit"] = None
    try:
        api("training").post("/asked-subjects", body)
    except Problem as problem:
        form.refused(problem)
        return _note(form), problem.status
    flash(_("It is noted."))
    return redirect("/training/asked-subjects", 303)


@blueprint.get("/asked-subjects/answer")
@for_roles(*TEAM)
def subject_to_answer() -> Any:
    """The form to answer a subject."""
    return _answer(Form({"subject": request.args.get("subject", "")[:120]}))


@blueprint.post("/asked-subjects/answer")
@for_roles(*TEAM)
def answer_subject() -> Any:
    """Answer everybody who asked for it and waits."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("subject", "state", "answer")}
    if form.text("state") != "declined":
        body["curriculum_id"] = form.optional("curriculum_id")
    try:
        done = api("training").post("/asked-subjects/answers", body)
    except Problem as problem:
        form.refused(problem)
        return _answer(form), problem.status
    flash(_("The answer is kept. Women who asked: %(women)s.", women=done["women"]))
    return redirect("/training/asked-subjects", 303)


def _strategies(form: Form) -> str:
    client, rows, decided = api("training"), [], Answer()
    unit = form.text("unit")
    try:
        if unit:
            rows = client.get("/training-strategies/in-force", {"unit": unit}).rows
        decided = client.get("/training-strategies", {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
    return render_template(
        "training/strategies.html",
        form=form,
        board=[(need, _together([row for row in rows if row["need"] == need])) for need in NEEDS] if rows else [],
        decided=decided,
        places=home_choices(),
        **curriculum_words(),
    )


def _together(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The strategies of one need, each once with the chains that follow it."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(row["id"] or f"{row['type']} {row['since']}", row | {"chains": []})
        one["chains"].append(row["chain"])
    return sorted(found.values(), key=lambda one: (one["type"] == "any", -len(one["chains"])))


def _decide(form: Form) -> str:
    return render_template(
        "training/strategy_new.html", form=form, units=home_choices(), choices=choices, **curriculum_words()
    )


def _asked(form: Form) -> str:
    try:
        asked = {name: form.text(name) for name in ("unit", "state")}
        found = api("training").get("/asked-subjects", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    shown = {"found": found, "form": form, "places": place_choices(), "choices": choices}
    return render_template("training/asked_subjects.html", **shown, **curriculum_words())


def _note(form: Form) -> str:
    shown = {"form": form, "groups": group_choices(api("training")), "units": home_choices(), "choices": choices}
    return render_template("training/asked_subject_new.html", **shown, **curriculum_words())


def _answer(form: Form) -> str:
    client = api("training")
    notes = client.get("/asked-subjects/notes", {"subject": form.text("subject") or "-", "limit": 50}).rows
    kept = [(row["id"], row["title"]) for row in client.get("/curricula", {"limit": 200}).rows]
    shown = {"form": form, "notes": notes, "curricula": kept}
    return render_template("training/asked_subject_answer.html", **shown, **curriculum_words())
