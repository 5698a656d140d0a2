"""The pages of a firm behind its personal link: it answers and plans by itself, without an account."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, make_response, render_template

from services.portal.clients import Answer, Problem, api
from services.portal.pages.training import firm_community, firm_doors
from services.portal.pages.training.firm_door import Door
from services.portal.pages.training.firm_doors import Handler

blueprint = Blueprint("pages_sme", __name__, url_prefix="/sme")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_LINK = "/<string(maxlength=64):token>"


def home(door: Door) -> Any:
    """Where the firm stands: its diagnosis, its plan, what is new in the community."""
    return door.show("firm_own.html")


def _door(token: str) -> Door:
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    client, path = api("training", as_portal=True), f"/sme-links/{token}"
    firm: Answer = client.get(f"{path}/own")
    return Door(
        base=f"/sme/{token}",
        client=client,
        firm=firm,
        own=True,
        may_write=True,
        begin_diagnosis=lambda form: client.post(f"{path}/diagnosis", {"form": form}),
        begin_plan=lambda: client.post(f"{path}/plan"),
        diagnosis_path=f"{path}/diagnosis",
        plan_path=f"{path}/plan",
        evidence_path=f"{path}/evidence",
        community_path=f"{path}/community",
    )


def _behind(handler: Handler) -> Callable[..., Any]:
    """The page behind a link; where the link is not open, a page that says so and what to do."""

    def view(token: str, **more: Any) -> Any:
        try:
            response = make_response(handler(_door(token), **more))
        except Problem as problem:
            if problem.code != "sme_link.not_open":
                raise
            response = make_response(render_template("training/firm_closed.html", said=problem.detail), 404)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return view


blueprint.add_url_rule(_LINK, "home", _behind(home))
for _path, _handler in {**firm_doors.LOOKS, **firm_community.LOOKS}.items():
    blueprint.add_url_rule(f"{_LINK}{_path}", _handler.__name__, _behind(_handler))
for _path, _handler in {**firm_doors.ACTS, **firm_community.ACTS}.items():
    blueprint.add_url_rule(f"{_LINK}{_path}", _handler.__name__, _behind(_handler), methods=["POST"])
