"""The first page of a report, its drawing of links, its method and its glossary, in the reader's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.territory import reference
from services.territory.queries.choropleths import Speak
from services.territory.rules.chains import ABSENT, MISSING, ChainRow
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.figures import Figures
from services.territory.rules.findings import Limits, Reading, Said, Standing, asks, findings, headlines, shares
from services.territory.rules.link_diagrams import Line, Node, draw_chains
from shared.events.vocabulary import LINKS, NEEDS

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
        "findings": [_sentence(said, speak) for said in findings(reading)],
        "asks": [_sentence(said, speak) for said in asks(reading)],
        "shares": [
            {
                "code": code,
                "label": speak(f"headline.{code}"),
                "percent": round(here),
                "around": round(around),
                "judgement": _judged(here - around, reading.limits),
            }
            for code, here, around in shares(reading)
        ],
    }


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


def method(speak: Speak, *, area_km2: float, previous: str | None, limits: Limits, source: str) -> list[str]:
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
    }
    told = ("counted", "withheld", "some", "links", "sources", "rules", "proposals", "area")
    compared = "change" if previous else "no_change"
    return [speak(f"report.method.{name}", **facts) for name in (*told, compared)]


def glossary(speak: Speak) -> list[dict[str, str]]:
    """The words that planners ask about."""
    return [{"term": speak(f"glossary.{term}"), "meaning": speak(f"glossary.{term}.meaning")} for term in TERMS]


def _sentence(said: Said, speak: Speak) -> dict[str, Any]:
    facts = dict(said.facts)
    if "link" in facts:
        facts["link"] = speak(f"analysis.link.{facts['link']}")
    return {"code": said.code, "text": speak(said.code, **facts)}


def _judged(distance: float, limits: Limits) -> str:
    """`strength`, `weakness`, or `alike` where the place lies nearer than the limit."""
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
