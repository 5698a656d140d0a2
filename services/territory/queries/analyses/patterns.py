"""Whether like lies beside like: autocorrelation of a measure over the units of a territory, hot and cold spots."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Categories, Row, Table, Words, named, plain, written
from services.territory.queries.analyses.counts import cells
from services.territory.queries.views import Selection
from services.territory.rules.analysis.autocorrelation import (
    QUADRANTS,
    SMALL,
    GetisOrd,
    LocalMoran,
    Moran,
    false_discovery,
    getis_ord,
    local_moran,
    moran,
)
from services.territory.rules.analysis.neighbours import Weights, queen, row_standardised, with_self
from services.territory.rules.locating import Municipalities
from services.territory.rules.patterns import HOT, LOCAL
from shared.events.vocabulary import CHAINS
from shared.identity import Caller

SHOWS = ("spot", "local", "value")
"""What the map shows: hot and cold spots, how each unit lies among its neighbours, or the counts themselves."""
PER = ("count", "area", "share")
"""The count itself, by 100 km², or as a share of all enterprises (women) of the unit."""
UNITS = {
    "place": "text", "value": "number", "neighbours": "count", "around": "number",
    "local": "text", "p_local": "chance", "spot": "text", "z": "number", "p_spot": "chance",
}  # fmt: skip
WHOLE = {"statistic": "number", "expected": "number", "z_moran": "number", "p": "chance", "places": "count"}


def patterns(
    session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """Moran's I of a measure over the units shown; of each unit local Moran and Getis-Ord Gi*, named only where they
    stand out with false discoveries controlled over all units. The map shows one of these, or the counts.
    """
    del caller
    known = criteria.judging(session, "patterns", selection.units)
    measure, chain, per = asked["measure"], asked.get("chain"), asked["per"]
    counts = cells(session, selection.units, measure).shown_as(selection)
    counted = counts[:, CHAINS.index(chain)] if chain else counts.sum(axis=1)
    values = _values(counted, counts, selection, per)
    weights = _weights(bounds.in_force(session), selection)
    title = words.chain(chain) if chain else words(f"measure.{measure}")
    notes = [words("patterns.note_neighbours")] + ([words("patterns.note_count")] if per == "count" else [])
    shown = {unit: int(count) for unit, count in zip(selection.shown, counted.tolist(), strict=True)}
    common: dict[str, Any] = {"n": int(counted.sum()), "criteria": known, "values": shown, "shows": title}
    if weights.n < known.values["least"] or not counted.any():
        code = "patterns.too_few" if counted.any() else "empty"
        answer = words(code, place=selection.title, least=known.values["least"])
        return Analysis("patterns", answer, [Table("whole", WHOLE, []), Table("units", UNITS, [])], coverage=None,
                       notes=notes, **common)  # fmt: skip
    drawn = {"permutations": known.values["permutations"], "seed": known.values["seed"]}
    standard = row_standardised(weights)
    whole, local = moran(values, standard, **drawn), local_moran(values, standard, **drawn)
    spots = getis_ord(values, with_self(weights))
    rows = _rows(values, standard, local, spots, known.values["false_discovery"], selection, words)
    shows = asked.get("show", SHOWS[0])
    if shows != "value":
        common |= {"shows": words(f"patterns.shows_{shows}", measure=title), "categories": _drawn(rows, shows, words)}
    notes += [words("patterns.note_small", least=SMALL)] if whole.small else []
    return Analysis(
        "patterns", _answer(whole, rows, title, selection, known.values["false_discovery"], words),
        [Table("whole", WHOLE, [_whole(whole)]), Table("units", UNITS, rows)],
        coverage=whole.coverage, notes=notes, **common,
    )  # fmt: skip


def _values(
    counted: NDArray[np.float64], counts: NDArray[np.float64], selection: Selection, per: str
) -> NDArray[np.float64]:
    if per == "area":
        known = reference.municipalities()
        own = [known[code] for code in selection.municipalities]
        km2 = [sum(one.area_km2 for one in own if selection.unit_of(one.code) == unit) for unit in selection.shown]
        return np.asarray(100 * counted / np.array(km2))[:, None]
    if per == "share":
        return np.asarray(counted / np.maximum(counts.sum(axis=1), 1))[:, None]
    return counted[:, None]


@lru_cache(maxsize=32)
def _weights(municipalities: Municipalities, selection: Selection) -> Weights:
    """Who borders on whom, among the units shown; kept, because boundaries hardly ever change."""
    shapes = bounds.shapes_of(municipalities, selection)
    return queen(selection.shown, [shapes[unit] for unit in selection.shown])


def _rows(
    values: NDArray[np.float64], weights: Weights, local: LocalMoran, spots: GetisOrd, q: float, selection: Selection,
    words: Words,
) -> list[Row]:  # fmt: skip
    around = (weights.matrix @ values)[:, 0]
    quadrant, p_local = local.significant(q)[:, 0], false_discovery(local.pseudo_p)[:, 0]
    p_spot = false_discovery(spots.p)[:, 0]
    rows = []
    for number, unit in enumerate(selection.shown):
        z, named_spot = spots.z[number, 0], p_spot[number] <= q
        spot = ("hot" if z > 0 else "cold") if named_spot else "none"
        neighbours = int(weights.neighbours[number])
        code = QUADRANTS[quadrant[number]]
        rows.append(
            named(unit)
            | {
                "value": plain(values[number, 0]),
                "neighbours": neighbours,
                "around": plain(around[number]) if neighbours else None,
                "local": "" if code == "none" else words(f"quadrant.{code}"),
                "local_code": code,
                "p_local": plain(p_local[number], 4),
                "spot": "" if spot == "none" else words(f"spot.{spot}"),
                "spot_code": spot,
                "z": plain(z),
                "p_spot": plain(p_spot[number], 4),
            }
        )
    return sorted(rows, key=lambda row: (row["local_code"] == "none", row["spot_code"] == "none", -(row["z"] or 0)))


def _drawn(rows: list[Row], shows: str, words: Words) -> Categories:
    """Units by what they are named; what does not stand out is plain."""
    fills, of = (LOCAL, "quadrant") if shows == "local" else (HOT, "spot")
    names = {code: words("patterns.plain") if code == "none" else words(f"{of}.{code}") for code in fills}
    return Categories({row["code"]: row[f"{shows}_code"] for row in rows}, fills, names)


def _whole(found: Moran) -> Row:
    return {
        "statistic": plain(found.statistic[0], 3),
        "expected": plain(found.expected, 3),
        "z_moran": plain(found.z_random[0]),
        "p": plain(found.pseudo_p[0], 4),
        "places": found.n,
    }


def _answer(found: Moran, rows: list[Row], title: str, selection: Selection, q: float, words: Words) -> str:
    facts: dict[str, Any] = {"measure": title, "place": selection.title, "places": found.n}
    if not np.isfinite(found.statistic[0]):
        return words("patterns.same", **facts)
    facts |= {"statistic": written(found.statistic[0], 2), "p": written(found.pseudo_p[0], 3)}
    sure = found.pseudo_p[0] <= q
    code = "none" if not sure else "like" if found.statistic[0] > found.expected else "unlike"
    said = words(f"patterns.{code}", **facts)
    hot = [row["place"] for row in rows if row["spot_code"] == "hot"]
    if not hot:
        return f"{said} {words('patterns.no_spot')}"
    return f"{said} {words('patterns.hot', n=len(hot), places='; '.join(hot[:3]))}"
