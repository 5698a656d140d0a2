"""What the owner of a case story agreed to, by paper and by link; its pictures."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.stories import step, story_page
from services.portal.pages.training.story_words import PURPOSES, STORY_READERS, STORY_WRITERS

_STORY = "/stories/<uuid:story_id>"


@blueprint.post(f"{_STORY}/pictures")
@for_roles(*STORY_WRITERS)
def add_story_picture(story_id: UUID) -> Any:
    """Add a picture."""
    fields = {"seen_es": "seen_es", "seen_en": "seen_en"}
    return _upload(story_id, "pictures", "picture", fields, _("The picture is added. Its owner has to agree to it."))


@blueprint.get(f"{_STORY}/pictures/<uuid:picture_id>")
@for_roles(*STORY_READERS)
def story_picture(story_id: UUID, picture_id: UUID) -> Response:
    """A picture, for the team."""
    return send(api("training").file(f"/case-stories/{story_id}/pictures/{picture_id}"), inline=True)


@blueprint.post(f"{_STORY}/pictures/<uuid:picture_id>/removal")
@for_roles(*STORY_WRITERS)
def remove_story_picture(story_id: UUID, picture_id: UUID) -> Any:
    """Erase a picture."""
    return step(story_id, f"pictures/{picture_id}/removal", None, _("The picture is erased."))


@blueprint.post(f"{_STORY}/consents")
@for_roles(*STORY_WRITERS)
def keep_story_paper(story_id: UUID) -> Any:
    """Keep the signed paper and what it says."""
    fields = {"said_on": "said_on"} | {f"agreed_{purpose}": purpose for purpose in PURPOSES}
    return _upload(story_id, "consents", "paper", fields, _("The answer of the owner is noted and applies at once."))


@blueprint.get(f"{_STORY}/consents/<uuid:consent_id>/paper")
@for_roles(*STORY_READERS)
def story_paper(story_id: UUID, consent_id: UUID) -> Response:
    """The signed paper."""
    return send(api("training").file(f"/case-stories/{story_id}/consents/{consent_id}/paper"), inline=True)


@blueprint.post(f"{_STORY}/consent-withdrawals")
@for_roles(*STORY_WRITERS)
def take_story_consent_back(story_id: UUID) -> Any:
    """Note what the owner no longer agrees to."""
    form = Form(request.form)
    told = {"purposes": form.many("purposes"), "said_on": form.text("told_on")}
    try:
        api("training").post(f"/case-stories/{story_id}/consent-withdrawals", told)
    except Problem as problem:
        form.refused(problem, said_on="told_on")
        return story_page(story_id, form), problem.status
    flash(_("The answer of the owner is noted and applies at once."))
    return redirect(f"/training/stories/{story_id}#consent", 303)


@blueprint.post(f"{_STORY}/links")
@for_roles(*STORY_WRITERS)
def link_story(story_id: UUID) -> Any:
    """Give the owner a link of her own."""
    form = Form(request.form)
    try:
        api("training").post(f"/case-stories/{story_id}/links", {"expires_on": form.text("expires_on")})
    except Problem as problem:
        form.refused(problem)
        return story_page(story_id, form), problem.status
    flash(_("The link is made. Send it to nobody but the owner of the story."))
    return redirect(f"/training/stories/{story_id}#consent", 303)


@blueprint.post(f"{_STORY}/links/<uuid:link_id>/revocation")
@for_roles(*STORY_WRITERS)
def revoke_story_link(story_id: UUID, link_id: UUID) -> Any:
    """Let nothing be read or said through it any more."""
    form = Form(request.form)
    try:
        api("training").post(f"/story-links/{link_id}/revocation", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return story_page(story_id, form), problem.status
    flash(_("The link is taken back."))
    return redirect(f"/training/stories/{story_id}#consent", 303)


def _upload(story_id: UUID, path: str, field: str, fields: dict[str, str], said: str) -> Any:
    form, sent = Form(request.form), request.files.get(field)
    told = {name: form.text(typed) for typed, name in fields.items()}
    version = form.text("version") if path == "pictures" else None
    if sent is None or not sent.filename:
        form.wrong(field, _("Choose the file."))
        return story_page(story_id, form), 422
    try:
        api("training").upload(
            f"/case-stories/{story_id}/{path}",
            name=sent.filename,
            content=sent.stream,
            media_type=sent.mimetype,
            fields={name: value for name, value in told.items() if value},
            version=version,
        )
    except Problem as problem:
        form.refused(problem, file=field, **{name: typed for typed, name in fields.items()})
        return story_page(story_id, form), problem.status
    flash(said)
    return redirect(f"/training/stories/{story_id}#{path}", 303)
