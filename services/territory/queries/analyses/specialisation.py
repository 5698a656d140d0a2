"""What a territory does more than its country, and which chains lie next door."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain, written
from services.territory.queries.analyses.comparing import Country, country_of
from services.territory.queries.views import Selection
from services.territory.rules.analysis.specialisation import (
    LocationQuotients,
    comparative_advantage,
    location_quotients,
    next_door,
    relatedness,
    relatedness_density,
)
from shared.events.vocabulary import CHAINS
from shared.identity import Caller

QUOTIENT = {
    "here": "count",
    "share": "percent",
    "share_country": "percent",
    "quotient": "number",
    "low": "number",
    "high": "number",
    "flag": "text",
}
NEXT_DOOR = {"chain": "text", "density": "number", "kin": "text", "found_in": "count", "flag": "text"}


@dataclass(frozen=True)
class _Compared:
    """The selection as one row among the other municipalities of its country, and each of its units likewise."""

    country: Country
    quotients: LocationQuotients
    counts: NDArray[np.float64]


def specialisation(
    session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """Location quotients of the selection's chains (or of one chain in each of its units) against the country, and the
    chains next door to what it does already. Shares of the country are rounded to a tenth of a per cent, and left out
    where the rest of it could be told from them.
    """
    measure, chain = asked["measure"], asked.get("chain")
    country = country_of(session, caller, selection, measure)
    own = country.cells.counts[country.own]
    whole = _compared(country, own.sum(axis=0, keepdims=True))
    units = _compared(country, country.cells.shown_as(selection))
    chains = [CHAINS.index(chain)] if chain else np.flatnonzero(own.sum(axis=0)).tolist()
    rows = [] if country.is_alone else [_row(whole, 0, one, words) for one in chains]
    rows.sort(key=lambda row: -(row["quotient"] or 0))
    by_unit = _by_unit(units, selection, chain, words)
    door = _next_door(country, whole.counts, words)
    n = int(own.sum())
    answer = _answer(rows, by_unit, selection, country, chain, words) if n else words("empty", place=selection.title)
    return Analysis(
        "specialisation", answer,
        [
            Table("chains", {"chain": "text"} | QUOTIENT, rows),
            Table("units", {"place": "text", "chain": "text"} | QUOTIENT, by_unit),
            Table("next_door", NEXT_DOOR, door),
        ],
        n=n, coverage=None, criteria=country.criteria, notes=_notes(country, rows, by_unit, measure, words),
        values=_values(units, selection, chain), shows=words.chain(chain) if chain else words(f"measure.{measure}"),
    )  # fmt: skip


def _compared(country: Country, counts: NDArray[np.float64]) -> _Compared:
    """These rows, and with them the municipalities they are not made of, so that the country stays the whole."""
    rest = country.cells.counts[~country.own]
    found = location_quotients(np.vstack((counts, rest)), confidence=country.criteria.values["confidence"])
    return _Compared(country, found, counts)


def _row(compared: _Compared, unit: int, chain: int, words: Words) -> Row:
    found, told = compared.quotients, bool(compared.country.told[chain])
    here, of_unit = compared.counts[unit, chain], compared.counts[unit].sum()
    whole = compared.country.cells.counts
    share = whole[:, chain].sum() / whole.sum() if whole.sum() else np.nan
    quotient, low, high = (plain(limit[unit, chain]) for limit in (found.quotient, found.low, found.high))
    small = bool(found.small[unit, chain])
    return {
        "chain": words.chain(CHAINS[chain]),
        "code": CHAINS[chain],
        "code_of_chain": CHAINS[chain],
        "here": int(here),
        "share": plain(here / of_unit, 3) if of_unit else None,
        "share_country": plain(share, 3) if told else None,
        "quotient": quotient if told else None,
        "low": low if told else None,
        "high": high if told else None,
        "flag": words("flag.withheld") if not told else words("flag.few") if small else "",
        "small": small,
    }


def _by_unit(units: _Compared, selection: Selection, chain: str | None, words: Words) -> list[Row]:
    """One chain in every unit; without one, of every unit the chain that surely stands out most, else its largest."""
    rows: list[Row] = []
    for number, unit in enumerate(selection.shown):
        if not units.counts[number].sum():
            continue
        if chain:
            chosen = CHAINS.index(chain)
        else:
            sure = np.where(units.quotients.small[number] | ~units.country.told, -1.0, units.quotients.low[number])
            best = int(np.nanargmax(sure))
            chosen = best if sure[best] > 1 else int(np.argmax(units.counts[number]))
        rows.append(_row(units, number, chosen, words) | named(unit))
    return sorted(rows, key=lambda row: (row["small"], -(row["quotient"] or 0), row["code"]))


def _next_door(country: Country, counts: NDArray[np.float64], words: Words) -> list[Row]:
    known = country.criteria.values
    limits = {"threshold": known["advantage"], "at_least": known["least"]}
    related = relatedness(comparative_advantage(country.cells.counts, **limits))
    table = np.vstack((counts, country.cells.counts[~country.own]))
    own = comparative_advantage(table, **limits)[:1]
    selected = replace(related, advantage=own, density=relatedness_density(own, related.proximity))
    return [
        {
            "chain": words.chain(CHAINS[one.chain]),
            "density": plain(one.density),
            "kin": ", ".join(
                words.chain(CHAINS[near.chain]) for near in one.neighbours[:3] if country.told[near.chain]
            ),
            "found_in": one.ubiquity,
            "flag": words("flag.few_units") if one.small else "",
        }
        for one in next_door(selected, 0)
        if country.told[one.chain]
    ]


def _answer(
    rows: list[Row], by_unit: list[Row], selection: Selection, country: Country, chain: str | None, words: Words
) -> str:
    """The surest thing that can be said."""
    facts: dict[str, Any] = {"country": country.name, "place": selection.title}
    candidates = rows or by_unit
    sure = [row for row in candidates if not row["small"] and row["quotient"] is not None]
    more = [row for row in sure if row["low"] > 1]
    less = [row for row in sure if row["high"] < 1] if chain else []
    if not more and not less:
        return words("specialisation.none" if not chain else "specialisation.none_of", **facts, chain=chain and
                     words.chain(chain), n=sum(row["here"] for row in candidates))  # fmt: skip
    best = max(more, key=lambda row: row["quotient"]) if more else min(less, key=lambda row: row["quotient"])
    limits = {name: written(best[name]) for name in ("quotient", "low", "high")}
    facts |= {"chain": best["chain"], "n": best["here"], "place": best.get("place", selection.title)}
    only = not country.cells.counts[~country.own, CHAINS.index(best["code_of_chain"])].any()
    code = "only" if only and rows else "more" if more else "less"
    return words(f"specialisation.{code}", **facts, **limits)


def _notes(country: Country, rows: list[Row], by_unit: list[Row], measure: str, words: Words) -> list[str]:
    notes = [
        words("specialisation.note_alone" if country.is_alone else "specialisation.note_country", country=country.name)
    ]
    if any(row["quotient"] is None for row in (*rows, *by_unit)):
        notes.append(words("note.withheld"))
    if any(row["small"] for row in (*rows, *by_unit)):
        notes.append(words("note.few"))
    if measure == "women":
        notes.append(words("specialisation.note_women"))
    return [*notes, words("specialisation.note_next_door"), words("note.chains_placed")]


def _values(units: _Compared, selection: Selection, chain: str | None) -> dict[str, int | None]:
    counts = units.counts[:, CHAINS.index(chain)] if chain else units.counts.sum(axis=1)
    return {unit: int(count) for unit, count in zip(selection.shown, counts.tolist(), strict=True)}
