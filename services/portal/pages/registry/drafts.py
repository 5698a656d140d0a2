"""Submissions that a form server sent one by one: the queue, and each with what taking it in would do."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from babel.numbers import format_decimal
from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import IMPORTERS, blueprint
from services.portal.pages.registry.codes import listed, said
from shared import places

STATES = {
    "waiting": ("To be reviewed", "accent"),
    "accepted": ("Taken in", "good"),
    "rejected": ("Rejected", ""),
    "withdrawn": ("She withdrew", ""),
}
OUTCOMES = {
    "created": "A new record is made of it.",
    "updated": "It changes a record of the inventory.",
    "unchanged": "Nothing changes: the record says so already.",
}
RUBRIC = {
    "credit": "Credit",
    "certifications": "Certifications",
    "market": "Access to markets",
    "quality": "Quality",
    "training": "Training",
    "innovation": "Potential of innovation",
    "scaling": "Potential of growth",
}
_FIELDS = {
    "given_names": "Given names",
    "surnames": "Surnames",
    "id_kind": "Type of document",
    "id_number": "Document",
    "born_on": "Born",
    "phone": "Telephone",
    "other_phone": "Second telephone",
    "people": "People",
    "languages": "Languages",
    "schooling": "Schooling",
    "head_of_household": "Head of household",
    "dependants": "Dependants",
    "children_under_6": "Children under 6",
    "others_in_care": "Others in her care",
    "care_hours": "Hours of care in a week",
    "difficulties": "Difficulties",
    "consents": "What she agreed to",
    "name": "Enterprise",
    "ownership": "Whose it is",
    "municipality": "Municipality",
    "address": "Address",
    "position": "Point",
    "site": "Where she works",
    "activity": "Economic activity",
    "links": "Links of the chain",
    "started_year": "Since",
    "jobs_women": "Women at work",
    "unpaid_women": "Of the women, unpaid",
    "jobs_men": "Men at work",
    "unpaid_men": "Of the men, unpaid",
    "sales": "Monthly sales",
    "sales_band": "Band of monthly sales",
    "markets": "Where she sells",
    "needs": "Needs",
    "products": "Products",
    "partners": "Suppliers and buyers",
    "assets": "What it works with",
    "formal": "Formalized",
    "steps": "Steps of formalization",
    "levels": "Profile",
}
_BANDS = {
    "none": "No sales yet",
    "very_low": "Very low",
    "low": "Low",
    "middle": "Middle",
    "high": "High",
    "very_high": "Very high",
}


@blueprint.get("/drafts")
@for_roles(*IMPORTERS)
def drafts() -> Any:
    """The submissions of her territory, those that wait where nothing else is asked."""
    state = request.args.get("state", "waiting")
    asked = {"state": state if state in STATES else None, "after": request.args.get("after"), "limit": 25}
    found = api("registry").get("/drafts", asked)
    shown_by = {"STATES": STATES, "choices": codes.choices(STATES), "form": Form({"state": state})}
    return render_template("registry/drafts.html", drafts=found, **shown_by)


@blueprint.get("/drafts/<uuid:draft_id>")
@for_roles(*IMPORTERS)
def draft(draft_id: UUID) -> Any:
    """One submission, to be decided on."""
    return _page(draft_id, Form())


@blueprint.post("/drafts/<uuid:draft_id>/accept")
@for_roles(*IMPORTERS)
def accept_draft(draft_id: UUID) -> Any:
    """Have it taken in; how that goes is the page of its import."""
    form = Form(request.form)
    try:
        taken = _decide(f"/drafts/{draft_id}/accept", form.text("version"), None)
    except Problem as problem:
        return _told(problem, draft_id)
    return redirect(f"/registry/imports/{taken['import_id']}", 303)


@blueprint.post("/drafts/<uuid:draft_id>/reject")
@for_roles(*IMPORTERS)
def reject_draft(draft_id: UUID) -> Any:
    """It becomes no record, and she says why."""
    form = Form(request.form)
    try:
        _decide(f"/drafts/{draft_id}/reject", form.text("version"), {"reason": form.text("reason")})
    except Problem as problem:
        if problem.status != 422:
            return _told(problem, draft_id)
        form.refused(problem)
        return _page(draft_id, form), problem.status
    flash(_("The submission is rejected. What it said is erased after 30 days."))
    return redirect("/registry/drafts", 303)


def _decide(path: str, version: str, body: Mapping[str, Any] | None) -> Any:
    return api("registry").post(path, body, version=version)


def _told(problem: Problem, draft_id: UUID) -> Any:
    if problem.status == CHANGED_MEANWHILE:
        flash(_("It was edited in the field meanwhile. Look at it again before you decide."), "warn")
    elif problem.status == 409:
        flash(problem.detail, "bad")
    else:
        raise problem
    return redirect(f"/registry/drafts/{draft_id}", 303)


def _page(draft_id: UUID, form: Form) -> str:
    found = api("registry").get(f"/drafts/{draft_id}")
    prospect = found["prospect"] or {}
    return render_template(
        "registry/draft.html",
        found=found,
        form=form,
        rows=_differences(_named(prospect.get("stands")), _named(prospect.get("would"))),
        STATES=STATES,
        OUTCOMES=OUTCOMES,
    )


def _named(record: dict[str, Any] | None) -> dict[str, Any] | None:
    """The record with the names of what stands in the registry's lists."""
    if record is None:
        return None
    named = dict(record)
    if record["languages"]:
        known = {row["code"]: row["name"] for row in api("registry").get("/lists/languages").rows}
        named["languages"] = [known.get(code, code) for code in record["languages"]]
    if record["activity"]:
        found = api("registry").get("/lists/activities", {"q": record["activity"]}).rows
        title = next((row["title"] for row in found if row["code"] == record["activity"]), "")
        named["activity"] = f"{record['activity']} {title}"
    return named


