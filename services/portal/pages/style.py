"""The living page of parts, for those who write pages."""

from typing import Any

from flask import Blueprint, abort, current_app, g, render_template

from services.portal.frame import Form
from shared.settings import Settings

blueprint = Blueprint("pages_style", __name__)


@blueprint.get("/style")
def show() -> Any:
    """Every part of the frame on one page: for administrators, and for everybody in a demonstration."""
    settings: Settings = current_app.extensions["settings"]
    if not settings.demonstration and (g.me is None or not g.me.has("admin")):
        abort(404)
    form = Form({"name": "Tejidos del Golfo", "amount": "1250.00", "kind": "textiles", "needs": ["credit"]})
    form.wrong("phone", "…")
    return render_template("style.html", form=form, plain=Form({"agree": True}))
