"""Introductions: whom to bring together, with both sides' contacts, and what became of it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request

from services.portal.clients import Away, Problem, Taken, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices, telephone
from services.portal.pages.territory.area import TECHNICAL, blueprint
from shared import places
from shared.spreadsheets import CSV, XLSX, Sheet, as_csv, as_xlsx

BATCH = 150
MOST_LEFT = 50
"""Of those without a supplier; the page says of how many, and a phone scrolls no further."""
Contacts = Mapping[str, dict[str, Any]]
WHY = {"elsewhere": "She buys it outside the inventory", "untold": "She names nobody who sells it to her"}
LEFT = {
    "nobody_sells": "Nobody in this territory sells it",
    "nobody_near": "Nobody within reach sells it",
    "all_taken": "All that is sold within reach is taken",
    "declined": "Those within reach were declined",
}
MARKS = {
    "made": ("Introduced", "accent"),
    "business": ("Led to business", "good"),
    "declined": ("Declined", ""),
}
MARK_CHOICES = {
    "made": "They were introduced",
    "business": "It led to business",
    "declined": "One of them did not want it",
}


@blueprint.get("/introductions")
@for_roles(*TECHNICAL)
def introductions() -> Any:
    """Whom to introduce to whom, to be printed and taken along."""
    form = Form(request.args)
    found = None if _too_wide(form) else _found(form)
    left = found["left"][:MOST_LEFT] if found else []
    contacts = _contacts([*_ids(found), *(row["buyer_id"] for row in left)]) if found else {}
    return render_template(
        "territory/introductions.html",
        found=found,
        left=left,
        contacts=contacts or {},
        form=form,
        away=contacts is None,
        WHY=WHY,
        LEFT=LEFT,
    )


@blueprint.get("/introductions.<any(csv, xlsx):kind>")
@for_roles(*TECHNICAL)
def introductions_file(kind: str) -> Response:
    """The pairs shown, with names and telephones; in a workbook also who is left."""
    found = _found(Form(request.args))
    contacts = _contacts(_ids(found)) or {}
    pairs = _pairs(found, contacts)
    if kind == "csv":
        return send(Taken(as_csv(pairs.heads, pairs.rows), CSV, f"{_('introductions')}.csv"))
    return send(Taken(as_xlsx(pairs, _left(found, contacts)), XLSX, f"{_('introductions')}.xlsx"))


@blueprint.get("/introductions/followed")
@for_roles(*TECHNICAL)
def followed() -> Any:
    """Those that were followed up, with what became of them."""
    asked = {name: request.args.get(name) for name in ("unit", "mark", "after")}
    found = api("territory").get("/introductions/followed", asked | {"limit": 50})
    contacts = _contacts(row[name] for row in found.rows for name in ("buyer_id", "supplier_id"))
    return render_template(
        "territory/introductions_followed.html",
        found=found,
        contacts=contacts or {},
        form=Form(request.args),
        away=contacts is None,
        MARKS=MARKS,
        marks=choices(MARK_CHOICES),
    )


@blueprint.get("/introductions/follow")
@for_roles(*TECHNICAL)
def ask_what_became() -> Any:
    """The question what became of a pair."""
    return _asked(Form(request.args), "/territory/introductions/follow")


@blueprint.post("/introductions/follow")
@for_roles(*TECHNICAL)
def say_what_became() -> Any:
    """Say what became of a pair."""
    form = Form(request.form)
    body = {name: form.text(name) for name in ("buyer_id", "supplier_id", "item", "mark")}
    try:
        api("territory").post("/introductions/followed", body | {"note": form.optional("note")})
    except Problem as problem:
        form.refused(problem)
        return _asked(form, "/territory/introductions/follow"), problem.status
    return _kept()


@blueprint.get("/introductions/followed/<uuid:introduction_id>")
@for_roles(*TECHNICAL)
def ask_what_became_since(introduction_id: UUID) -> Any:
    """The question what became of it since."""
    found = api("territory").get(f"/introductions/followed/{introduction_id}")
    return _asked(Form(found), f"/territory/introductions/followed/{introduction_id}")


@blueprint.post("/introductions/followed/<uuid:introduction_id>")
@for_roles(*TECHNICAL)
def say_what_became_since(introduction_id: UUID) -> Any:
    """Say what became of it since."""
    form, path = Form(request.form), f"/introductions/followed/{introduction_id}"
    body = {"mark": form.text("mark"), "note": form.optional("note")}
    try:
        api("territory").put(path, body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _asked(form, f"/territory{path}"), problem.status
    return _kept()


def _pairs(found: Any, contacts: Contacts) -> Sheet:
    heads = (
        *(_("Who lacks it"), _("Her telephones"), _("Her municipality"), _("What she lacks"), _("Who sells it")),
        *(_("Telephones of the supplier"), _("Municipality of the supplier"), _("Value a year"), _("Currency")),
        *(_("Value is estimated"), _("Kilometres"), _("Kilometres from the centre of the municipality"), _("Why")),
    )
    rows = [[*_side(contacts, row, "buyer"), row["item_name"], *_side(contacts, row, "supplier"),
             Decimal(row["value"]["amount"]), row["value"]["currency"], _yes(row["estimated"]),
             round(row["metres"] / 1000, 1), _yes(not row["exact"]), _(WHY[row["why"]])]
            for row in found["pairs"]]  # fmt: skip
    return Sheet(_("Whom to introduce"), heads, rows, kept=1)


def _left(found: Any, contacts: Contacts) -> Sheet:
    heads = (
        *(_("Who lacks it"), _("Her telephones"), _("Her municipality"), _("What she lacks"), _("Value a year")),
        *(_("Currency"), _("Why nobody is proposed")),
    )
    rows = [[*_side(contacts, row, "buyer"), row["item_name"], Decimal(row["value"]["amount"]),
             row["value"]["currency"], _(LEFT[row["reason"]])]
            for row in found["left"]]  # fmt: skip
    return Sheet(_("Who is left without a supplier"), heads, rows, kept=1)


def _kept() -> Any:
    flash(_("What became of the introduction is kept."))
    return redirect("/territory/introductions/followed", 303)


def _asked(form: Form, action: str) -> str:
    contacts = _contacts([form.text("buyer_id"), form.text("supplier_id")])
    return render_template(
        "territory/introduction_follow.html",
        form=form,
        action=action,
        contacts=contacts or {},
        marks=choices(MARK_CHOICES),
    )


def _found(form: Form) -> Any:
    return api("territory").get("/introductions", {name: form.text(name) for name in ("unit", "chain")})


def _too_wide(form: Form) -> bool:
    """Whether she works in a whole country and has not chosen a place yet."""
    return not form.text("unit") and any(len(unit) < 4 for unit in me().scope.units)


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _ids(found: Any) -> Iterable[str]:
    for row in found["pairs"]:
        yield from (row["buyer_id"], row["supplier_id"])


def _contacts(ids: Iterable[str]) -> Contacts | None:
    """Names and telephones by enterprise, as far as the registry tells them to her; None while it is away."""
    wanted = sorted(set(filter(None, ids)))
    told: dict[str, dict[str, Any]] = {}
    try:
        for start in range(0, len(wanted), BATCH):
            batch = api("registry").get("/enterprises/contacts", {"ids": wanted[start : start + BATCH]})
            told |= {row["id"]: row for row in batch.rows}
    except Away:
        return None
    return told


def _side(contacts: Contacts, row: Mapping[str, Any], side: str) -> list[str]:
    known = contacts.get(row[f"{side}_id"])
    where = places.full_name(row[f"{side}_municipality"])
    if known is None:
        return [row[f"{side}_id"], "", where]
    phones = [
        telephone(phone) for owner in known["owners"] for phone in (owner["phone"], owner["other_phone"]) if phone
    ]
    return [known["name"], ", ".join(phones), where]
