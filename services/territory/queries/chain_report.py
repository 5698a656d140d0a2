"""What the report of one value chain says: every number of it, for the page, the PDF and the files alike."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import DevelopmentPlan
from services.territory.models.introductions import MARKS
from services.territory.models.plans import ADOPTED
from services.territory.queries import criteria, report_proposals, report_summary
from services.territory.queries.chain_places import at_home, map_of, places_of
from services.territory.queries.choropleths import Speak
from services.territory.queries.criteria import Criteria
from services.territory.queries.national import National, national
from services.territory.queries.published_chain import (
    Chain,
    gaps_of,
    leakage_of,
    levels_of,
    row_of,
    sales_of,
    women_share,
)
from services.territory.queries.report_subjects import Subject
from services.territory.queries.views import View
from services.territory.rules.chain_reports import (
    ChainReading,
    findings,
    headlines,
    held_back,
    usual_of,
)
from services.territory.rules.chains import ABSENT, MISSING, ChainRow
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.doubles import Key
from services.territory.rules.figures import Figures
from services.territory.rules.findings import Limits, Reading, asks
from services.territory.rules.link_diagrams import Node, draw_chain
from shared import places
from shared.events.vocabulary import LINKS
from shared.kernel import clock

FLOW = ("inputs", "production", "processing", "marketing")
TERMS = ("enterprise", "chain", "link", "missing_link", "held_back", "quotient", "level", "leaving", "withheld")


def chain_parts(
    session: Session,
    view: View,
    subject: Subject,
    speak: Speak,
    *,
    language: str,
    previous: tuple[str, Figures] | None,
) -> dict[str, Any]:
    """All that a chain's report says beside what it is about; `view` are the figures of the subject."""
    template = reference.chain_templates()[subject.chain or ""]
    detailed = all(len(unit) < len("HN1709") for unit in subject.units)
    chain = Chain(view.figures, subject.key, template, detailed)
    row, country = chain.row(language), national(session, subject.units, view.published or "")
    judged = criteria.holding(session, report_summary.CRITERIA, subject.units[0])
    proposals = [
        one
        for one in report_proposals.submitted(session, subject.units, inside=True)
        if one.chain == template.code
    ]  # fmt: skip
    units = list(places_of(chain, subject, _confidence(session, subject)))
    levels, leakage = list(levels_of(chain, country, speak)), leakage_of(chain)
    reading = ChainReading(
        chain.standing(), Limits(**judged.values), row, chain.around(),
        before=Chain(previous[1], subject.key, template, detailed).standing() if previous else None,
        held_back=_held_back(session, chain, row, country, subject),
        outside=leakage["percent"] if leakage else None,
        levels={one["subject"]: one["mean"] for one in levels if one["mean"] is not None},
        special=at_home(units),
    )  # fmt: skip
    return {
        "chain": template.code,
        "chain_name": template.names[language],
        "detailed": detailed,
        "national": country.name if country else None,
        "women_share": women_share(reading.here),
        "placed": chain.number("placed", template.code),
        "chain_row": row_of(row, template, speak),
        "held_back": asdict(reading.held_back) if reading.held_back else None,
        "links_drawing": _drawing(chain, row, reading, subject, speak, language),
        "levels": levels,
        "sales": list(sales_of(chain)),
        "gaps": gaps_of(reading.here, speak),
        "leakage": leakage,
        "introductions": {"all": chain.number("introductions", template.code),
                          **{mark: chain.number("introductions", template.code, mark) for mark in MARKS}},
        "places": units,
        **map_of(session, chain, subject, speak, language),
        "plans": _plans(session, subject),
        "tracker": report_proposals.tracker(proposals, language),
        "summary": _summary(reading, report_proposals.standing_at(proposals), speak),
        "method": _method(speak, chain, judged, previous, country),
        "glossary": report_summary.glossary(speak, TERMS),
    }  # fmt: skip


def tables_of(chain: str) -> Any:
    """Whether a published figure is one of those that the report of a chain tells."""

    def holds(key: Key) -> bool:
        return chain in key[2:]

    return holds


def _confidence(session: Session, subject: Subject) -> float:
    return float(criteria.holding(session, "comparison", subject.units[0]).values["confidence"])


