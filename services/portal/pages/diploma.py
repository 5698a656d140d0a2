"""A diploma in the hands of whoever holds it: fetched through a personal link, or checked by what its code carries."""

import re
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form
from services.portal.frame.sending import send
from services.portal.pages.training.diplomas import KINDS

blueprint = Blueprint("pages_diploma", __name__)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_REFUSED = frozenset({404, 409, 422})


@blueprint.get("/diploma/<string(maxlength=64):token>")
def mine(token: str) -> Any:
    """Her diploma, without an account; nothing where the address has not the form of a link."""
    try:
        shown = api("training", as_portal=True).get(f"/diploma-links/{_link(token)}/diploma")
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        return render_template("diploma.html", diploma=None, said=problem.detail), 404
    return render_template("diploma.html", diploma=shown, token=token, KINDS=KINDS)


@blueprint.get("/diploma/<string(maxlength=64):token>/<any(pdf, badge):what>")
def mine_to_keep(token: str, what: str) -> Any:
    """Its signed file, or its badge."""
    try:
        return send(api("training", as_portal=True).file(f"/diploma-links/{_link(token)}/{what}"))
    except Problem as problem:
        if problem.status not in _REFUSED:
            raise
        return render_template("diploma.html", diploma=None, said=problem.detail), 404


@blueprint.get("/verify/diploma")
def ask_payload() -> Any:
    """The form for what was read from the code."""
    return render_template("verify_diploma.html", form=Form(), found=None, KINDS=KINDS)


@blueprint.post("/verify/diploma")
def check_payload() -> Any:
    """What the signed words say, whether they are ours, and how the diploma stands. They are posted, never in an
    address: addresses are written down in logs.
    """
    form = Form(request.form)
    try:
        found = api("training", as_portal=True).post("/diplomas/verification", {"payload": form.text("payload")})
    except Problem as problem:
        form.refused(problem)
        return render_template("verify_diploma.html", form=form, found=None, KINDS=KINDS), problem.status
    return render_template("verify_diploma.html", form=Form(), found=found, KINDS=KINDS)


def _link(token: str) -> str:
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    return token
