"""The words for plans, proposals, councils and dialogues, and who reads and writes them."""

from typing import Any

from flask import g

from services.portal.frame import Form, me
from services.portal.pages.territory.area import PUBLISHERS, blueprint
from shared.kernel import COUNTRY_CURRENCY

PROPOSERS = (*PUBLISHERS, "organization", "technician")
RECORDERS = (*PROPOSERS, "planner")
SEERS = (*RECORDERS, "auditor", "leda_viewer")

PROPOSAL_STATES = {
    "proposed": ("Just proposed", ""),
    "submitted": ("Submitted", "accent"),
    "debated": ("Debated", "accent"),
    "included": ("Included", "good"),
    "budgeted": ("Budgeted", "good"),
    "executed": ("Executed", "good"),
    "rejected": ("Turned down", "bad"),
}
FINANCIERS = {
    "municipality": "Municipality",
    "national_government": "National government",
    "departmental_council": "Council of the department",
    "cooperation": "International cooperation",
    "women_organizations": "Women's organizations",
    "community": "Community, in work or money",
    "private": "Private firms",
    "credit": "Credit",
    "other": "Others",
}
COUNCIL_KINDS = {
    "comude": "Municipal development council (COMUDE)",
    "codede": "Departmental development council (CODEDE)",
    "cocode": "Community development council (COCODE)",
    "municipal": "Municipal council",
    "departmental": "Departmental council",
    "sectoral": "Council of a sector",
    "other": "Other council",
}
SEAT_KINDS = {"titular": "Main seat", "alternate": "Alternate"}
DIALOGUE_KINDS = {
    "public_hearing": "Public hearing",
    "multi_stakeholder": "Dialogue of many sides",
    "open_council": "Open council meeting",
    "other": "Other meeting",
}
ATTENDANTS = {
    "women_organizations": "Women's organizations",
    "municipality": "Municipality",
    "government": "Other public institutions",
    "private": "Private firms",
    "producers": "Producers' associations",
    "academy": "Universities and schools",
    "cooperation": "International cooperation",
    "community": "Community",
    "other": "Others",
}
COMMITMENT_STATES = {
    "open": ("Still open", "accent"),
    "kept": ("Was kept", "good"),
    "not_kept": ("Was not kept", "bad"),
}
SETTLEMENTS = {"kept": "It was kept", "not_kept": "It was not kept"}


def currency_of(unit: str) -> str:
    """The currency of a place; that of her own country where it is not known yet."""
    return COUNTRY_CURRENCY.get(unit[:2]) or COUNTRY_CURRENCY[me().country or "GT"]


def asked(form: Form, *names: str) -> dict[str, Any]:
    """Fields that may be left empty, as an API takes them."""
    return {name: form.optional(name) for name in names}


@blueprint.context_processor
def influence_words() -> dict[str, Any]:
    """What the templates of plans, proposals and councils say codes with."""
    person = g.get("me")
    return {
        "PROPOSAL_STATES": PROPOSAL_STATES,
        "FINANCIERS": FINANCIERS,
        "COUNCIL_KINDS": COUNCIL_KINDS,
        "SEAT_KINDS": SEAT_KINDS,
        "DIALOGUE_KINDS": DIALOGUE_KINDS,
        "ATTENDANTS": ATTENDANTS,
        "COMMITMENT_STATES": COMMITMENT_STATES,
        "SETTLEMENTS": SETTLEMENTS,
        "sees_influence": bool(person and person.has(*SEERS)),
        "may_propose": bool(person and person.has(*PROPOSERS)),
        "may_keep_councils": bool(person and person.has(*PUBLISHERS)),
    }
