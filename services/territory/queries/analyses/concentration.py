"""How evenly each chain is spread over a territory, and how much of the unevenness lies between departments."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain, written
from services.territory.queries.analyses.buyers import buyers
from services.territory.queries.analyses.counts import cells
from services.territory.queries.views import Selection
from services.territory.rules.analysis.concentration import Theil, herfindahl, locational_gini, theil
from shared.events.vocabulary import CHAINS
from shared.identity import Caller

CHAIN = {
    "chain": "text",
    "here": "count",
    "first": "text",
    "first_share": "percent",
    "equivalent": "number",
    "herfindahl": "number",
    "gini": "number",
    "theil": "number",
    "between": "percent",
    "flag": "text",
}
DEPARTMENT = {"place": "text", "places": "count", "here": "count", "share_of_all": "percent", "inside": "number"}


def concentration(
    session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """Of each chain (of one, by department too) its Herfindahl index and locational Gini over the municipalities of the
    selection, and its Theil index with the part of it that lies between departments; and how much it sells to few.
    """
    known = criteria.judging(session, "comparison", selection.units)
    chain, found = asked.get("chain"), cells(session, selection.units, asked["measure"])
    table = found.counts
    groups = [unit[:4] for unit in found.units]
    indices = herfindahl(table), locational_gini(table), theil(table, groups)
    chains = [CHAINS.index(chain)] if chain else np.flatnonzero(table.sum(axis=0)).tolist()
    rows = [_row(table, found.units, indices, one, words) for one in chains if table[:, one].any()]
    rows.sort(key=lambda row: (row["small"], -(row["gini"] or 0)))
    counted = table[:, chains].sum(axis=1) if chain else table.sum(axis=1)
    shown = found.shown_as(selection)
    sold = buyers(session, caller, selection, chain, words, few=known.values["few"])
    return Analysis(
        "concentration", _answer(rows, selection, len(found.units), words),
        [
            Table("chains", CHAIN, rows),
            Table("departments", DEPARTMENT, _departments(indices[2], counted, groups, table, chain)),
            sold,
        ],
        n=int(counted.sum()), coverage=None, criteria=known,
        notes=[*_notes(rows, selection, words), *([words("concentration.note_buyers")] if sold.rows else [])],
        values=_values(shown, selection, chain),
        shows=words.chain(chain) if chain else words(f"measure.{asked['measure']}"),
    )  # fmt: skip


def _row(table: NDArray[np.float64], units: tuple[str, ...], indices: Any, chain: int, words: Words) -> Row:
    hhi, gini, parts = indices
    largest = int(np.argmax(table[:, chain]))
    total, between = float(parts.total[chain]), float(parts.between[chain])
    small = bool(gini.small[chain])
    return {
        "chain": words.chain(CHAINS[chain]),
        "code": CHAINS[chain],
        "here": int(table[:, chain].sum()),
        "first": named(units[largest])["place"],
        "first_share": plain(table[largest, chain] / table[:, chain].sum(), 3),
        "equivalent": plain(hhi.equivalent[chain], 1),
        "herfindahl": plain(hhi.index[chain]),
        "gini": plain(gini.gini[chain]),
        "theil": plain(total),
        "between": plain(between / total, 3) if total > 0 else None,
        "flag": words("flag.fewer_than_places") if small else "",
        "small": small,
    }


def _departments(
    parts: Theil, counted: NDArray[np.float64], groups: list[str], table: NDArray[np.float64], chain: str | None
) -> list[Row]:
    """How many there are in each department, and how unevenly they lie inside of it."""
    inside = theil(table.sum(axis=1, keepdims=True), groups).inside[:, 0]
    inside = parts.inside[:, CHAINS.index(chain)] if chain else inside
    of = np.array(groups)
    return [
        named(group)
        | {
            "places": places,
            "here": int(here := counted[of == group].sum()),
            "share_of_all": plain(here / counted.sum(), 3) if counted.sum() else None,
            "inside": plain(inside[number]),
        }
        for number, (group, places) in enumerate(zip(parts.groups, parts.units, strict=True))
    ]


def _answer(rows: list[Row], selection: Selection, places: int, words: Words) -> str:
    if not rows:
        return words("empty", place=selection.title)
    if places < 2:
        return words("one_place", place=selection.title)
    best = next((row for row in rows if not row["small"]), None)
    if best is None:
        return words("concentration.few", place=selection.title, n=sum(row["here"] for row in rows))
    return words(
        "concentration.answer", chain=best["chain"], place=selection.title, n=best["here"], first=best["first"],
        share=written(100 * best["first_share"], 0), places=places, equivalent=written(best["equivalent"]),
    )  # fmt: skip


def _notes(rows: list[Row], selection: Selection, words: Words) -> list[str]:
    notes = [words("note.chains_placed")]
    notes += [words("concentration.note_few")] if any(row["small"] for row in rows) else []
    return notes + ([words("concentration.note_between")] if len(selection.departments) > 1 else [])


def _values(shown: NDArray[np.float64], selection: Selection, chain: str | None) -> dict[str, int | None]:
    counts = shown[:, CHAINS.index(chain)] if chain else shown.sum(axis=1)
    return {unit: int(count) for unit, count in zip(selection.shown, counts.tolist(), strict=True)}
