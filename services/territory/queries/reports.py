"""What a municipal report says: every number of it, for the page, the PDF and the JSON alike."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shapely import Geometry
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria, report_proposals, report_summary
from services.territory.queries.figures import publication_of_earlier_month
from services.territory.queries.maps import Speak, map_of
from services.territory.queries.unit_features import facts_of
from services.territory.queries.views import Selection, View
from services.territory.rules.chains import ChainRow, chain_table, link_totals
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.figures import Figures
from services.territory.rules.filtering.deciding import GEOMETRY
from services.territory.rules.findings import Limits, Reading
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
    previous = _previous(session, view, department)
    judged = criteria.holding(session, report_summary.CRITERIA, municipality)
    limits = Limits(**judged.values)
    rows = _chain_rows(figures, municipality, language)
    proposals = report_proposals.submitted(session, municipality)
    reading = Reading(
        report_summary.standing(figures, municipality),
        limits,
        around=report_summary.standing(figures, department),
        before=report_summary.standing(previous[1], municipality) if previous else None,
        chains=rows,
        proposals=report_proposals.standing_at(proposals),
    )
    before = previous[0] if previous else None
    return {
        "number": f"{municipality}-{view.published}",
        "municipality": municipality,
        "name": places.name_of(municipality),
        "department": places.name_of(department),
        "around": places.name_of(department),
        "country": places.name_of(municipality[:2]),
        "area_km2": known[municipality].area_km2,
        "as_of": view.as_of,
        "published": view.published,
        "threshold": THRESHOLD,
        "boundaries": drawn.boundaries,
        "inventory": _inventory(figures, municipality),
        "department_inventory": _inventory(figures, department),
        "chains": _chains(rows),
        "department_chains": _chains(_chain_rows(figures, department, language)),
        "links": [asdict(row) for row in link_totals(figures, municipality, LINKS)],
        "credit": _credit(figures, municipality),
        "department_credit": _credit(figures, department),
        "training": _training(figures, municipality),
        "department_training": _training(figures, department),
        "map": {"title": drawn.title, "drawing": drawn.drawing, "units": drawn.units},
        "previous": before,
        "summary": report_summary.summary(reading, speak),
        "links_drawing": report_summary.links_drawing(rows, places.name_of(municipality), speak),
        "tracker": report_proposals.tracker(proposals, language),
        "method": report_summary.method(
            speak, area_km2=known[municipality].area_km2, previous=before, limits=limits, source=judged.source
        ),
        "glossary": report_summary.glossary(speak),
        **_told(figures, municipality),
    }


def _previous(session: Session, view: View, department: str) -> tuple[str, Figures] | None:
    """The last earlier month that was published, and its figures."""
    row = publication_of_earlier_month(session, department, view.published or "")
    return (row["month"], Figures.from_stored(row["figures"])) if row else None


def _chain_rows(figures: Figures, unit: str, language: str) -> list[ChainRow]:
    return chain_table(figures, unit, reference.chain_templates(), LINKS, language=language)


def _chains(rows: Sequence[ChainRow]) -> list[dict[str, Any]]:
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
        "disbursed": None if paid is None else _money(paid.amounts, unit),
        "outstanding": None if paid is None or owed is None else _money(owed.amounts, unit),
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


def _money(amounts: Mapping[str, int], unit: str) -> list[Money]:
    """One amount for each currency; nothing yet is zero of the country's own."""
    told = amounts or {COUNTRY_CURRENCY[unit[:2]]: 0}
    return [Money(minor, currency) for currency, minor in sorted(told.items())]


def _told(figures: Figures, unit: str) -> dict[str, int]:
    """How many figures of the unit are not zero, and how many of those are withheld."""
    withheld = sum(key[0] == unit for key in figures.hidden)
    shown = sum(key[0] == unit and bool(count.number) for key, count in figures.counts.items())
    return {"figures": shown + withheld, "withheld_figures": withheld}


def shapes_of(session: Session, report: Mapping[str, Any]) -> dict[str, Geometry]:
    """The shapes of the units on a report's map, in degrees."""
    here = bounds.in_force(session)
    return {row["code"]: facts_of(here, row["code"])[GEOMETRY] for row in report["map"]["units"]}
