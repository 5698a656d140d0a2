"""How far it is to the nearest market, bank or centre, and whom each of them serves."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, listed, named, plain, written
from services.territory.queries.analyses.counts import Places, enterprise_places
from services.territory.queries.analyses.facilities import MOST, Facilities, facilities, roads
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_points
from services.territory.rules.analysis.reach import Catchments, Reach, catchments, nearest
from shared.identity import Caller

M = 1_000
UNITS = {
    "place": "text", "enterprises": "count", "women": "count", "mean_km": "number", "median_km": "number",
    "most_km": "number", "beyond": "count", "women_beyond": "count", "minutes": "count",
}  # fmt: skip
SERVED = {"facility": "text", "enterprises": "count", "women": "count", "mean_km": "number", "most_km": "number"}


def reach(session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words) -> Analysis:
    """The way from each enterprise to the nearest of the given places (of a layer, or municipal centres), by unit; whom
    each place serves; and who has none within the limit. Along uploaded roads where there are some, else in a straight
    line.
    """
    known = criteria.judging(session, "reach", selection.units)
    sight = sees_points(caller.roles) or "masked"
    found = enterprise_places(session, selection, sight, chain=asked.get("chain"))
    goals = facilities(session, selection, asked.get("at"), asked.get("to"))
    network = roads(session, selection)
    way = nearest(
        found.lon, found.lat, goals.lon, goals.lat, network=network, most_m=known.values["snap_m"],
        walking_kmh=known.values["walking_kmh"],
    )  # fmt: skip
    limit_km = asked.get("limit_km") or known.values["limit_km"]
    served = catchments(way, len(goals.names), limit=limit_km * M, weight=found.women)
    rows = _by_unit(found, way, selection, limit_km, known.values["walking_kmh"])
    notes = [
        words("reach.note_straight" if network is None else "reach.note_roads", share=written(100 * way.coverage, 0))
    ]
    notes += [
        words(f"reach.note_{goals.kind}", sources=listed(goals.sources, words)),
        words("reach.note_walking", kmh=known.values["walking_kmh"]),
    ]
    notes += [words("note.masked")] if sight != "exact" else []
    return Analysis(
        "reach", _answer(found, way, served, selection, limit_km, words),
        [Table("units", UNITS, rows), Table("facilities", SERVED, _served(goals, served))],
        n=found.n, coverage=found.coverage, criteria=known, notes=notes,
        values=_values(rows, selection), shows=words("reach.shows"),
        points=_points(goals, served),
    )  # fmt: skip


def _points(goals: Facilities, served: Catchments) -> list[tuple[float, float]]:
    """Where to draw what one goes to: of very many those that serve the most women."""
    if goals.kind == "seats":
        return []
    most = np.sort(np.argsort(-served.weight, kind="stable")[:MOST])
    return list(zip(goals.lon[most].tolist(), goals.lat[most].tolist(), strict=True))


def _by_unit(found: Places, way: Reach, selection: Selection, limit_km: float, kmh: float) -> list[Row]:
    units = np.array([selection.unit_of(code) for code in found.municipality], dtype=np.str_)
    women = found.women
    rows = []
    for unit in selection.shown:
        own = np.flatnonzero(units == unit)
        km: NDArray[np.float64] = way.cost[own] / M
        far = km > limit_km
        mean = plain(km.mean()) if len(own) else None
        rows.append(
            named(unit)
            | {
                "enterprises": len(own),
                "women": int(women[own].sum()),
                "mean_km": mean,
                "median_km": plain(np.median(km)) if len(own) else None,
                "most_km": plain(km.max()) if len(own) else None,
                "beyond": int(far.sum()),
                "women_beyond": int(women[own][far].sum()),
                "minutes": None if mean is None else round(60 * mean / kmh),
            }
        )
    return sorted(rows, key=lambda row: (-row["women_beyond"], -(row["mean_km"] or 0), row["code"]))


def _served(goals: Facilities, served: Catchments) -> list[Row]:
    rows = [
        {
            "facility": name,
            "enterprises": int(served.points[number]),
            "women": int(served.weight[number]),
            "mean_km": plain(served.mean[number] / M),
            "most_km": plain(served.farthest[number] / M),
        }
        for number, name in enumerate(goals.names)
        if goals.kind == "given" or served.points[number]
    ]
    return sorted(rows, key=lambda row: (-row["women"], row["facility"]))


def _answer(
    found: Places, way: Reach, served: Catchments, selection: Selection, limit_km: float, words: Words
) -> str:  # fmt: skip
    if not found.n:
        code = "clusters.no_points" if found.whole else "empty"
        return words(code, place=selection.title, n=0, whole=found.whole)
    return words(
        "reach.answer", place=selection.title, n=found.n, median=written(np.median(way.cost) / M),
        limit=f"{limit_km:g}", women=int(served.weight_beyond), whole=int(found.women.sum()), beyond=served.beyond,
    )  # fmt: skip


def _values(rows: list[Row], selection: Selection) -> dict[str, int | None]:
    by_code = {row["code"]: row["mean_km"] for row in rows}
    return {unit: None if by_code[unit] is None else round(by_code[unit]) for unit in selection.shown}
