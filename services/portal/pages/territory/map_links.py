"""Links through which others show a map in their pages: made, listed and taken back by a coordinator."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.territory.area import PUBLISHERS, blueprint
from services.portal.pages.territory.map_words import MAP_KINDS, MAP_MEASURES, WHICH

_NUMBERS = ("number", "cell_km")


@blueprint.get("/map-links")
@for_roles(*PUBLISHERS)
def map_links() -> Any:
    """The links of her territory."""
    return _links()


@blueprint.get("/map-links/new")
@for_roles(*PUBLISHERS)
def new_map_link() -> Any:
    """The map that is to be shown, for how long and where."""
    return _new(Form({"language": g.language} | request.args.to_dict()), request.args.to_dict())


@blueprint.post("/map-links")
@for_roles(*PUBLISHERS)
def share_map() -> Any:
    """Let others show the map."""
    form = Form(request.form)
    which: dict[str, Any] = {name: value for name in WHICH if (value := form.text(name))}
    which |= {name: form.integer(name) for name in _NUMBERS if name in which}
    if which.get("breaks"):
        which |= {
            "scheme": "own_breaks",
            "breaks": [int(part) for part in which["breaks"].split(",") if part.isdigit()],
        }
    body = {"unit": form.text("unit"), "map": which, "purpose": form.text("purpose"),
            "language": form.text("language"), "expires_on": form.text("expires_on")}  # fmt: skip
    try:
        api("territory").post("/map-links", body)
    except Problem as problem:
        form.refused(problem)
        return _new(form, {name: form.text(name) for name in ("unit", *WHICH) if form.text(name)}), problem.status
    flash(_("The map can be shown. Copy its code into the page of whoever shows it."))
    return redirect("/territory/map-links", 303)


@blueprint.post("/map-links/<uuid:link_id>/revoke")
@for_roles(*PUBLISHERS)
def revoke_map_link(link_id: UUID) -> Any:
    """Show the map through this link no more."""
    try:
        api("territory").post(f"/map-links/{link_id}/revocation", version=Form(request.form).text("version"))
    except Problem as problem:
        if problem.status not in {409, 412}:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("The map is shown no more through this link."))
    return redirect("/territory/map-links", 303)


def _links() -> str:
    found = api("territory").get("/map-links", {"after": request.args.get("after"), "limit": 20})
    address = f"{request.url_root}embed/map/"
    return render_template(
        "territory/map_links.html", links=found, address=address, MAP_KINDS=MAP_KINDS, MAP_MEASURES=MAP_MEASURES
    )


def _new(form: Form, which: dict[str, Any]) -> str:
    asked = {name: which.get(name) for name in ("unit", *WHICH) if which.get(name)} | {"figures": "published"}
    if asked.get("breaks"):
        asked["scheme"] = "own_breaks"
    shown = None
    try:
        shown = api("territory").get("/map", asked)
    except Problem as problem:
        if problem.status not in {403, 404, 409, 422}:
            raise
        form.refused(problem)
    return render_template("territory/map_link.html", map=shown, which=which, form=form, names=("unit", *WHICH))
