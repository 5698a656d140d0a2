"""What a report of a place says: every number of it, for the page, the PDF and the files alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shapely import Geometry
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria, report_proposals, report_summary
from services.territory.queries.chain_report import chain_parts, tables_of
from services.territory.queries.choropleths import Speak, map_of
from services.territory.queries.national import national
from services.territory.queries.publications import publications_of
from services.territory.queries.report_subjects import MUNICIPAL, Subject
from services.territory.queries.unit_features import facts_of
from services.territory.queries.views import View
from services.territory.rules.chains import ChainRow, chain_table, link_totals
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.doubles import Key
from services.territory.rules.figures import DEPARTMENTAL, Count, Figures
from services.territory.rules.filtering.deciding import GEOMETRY
from services.territory.rules.findings import Limits, Reading
from shared import places
from shared.events.vocabulary import LINKS, NEEDS
from shared.kernel import COUNTRY_CURRENCY, Money

OUTCOMES = ("approved", "refused", "deferred", "waiting", "withdrawn")
VALIDATIONS = ("validated", "verified", "captured", "stale")


def report_of(session: Session, view: View, subject: Subject, speak: Speak, *, language: str) -> dict[str, Any]:
    """The report of a municipality, a department or a territory; None is a withheld figure. `view` holds what is
    published of the departments it lies in; those are the figures that a municipality is compared with.
    """
    if subject.chain:
        return _of_chain(session, view, subject, speak, language)
    seen = subject.seen(view)
    figures, key, around = seen.figures, subject.key, subject.around
    previous = _previous(session, view, subject)
    judged = criteria.holding(session, report_summary.CRITERIA, subject.units[0])
    limits = Limits(**judged.values)
    rows, country = _chain_rows(figures, key, language), national(session, subject.units, view.published or "")
    proposals = report_proposals.submitted(session, subject.units, inside=subject.kind != MUNICIPAL)
    reading = Reading(
        report_summary.standing(figures, key),
        limits,
        around=report_summary.standing(figures, around) if around else None,
        before=report_summary.standing(previous[1], key) if previous else None,
        chains=rows,
        proposals=report_proposals.standing_at(proposals),
        country=report_summary.national_shares(country),
    )
    month = previous[0] if previous else None
    return {
        **_about(view, subject),
        "inventory": _inventory(figures, key),
        "chains": _chains(rows),
        "links": [asdict(row) for row in link_totals(figures, key, LINKS)],
        "credit": _credit(figures, key, subject),
        "training": _training(figures, key),
        "national": country.name if country else None,
        "levels": report_summary.levels(figures, key, around, country, speak),
        **_around(figures, subject, language),
        **_map(session, view, subject, speak),
        "previous": month,
        "summary": report_summary.summary(reading, speak),
        "links_drawing": report_summary.links_drawing(rows, subject.name, speak),
        "tracker": report_proposals.tracker(proposals, language),
        "method": report_summary.method(
            speak,
            area_km2=subject.area_km2,
            previous=month,
            limits=limits,
            source=judged.source,
            placed=_number(figures, key, "placed"),
            country=country.name if country else "",
        ),
        "glossary": report_summary.glossary(speak),
        **_told(figures, key, _is_told),
    }


def _of_chain(session: Session, view: View, subject: Subject, speak: Speak, language: str) -> dict[str, Any]:
    """The report of one chain: a department's, or that of several places together."""
    seen, previous = subject.seen(view), _previous(session, view, subject)
    parts = chain_parts(session, seen, subject, speak, language=language, previous=previous)
    about = _about(view, subject) | {"name": f"{parts['chain_name']}: {subject.name}", "place": subject.name}
    told = _told(seen.figures, subject.key, tables_of(parts["chain"]))
    return {**about, **parts, "previous": previous[0] if previous else None, **told}


