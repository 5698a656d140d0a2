"""The materials that anybody may read, without an account."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import CHAINS, choices
from services.portal.pages.training.library_words import MEDIA, kilobytes, library_choices

blueprint = Blueprint("pages_library", __name__, url_prefix="/library")


@blueprint.get("")
def shelf() -> Any:
    """What there is, as somebody looks for it."""
    form, client = Form(request.args), api("training", as_portal=True)
    names = ("text", "topic", "chain", "language", "kind", "after")
    try:
        found = client.get("/public-library", {name: request.args.get(name) for name in names} | {"limit": 25})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template(
        "library.html",
        found=found,
        form=form,
        lists=library_choices(public=True),
        chains=choices(CHAINS),
        MEDIA=MEDIA,
        kilobytes=kilobytes,
    )


@blueprint.get("/<uuid:material_id>/file")
def shelf_file(material_id: UUID) -> Any:
    """The latest version of its file."""
    return send(api("training", as_portal=True).file(f"/public-library/{material_id}/file"))
