"""The history of a record: who changed what, from what to what, in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import current_app, render_template, request

from services.portal import queries
from services.portal.clients import Answer, api
from services.portal.frame import _, for_roles, formats
from services.portal.frame.language import locale
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import OVERSEERS, blueprint
from shared import places
from shared.database import Database

FIELDS: Mapping[str, tuple[str, Mapping[str, Any] | None]] = {
    "name": ("Name", None),
    "municipality": ("Municipality", None),
    "derived_municipality": ("Municipality of the point", None),
    "position": ("Point", None),
    "place_state": ("State of the place", codes.PLACES),
    "address": ("Address", None),
    "activity": ("Economic activity", codes.ACTIVITIES),
    "chain": ("Value chain", codes.CHAINS),
    "links": ("Links of the chain", codes.LINKS),
    "needs": ("Needs", codes.NEEDS),
    "markets": ("Where she sells", codes.MARKETS),
    "site": ("Where she works", codes.SITES),
    "ownership": ("Whose it is", codes.OWNERSHIPS),
    "owners": ("Owners", None),
    "started_year": ("Since", None),
    "jobs_women": ("Women at work", None),
    "jobs_men": ("Men at work", None),
    "unpaid_women": ("Women at work without pay", None),
    "unpaid_men": ("Men at work without pay", None),
    "sales": ("Monthly sales", None),
    "sales_band": ("Band of monthly sales", None),
    "products": ("Products", None),
    "assets": ("What it works with", None),
    "partners": ("Suppliers and buyers", None),
    "formal": ("Formalized", None),
    "formalization": ("Steps of formalization", None),
    "validation": ("Validation", codes.VALIDATION),
    "checked_on": ("Last checked", None),
    "consent_registry": ("To be in the inventory", None),
    "consent_credit": ("To share her record for credit", None),
    "consent_map": ("To appear in public maps, added up with others", None),
}
_NOTHING = "\N{EN DASH}"


@blueprint.get("/enterprises/<uuid:enterprise_id>/history")
@for_roles(*OVERSEERS)
def record_history(enterprise_id: UUID) -> Any:
    """All of it, the latest first, some at a time."""
    return render_template(
        "registry/history.html",
        enterprise=api("registry").get(f"/enterprises/{enterprise_id}"),
        entries=entries_of(enterprise_id, limit=20, after=request.args.get("after")),
    )


def entries_of(enterprise_id: UUID, *, limit: int, after: str | None = None) -> Answer:
    """Entries with who made them by name, and what they changed in words."""
    answer = api("registry").get(
        f"/enterprises/{enterprise_id}/history", {"latest_first": True, "limit": limit, "after": after}
    )
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        names = queries.names_of(session, {entry["caller"] for entry in answer.rows})
    for entry in answer.rows:
        entry["who"] = names.get(entry["caller"], _who(entry["caller"]))
        entry["changes"] = changes_of(entry["before"], entry["after"])
    return answer


def changes_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """What changed: the field, what it said before, what it says since. Of a beginning nothing is told: that is the
    record itself.
    """
    if not before or not after:
        return []
    return [
        (_(FIELDS[name][0]), in_words(name, before.get(name)), in_words(name, after.get(name)))
        for name in FIELDS
        if name in after and before.get(name) != after.get(name)
    ]


def in_words(name: str, value: Any) -> str:
    """What a field said, as a reader says it."""
    if value in (None, "", [], {}):
        return _NOTHING
    say = _SAID.get(name)
    if say is not None:
        return str(say(value))
    words = FIELDS[name][1]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return codes.listed(words or {}, map(str, value))
    return codes.said(words, str(value)) if words else str(value)


def _who(caller: str) -> str:
    """Who is no account: a service, or somebody at the machine."""
    return caller.removeprefix("cli:")


def _formalization(steps: Mapping[str, Mapping[str, Any]]) -> str:
    told = []
    for step, one in steps.items():
        day = f", {formats.day(one['on'], locale())}" if one.get("on") else ""
        told.append(f"{codes.said(codes.STEPS, step)}: {codes.said(codes.STEP_STATES, one['state'])}{day}")
    return "; ".join(told)


def _product(product: Mapping[str, Any]) -> str:
    price = f" ({formats.money(product['price'])})" if product.get("price") else ""
    return f"{product['name']}{price}"


_SAID: Mapping[str, Any] = {
    "municipality": places.full_name,
    "derived_municipality": places.full_name,
    "checked_on": lambda day: formats.day(day, locale()),
    "position": lambda here: f"{here['lat']}, {here['lon']}",
    "sales": formats.money,
    "products": lambda rows: ", ".join(_product(row) for row in rows),
    "assets": lambda rows: ", ".join(row["text"] for row in rows),
    "partners": lambda rows: ", ".join(row["name"] or codes.said(codes.PARTNERS, row["kind"]) for row in rows),
    "owners": lambda ids: str(len(ids)),
    "formalization": _formalization,
}
