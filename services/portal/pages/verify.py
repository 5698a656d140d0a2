"""Verification of a printed document: is it one of ours, and is it whole."""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request

from services.portal.clients import Answer, Away, Problem, api
from services.portal.frame import Form, _
from services.portal.pages.training.library_words import LICENCE_STANDINGS

blueprint = Blueprint("pages_verify", __name__, url_prefix="/verify")
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,20}")
_CODE = re.compile(r"[0-9a-f]{16,64}")
ISSUERS = {"credit": "Credit", "territory": "Territory", "registry": "Enterprises", "training": "Training"}
"""Who prints documents that can be verified, by the name of their area."""


@blueprint.get("")
def ask() -> Any:
    """The form for a code typed from paper."""
    code = re.sub(r"[\s-]", "", request.args.get("code", "")).lower()
    if code:
        return redirect(f"/verify/{code[:64]}" if code.isalnum() else "/verify/unknown", 303)
    return render_template("verify.html", code=None, found=None)


@blueprint.get("/licence")
def ask_licence() -> Any:
    """Whether a licence to teach with a number counts; nothing of who holds it."""
    form, found = Form(request.args), None
    number = form.text("number")
    if number:
        if not _NUMBER.fullmatch(number):
            form.wrong("number", _("Write the number as it stands on the paper, for example L2026-7K3QFXYZ."))
            return render_template("verify_licence.html", form=form, found=None), 422
        try:
            found = api("training", as_portal=True).get(f"/trainer-licences/verification/{number}")
        except Problem as problem:
            form.refused(problem)
            form.wrong("number", form.errors.pop("", ""))
            return render_template("verify_licence.html", form=form, found=None), problem.status
    return render_template("verify_licence.html", form=form, found=found, STANDINGS=LICENCE_STANDINGS)


@blueprint.get("/<code>")
def show(code: str) -> Any:
    """What the house says about the document with this code; nothing personal. Where one of those who print cannot be
    asked and the others do not know the code, the page says so: nobody is called a forger because a service is away.
    """
    if not _CODE.fullmatch(code):
        return render_template("verify.html", code=code[:80], found=None), 404
    silent: list[Away] = []
    for issuer in ISSUERS:
        try:
            found = _asked(issuer, code)
        except Away as away:
            silent.append(away)
            continue
        if found is not None:
            return render_template("verify.html", code=code, found=found)
    if len(silent) == len(ISSUERS):
        raise silent[0]
    not_asked = [_(ISSUERS[away.service]) for away in silent]
    return render_template("verify.html", code=code, found=None, not_asked=not_asked), 404


def _asked(issuer: str, code: str) -> Answer | None:
    """What one of those who print says about the code; None when it knows no such document."""
    try:
        return api(issuer, as_portal=True).get(f"/documents/{code}/verification")
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