def _held_back(session: Session, chain: Chain, row: ChainRow | None, country: National | None, subject: Subject) -> Any:
    if row is None or country is None:
        return None
    limits = criteria.holding(session, "chain_map", subject.units[0]).values
    needed = [link for link in LINKS if link in chain.template.needs]
    usual = usual_of(needed, country.women(*(("chain", chain.code, link) for link in needed)))
    return held_back(row, usual, chain.template.needs, few=limits["few"], tight=limits["tight"])


def _plans(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """The plans in force here, and of what lies here or around here, that put the chain first."""
    today, table = clock.today(), DevelopmentPlan
    inside = [table.unit.startswith(unit, autoescape=True) for unit in subject.units]
    found = session.scalars(
        select(table)
        .where(or_(*inside, table.unit.in_(places.around(*subject.units))))
        .where(table.state == ADOPTED, table.valid_from <= today)
        .where(or_(table.valid_until.is_(None), table.valid_until >= today))
        .order_by(table.unit, table.id)
    )
    names = ("kind", "title", "source", "valid_from", "valid_until")
    return [
        {"place": places.name_of(one.unit), **{name: getattr(one, name) for name in names}}
        for one in found
        if subject.chain in one.chains
    ]


def _summary(reading: ChainReading, proposals: Mapping[str, int], speak: Speak) -> dict[str, Any]:
    """Six figures, three findings, three asks."""
    wanted = Reading(
        reading.here, reading.limits, chains=[reading.row] if reading.row else [], proposals=proposals
    )  # fmt: skip
    return {
        "headlines": [
            {"code": code, "label": speak(f"chain_headline.{code}"), "value": value, "around": around, "change": change}
            for code, value, around, change in headlines(reading)
        ],
        "findings": [report_summary.sentence(said, speak) for said in findings(reading)],
        "asks": [report_summary.sentence(said, speak) for said in asks(wanted)],
        "shares": [],
    }


def _drawing(
    chain: Chain, row: ChainRow | None, reading: ChainReading, subject: Subject, speak: Speak, language: str
) -> dict[str, str] | None:
    """The chain from link to link with enterprises and women; None where nobody is in it."""
    if row is None:
        return None
    back = reading.held_back.link if reading.held_back else None
    nodes: dict[str, Node] = {}
    for link in row.links:
        told = speak("report.some")
        if link.state in {MISSING, ABSENT}:
            told = speak("chain_map.lacking" if link.state == MISSING else "chain_map.nobody")
        elif link.women is not None:
            told = speak("chain_map.women_in", women=link.women, enterprises=link.enterprises)
        size = 0 if link.state in {MISSING, ABSENT} else link.women or 1
        nodes[link.link] = Node(speak(f"link.{link.link}"), told, link.state, size, link.link == back)
    title, about = f"{chain.template.names[language]}: {subject.name}", speak("chain_map.drawing_about")
    flow = [nodes[link] for link in FLOW]
    beside = [node for link, node in nodes.items() if link not in FLOW]
    return {"title": title, "about": about, "drawing": draw_chain("report-chain", title, about, flow, beside)}


def _method(
    speak: Speak,
    chain: Chain,
    judged: Criteria,
    previous: tuple[str, Figures] | None,
    country: National | None,
) -> list[str]:
    facts: dict[str, Any] = {
        "threshold": THRESHOLD,
        "template": chain.template.source,
        "template_day": chain.template.valid_from,
        "criteria": judged.source,
        "change": f"{judged.values['change']:g}",
        "country": country.name if country else "",
        "month": previous[0] if previous else "",
    }
    told = (
        *("report.method.counted", "report.method.placed", "report.method.withheld", "report.method.some"),
        *("report.method.links", "chain_report.method.enough", "chain_report.method.departments"),
        *("chain_report.method.quotient", "chain_report.method.rules", "chain_report.method.clusters"),
        *(() if chain.complete else ("chain_report.method.older",)),
        *(("report.method.national",) if country else ()),
        *("report.method.proposals", "report.method.change" if previous else "report.method.no_change"),
    )
    return [speak(code, **facts) for code in told]
