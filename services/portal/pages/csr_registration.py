"""The public form of a workshop: a firm registers itself through a signed link, without an account."""

import re
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.csr_words import SECTORS, SEXES, SIZES
from shared import places

blueprint = Blueprint("pages_csr_registration", __name__, url_prefix="/register")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{48}")
_FIRM = {"name": "firm", "unit": "unit", "city": "city", "sector": "sector", "size": "size"}


@blueprint.get("/<string(maxlength=64):token>")
def register(token: str) -> Response:
    """The form of the workshop that an address leads to."""
    found = _workshop(token)
    return _page(found, Form({"unit": found["unit"]} if found else None), 200 if found else 404)


@blueprint.post("/<string(maxlength=64):token>")
def send_registration(token: str) -> Response:
    """Register her, and say that she is."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("name", "sex")}
    body |= {name: form.optional(name) for name in ("email", "phone")} | {"agreed": form.flag("agreed")}
    body["sme"] = {field: form.text(name) for field, name in _FIRM.items()}
    found = _workshop(token)
    if found is None:
        return _page(None, form, 404)
    try:
        api("training", as_portal=True).post(f"/csr-registrations/{token}", body)
    except Problem as problem:
        form.refused(problem, **{f"sme-{field}": name for field, name in _FIRM.items()})
        return _page(found, form, problem.status)
    return _private(make_response(render_template("training/csr_registered.html", workshop=found)))


def _workshop(token: str) -> Answer | None:
    """What everybody may know of the workshop; None where the address leads nowhere, or no longer."""
    if _TOKEN.fullmatch(token) is None:
        abort(404)
    try:
        return api("training", as_portal=True).get(f"/csr-registrations/{token}")
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


def _page(found: Answer | None, form: Form, status: int) -> Response:
    country = found["unit"][:2] if found else ""
    inside = [
        (
            places.name_of(department),
            [(code, places.name_of(code)) for code in places.units_at("municipality", department)],
        )
        for department in places.units_at(places.DEPARTMENT, country)
    ]
    page = render_template(
        "training/csr_register.html",
        workshop=found,
        form=form,
        places=inside if found else [],
        sectors=choices(SECTORS),
        sizes=choices(SIZES),
        sexes=choices(SEXES),
    )
    return _private(make_response(page, status))


def _private(response: Response) -> Response:
    """The address is a key: what it leads to is kept nowhere on the way."""
    response.headers["Cache-Control"] = "no-store"
    return response
