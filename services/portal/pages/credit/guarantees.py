"""What stands behind an application: things, guarantors, the other members of its group."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit.area import FILE_READERS, STAFF, blueprint, name_of, names_of
from services.portal.pages.credit.committees import owners_called

_PERSON = {"person-name": "name", "person-document": "document"}


@blueprint.get("/applications/<uuid:application_id>/guarantees")
@for_roles(*STAFF)
def guaranteeing(application_id: UUID) -> Any:
    """The guarantees of an application, and the form to add one."""
    return _page(application_id, Form())


@blueprint.post("/applications/<uuid:application_id>/guarantees")
@for_roles(*STAFF)
def guarantee(application_id: UUID) -> Any:
    """Look for a guarantor in the inventory, or put the guarantee into the file."""
    form = Form(request.form)
    if form.text("find"):
        if not form.text("q"):
            form.wrong("q", _("Write her name or that of her enterprise."))
        return _page(application_id, form), 422 if form.errors else 200
    found = api("credit").get(f"/applications/{application_id}")
    body = {
        "kind": form.text("kind"),
        "value": form.money("value", found["amount"]["currency"]),
        "description": form.text("description"),
        "guarantor_id": form.optional("owner"),
    }
    if form.text("name") or form.text("document"):
        body["person"] = {name: form.text(name) for name in ("name", "document")}
    try:
        api("credit").post(f"/applications/{application_id}/guarantees", body)
    except Problem as problem:
        form.refused(problem, guarantor_id="owner" if form.text("owner") else "q", **_PERSON)
        return _page(application_id, form), problem.status
    flash(_("The guarantee is in the file."))
    return _back(application_id)


@blueprint.post("/applications/<uuid:application_id>/guarantees/<uuid:guarantee_id>/remove")
@for_roles(*STAFF)
def remove_guarantee(application_id: UUID, guarantee_id: UUID) -> Any:
    """Take a guarantee out of the file."""
    form = Form(request.form)
    try:
        api("credit").post(f"/applications/{application_id}/guarantees/{guarantee_id}/removal")
    except Problem as problem:
        form.refused(problem)
        return _page(application_id, form), problem.status
    flash(_("The guarantee is taken out; nothing of it is kept."))
    return _back(application_id)


@blueprint.post("/applications/<uuid:application_id>/guarantees/<uuid:guarantee_id>/paper")
@for_roles(*STAFF)
def keep_guarantee_paper(application_id: UUID, guarantee_id: UUID) -> Any:
    """Keep the paper of a guarantee."""
    form, sent = Form(request.form), request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose a file."))
        return _page(application_id, form), 422
    path = f"/applications/{application_id}/guarantees/{guarantee_id}/paper"
    try:
        api("credit").upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        form.refused(problem)
        return _page(application_id, form), problem.status
    flash(_("The paper is kept."))
    return _back(application_id)


@blueprint.get("/applications/<uuid:application_id>/guarantees/<uuid:guarantee_id>/paper")
@for_roles(*FILE_READERS)
def guarantee_paper(application_id: UUID, guarantee_id: UUID) -> Any:
    """The paper of a guarantee."""
    return send(api("credit").file(f"/applications/{application_id}/guarantees/{guarantee_id}/paper"), inline=True)


def standing_behind(found: Answer) -> dict[str, Any]:
    """The guarantees and the group of an application, with the names that this reader may know."""
    behind = api("credit").get(f"/applications/{found['id']}/guarantees")
    rows = api("credit").get("/groups", {"application": found["id"], "limit": 1}).rows
    group = api("credit").get(f"/groups/{rows[0]['id']}") if rows else None
    members = [one["enterprise_id"] for one in group["members"] if one["enterprise_id"]] if group else []
    joint = [one["enterprise_id"] for one in behind["guarantees"] if one["enterprise_id"]]
    return {
        "behind": behind,
        "group": group,
        "women": {one["id"]: _who(one) for one in behind["guarantees"]},
        "member_names": names_of([*members, *joint]),
    }


def _who(row: dict[str, Any]) -> str:
    """The name of a guarantor: as the file keeps it, or as the registry knows her."""
    if row["guarantor_id"] is None:
        return str(row["name"] or "")
    try:
        woman = api("registry").get(f"/entrepreneurs/{row['guarantor_id']}")
    except Problem:
        return ""
    return " ".join(filter(None, (woman["given_names"], woman["surnames"])))


def _back(application_id: UUID) -> Any:
    return redirect(f"/credit/applications/{application_id}/guarantees", 303)


def _page(application_id: UUID, form: Form) -> Any:
    found = api("credit").get(f"/applications/{application_id}")
    return render_template(
        "credit/guarantees.html",
        found=found,
        form=form,
        owners=owners_called(form.text("q")) if form.text("q") else [],
        enterprise=name_of(found["enterprise_id"]),
        **standing_behind(found),
    )
