"""The first page of a report, its drawing of links, its method and its glossary, in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.territory import reference
from services.territory.queries.map_kinds import Speak
from services.territory.queries.national import National, mean_level
from services.territory.rules.chains import ABSENT, MISSING, ChainRow
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.figures import Figures
from services.territory.rules.findings import (
    SHARES,
    Limits,
    Reading,
    Said,
    Standing,
    asks,
    compared,
    findings,
    headlines,
)
from services.territory.rules.link_diagrams import Line, Node, draw_chains
from shared.events.vocabulary import LINKS, NEEDS, SUBJECTS

CRITERIA = "reports"
TERMS = ("enterprise", "chain", "link", "missing_link", "formal", "validated", "withheld", "submitted", "included")
_FULL = 4 * THRESHOLD
"""As many at least as the largest circle stands for, so that withheld counts, drawn as one, stay small."""
_HEADLINE_KEYS = {
    "enterprises": ("all",),
    "formal": ("formal", "yes"),
    "informal": ("formal", "no"),
    "validated": ("validation", "validated"),
    "in_training": ("training", "in"),
    "loans": ("loans",),
}


def standing(figures: Figures, unit: str) -> Standing:
    """The figures of a place as the rules of the first page take them."""
    everybody = figures.get(unit, "all")
    numbers = {code: _number(figures, unit, *key) for code, key in _HEADLINE_KEYS.items()}
    numbers["women"] = None if everybody is None else everybody.women
    return Standing(numbers, {need: _number(figures, unit, "need", need) for need in NEEDS})


def summary(reading: Reading, speak: Speak) -> dict[str, Any]:
    """Six figures, three findings, three asks, and where the place lies beside the larger one."""
    return {
        "headlines": [
            {
                "code": one.code,
                "label": speak(f"headline.{one.code}"),
                "value": one.value,
                "around": one.around,
                "change": one.change,
            }
            for one in headlines(reading)
        ],
        "findings": [sentence(said, speak) for said in findings(reading)],
        "asks": [sentence(said, speak) for said in asks(reading)],
        "shares": [
            {
                "code": code,
                "label": speak(f"headline.{code}"),
                "percent": round(here),
                "around": None if around is None else round(around),
                "judgement": _judged(here, around, reading.limits),
                "country": None if country is None else round(country),
                "country_judgement": _judged(here, country, reading.limits),
            }
            for code, here, around, country in compared(reading)
        ],
    }


def national_shares(country: National | None) -> dict[str, float]:
    """The shares of the country that may be told, in percent."""
    found = {name: country.share(_HEADLINE_KEYS[name], ("all",)) if country else None for name in SHARES}
    return {name: share for name, share in found.items() if share is not None}


def levels(
    figures: Figures, unit: str, around: str | None, country: National | None, speak: Speak
) -> list[dict[str, Any]]:
    """By subject the mean level of the enterprises of a place, of how many, beside that of the larger place and of the
    country; those that may be told of none of them are left out.
    """
    rows = []
    for subject in SUBJECTS:
        here = figures.get(unit, "level", subject)
        means = (
            mean_level(here),
            mean_level(figures.get(around, "level", subject)) if around else None,
            country.mean("level", subject) if country else None,
        )
        mean, beside, usual = (None if one is None else round(one, 1) for one in means)
        if mean is not None or beside is not None or usual is not None:
            rows.append(
                {
                    "subject": subject,
                    "label": speak(f"subject.{subject}"),
                    "mean": mean,
                    "n": None if mean is None or here is None else here.number,
                    "around": beside,
                    "country": usual,
                }
            )
    return rows


def links_drawing(rows: Sequence[ChainRow], place: str, speak: Speak) -> dict[str, str] | None:
    """Every chain from link to link; None where there is no chain. A withheld count has the smallest circle."""
    if not rows:
        return None
    lines = [Line(row.name, [_node(link.link, link.women, link.state, speak) for link in row.links]) for row in rows]
    title, about = speak("chain_map.drawing", place=place), speak("chain_map.all_about")
    names = [speak(f"link.{link}") for link in LINKS]
    return {
        "title": title,
        "about": about,
        "drawing": draw_chains("report-chains", title, about, names, lines, at_least=_FULL),
    }


def method(
    speak: Speak,
    *,
    area_km2: float,
    previous: str | None,
    limits: Limits,
    source: str,
    placed: int | None,
    country: str,
) -> list[str]:
    """How the figures are to be read, a sentence or two each."""
    template = next(iter(reference.chain_templates().values()))
    facts: Mapping[str, Any] = {
        "threshold": THRESHOLD,
        "below": THRESHOLD - 1,
        "template": template.source,
        "template_day": template.valid_from,
        "area": f"{area_km2:,}",
        "points": f"{limits.points:g}",
        "change": f"{limits.change:g}",
        "asked_by": f"{limits.asked_by:g}",
        "criteria": source,
        "month": previous or "",
        "placed": speak("withheld") if placed is None else placed,
        "country": country,
    }
    told = (
        "counted",
        "placed_number",
        "withheld",
        "some",
        "links",
        "sources",
        "rules",
        "proposals",
        "levels",
        "area",
        *(["national"] if country else []),
    )
    compared = "change" if previous else "no_change"
    return [speak(f"report.method.{name}", **facts) for name in (*told, compared)]


def glossary(speak: Speak, words: Sequence[str] = TERMS) -> list[dict[str, str]]:
    """The words that planners ask about."""
    return [{"term": speak(f"glossary.{term}"), "meaning": speak(f"glossary.{term}.meaning")} for term in words]


def sentence(said: Said, speak: Speak) -> dict[str, Any]:
    """What is said, in the reader's words."""
    facts = dict(said.facts)
    if "link" in facts:
        facts["link"] = speak(f"analysis.link.{facts['link']}")
    if "subject" in facts:
        facts["subject"] = speak(f"analysis.subject.{facts['subject']}")
    return {"code": said.code, "text": speak(said.code, **facts)}


def _judged(here: float, there: float | None, limits: Limits) -> str | None:
    """`strength`, `weakness`, or `alike` where the place lies nearer than the limit; None where the other one's is not
    known.
    """
    if there is None:
        return None
    distance = here - there
    if abs(distance) < limits.points:
        return "alike"
    return "strength" if distance > 0 else "weakness"


def _node(link: str, women: int | None, state: str, speak: Speak) -> Node:
    if state == MISSING:
        told = speak("chain_map.lacking")
    elif state == ABSENT:
        told = speak("chain_map.nobody")
    else:
        told = speak("report.some") if women is None else speak("report.women", number=women)
    size = 0 if state in {MISSING, ABSENT} else women or 1
    return Node(speak(f"link.{link}"), told, state, size)


def _number(figures: Figures, *key: str) -> int | None:
    count = figures.get(*key)
    return None if count is None else count.number
