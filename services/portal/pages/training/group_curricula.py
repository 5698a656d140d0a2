"""The curriculum of a group is chosen."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.training.area import TEAM, blueprint
from services.portal.pages.training.groups import group_page


@blueprint.post("/groups/<uuid:group_id>/curriculum")
@for_roles(*TEAM)
def choose_curriculum(group_id: UUID) -> Any:
    """From now on the group learns by it."""
    form = Form(request.form)
    try:
        api("training").post(f"/groups/{group_id}/curriculum", {"version_id": form.text("version_id")})
    except Problem as problem:
        form.refused(problem)
        return group_page(group_id, form), problem.status
    flash(_("The group learns by this curriculum now."))
    return redirect(f"/training/groups/{group_id}#curriculum", 303)
