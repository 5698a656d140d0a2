"""One part of a record at a time: each with its own form, its own page, and the version that was looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, blueprint
from services.portal.pages.registry.people import languages

_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class Section:
    """A part of a record: its heading, how it stands in the form, and what is sent of it."""

    title: str
    typed: Callable[[Answer], dict[str, Any]]
    body: Callable[[Form, Answer], dict[str, Any]]
    lists: Callable[[Answer], dict[str, Any]] = lambda _found: {}


_HOUSEHOLD = ("languages", "schooling", "dependants", "children_under_6", "others_in_care", "care_hours")


def _household(woman: Answer) -> dict[str, Any]:
    head = {True: "yes", False: "no"}.get(woman["head_of_household"])
    return {name: woman[name] for name in _HOUSEHOLD} | {"head_of_household": head}


def _household_body(form: Form, _woman: Answer) -> dict[str, Any]:
    numbers = {name: form.integer(name) for name in _HOUSEHOLD[2:]}
    return numbers | {
        "languages": form.many("languages"),
        "schooling": form.optional("schooling"),
        "head_of_household": _YES_NO.get(form.text("head_of_household")),
    }


def _difficulties(woman: Answer) -> dict[str, Any]:
    return dict(woman["difficulties"] or {})


def _difficulties_body(form: Form, _woman: Answer) -> dict[str, Any]:
    told = {code: form.text(code) for code in codes.DIFFICULTIES if form.text(code)}
    return {"difficulties": told or None}


OF_A_WOMAN = {
    "household": Section(
        "Languages, schooling and household", _household, _household_body, lambda _woman: {"languages": languages()}
    ),
    "difficulties": Section("Difficulties in daily life", _difficulties, _difficulties_body),
}


@blueprint.get("/people/<uuid:entrepreneur_id>/edit/<name>")
@for_roles(*EDITORS)
def edit_woman(entrepreneur_id: UUID, name: str) -> Any:
    """One part of what is known of a woman, to be put right."""
    return editing(OF_A_WOMAN, name, f"/entrepreneurs/{entrepreneur_id}", f"/registry/people/{entrepreneur_id}")


@blueprint.post("/people/<uuid:entrepreneur_id>/edit/<name>")
@for_roles(*EDITORS)
def save_woman(entrepreneur_id: UUID, name: str) -> Any:
    """Keep this part as it was typed."""
    return saving(OF_A_WOMAN, name, f"/entrepreneurs/{entrepreneur_id}", f"/registry/people/{entrepreneur_id}")


def _section(sections: dict[str, Section], name: str) -> Section:
    if name not in sections:
        abort(404)
    return sections[name]


def editing(sections: dict[str, Section], name: str, path: str, back: str) -> Any:
    """The page of one part of the record at `path` of the API; `back` is the record's own page."""
    section = _section(sections, name)
    found = api("registry").get(path)
    return _page(section, name, found, Form(section.typed(found) | {"version": found["version"]}), back)


def saving(sections: dict[str, Section], name: str, path: str, back: str) -> Any:
    """Keep what was typed and go back to the record, or show the part again with what is wrong with it."""
    section, form = _section(sections, name), Form(request.form)
    found = api("registry").get(path)
    try:
        api("registry").patch(path, section.body(form, found), version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **_renamed(problem))
        changed = problem.status == CHANGED_MEANWHILE
        shown = over(found, form) if changed else form
        return _page(section, name, found, shown, back, changed=changed), problem.status
    flash(_("The change is saved."))
    return redirect(back, 303)


def _renamed(problem: Problem) -> dict[str, str]:
    """Where the API's fields stand in the form: the difficulties without their prefix."""
    names = {}
    for error in problem.errors:
        name = str(error.get("pointer", "")).strip("/").replace("/", "-")
        names[name] = name.removeprefix("difficulties-")
    return names


def _page(section: Section, name: str, found: Answer, form: Form, back: str, *, changed: bool = False) -> str:
    title = (
        found.get("name")
        or found.get("enterprise_name")
        or f"{found.get('given_names', '')} {found.get('surnames', '')}"
    )
    return render_template(
        "registry/section.html",
        section=section,
        part=f"registry/sections/{name}.html",
        record=found,
        record_name=title.strip(),
        form=form,
        back=back,
        changed=changed,
        choices=codes.choices,
        **section.lists(found),
    )