def _about(view: View, subject: Subject) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "number": f"{subject.code}-{view.published}",
        "units": list(subject.units),
        "municipality": subject.units[0] if subject.kind == MUNICIPAL else None,
        "name": subject.name,
        "department": subject.inside,
        "around": places.name_of(subject.around) if subject.around else None,
        "country": subject.country,
        "area_km2": subject.area_km2,
        "as_of": view.as_of,
        "published": view.published,
        "threshold": THRESHOLD,
    }


def _around(figures: Figures, subject: Subject, language: str) -> dict[str, Any]:
    """The figures of the larger place; None where there is none."""
    if subject.around is None:
        return dict.fromkeys(("department_inventory", "department_chains", "department_credit", "department_training"))
    key = subject.around
    return {
        "department_inventory": _inventory(figures, key),
        "department_chains": _chains(_chain_rows(figures, key, language)),
        "department_credit": _credit(figures, key, subject),
        "department_training": _training(figures, key),
    }


def _map(session: Session, view: View, subject: Subject, speak: Speak) -> dict[str, Any]:
    highlighted = subject.units[0] if subject.kind == MUNICIPAL else None
    here = bounds.in_force(session)
    drawn = map_of(view, subject.selection, here, "enterprises", speak, highlighted=highlighted, key=True)
    told = {"title": drawn.title, "drawing": drawn.drawing, "units": drawn.units}
    return {"boundaries": drawn.boundaries, "map": told}


def _previous(session: Session, view: View, subject: Subject) -> tuple[str, Figures] | None:
    """The last earlier month that was published of all its departments, and its counts, without those that may not
    stand beside the ones of now; None where they are of different months.
    """
    every = [publications_of(session, one) for one in subject.selection.departments]
    found = [(one, one.before(view.published or "")) for one in every]
    months = {month.month if month else None for _, month in found}
    last = months.pop()
    if months or last is None:
        return None
    merged = Figures({})
    for publications, month in found:
        if month:
            merged |= publications.figures(month)
    return last, subject.seen(View(merged, None, None)).figures


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


def _credit(figures: Figures, unit: str, subject: Subject) -> dict[str, Any]:
    paid, owed = figures.get(unit, "loans"), figures.get(unit, "loans", "open")
    return {
        "applications": _number(figures, unit, "applications"),
        "outcomes": {outcome: _number(figures, unit, "applications", outcome) for outcome in OUTCOMES},
        "loans": _number(figures, unit, "loans"),
        "open": _number(figures, unit, "loans", "open"),
        "settled": _number(figures, unit, "loans", "settled"),
        "disbursed": _money(paid, subject),
        "outstanding": None if paid is None else _money(owed, subject),
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


def _money(count: Count | None, subject: Subject) -> list[Money] | None:
    """One amount for each currency, None where it is withheld; nothing yet is zero of the country's own."""
    if count is None or count.amounts is None:
        return None
    told = count.amounts or {COUNTRY_CURRENCY[subject.units[0][:2]]: 0}
    return [Money(minor, currency) for currency, minor in sorted(told.items())]


def _is_told(key: Key) -> bool:
    """Whether a published figure stands in the report of a place: those of single chains stand in theirs."""
    return key[1] not in DEPARTMENTAL and (key[1] not in {"men", "placed"} or len(key) == len(("HN17", "men")))


def _told(figures: Figures, unit: str, is_told: Callable[[Key], bool]) -> dict[str, int]:
    """How many figures of the unit are told and not zero, and how many of those are withheld."""
    withheld = sum(key[0] == unit and is_told(key) for key in figures.hidden)
    shown = sum(key[0] == unit and is_told(key) and bool(count.number) for key, count in figures.counts.items()
                if key not in figures.hidden)  # fmt: skip
    return {"figures": shown + withheld, "withheld_figures": withheld}


def shapes_of(session: Session, report: Mapping[str, Any]) -> dict[str, Geometry]:
    """The shapes of the units on a report's map, in degrees."""
    here = bounds.in_force(session)
    return {row["code"]: facts_of(here, row["code"])[GEOMETRY] for row in report["map"]["units"]}
