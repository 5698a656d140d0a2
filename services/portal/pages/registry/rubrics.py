"""The rubrics: the editions by which centres profile enterprises, and a centre adopting one of its own."""

from typing import Any

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.area import READERS, blueprint
from services.portal.pages.registry.profiles import SUBJECTS
from shared.kernel import clock

WRITERS = ("coordinator", "network_coordinator")
_LIMITS = ("strategic_from", "stale_after_months")
_LANGUAGES = ("es", "en")
_LEVELS = range(5)


@blueprint.get("/rubrics")
@for_roles(*READERS)
def rubrics() -> Any:
    """The network's edition and those of the centres of her territory."""
    return render_template(
        "registry/rubrics.html",
        editions=api("registry").get("/rubrics").rows,
        centres=_centres(),
        may_write=me().has(*WRITERS),
    )


@blueprint.get("/rubrics/new")
@for_roles(*WRITERS)
def adopting() -> Any:
    """The form of a new edition, with what the centre works by today."""
    centres = _centres()
    chosen = request.args.get("centre_id") or (centres[0][0] if len(centres) == 1 else "")
    if chosen not in dict(centres):
        return render_template("registry/rubric_centre.html", centres=centres, form=Form({"centre_id": ""}))
    now = _in_force(chosen)
    typed: dict[str, Any] = {"centre_id": chosen, "valid_from": clock.today().isoformat()}
    typed |= {name: now[name] for name in _LIMITS}
    for one in now["subjects"]:
        subject = one["subject"]
        typed |= {f"weights-{subject}": one["weight"], f"minimums-{subject}": one["minimum"]}
        for level, words in enumerate(one["levels"]):
            typed |= {f"words-{subject}-{level}-{language}": words[language] for language in _LANGUAGES}
    return _page("rubric_edit.html", Form(typed))


@blueprint.post("/rubrics/new")
@for_roles(*WRITERS)
def adopt() -> Any:
    """Shown once more before it is adopted; then it is for good, until another one."""
    form = Form(request.form)
    go = form.text("go")
    if go == "change":
        return _page("rubric_edit.html", form)
    if go != "adopt":
        _look_over(form)
        return (_page("rubric_edit.html", form), 422) if form.errors else _page("rubric_check.html", form)
    try:
        api("registry").post("/rubrics", _body(form))
    except Problem as problem:
        form.refused(problem, **_renamed(problem, form))
        return _page("rubric_edit.html", form), problem.status
    flash(_("The rubric is adopted."))
    return redirect("/registry/rubrics", 303)


def _look_over(form: Form) -> None:
    """What the page itself can see: that nothing is empty, that numbers are numbers; the rest the registry says."""
    numbers = [f"{kind}-{subject}" for kind in ("weights", "minimums") for subject in SUBJECTS]
    for name in (*numbers, *_LIMITS):
        if not isinstance(form.integer(name), int):
            form.wrong(name, _("Write a whole number."))
    for name in ("valid_from", "source"):
        if not form.text(name):
            form.wrong(name, _("Fill this in."))


def _body(form: Form) -> dict[str, Any]:
    now = {one["subject"]: one["levels"] for one in _in_force(form.text("centre_id"))["subjects"]}
    wording = [
        {"subject": subject, "level": level, **said}
        for subject in SUBJECTS
        for level in _LEVELS
        if (said := _words(form, subject, level)) != now[subject][level]
    ]
    return {
        **{name: form.text(name) for name in ("centre_id", "valid_from", "source")},
        **{name: form.integer(name) for name in _LIMITS},
        **{kind: {s: form.integer(f"{kind}-{s}") for s in SUBJECTS} for kind in ("weights", "minimums")},
        "wording": wording,
    }


def _words(form: Form, subject: str, level: int) -> dict[str, str]:
    return {language: form.text(f"words-{subject}-{level}-{language}") for language in _LANGUAGES}


def _renamed(problem: Problem, form: Form) -> dict[str, str]:
    """The weights as a whole are said at the first of them; words by their place among the changed ones."""
    changed = [(one["subject"], one["level"]) for one in _body(form)["wording"]]
    names = {"weights": "weights-credit"}
    for error in problem.errors:
        parts = str(error.get("pointer", "")).strip("/").split("/")
        if parts[0] == "wording" and len(parts) == 3 and parts[1].isdecimal():
            subject, level = changed[int(parts[1])]
            names["-".join(parts)] = f"words-{subject}-{level}-{parts[2]}"
    return names


def _in_force(centre_id: str) -> Answer:
    return api("registry").get("/rubrics/in-force", {"centre_id": centre_id})


def _centres() -> list[tuple[str, str]]:
    return [(row["id"], row["name"]) for row in api("registry").get("/centres").rows]


def _page(template: str, form: Form) -> str:
    weights = [form.integer(f"weights-{subject}") for subject in SUBJECTS]
    return render_template(
        f"registry/{template}",
        form=form,
        centre=dict(_centres()).get(form.text("centre_id"), ""),
        levels=_LEVELS,
        total=sum(weight for weight in weights if isinstance(weight, int)),
        today=clock.today().isoformat(),
    )
