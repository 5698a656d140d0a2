"""What the report of one value chain says: every number of it, for the page, the PDF and the files alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import DevelopmentPlan
from services.territory.models.introductions import MARKS
from services.territory.models.plans import ADOPTED
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria, report_proposals, report_summary
from services.territory.queries.criteria import Criteria
from services.territory.queries.maps import Speak, choropleth
from services.territory.queries.national import National, mean_level, national
from services.territory.queries.report_subjects import Subject
from services.territory.queries.told_of_enough import INSIDE, OUTSIDE
from services.territory.queries.views import View
from services.territory.rules.analysis.specialisation import location_quotients
from services.territory.rules.chain_reports import (
    ChainReading,
    completeness,
    findings,
    headlines,
    held_back,
    usual_of,
)
from services.territory.rules.chains import ABSENT, MISSING, ChainRow, ChainTemplate, chain_table
from services.territory.rules.classes import Figure
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.doubles import Key
from services.territory.rules.figures import DEPARTMENTAL, Figures
from services.territory.rules.findings import Limits, Reading, Standing, asks
from services.territory.rules.link_diagrams import Node, draw_chain
from services.territory.rules.told_of_enough import HIGH
from shared import places
from shared.events.vocabulary import LINKS, NEEDS, SUBJECTS
from shared.kernel import CURRENCIES, Money, clock

FLOW = ("inputs", "production", "processing", "marketing")
TERMS = ("enterprise", "chain", "link", "missing_link", "held_back", "quotient", "level", "leaving", "withheld")
_OTHERS = {"credit": "loans", "training": "in_training"}
"""What is asked for, and the figure that says how many got it."""


@dataclass(frozen=True)
class Chain:
    """One chain in a place as it was published. `detailed`: whether what is published of whole departments only is told
    here.
    """

    figures: Figures
    key: str
    template: ChainTemplate
    detailed: bool

    @property
    def code(self) -> str:
        return self.template.code

    def number(self, *rest: str) -> int | None:
        """A count of the place; None where it is withheld, or told of departments only and this is none."""
        if rest[0] in DEPARTMENTAL and not self.detailed:
            return None
        count = self.figures.get(self.key, *rest)
        return None if count is None else count.number

    def standing(self) -> Standing:
        """Its figures, as the rules of the first page take them."""
        everybody = self.figures.get(self.key, "chain", self.code)
        needs = {need: self.number("chain_need", need, self.code) for need in NEEDS}
        numbers = {
            "enterprises": None if everybody is None else everybody.number,
            "women": None if everybody is None else everybody.women,
            "men": self.number("men", self.code),
            "asks_credit": needs["credit"],
            "loans": self.number("chain_loans", self.code),
            "in_training": self.number("chain_training", "in", self.code),
        }
        return Standing(numbers, needs)

    def around(self) -> Standing:
        """The same figures of all chains of the place."""
        found = report_summary.standing(self.figures, self.key)
        more = {"men": self.number("men"), "asks_credit": found.needs["credit"]}
        return Standing({**found.numbers, **more}, found.needs)

    def row(self, language: str) -> ChainRow | None:
        """Its links; None where nobody of the place is in it."""
        templates = reference.chain_templates()
        rows = chain_table(self.figures, self.key, templates, LINKS, language=language)
        return next((row for row in rows if row.chain == self.code), None)


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
    units = list(_units(chain, subject, _confidence(session, subject)))
    levels, leakage = list(_levels(chain, country, speak)), _leakage(chain)
    reading = ChainReading(
        chain.standing(), Limits(**judged.values), row, chain.around(),
        before=Chain(previous[1], subject.key, template, detailed).standing() if previous else None,
        held_back=_held_back(session, chain, row, country, subject),
        outside=leakage["percent"] if leakage else None,
        levels={one["subject"]: one["mean"] for one in levels if one["mean"] is not None},
        special=_special(units),
    )  # fmt: skip
    return {
        "chain": template.code,
        "chain_name": template.names[language],
        "detailed": detailed,
        "national": country.name if country else None,
        "women_share": _women_share(reading.here),
        "placed": chain.number("placed", template.code),
        "chain_row": _row(row, template, speak),
        "held_back": asdict(reading.held_back) if reading.held_back else None,
        "links_drawing": _drawing(chain, row, reading, subject, speak, language),
        "levels": levels,
        "sales": list(_sales(chain)),
        "gaps": _gaps(reading.here, speak),
        "leakage": leakage,
        "introductions": {"all": chain.number("introductions", template.code),
                          **{mark: chain.number("introductions", template.code, mark) for mark in MARKS}},
        "places": units,
        **_map(session, chain, subject, speak, language),
        "plans": _plans(session, subject),
        "tracker": report_proposals.tracker(proposals, language),
        "summary": _summary(reading, report_proposals.standing_at(proposals), speak),
        "method": _method(speak, template, judged, previous, country),
        "glossary": report_summary.glossary(speak, TERMS),
    }  # fmt: skip


def tables_of(chain: str) -> Any:
    """Whether a published figure is one of those that the report of a chain tells."""

    def holds(key: Key) -> bool:
        return chain in key[2:]

    return holds


def _confidence(session: Session, subject: Subject) -> float:
    return float(criteria.holding(session, "comparison", subject.units[0]).values["confidence"])


def _row(row: ChainRow | None, template: ChainTemplate, speak: Speak) -> dict[str, Any] | None:
    if row is None:
        return None
    present, needed = completeness(row, template.needs)
    links = [
        {**asdict(link), "name": speak(f"link.{link.link}"), "needed": link.link in template.needs}
        for link in row.links
    ]
    return {**asdict(row), "links": links, "missing": list(row.missing), "present": present, "needed": needed}


def _women_share(here: Standing) -> int | None:
    women, men = here.numbers["women"], here.numbers["men"]
    if women is None or men is None or not women + men:
        return None
    return round(100 * women / (women + men))


def _held_back(session: Session, chain: Chain, row: ChainRow | None, country: National | None, subject: Subject) -> Any:
    if row is None or country is None:
        return None
    limits = criteria.holding(session, "chain_map", subject.units[0]).values
    needed = [link for link in LINKS if link in chain.template.needs]
    usual = usual_of(needed, country.women(*(("chain", chain.code, link) for link in needed)))
    return held_back(row, usual, chain.template.needs, few=limits["few"], tight=limits["tight"])


def _levels(chain: Chain, country: National | None, speak: Speak) -> Iterator[dict[str, Any]]:
    """By subject the mean of the chain, of how many, beside that of all chains of the place and of the chain in the
    country.
    """
    for subject in SUBJECTS:
        here = chain.figures.get(chain.key, "chain_level", subject, chain.code) if chain.detailed else None
        around = mean_level(chain.figures.get(chain.key, "level", subject))
        usual = country.mean("chain_level", subject, chain.code) if country else None
        yield {
            "subject": subject,
            "label": speak(f"subject.{subject}"),
            "mean": _rounded(mean_level(here)),
            "n": here.number if here else None,
            "around": _rounded(around),
            "country": _rounded(usual),
        }


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 1)


def _sales(chain: Chain) -> Iterator[dict[str, Any]]:
    """Sales of a year by currency, where enough tell theirs."""
    if not chain.detailed:
        return
    for currency in CURRENCIES:
        low = chain.figures.get(chain.key, "sales", chain.code, currency)
        high = chain.figures.get(chain.key, "sales", chain.code, currency, HIGH)
        if low is not None and low.number:
            closed = high is not None and high.number == low.number
            yield {
                "currency": currency,
                "n": low.number,
                "low": Money((low.amounts or {}).get(currency, 0), currency),
                "high": Money(((high.amounts if high else None) or {}).get(currency, 0), currency) if closed else None,
            }


def _gaps(here: Standing, speak: Speak) -> list[dict[str, Any]]:
    """How many ask for credit and training, how many got it, and how many more ask."""
    rows = []
    for need in NEEDS:
        asked, got = here.needs.get(need), here.numbers.get(_OTHERS.get(need, ""))
        gap = None if asked is None or got is None else max(0, asked - got)
        rows.append(
            {"need": need, "label": speak(f"report.row.need.{need}"), "asked": asked, "got": got, "gap": gap,
             "compared": need in _OTHERS}
        )  # fmt: skip
    return rows


def _leakage(chain: Chain) -> dict[str, int] | None:
    """What part of known purchases leaves the department, in percent, and of how many enterprises; None where too few
    say of whom they buy.
    """
    count = chain.figures.get(chain.key, "leakage", chain.code) if chain.detailed else None
    if count is None or not count.number or count.amounts is None:
        return None
    inside, outside = count.amounts.get(INSIDE, 0), count.amounts.get(OUTSIDE, 0)
    return {"n": count.number, "percent": round(100 * outside / (inside + outside))}


def _units(chain: Chain, subject: Subject, confidence: float) -> Iterator[dict[str, Any]]:
    """Each place with its enterprises, women and men of the chain, and its location quotient: the share of the chain
    among its enterprises by that in the whole place. It is told where neither count is withheld.
    """
    shown = subject.selection.shown
    found = {unit: _pair(chain, unit) for unit in shown}
    told = {unit: pair for unit, pair in found.items() if pair is not None and pair[1]}
    whole = _pair(chain, chain.key)
    quotients: dict[str, tuple[float, float, float, bool]] = {}
    if whole is not None and whole[0] and told:
        rows = [[here, every - here] for here, every in told.values()]
        rest = [whole[0] - sum(row[0] for row in rows), whole[1] - whole[0] - sum(row[1] for row in rows)]
        table = np.array([*rows, rest] if any(rest) else rows)
        result = location_quotients(np.maximum(table, 0), confidence=confidence)
        for place, unit in enumerate(told):
            limits = (result.quotient[place, 0], result.low[place, 0], result.high[place, 0])
            quotients[unit] = (*(round(float(one), 2) for one in limits), bool(result.small[place, 0]))  # type: ignore[assignment]
    for unit in shown:
        count = chain.figures.get(unit, "chain", chain.code)
        quotient, low, high, small = quotients.get(unit, (None, None, None, False))
        yield {
            "code": unit,
            "name": places.name_of(unit),
            "enterprises": None if count is None else count.number,
            "women": None if count is None else count.women,
            "men": _men(chain, unit),
            "n": found[unit][1] if found[unit] is not None else None,
            "quotient": quotient, "low": low, "high": high, "small": small,
        }  # fmt: skip


def _pair(chain: Chain, unit: str) -> Any:
    """The enterprises of the chain there, and all of them; None where either is withheld."""
    here, every = chain.figures.get(unit, "chain", chain.code), chain.figures.get(unit, "all")
    return None if here is None or every is None else (here.number, every.number)


def _special(units: Sequence[Mapping[str, Any]]) -> tuple[str, float] | None:
    """Where the chain is at home: the place with the largest quotient of those that are not of too few."""
    sure = [one for one in units if one["quotient"] is not None and not one["small"] and len(units) > 1]
    if not sure:
        return None
    best = max(sure, key=lambda one: (one["quotient"], one["code"]))
    return best["name"], best["quotient"]


def _map(session: Session, chain: Chain, subject: Subject, speak: Speak, language: str) -> dict[str, Any]:
    selection, name = subject.selection, chain.template.names[language]
    shown = {}
    for unit in selection.shown:
        count = chain.figures.get(unit, "chain", chain.code)
        shown[unit] = Figure(suppressed=True) if count is None else Figure(count.number)
    title = speak("chain_report.map", chain=name, place=subject.name)
    drawn = choropleth(bounds.in_force(session), selection, shown, title, speak, key=True)
    units = [
        {"code": unit, "name": places.name_of(unit), "enterprises": figure.value, "women": _women(chain, unit),
         "men": _men(chain, unit)}
        for unit, figure in shown.items()
    ]  # fmt: skip
    return {"boundaries": drawn.boundaries, "map": {"title": title, "drawing": drawn.svg, "units": units}}


def _women(chain: Chain, unit: str) -> int | None:
    count = chain.figures.get(unit, "chain", chain.code)
    return None if count is None else count.women


def _men(chain: Chain, unit: str) -> int | None:
    count = chain.figures.get(unit, "men", chain.code)
    return None if count is None else count.number


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
    template: ChainTemplate,
    judged: Criteria,
    previous: tuple[str, Figures] | None,
    country: National | None,
) -> list[str]:
    facts: dict[str, Any] = {
        "threshold": THRESHOLD,
        "template": template.source,
        "template_day": template.valid_from,
        "criteria": judged.source,
        "change": f"{judged.values['change']:g}",
        "country": country.name if country else "",
        "month": previous[0] if previous else "",
    }
    told = (
        *("report.method.counted", "report.method.placed", "report.method.withheld", "report.method.some"),
        *("report.method.links", "chain_report.method.enough", "chain_report.method.departments"),
        *("chain_report.method.quotient", "chain_report.method.rules", "chain_report.method.clusters"),
        *(("report.method.national",) if country else ()),
        *("report.method.proposals", "report.method.change" if previous else "report.method.no_change"),
    )
    return [speak(code, **facts) for code in told]
