"""Rounds of groups, set up: whom they are for, where they could meet, and how the women can come."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.frame.sending import send
from services.portal.pages.registry.place_names import my_municipalities, place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.begun_rounds import my_units
from services.portal.pages.training.library_words import trainer_choices
from services.portal.pages.training.round_words import ORIGINS, choices_of_rounds, slot_choices, slot_name
from services.portal.pages.training.venue_form import begun_venue, rows_of, venue_body
from shared import places

_MISTAKES = {
    "table.column_missing": "The column is missing.",
    "table.too_long": "The table has more rows than can be taken at once.",
    "table.not_an_id": "This is not the identifier of a woman; take it from the downloaded table.",
    "table.woman_twice": "The woman stands in the table twice.",
    "table.woman_unknown": "No woman of your territory has this identifier.",
    "table.unknown_slots": "No hour has this code.",
    "table.unknown_languages": "No language has this code.",
    "table.not_a_number": "Write a whole number: children from 0 to 12, priority from 1 to 9.",
}
_NUMBERS = ("minimum", "maximum", "reach_km", "budget")
_ROUND = "/rounds/<uuid:round_id>"


@blueprint.get("/sources")
@for_roles(*READERS)
def need_sources() -> Any:
    """Where the needs are known from, and what each source weighs."""
    form = Form(request.args)
    rows = api("training").get("/needs/sources", {"unit": form.text("unit")}).rows
    return render_template(
        "training/sources.html",
        rows=rows,
        form=form,
        places=place_choices(),
        ORIGINS=ORIGINS,
        choices=choices_of_rounds(),
    )


@blueprint.get("/rounds")
@for_roles(*READERS)
def rounds() -> Any:
    """The rounds of her territory."""
    answer = api("training").get("/rounds", {"after": request.args.get("after"), "limit": 25})
    return render_template("training/rounds.html", rounds=answer, choices=choices_of_rounds())


@blueprint.get("/rounds/new")
@for_roles(*TEAM)
def planning() -> Any:
    """The form of a new round, with the sizes of the policy filled in."""
    choices = choices_of_rounds()
    return _plan(Form({name: choices["defaults"][name] for name in _NUMBERS}), choices)


@blueprint.post("/rounds/new")
@for_roles(*TEAM)
def plan() -> Any:
    """Set up a round."""
    form = Form(request.form)
    body = _body(form) | {"units": [form.text("unit")] if form.text("unit") else my_units()}
    try:
        made = api("training").post("/rounds", body)
    except Problem as problem:
        form.refused(problem, units="unit")
        return _plan(form, choices_of_rounds()), problem.status
    flash(_("The round is set up. Now say where groups could meet."))
    return redirect(f"/training/rounds/{made['id']}", 303)


@blueprint.get(_ROUND)
@for_roles(*READERS)
def round_(round_id: UUID) -> Any:
    """One round: what is asked, the venues, the answers so far."""
    client = api("training")
    shown = client.get(f"/rounds/{round_id}")
    return render_template("training/round.html", round=shown, choices=choices_of_rounds(), slot_name=slot_name)


@blueprint.get(f"{_ROUND}/change")
@for_roles(*TEAM)
def changing_round(round_id: UUID) -> Any:
    """The form to change what the round is."""
    shown = api("training").get(f"/rounds/{round_id}")
    return _plan(Form(shown), choices_of_rounds(), shown)


@blueprint.post(f"{_ROUND}/change")
@for_roles(*TEAM)
def change_round(round_id: UUID) -> Any:
    """Change what the round is."""
    form, client = Form(request.form), api("training")
    try:
        client.patch(f"/rounds/{round_id}", _body(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        shown = client.get(f"/rounds/{round_id}")
        typed = over(shown, form) if problem.status == CHANGED_MEANWHILE else form
        return _plan(typed, choices_of_rounds(), shown), problem.status
    flash(_("The round is changed. Answers made before keep what they were asked."))
    return redirect(f"/training/rounds/{round_id}", 303)


@blueprint.get(f"{_ROUND}/venues/new")
@for_roles(*TEAM)
def adding_venue(round_id: UUID) -> Any:
    """The form of a new venue."""
    return _venue(round_id, Form())


@blueprint.post(f"{_ROUND}/venues/new")
@for_roles(*TEAM)
def add_venue(round_id: UUID) -> Any:
    """Add a venue."""
    form = Form(request.form)
    try:
        api("training").post(f"/rounds/{round_id}/venues", venue_body(form))
    except Problem as problem:
        form.refused(problem)
        return _venue(round_id, form), problem.status
    flash(_("The venue is added."))
    return redirect(f"/training/rounds/{round_id}", 303)


@blueprint.get(f"{_ROUND}/venues/<uuid:venue_id>")
@for_roles(*TEAM)
def changing_venue(round_id: UUID, venue_id: UUID) -> Any:
    """The form of a venue as it is."""
    return _venue(round_id, begun_venue(api("training").get(f"/rounds/{round_id}/venues/{venue_id}")), venue_id)


@blueprint.post(f"{_ROUND}/venues/<uuid:venue_id>")
@for_roles(*TEAM)
def change_venue(round_id: UUID, venue_id: UUID) -> Any:
    """Change or remove a venue."""
    form, path = Form(request.form), f"/rounds/{round_id}/venues/{venue_id}"
    client = api("training")
    try:
        if form.flag("remove"):
            client.delete(path, version=form.text("version"))
        else:
            client.put(path, venue_body(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        typed = over(client.get(path), form) if problem.status == CHANGED_MEANWHILE else form
        return _venue(round_id, typed, venue_id), problem.status
    flash(_("The venue is removed.") if form.flag("remove") else _("The venue is changed."))
    return redirect(f"/training/rounds/{round_id}", 303)


@blueprint.post(f"{_ROUND}/placements")
@for_roles(*TEAM)
def answer_round(round_id: UUID) -> Any:
    """Have groups proposed."""
    try:
        made = api("training").post(f"/rounds/{round_id}/placements", {})
    except Problem as problem:
        if problem.status not in {403, 409, 422}:
            raise
        flash(problem.detail, "bad")
        return redirect(f"/training/rounds/{round_id}", 303)
    return redirect(f"/training/placements/{made['id']}", 303)


@blueprint.get(f"{_ROUND}/women")
@for_roles(*READERS)
def women(round_id: UUID) -> Any:
    """The women of a round and how they can come."""
    return _women(round_id, Form(request.args), [])


@blueprint.get(f"{_ROUND}/women/table.csv")
@for_roles(*TEAM)
def women_table(round_id: UUID) -> Any:
    """The table to be filled in."""
    return send(api("training").file(f"/rounds/{round_id}/women/table"))


@blueprint.post(f"{_ROUND}/women")
@for_roles(*TEAM)
def take_women(round_id: UUID) -> Any:
    """Take the filled-in table."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file that you filled in."))
        return _women(round_id, form, []), 422
    content = file.stream.read()
    try:
        told = api("training").upload(
            f"/rounds/{round_id}/women/table", name=file.filename, content=content, media_type=file.mimetype
        )
    except Problem as problem:
        form.refused(problem)
        return _women(round_id, form, []), problem.status
    if told["mistakes"]:
        return _women(round_id, form, told["mistakes"]), 422
    flash(_("It is noted how they can come. Women: %(count)s.", count=told["noted"]))
    return redirect(f"/training/rounds/{round_id}/women", 303)


