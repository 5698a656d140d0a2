"""Where one value chain lies: its numbers place by place, the places it is at home in, and its map."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory.queries import boundaries as bounds
from services.territory.queries.choropleths import Speak, choropleth
from services.territory.queries.published_chain import Chain
from services.territory.queries.report_subjects import Subject
from services.territory.rules.analysis.specialisation import location_quotients
from services.territory.rules.classes import Figure
from shared import places


def places_of(chain: Chain, subject: Subject, confidence: float) -> Iterator[dict[str, Any]]:
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
            "men": chain.number("men", chain.code, unit=unit),
            "n": found[unit][1] if found[unit] is not None else None,
            "quotient": quotient, "low": low, "high": high, "small": small,
        }  # fmt: skip


def _pair(chain: Chain, unit: str) -> Any:
    """The enterprises of the chain there, and all of them; None where either is withheld."""
    here, every = chain.figures.get(unit, "chain", chain.code), chain.figures.get(unit, "all")
    return None if here is None or every is None else (here.number, every.number)


def at_home(units: Sequence[Mapping[str, Any]]) -> tuple[str, float] | None:
    """Where the chain is at home: the place with the largest quotient of those that are not of too few."""
    sure = [one for one in units if one["quotient"] is not None and not one["small"] and len(units) > 1]
    if not sure:
        return None
    best = max(sure, key=lambda one: (one["quotient"], one["code"]))
    return best["name"], best["quotient"]


def map_of(session: Session, chain: Chain, subject: Subject, speak: Speak, language: str) -> dict[str, Any]:
    selection, name = subject.selection, chain.template.names[language]
    shown = {}
    for unit in selection.shown:
        count = chain.figures.get(unit, "chain", chain.code)
        shown[unit] = Figure(suppressed=True) if count is None else Figure(count.number)
    title = speak("chain_report.map", chain=name, place=subject.name)
    drawn = choropleth(bounds.in_force(session), selection, shown, title, speak, key=True)
    units = [
        {"code": unit, "name": places.name_of(unit), "enterprises": figure.value, "women": _women(chain, unit),
         "men": chain.number("men", chain.code, unit=unit)}
        for unit, figure in shown.items()
    ]  # fmt: skip
    return {"boundaries": drawn.boundaries, "map": {"title": title, "drawing": drawn.svg, "units": units}}


def _women(chain: Chain, unit: str) -> int | None:
    count = chain.figures.get(unit, "chain", chain.code)
    return None if count is None else count.women
