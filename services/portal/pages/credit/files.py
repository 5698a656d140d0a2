"""The papers of an application: those in its file, and those that show its conditions are met."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.applications import file_of
from services.portal.pages.credit.area import FILE_READERS, STAFF, blueprint

_HERE = "/applications/<uuid:application_id>"


@blueprint.post(f"{_HERE}/papers")
@for_roles(*STAFF)
def attach_paper(application_id: UUID) -> Any:
    """Put a paper into the file, or link a business plan of the inventory."""
    form, sent = Form(request.form), request.files.get("paper")
    plan = form.text("plan")
    try:
        if plan:
            api("credit").post(f"/applications/{application_id}/business-plans", {"plan_id": plan})
        elif sent is None or not sent.filename:
            form.wrong("paper", _("Choose the file."))
        else:
            api("credit").upload(
                f"/applications/{application_id}/attachments",
                name=sent.filename,
                content=sent.stream,
                media_type=sent.mimetype,
                fields={"kind": form.text("kind")},
            )
    except Problem as problem:
        form.refused(problem, file="paper", plan_id="plan")
        return _again(application_id, form), problem.status
    if form.errors:
        return _again(application_id, form), 422
    flash(_("The paper is in the file."))
    return redirect(f"/credit/applications/{application_id}#papers", 303)


@blueprint.get(f"{_HERE}/papers/<uuid:attachment_id>")
@for_roles(*FILE_READERS)
def show_paper(application_id: UUID, attachment_id: UUID) -> Any:
    """A paper as it was put into the file."""
    return send(api("credit").file(f"/applications/{application_id}/attachments/{attachment_id}"), inline=True)


@blueprint.post(f"{_HERE}/papers/<uuid:attachment_id>/remove")
@for_roles(*STAFF)
def detach_paper(application_id: UUID, attachment_id: UUID) -> Any:
    """Take a paper out of the file."""
    form = Form(request.form)
    try:
        api("credit").post(f"/applications/{application_id}/attachments/{attachment_id}/removal")
    except Problem as problem:
        form.refused(problem)
        return _again(application_id, form), problem.status
    flash(_("The paper is taken out of the file and erased."))
    return redirect(f"/credit/applications/{application_id}#papers", 303)


@blueprint.post(f"{_HERE}/conditions/<uuid:condition_id>")
@for_roles(*STAFF)
def condition(application_id: UUID, condition_id: UUID) -> Any:
    """Keep the paper that shows that a condition is met, and say so, as who was asked to look."""
    form, sent = Form(request.form), request.files.get(f"file-{condition_id}")
    path = f"/applications/{application_id}/conditions/{condition_id}"
    met = form.flag(f"met-{condition_id}")
    try:
        if sent is not None and sent.filename:
            api("credit").upload(f"{path}/evidence", name=sent.filename, content=sent.stream, media_type=sent.mimetype)
        if met:
            api("credit").post(f"{path}/verification", {"note": form.text(f"note-{condition_id}")})
    except Problem as problem:
        form.refused(problem)
        return _again(application_id, form), problem.status
    flash(_("The condition is met.") if met else _("The paper is kept."))
    return redirect(f"/credit/applications/{application_id}#conditions", 303)


@blueprint.get(f"{_HERE}/conditions/<uuid:condition_id>")
@for_roles(*FILE_READERS, "cashier")
def evidence(application_id: UUID, condition_id: UUID) -> Any:
    """The paper that shows that a condition is met."""
    path = f"/applications/{application_id}/conditions/{condition_id}/evidence"
    return send(api("credit").file(path), inline=True)


def _again(application_id: UUID, form: Form) -> Any:
    return file_of(api("credit").get(f"/applications/{application_id}"), form)
