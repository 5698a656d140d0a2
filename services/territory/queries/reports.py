"""What a municipal report says: every number of it, for the page, the PDF and the JSON alike."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries.maps import Speak, map_of
from services.territory.queries.views import Selection, View
from services.territory.rules.chains import chain_table, link_totals
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.figures import Count, Figures
from shared import places
from shared.events.vocabulary import LINKS, NEEDS
from shared.kernel import COUNTRY_CURRENCY, Money

OUTCOMES = ("approved", "refused", "deferred", "waiting", "withdrawn")
VALIDATIONS = ("validated", "verified", "captured", "stale")


def municipal_report(session: Session, view: View, municipality: str, speak: Speak, *, language: str) -> dict[str, Any]:
    """The report of one municipality; None is a withheld figure. `view` holds what is published of its department,
    which are the figures to compare with.
    """
    department = municipality[:4]
    known = reference.municipalities()
    neighbours = tuple(code for code in known if code.startswith(department))
    selection = Selection((department,), neighbours)
    here = bounds.in_force(session)
    drawn = map_of(view, selection, here, "enterprises", speak, highlighted=municipality, key=True)
    figures = view.figures
    return {
        "number": f"{municipality}-{view.published}",
        "municipality": municipality,
        "name": places.name_of(municipality),
        "department": places.name_of(department),
        "country": places.name_of(municipality[:2]),
        "area_km2": known[municipality].area_km2,
        "as_of": view.as_of,
        "published": view.published,
        "threshold": THRESHOLD,
        "boundaries": drawn.boundaries,
        "inventory": _inventory(figures, municipality),
        "department_inventory": _inventory(figures, department),
        "chains": _chains(figures, municipality, language),
        "department_chains": _chains(figures, department, language),
        "links": [asdict(row) for row in link_totals(figures, municipality, LINKS)],
        "credit": _credit(figures, municipality),
        "department_credit": _credit(figures, department),
        "training": _training(figures, municipality),
        "department_training": _training(figures, department),
        "map": {"title": drawn.title, "drawing": drawn.drawing, "units": drawn.units},
        "template": _template(),
        **_told(figures, municipality),
    }


def _chains(figures: Figures, unit: str, language: str) -> list[dict[str, Any]]:
    rows = chain_table(figures, unit, reference.chain_templates(), LINKS, language=language)
    return [{**asdict(row), "missing": list(row.missing)} for row in rows]


def _inventory(figures: Figures, unit: str) -> dict[str, Any]:
    return {
        **_all(figures, unit),
        "men": _number(figures, unit, "men"),
        "formal": _number(figures, unit, "formal", "yes"),
        "informal": _number(figures, unit, "formal", "no"),
        "at_home": _number(figures, unit, "home", "yes"),
        "elsewhere": _number(figures, unit, "home", "no"),
        "validation": {state: _number(figures, unit, "validation", state) for state in VALIDATIONS},
        "needs": {need: _number(figures, unit, "need", need) for need in NEEDS},
    }


def _all(figures: Figures, unit: str) -> dict[str, int | None]:
    return {"enterprises": _number(figures, unit, "all"), "women": _women(figures, unit, "all")}


def _credit(figures: Figures, unit: str) -> dict[str, Any]:
    paid, owed = figures.get(unit, "loans"), figures.get(unit, "loans", "open")
    return {
        "applications": _number(figures, unit, "applications"),
        "outcomes": {outcome: _number(figures, unit, "applications", outcome) for outcome in OUTCOMES},
        "loans": _number(figures, unit, "loans"),
        "open": _number(figures, unit, "loans", "open"),
        "settled": _number(figures, unit, "loans", "settled"),
        "disbursed": _money(paid, unit),
        "outstanding": None if paid is None else _money(owed, unit),
        "accompaniments": _number(figures, unit, "accompaniments"),
    }


def _training(figures: Figures, unit: str) -> dict[str, Any]:
    return {
        "groups": _number(figures, unit, "groups"),
        "in_training": _number(figures, unit, "training", "in"),
        "not_in_training": _number(figures, unit, "training", "out"),
    }


def _number(figures: Figures, *key: str) -> int | None:
    count = figures.get(*key)
    return None if count is None else count.number


def _women(figures: Figures, *key: str) -> int | None:
    count = figures.get(*key)
    return None if count is None else count.women


def _money(count: Count | None, unit: str) -> list[Money] | None:
    """One amount for each currency, None where it is withheld; nothing yet is zero of the country's own."""
    if count is None or count.amounts is None:
        return None
    told = count.amounts or {COUNTRY_CURRENCY[unit[:2]]: 0}
    return [Money(minor, currency) for currency, minor in sorted(told.items())]


def _template() -> dict[str, Any]:
    template = next(iter(reference.chain_templates().values()))
    return {"valid_from": template.valid_from, "source": template.source}


def _told(figures: Figures, unit: str) -> dict[str, int]:
    """How many figures of the unit are not zero, and how many of those are withheld."""
    withheld = sum(key[0] == unit for key in figures.hidden)
    shown = sum(key[0] == unit and bool(count.number) for key, count in figures.counts.items())
    return {"figures": shown + withheld, "withheld_figures": withheld}
