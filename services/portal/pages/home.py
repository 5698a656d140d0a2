"""Home: what waits for her."""

from typing import Any

from flask import Blueprint, render_template

from services.portal import waiting
from services.portal.frame import me, signed_in, words

blueprint = Blueprint("pages_home", __name__)


@blueprint.get("/")
@signed_in
def show() -> Any:
    """The tasks that wait for the person signed in, by area; a service that is away says so."""
    return render_template("home.html", board=waiting.board_of(me()), about=words.ABOUT_AREAS)
