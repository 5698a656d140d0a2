"""Her calendars: addresses under which a calendar program reads the sessions."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.training.area import READERS, blueprint


@blueprint.get("/calendar")
@for_roles(*READERS)
def calendars() -> Any:
    """Her addresses."""
    return _calendars(Form(request.args))


@blueprint.post("/calendar")
@for_roles(*READERS)
def share_calendar() -> Any:
    """An address for her calendar program."""
    form = Form(request.form)
    try:
        api("training").post("/calendar-links", {"group_id": form.optional("group_id"), "language": g.language})
    except Problem as problem:
        form.refused(problem)
        return _calendars(form), problem.status
    flash(_("The address is ready. Copy it into your calendar program."))
    return redirect("/training/calendar", 303)


@blueprint.post("/calendar/<uuid:link_id>/revocation")
@for_roles(*READERS)
def revoke_calendar(link_id: UUID) -> Any:
    """Show nothing under this address any more."""
    form = Form(request.form)
    try:
        api("training").post(f"/calendar-links/{link_id}/revocation")
    except Problem as problem:
        form.refused(problem)
        return _calendars(form), problem.status
    flash(_("The address is void: nothing is read under it any more."))
    return redirect("/training/calendar", 303)


def _calendars(form: Form) -> str:
    found = api("training").get("/calendar-links").rows
    groups = api("training").get("/groups", {"limit": 200}).rows
    choices = [(group["id"], f"{group['number']}. {group['name']}") for group in groups]
    address = f"{request.url_root}calendar/"
    return render_template("training/calendar.html", links=found, groups=choices, form=form, address=address)