@blueprint.get(f"{_ROUND}/women/<uuid:woman_id>")
@for_roles(*TEAM)
def asking_woman(round_id: UUID, woman_id: UUID) -> Any:
    """The form of how one woman can come."""
    return _woman(round_id, woman_id, Form(api("training").get(f"/women/{woman_id}/availability")))


@blueprint.post(f"{_ROUND}/women/<uuid:woman_id>")
@for_roles(*TEAM)
def note_woman(round_id: UUID, woman_id: UUID) -> Any:
    """Note how she can come."""
    form, client = Form(request.form), api("training")
    body = {
        "slots": form.many("slots"),
        "languages": form.many("languages"),
        "children": form.integer("children"),
        "priority": form.integer("priority"),
        "together": form.many("together"),
        "apart": form.many("apart"),
    }
    try:
        client.put(f"/women/{woman_id}/availability", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        again = over(client.get(f"/women/{woman_id}/availability"), form)
        return _woman(round_id, woman_id, again if problem.status == CHANGED_MEANWHILE else form), problem.status
    flash(_("It is noted how she can come."))
    return redirect(f"/training/rounds/{round_id}/women", 303)


def _body(form: Form) -> dict[str, Any]:
    told: dict[str, Any] = {name: form.optional(name) for name in ("name", "begins_on", "ends_on")}
    told |= {"topics": form.many("topics")} | {name: form.integer(name) for name in _NUMBERS}
    return {name: value for name, value in told.items() if value is not None}


def _plan(form: Form, choices: Any, shown: Any = None) -> str:
    return render_template("training/round_form.html", form=form, choices=choices, places=place_choices(), round=shown)


def _venue(round_id: UUID, form: Form, venue_id: UUID | None = None) -> str:
    shown = api("training").get(f"/rounds/{round_id}")
    mine = [(code, places.full_name(code)) for code in my_municipalities()]
    inside = [(code, name) for code, name in mine if any(code.startswith(unit) for unit in shown["units"])]
    return render_template(
        "training/venue.html",
        form=form,
        round=shown,
        venue_id=venue_id,
        choices=choices_of_rounds(),
        municipalities=inside or mine,
        rows_of=rows_of,
        slot_name=slot_name,
        trainers=trainer_choices(),
    )


def _women(round_id: UUID, form: Form, mistakes: list[dict[str, Any]]) -> str:
    client, told = api("training"), request.args.get("told")
    asked = {"told": told if told in {"true", "false"} else None, "after": request.args.get("after"), "limit": 50}
    return render_template(
        "training/women.html",
        round=client.get(f"/rounds/{round_id}"),
        women=client.get(f"/rounds/{round_id}/women", asked),
        form=form,
        mistakes=[one | {"said": _(_MISTAKES[one["code"]])} for one in mistakes],
        choices=choices_of_rounds(),
        slot_name=slot_name,
    )


def _woman(round_id: UUID, woman_id: UUID, form: Form) -> str:
    client = api("training")
    rows = client.get(f"/rounds/{round_id}/women", {"limit": 200}).rows
    mine = next((row for row in rows if row["entrepreneur_id"] == str(woman_id)), None)
    named = {row["entrepreneur_id"]: row["name"] or row["entrepreneur_id"][-6:] for row in rows}
    kept = [*form.many("together"), *form.many("apart")]
    others = [(one, named.get(one, one[-6:])) for one in dict.fromkeys([*kept, *named]) if one != str(woman_id)]
    choices = choices_of_rounds()
    return render_template(
        "training/woman.html",
        round=client.get(f"/rounds/{round_id}"),
        woman=mine,
        woman_id=woman_id,
        form=form,
        others=others,
        choices=choices,
        slots=slot_choices(choices["slots"]),
    )
