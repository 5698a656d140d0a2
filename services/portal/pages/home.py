"""Home: what waits for her."""

from typing import Any

from flask import Blueprint, render_template

from services.portal import waiting
from services.portal.frame import me, signed_in, words
from shared import places

blueprint = Blueprint("pages_home", __name__)


@blueprint.get("/")
@signed_in
def show() -> Any:
    """The tasks that wait for the person signed in, by area; a service that is away says so."""
    return render_template("home.html", board=waiting.board_of(me()), about=words.ABOUT_AREAS, reports=_reports())


def _reports() -> list[tuple[str, str]]:
    """The municipalities that a planner answers for, each with the address of its report."""
    if not me().has("planner"):
        return []
    mine = sorted(unit for unit in me().scope.units if unit in places.municipalities())
    return [(places.full_name(code), f"/territory/reports/{code}") for code in mine]
