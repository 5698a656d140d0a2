"""Help, and how accessible the pages are."""

from typing import Any

from flask import Blueprint, render_template

blueprint = Blueprint("pages_help", __name__)


@blueprint.get("/help")
def show() -> Any:
    """Short help and the accessibility statement."""
    return render_template("help.html")
