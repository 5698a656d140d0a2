"""What came of the proposals, and the seats that women's organizations hold."""

from typing import Any

from flask import render_template, request

from services.portal.clients import api
from services.portal.frame import Form, for_roles
from services.portal.frame.sending import send
from services.portal.pages.territory.area import blueprint
from services.portal.pages.territory.influence_words import SEERS

BY = {"unit": "Place", "year": "Year", "organization": "Organization"}
_FILTERS = ("unit", "year", "organization", "by")


@blueprint.get("/influence")
@for_roles(*SEERS)
def influence() -> Any:
    """The indicators, as figures, tables and one drawing."""
    told = api("territory").get("/influence", _filters())
    counted = sum(row["proposals"] for row in told["standing"])
    return render_template("territory/influence.html", told=told, counted=counted, form=Form(request.args), BY=BY)


@blueprint.get("/influence.<any(csv, xlsx):kind>")
@for_roles(*SEERS)
def influence_table(kind: str) -> Any:
    """The rows that the filters show, as a table to be saved."""
    return send(api("territory").file("/influence/table", _filters() | {"format": kind}))


def _filters() -> dict[str, Any]:
    return {name: request.args.get(name, "")[:200] for name in _FILTERS}
