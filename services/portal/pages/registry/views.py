"""Lists of the inventory that she keeps under a name."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.area import READERS, blueprint


def centres_to_share_with() -> list[tuple[str, str]]:
    """With whom a coordinator may share a list."""
    if not me().has("coordinator", "network_coordinator"):
        return []
    return [(row["id"], row["name"]) for row in api("registry").get("/centres").rows]


@blueprint.get("/views")
@for_roles(*READERS)
def views() -> Any:
    """Her lists and those that are shared with her."""
    return render_template("registry/views.html", views=api("registry").get("/saved-views").rows)


@blueprint.get("/views/new")
@for_roles(*READERS)
def naming() -> Any:
    """The name of a list to keep; its conditions are those of the address."""
    return _naming(Form({"query": request.query_string.decode()}))


@blueprint.post("/views/new")
@for_roles(*READERS)
def keep() -> Any:
    """Keep it."""
    form = Form(request.form)
    body = {"name": form.text("name"), "query": form.text("query"), "centre_id": form.optional("centre_id")}
    try:
        view = api("registry").post("/saved-views", body)
    except Problem as problem:
        form.refused(problem)
        return _naming(form), problem.status
    flash(_("The list is saved as «%(name)s».", name=view["name"]))
    return redirect(f"/registry?{view['query']}", 303)


@blueprint.post("/views/<uuid:view_id>/drop")
@for_roles(*READERS)
def drop(view_id: UUID) -> Any:
    """Forget a list of hers."""
    api("registry").delete(f"/saved-views/{view_id}", version=request.form.get("version", "1"))
    flash(_("The saved list is gone; the records are as they were."))
    return redirect("/registry/views", 303)


def _naming(form: Form) -> Any:
    return render_template("registry/view_new.html", form=form, centres=centres_to_share_with())
