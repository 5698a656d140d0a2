"""Verification of a printed document: is it one of ours, and is it whole."""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request

from services.portal.clients import Problem, api

blueprint = Blueprint("pages_verify", __name__, url_prefix="/verify")
_CODE = re.compile(r"[0-9a-f]{16,64}")
ISSUERS = ("credit", "territory", "training")


@blueprint.get("")
def ask() -> Any:
    """The form for a code typed from paper."""
    code = re.sub(r"[\s-]", "", request.args.get("code", "")).lower()
    if code:
        return redirect(f"/verify/{code[:64]}" if code.isalnum() else "/verify/unknown", 303)
    return render_template("verify.html", code=None, found=None)


@blueprint.get("/<code>")
def show(code: str) -> Any:
    """What the house says about the document with this code; nothing personal."""
    if not _CODE.fullmatch(code):
        return render_template("verify.html", code=code[:80], found=None), 404
    for issuer in ISSUERS:
        try:
            found = api(issuer, as_portal=True).get(f"/documents/{code}/verification")
        except Problem as problem:
            if problem.status != 404:
                raise
        else:
            return render_template("verify.html", code=code, found=found)
    return render_template("verify.html", code=code, found=None), 404