def _differences(stands: Mapping[str, Any] | None, would: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """The fields that are told or would change: what each is called, how it stands, how it would."""
    if would is None:
        return []
    rows = []
    for field, label in _FIELDS.items():
        after = shown(field, would.get(field))
        before = shown(field, stands.get(field)) if stands and field != "levels" else ""
        if after != before:
            rows.append((_(label), before, after))
    return rows


def shown(field: str, value: Any) -> str:
    """A value of a record as one reads it; "" where there is none."""
    if value is None or value in ([], {}, ""):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field in _SAID:
        return _SAID[field](value)
    return str(value)


def _number(value: float) -> str:
    return str(format_decimal(value, locale=g.language))


def _money(value: Mapping[str, str] | None) -> str:
    return "" if value is None else f"{value['amount']} {value['currency']}"


def _product(value: Mapping[str, Any]) -> str:
    parts = [value["name"], value["unit"] or "", _money(value["price"])]
    if value["volume"] is not None:
        parts.append(f"{_number(value['volume'])} {said(codes.PERIODS, value['period']).lower()}")
    return ", ".join(part for part in (*parts, codes.month_names(value["months"])) if part)


def _partner(value: Mapping[str, Any]) -> str:
    share = "" if value["share"] is None else f"{value['share']} %"
    who = value["name"] or said(codes.PARTNERS, value["kind"])
    return ", ".join(part for part in (said(codes.SIDES, value["side"]), who, value["product"] or "", share) if part)


def _step(step: str, told: Mapping[str, Any]) -> str:
    return f"{said(codes.STEPS, step)}: {said(codes.STEP_STATES, told['state']).lower()}"


def _of(words: Mapping[str, Any]) -> Callable[[Any], str]:
    return lambda value: said(words, value) if isinstance(value, str) else listed(words, value)


_SAID: Mapping[str, Callable[[Any], str]] = {
    "id_kind": lambda value: str(value).upper(),
    "phone": codes.telephone,
    "other_phone": codes.telephone,
    "people": _of(codes.PEOPLES),
    "schooling": _of(codes.SCHOOLING),
    "ownership": _of(codes.OWNERSHIPS),
    "municipality": places.full_name,
    "site": _of(codes.SITES),
    "links": _of(codes.LINKS),
    "needs": _of(codes.NEEDS),
    "markets": _of(codes.MARKETS),
    "sales_band": _of(_BANDS),
    "languages": ", ".join,
    "sales": _money,
    "position": lambda value: f"{value['lat']}, {value['lon']}",
    "difficulties": lambda value: "; ".join(
        f"{said(codes.DIFFICULTIES, name)}: {said(codes.DEGREES, degree).lower()}" for name, degree in value.items()
    ),
    "consents": lambda value: "; ".join(
        f"{said(codes.CONSENTS, purpose)}: {_('Yes') if granted else _('No')}" for purpose, granted in value.items()
    ),
    "products": lambda value: "; ".join(map(_product, value)),
    "partners": lambda value: "; ".join(map(_partner, value)),
    "assets": lambda value: ", ".join(asset["text"] for asset in value),
    "steps": lambda value: "; ".join(_step(step, told) for step, told in sorted(value.items())),
    "levels": lambda value: "; ".join(f"{said(RUBRIC, subject)}: {level}" for subject, level in value.items()),
}
