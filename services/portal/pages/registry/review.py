"""What waits to be checked, and one record checked on its evidence."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry import codes, place_names
from services.portal.pages.registry.area import OVERSEERS, blueprint
from shared.kernel import clock

COORDINATORS = ("coordinator", "network_coordinator")
JUDGES = ("technician", *COORDINATORS)
WAITS = {"verify": "To verify", "validate": "To validate", "renew": "To renew"}
EVIDENCE = {
    "visit": "Visit on site",
    "document": "Document seen",
    "phone": "Telephone call",
    "campaign": "Outreach campaign",
    "study": "Study with a university",
    "form": "Field form that was brought in",
    "time": "Too much time went by",
}
MEANINGS = {
    "verified": "Somebody of the team checked it.",
    "validated": "The coordinator confirms it.",
    "rejected": "It does not belong in the inventory; say why below.",
    "captured": "To be looked at again; say why below.",
}
_OF_COORDINATORS = frozenset({"validated", "rejected"})
_BY_PEOPLE = ("visit", "document", "phone", "campaign", "study")
_WAITING = {"captured": "verify", "verified": "validate", "stale": "renew"}


@blueprint.get("/review")
@for_roles(*OVERSEERS)
def review() -> Any:
    """The records that wait, by what they wait for; first what is hers to do."""
    begun = "validate" if me().has(*COORDINATORS) else "verify"
    asked = {"municipality": request.args.get("municipality", "")[:6], "waits": request.args.get("waits") or begun}
    filters = Form({**asked})
    try:
        waiting = api("registry").get("/validations", asked | {"after": request.args.get("after"), "limit": 25})
        counts = api("registry").get("/validations/count", {"municipality": asked["municipality"]})
    except Problem as problem:
        filters.refused(problem)
        waiting, counts = Answer(), Answer()
    return render_template(
        "registry/review.html",
        waiting=waiting,
        counts=counts,
        form=filters,
        waits=asked["waits"],
        WAITS=WAITS,
        places=place_names.place_choices(),
        choices=codes.choices,
    )


@blueprint.get("/enterprises/<uuid:enterprise_id>/review")
@for_roles(*OVERSEERS)
def checking(enterprise_id: UUID) -> Any:
    """One record, how it was checked until now, and the form of the next step."""
    return _page(enterprise_id, Form({"on": clock.today().isoformat()}))


@blueprint.post("/enterprises/<uuid:enterprise_id>/review")
@for_roles(*JUDGES)
def check(enterprise_id: UUID) -> Any:
    """Take the step, and go on with what waits."""
    form = Form(request.form)
    before = form.text("before")
    body = {
        "state": form.text("state"),
        "evidence": form.optional("evidence"),
        "on": form.text("on"),
        "words": form.optional("words"),
    }
    try:
        done = api("registry").post(f"/enterprises/{enterprise_id}/validation", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _page(enterprise_id, form, changed=problem.status == CHANGED_MEANWHILE), problem.status
    flash(_("%(state)s: the step is written down.", state=codes.said(codes.VALIDATION, done["validation"])))
    waits = _WAITING.get(before)
    return redirect(
        f"/registry/review?waits={waits}" if waits else f"/registry/enterprises/{enterprise_id}/review", 303
    )


def _page(enterprise_id: UUID, form: Form, *, changed: bool = False) -> str:
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    found = api("registry").get(f"/enterprises/{enterprise_id}/validation")
    states = [(code, codes.said(codes.VALIDATION, code), _(MEANINGS[code])) for code in _offered(found["validation"])]
    shown = over(found, form) if changed else form
    return render_template(
        "registry/judge.html",
        enterprise=enterprise,
        found=found,
        form=shown,
        version=found["version"] if changed or not form.text("version") else form.text("version"),
        states=states if me().has(*JUDGES) and enterprise["active"] and enterprise["consent_registry"] else [],
        evidence=[(code, _(EVIDENCE[code])) for code in _BY_PEOPLE],
        EVIDENCE=EVIDENCE,
        changed=changed,
        today=clock.today().isoformat(),
    )


def _offered(now: str) -> list[str]:
    """The steps that are hers to take from here; a check may be renewed."""
    coordinates = me().has(*COORDINATORS)
    if not coordinates and now in _OF_COORDINATORS:
        return []
    mine = [code for code in MEANINGS if coordinates or code not in _OF_COORDINATORS]
    return [code for code in mine if code != now or code in {"verified", "validated"}]
