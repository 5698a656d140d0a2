"""A map in the page of somebody else: seen through a signed link, without signing in, without the house's frame."""

import re

from flask import Blueprint, Response, abort, g, make_response, render_template, request

from services.portal.clients import Problem, api
from shared import i18n

blueprint = Blueprint("pages_embed", __name__, url_prefix="/embed")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
"""The only pages of the house that others may frame: they have no form, no script and no cookie to misuse."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")


@blueprint.get("/map/<string(maxlength=64):token>")
def shared_map(token: str) -> Response:
    """The map a link leads to, in the language of the link; nothing where the address has not the form of a link."""
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    g.me, g.language = None, i18n.choose(request.headers.get("Accept-Language"))
    try:
        shown = api("territory", as_portal=True).get(f"/map-links/{token}/map")
    except Problem as problem:
        if problem.status not in {404, 409, 422}:
            raise
        return _framed(render_template("territory/embedded.html", map=None, said=problem.detail), 404)
    g.language = shown["language"] if shown["language"] in i18n.LANGUAGES else g.language
    rows = [row for row in shown["units"] if any(cell["value"] != 0 for cell in row["cells"])]
    return _framed(render_template("territory/embedded.html", map=shown, rows=rows), 200)


def _framed(page: str, status: int) -> Response:
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
