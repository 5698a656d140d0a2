"""Case stories for their team and their reviewers: the list, one story, its form, its way to the library."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.curriculum_words import shelf_choices
from services.portal.pages.training.story_form import body_of, form_of, renamed, subjects
from services.portal.pages.training.story_words import (
    STORY_PUBLISHERS,
    STORY_READERS,
    STORY_REVIEWERS,
    STORY_TAKERS,
    STORY_WRITERS,
    story_words,
)
from shared.kernel import clock

_STORY = "/stories/<uuid:story_id>"
_FILTERS = ("text", "state", "area", "sector", "unit")


@blueprint.get("/stories")
@for_roles(*STORY_READERS)
def stories() -> Any:
    """The stories of her territory."""
    form = Form(request.args)
    asked = {name: form.text(name) for name in _FILTERS} | {"after": request.args.get("after"), "limit": 50}
    try:
        found = api("training").get("/case-stories", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    may_write = me().has(*STORY_WRITERS)
    return render_template("stories/stories.html", stories=found, form=form, may_write=may_write, **story_words())


@blueprint.get("/stories/new")
@for_roles(*STORY_WRITERS)
def new_story() -> Any:
    """The form for a new story."""
    return _form_page(Form({"year": clock.today().year} | request.args.to_dict()), None)


@blueprint.post("/stories/new")
@for_roles(*STORY_WRITERS)
def write_story() -> Any:
    """Begin a story."""
    form = Form(request.form)
    kind, _sign, subject_id = form.text("subject").partition(":")
    try:
        made = api("training").post("/case-stories", body_of(form) | {"subject_kind": kind, "subject_id": subject_id})
    except Problem as problem:
        form.refused(problem, **renamed(form), subject_id="subject", subject_kind="subject")
        return _form_page(form, None), problem.status
    flash(_("The story is begun. Add its pictures, ask its owner, and hand it in for review."))
    return redirect(f"/training/stories/{made['id']}", 303)


@blueprint.get(_STORY)
@for_roles(*STORY_READERS)
def story(story_id: UUID) -> Any:
    """One story."""
    return story_page(story_id, Form())


@blueprint.get(f"{_STORY}/text")
@for_roles(*STORY_WRITERS)
def story_text(story_id: UUID) -> Any:
    """The form of what the story says."""
    found = api("training").get(f"/case-stories/{story_id}")
    return _form_page(form_of(found), found)


@blueprint.post(f"{_STORY}/text")
@for_roles(*STORY_WRITERS)
def change_story(story_id: UUID) -> Any:
    """Say what the story says from now on."""
    form = Form(request.form)
    try:
        api("training").put(f"/case-stories/{story_id}", body_of(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **renamed(form))
        found = api("training").get(f"/case-stories/{story_id}")
        return _form_page(over(found, form) if problem.status == CHANGED_MEANWHILE else form, found), problem.status
    flash(_("The story is changed. What its owner agreed to before does not cover a changed text: ask her again."))
    return redirect(f"/training/stories/{story_id}", 303)


@blueprint.post(f"{_STORY}/submission")
@for_roles(*STORY_WRITERS)
def submit_story(story_id: UUID) -> Any:
    """Hand it in for review."""
    return step(story_id, "submission", None, _("The story is handed in. Somebody else reviews it."))


@blueprint.post(f"{_STORY}/review")
@for_roles(*STORY_REVIEWERS)
def take_story(story_id: UUID) -> Any:
    """Begin to review it."""
    return step(story_id, "review", None, _("You review this story."))


@blueprint.post(f"{_STORY}/conclusion")
@for_roles(*STORY_REVIEWERS)
def conclude_story(story_id: UUID) -> Any:
    """Approve it or return it."""
    form = Form(request.form)
    told = {name: form.text(name) for name in ("outcome", "recommendations")}
    return step(story_id, "conclusion", told, _("The review of the story is sent."))


@blueprint.post(f"{_STORY}/publication")
@for_roles(*STORY_PUBLISHERS)
def publish_story(story_id: UUID) -> Any:
    """Bring it into the library."""
    return step(story_id, "publication", None, _("The story is in the library, as far as its owner agreed."))


@blueprint.post(f"{_STORY}/withdrawal")
@for_roles(*STORY_TAKERS)
def withdraw_story(story_id: UUID) -> Any:
    """Take it out of the library."""
    told = {"reason": Form(request.form).text("reason")}
    return step(story_id, "withdrawal", told, _("The story is out of the library."))


@blueprint.post(f"{_STORY}/reopening")
@for_roles(*STORY_WRITERS)
def reopen_story(story_id: UUID) -> Any:
    """Write it anew."""
    return step(story_id, "reopening", None, _("The story is a draft again."))


def step(story_id: UUID, path: str, told: Any, said: str) -> Any:
    """A step forward; refused, the story's page says why, with what was typed."""
    form = Form(request.form)
    try:
        api("training").post(f"/case-stories/{story_id}/{path}", told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        _lead_to_the_text(form)
        return story_page(story_id, form), problem.status
    flash(said)
    return redirect(f"/training/stories/{story_id}", 303)


def story_page(story_id: UUID, form: Form) -> str:
    """The page of one story, with what was typed into one of its forms."""
    client = api("training")
    found = client.get(f"/case-stories/{story_id}")
    writes = me().has(*STORY_WRITERS) and me().scope.covers(found["unit"])
    links = client.get(f"/case-stories/{story_id}/links").rows if writes else []
    return render_template(
        "stories/team_story.html",
        found=found,
        form=form,
        links=links,
        address=f"{request.url_root}story/",
        writes=writes,
        reviews=me().has(*STORY_REVIEWERS),
        publishes=me().has(*STORY_PUBLISHERS),
        takes=me().has(*STORY_TAKERS),
        today=clock.today().isoformat(),
        **story_words(),
    )


def _lead_to_the_text(form: Form) -> None:
    """What is missing in the text is told without a field: the field is on another page."""
    for name in [name for name in form.errors if name.partition("-")[0] in {"es", "en"}]:
        form.wrong("", form.errors.pop(name))


def _form_page(form: Form, found: Answer | None) -> str:
    shelf = shelf_choices(found["materials"] if found else ())
    told = {"found": found, "form": form, "shelf": shelf, "subjects": [] if found else subjects(form)}
    return render_template("stories/story_form.html", **told, **story_words())
