"""Value chains: who stands at each link, and where one is missing."""

from typing import Any

from flask import render_template, request

from services.portal.clients import api
from services.portal.frame import Form, for_roles, me
from services.portal.pages.territory.area import LIVE, READERS, blueprint
from shared import places


@blueprint.get("/chains")
@for_roles(*READERS)
def chains() -> Any:
    """Per chain, how many women work at each link, and where a link is missing."""
    unit = request.args.get("unit") or _published_unit()
    shown = api("territory").get("/chains", {"unit": unit})
    return render_template("territory/chains.html", shown=shown, form=Form({"unit": unit or ""}))


def _published_unit() -> str | None:
    """Published chains are told for one unit at a time: the first of her territory, when she sees no live figures."""
    if me().has(*LIVE):
        return None
    mine = sorted(unit for unit in me().scope.units if len(unit) >= 4)
    if mine:
        return mine[0]
    country = next((unit for unit in sorted(me().scope.units) if len(unit) == 2), "GT")
    return min(code for code in places.names() if len(code) == 4 and code.startswith(country))
