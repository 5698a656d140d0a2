"""The map of a measure, with its table."""

from typing import Any

from flask import render_template, request

from services.portal.clients import api
from services.portal.frame import Form, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.registry.place_names import division_choices
from services.portal.pages.territory.area import MEASURES, POINTS, READERS, blueprint


@blueprint.get("")
@for_roles(*READERS)
def show() -> Any:
    """The map of a measure, with its table; points for who may see them."""
    asked = {name: request.args.get(name) for name in ("unit", "measure", "level")}
    form = Form({"points": me().has(*POINTS) and not request.args} | dict(request.args))
    asked["points"] = "true" if form.flag("points") and me().has(*POINTS) else None
    shown = api("territory").get("/map", asked)
    measure = shown["measure"]
    without = [row for row in shown["units"] if all(row[name] == 0 for name in MEASURES)]
    units = [row for row in shown["units"] if row not in without]
    return render_template(
        "territory/map.html",
        map=shown,
        units=sorted(units, key=lambda row: (row[measure] is None, -(row[measure] or 0))),
        without=without,
        measures=sorted(choices(MEASURES), key=lambda choice: choice[0] != measure),
        form=form,
        has_divisions=bool(division_choices()),
        drawing_query=_query(asked),
    )


@blueprint.get("/map.svg")
@for_roles(*READERS)
def drawing() -> Any:
    """The map as a file, with legend and scale."""
    asked = {name: request.args.get(name) for name in ("unit", "measure", "points", "level")}
    return send(api("territory").file("/map/drawing", asked))


def _query(asked: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items() if value)
