"""Trainers: who can teach what, where and when; her licences and her sessions to come."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.library_words import KEEPERS, TRAINER_READERS
from services.portal.pages.training.round_words import choices_of_rounds, slot_choices, slot_name

_HERE = "/trainers/<uuid:trainer_id>"


@blueprint.get("/trainers")
@for_roles(*TRAINER_READERS)
def trainers() -> Any:
    """The trainers of her territory and those who come there."""
    form = Form(request.args)
    names = ("text", "topic", "language", "unit", "after")
    asked: dict[str, Any] = {name: request.args.get(name) for name in names}
    asked |= {"left": "true" if form.flag("left") else None, "limit": 25}
    try:
        found = api("training").get("/trainers", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return _page("trainers.html", form, found=found, places=place_choices())


@blueprint.get("/trainers/new")
@for_roles(*KEEPERS)
def writing_trainer() -> Any:
    """The form of a new trainer."""
    return _edit(Form({"languages": ["es"]}), None)


@blueprint.post("/trainers/new")
@for_roles(*KEEPERS)
def write_trainer() -> Any:
    """Write her down."""
    form = Form(request.form)
    try:
        made = api("training").post("/trainers", _body(form))
    except Problem as problem:
        _refused(form, problem)
        return _edit(form, None), problem.status
    flash(_("The trainer is written down."))
    return redirect(f"/training/trainers/{made['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*TRAINER_READERS)
def trainer(trainer_id: UUID) -> Any:
    """One trainer."""
    return _trainer(trainer_id, Form())


@blueprint.get(f"{_HERE}/change")
@for_roles(*KEEPERS)
def changing_trainer(trainer_id: UUID) -> Any:
    """The form of what is known of her."""
    found = api("training").get(f"/trainers/{trainer_id}")
    return _edit(Form(found), found)


@blueprint.post(f"{_HERE}/change")
@for_roles(*KEEPERS)
def change_trainer(trainer_id: UUID) -> Any:
    """Put it right."""
    form, client = Form(request.form), api("training")
    try:
        client.put(f"/trainers/{trainer_id}", _body(form), version=form.text("version"))
    except Problem as problem:
        _refused(form, problem)
        found = client.get(f"/trainers/{trainer_id}")
        return _edit(over(found, form) if problem.status == CHANGED_MEANWHILE else form, found), problem.status
    flash(_("The trainer is changed."))
    return redirect(f"/training/trainers/{trainer_id}", 303)


@blueprint.post(f"{_HERE}/<any(leaving, returning):what>")
@for_roles(*KEEPERS)
def trainer_goes(trainer_id: UUID, what: str) -> Any:
    """She teaches no more, or again."""
    form = Form(request.form)
    try:
        api("training").post(f"/trainers/{trainer_id}/{what}", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _trainer(trainer_id, form), problem.status
    flash(_("It is noted."))
    return redirect(f"/training/trainers/{trainer_id}", 303)


def _body(form: Form) -> dict[str, Any]:
    told: dict[str, Any] = {name: form.text(name) for name in ("unit", "name")}
    told |= {name: form.many(name) for name in ("topics", "languages", "slots", "units")}
    return told | {name: form.optional(name) for name in ("account", "partner_id")}


def _refused(form: Form, problem: Problem) -> None:
    """What is wrong with one of the places belongs to the boxes of all."""
    names = [str(error.get("pointer", "")).strip("/#").replace("/", "-") for error in problem.errors]
    form.refused(problem, **{name: "units" for name in names if name.startswith("units")})


def _edit(form: Form, found: Answer | None) -> str:
    partners = api("training").get("/csr-partners", {"teaches": True, "limit": 200}).rows
    return _page(
        "trainer_edit.html",
        form,
        found=found,
        centres=[(one["id"], one["name"]) for one in partners],
        kept=form.many("units"),
    )


def _trainer(trainer_id: UUID, form: Form) -> str:
    return _page("trainer.html", form, found=api("training").get(f"/trainers/{trainer_id}"))


def _page(name: str, form: Form, **told: Any) -> str:
    lists = choices_of_rounds()
    return render_template(
        f"training/{name}",
        form=form,
        topics=list(lists["topics_named"].items()),
        languages=list(lists["languages_named"].items()),
        slots=slot_choices(lists["slots"]),
        lists=lists,
        slot_name=slot_name,
        **told,
    )
