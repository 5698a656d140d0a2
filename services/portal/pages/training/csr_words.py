"""The words of workshops, dialogues and partners, and who sees which of their pages."""

from typing import Any

from flask import g

from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.diplomas import KINDS
from shared import places

PARTNER_KEEPERS = ("trainer", "coordinator", "network_coordinator")
CSR_READERS = (*READERS, "csr_reviewer")
REPORT_READERS = (*CSR_READERS, "leda_viewer")
SECTORS = {
    "agriculture": "Agriculture",
    "manufacturing": "Manufacturing",
    "energy": "Energy",
    "construction": "Construction",
    "trade": "Trade",
    "tourism": "Tourism",
    "information_technology": "Information technology",
    "services": "Services",
    "other": "Other",
}
SIZES = {"micro": "Micro", "small": "Small", "medium": "Medium-sized"}
SEXES = {"woman": "Woman", "man": "Man", "not_said": "Prefers not to say"}
ACTIVITY_STATES = {"planned": ("Planned", "accent"), "held": ("Took place", "good"), "cancelled": ("Called off", "bad")}
CSR_DIALOGUES = {
    "parliamentarians": "Among legislators",
    "multi_stakeholder": "Of many sides",
    "round_table": "Round table",
    "forum": "Forum",
}
SIDES = {
    "government": "Government",
    "parliament": "Parliament",
    "private_sector": "Private sector",
    "csr_organization": "Local social responsibility organizations",
    "civil_society": "Civil society",
    "academia": "Academia",
    "international": "International organizations",
}
PARTNER_KINDS = {
    "government_international": "Governments, international organizations",
    "csr_organization": "Local social responsibility organizations",
    "private_sector": "Private sector",
    "civil_society_academia": "Civil society, academia, others",
}
CONTRIBUTIONS = {"none": "Nothing", "in_kind": "In kind", "financial": "Money", "both": "Money and in kind"}
PROMISES = {"open": ("Open", "accent"), "kept": ("Kept", "good"), "not_kept": ("Not kept", "bad")}


@blueprint.context_processor
def csr_words() -> dict[str, Any]:
    """What the templates say the codes of these rooms with."""
    person = g.get("me")
    return {
        "SECTORS": SECTORS,
        "SIZES": SIZES,
        "SEXES": SEXES,
        "ACTIVITY_STATES": ACTIVITY_STATES,
        "CSR_DIALOGUES": CSR_DIALOGUES,
        "SIDES": SIDES,
        "PARTNER_KINDS": PARTNER_KINDS,
        "CONTRIBUTIONS": CONTRIBUTIONS,
        "PROMISES": PROMISES,
        "DIPLOMAS": KINDS,
        "in_full": places.in_full,
        "where": where,
        "may_teach": person is not None and person.has(*TEAM),
        "may_ally": person is not None and person.has(*PARTNER_KEEPERS),
        "may_see_people": person is not None and person.has(*READERS),
        "sees_csr": person is not None and person.has(*CSR_READERS),
        "home_choices": home_choices,
        "near_choices": near_choices,
    }


def home_choices() -> list[tuple[str, Any]]:
    """Where something may be at home in her territory: the places that cover more than one municipality first."""
    person = g.me
    wide = [
        unit
        for level in (places.COUNTRY, places.DEPARTMENT)
        for unit in places.units_at(level)
        if person.scope.covers(unit)
    ]
    return [*((unit, places.in_full(unit)) for unit in wide), *(_municipal() if len(wide) < 20 else [])]


def near_choices() -> list[tuple[str, Any]]:
    """The same, and before them what her territory lies in."""
    around = {
        unit[:size]
        for unit in g.me.scope.units
        for size in (2, 4)
        if len(unit) > size and unit[:size] in places.names()
    }
    outside = sorted(unit for unit in around if not g.me.scope.covers(unit))
    return [*((unit, places.in_full(unit)) for unit in outside), *home_choices()]


def _municipal() -> list[tuple[str, Any]]:
    return [group for group in place_choices() if any(len(code) == 6 for code, _name in group[1])]


def where(city: str, unit: str) -> str:
    """A city or venue and the place it lies in, which is not said twice."""
    around = places.in_full(unit)
    told = not city or around.casefold().startswith(city.strip().casefold())
    return around if told else f"{city.strip()}, {around}"
