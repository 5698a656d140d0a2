"""Where market days or collection centres would serve best: the places with the least way to go in all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, listed, plain, written
from services.territory.queries.analyses.counts import Places, cells, enterprise_places
from services.territory.queries.analyses.facilities import Facilities, roads, seats
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_points
from services.territory.rules.analysis.metres import arc_m, on_sphere
from services.territory.rules.analysis.reach import ways
from services.territory.rules.analysis.siting import Sites, p_median
from services.territory.rules.locating import Located
from shared import places
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.kernel import Invalid
from shared.masking import CELL_DEGREES

AMONG = ("seats", "populated")
"""Among the centres of municipalities, or also among the cells of two kilometres where enough enterprises are."""
SITES = {"site": "text", "women": "count", "mean_km": "number", "most_km": "number", "lon": "degrees", "lat": "degrees"}
GONE = {"place": "text", "site": "text", "women": "count", "mean_km": "number"}
M = 1_000
MOST_STEPS = 20_000_000
"""Candidates times nodes of the roads that are gone through: a few seconds."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Demand:
    """Who goes, gathered by place, `(d,)`: degrees, women, and the municipality it is counted in."""

    lon: Floats
    lat: Floats
    women: Floats
    municipality: tuple[str, ...]


def sites(session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words) -> Analysis:
    """The `places` among the candidates to which the women of the selection have the least way, along uploaded roads
    where they join enough of them, else in a straight line, and what no other choice of as many could fall below. Women
    are gathered by cells of two kilometres, or at the centre of their municipality where no place is known or there are
    very many cells. Refuses more places than candidates, and places that stay but are no municipalities of the
    selection.
    """
    known = criteria.judging(session, "sites", selection.units)
    sight, chain = sees_points(caller.roles) or "masked", asked.get("chain")
    found = enterprise_places(session, selection, sight, chain=chain)
    counts = cells(session, selection.units, "women")
    women = counts.counts[:, CHAINS.index(chain)] if chain else counts.counts.sum(axis=1)
    centres = seats(selection.municipalities)
    demand = _demand(found, centres, women, most=known.values["cells"])
    candidates = _candidates(
        session, centres, found, asked["among"], few=known.values["few"], most=known.values["cells"]
    )
    wanted = asked.get("places", min(known.values["places"], len(candidates.names)))
    stay = _staying(asked.get("fixed") or [], candidates)
    if not max(1, len(stay)) <= wanted <= min(len(candidates.names), known.values["most_places"]):
        raise Invalid("analysis.places", pointer="/places", least=max(1, len(stay)),
                      most=min(len(candidates.names), known.values["most_places"]))  # fmt: skip
    shown = dict(zip(selection.shown, _by_unit(women, selection), strict=True))
    common: dict[str, Any] = {"n": int(women.sum()), "coverage": found.coverage, "criteria": known, "values": shown,
                              "shows": words("measure.women")}  # fmt: skip
    notes = [words("sites.note_demand"), words(f"sites.note_{asked['among']}")]
    notes += [words("note.masked")] if sight != "exact" else []
    if not women.any():
        tables = [Table("sites", SITES, []), Table("municipalities", GONE, [])]
        return Analysis("sites", words("empty", place=selection.title), tables, notes=notes, **common)
    reached = _by_road(session, selection, demand, candidates, stay, wanted)
    candidates, stay, km = reached.candidates, reached.stay, reached.km
    notes.insert(0, words(f"sites.note_{reached.how}", share=written(100 * reached.share, 0), left=reached.left))
    best = p_median(km, demand.women, wanted, fixed=stay)
    rows = [_site(one, best, km, demand, candidates) for one in best.chosen]
    rows.sort(key=lambda row: -row["women"])
    return Analysis(
        "sites", _answer(best, rows, selection, words),
        [Table("sites", SITES, rows), Table("municipalities", GONE, _gone(best, km, demand, candidates))],
        notes=notes, points=[(row["lon"], row["lat"]) for row in rows], **common,
    )  # fmt: skip


def _demand(found: Places, centres: Facilities, women: Floats, *, most: int) -> _Demand:
    """Women by cell of two kilometres; those without a known place, and all where the cells are many, at the centre."""
    cell = np.floor(np.column_stack((found.lon, found.lat)) / CELL_DEGREES + 1e-9)
    number = {code: place for place, code in enumerate(centres.codes)}
    of = np.array([number[code] for code in found.municipality], np.int64)
    gathered, which = np.unique(np.column_stack((of, cell)), axis=0, return_inverse=True)
    if len(gathered) > most or not len(gathered):
        return _Demand(centres.lon, centres.lat, women, centres.codes)
    placed = np.bincount(which.ravel(), found.women, minlength=len(gathered))
    rest = women - np.bincount(of, found.women, minlength=len(women))
    middle = (gathered[:, 1:] + 0.5) * CELL_DEGREES
    return _Demand(
        np.r_[middle[:, 0], centres.lon], np.r_[middle[:, 1], centres.lat], np.r_[placed, np.maximum(rest, 0)],
        (*(centres.codes[int(one)] for one in gathered[:, 0]), *centres.codes),
    )  # fmt: skip


def _candidates(session: Session, centres: Facilities, found: Places, among: str, *, few: int, most: int) -> Facilities:
    """The centres of the municipalities and, if asked for, at most so many of the cells with `few` enterprises."""
    if among == "seats" or not found.n:
        return centres
    cell = np.floor(np.column_stack((found.lon, found.lat)) / CELL_DEGREES + 1e-9)
    filled, times = np.unique(cell, axis=0, return_counts=True)
    fullest = np.argsort(-times, kind="stable")[: np.count_nonzero(times >= few)][:most]
    middle = np.round((filled[np.sort(fullest)] + 0.5) * CELL_DEGREES, 4)
    located = bounds.in_force(session).locate([Located(lon, lat) for lon, lat in middle.tolist()])
    names = [f"{places.full_name(one.municipality)} ({lon}, {lat})" for one, (lon, lat) in
             zip(located, middle.tolist(), strict=True)]  # fmt: skip
    return Facilities(
        "seats", (*centres.codes, *names), (*centres.names, *names),
        np.r_[centres.lon, middle[:, 0]], np.r_[centres.lat, middle[:, 1]],
    )  # fmt: skip


def _staying(fixed: list[str], candidates: Facilities) -> list[int]:
    for code in fixed:
        if code not in candidates.codes:
            raise Invalid("analysis.fixed_unknown", pointer="/fixed", unit=code)
    return sorted({candidates.codes.index(code) for code in fixed})


@dataclass(frozen=True)
class _Ways:
    """The way of each demand to each candidate that remains; `how` it was measured (`straight`, `roads`, or `apart`
    and `many`: in straight lines although there are roads), the `share` of the women whose ways go along them, and how
    many candidates were `left` out because no road leads there.
    """

    candidates: Facilities
    stay: list[int]
    km: Floats
    how: str = "straight"
    share: float = 0.0
    left: int = 0


def _by_road(
    session: Session, selection: Selection, demand: _Demand, candidates: Facilities, stay: list[int], wanted: int
) -> _Ways:
    """Along the roads, among the candidates that one network joins: one that lies apart would have straight lines only,
    which are shorter than any way. Whom no road leads to all of them goes straight to all of them, for the same reason.
    """
    straight = _kilometres(demand, candidates)
    network = roads(session, selection)
    if network is None:
        return _Ways(candidates, stay, straight)
    if len(network.nodes) * len(candidates.names) > MOST_STEPS:
        return _Ways(candidates, stay, straight, "many")
    most_m = criteria.judging(session, "reach", selection.units).values["snap_m"]
    km = ways(demand.lon, demand.lat, candidates.lon, candidates.lat, network, most_m=most_m) / M
    kept = _joined(np.isfinite(km), demand.women)
    if len(kept) < wanted or not set(stay) <= set(kept.tolist()):
        return _Ways(candidates, stay, straight, "apart")
    whole: NDArray[np.bool_] = np.all(np.isfinite(km[:, kept]), axis=1)
    mixed = np.where(whole[:, None], km[:, kept], straight[:, kept])
    share = float(demand.women[whole].sum() / demand.women.sum())
    places_of = kept.tolist()
    remaining = Facilities(
        candidates.kind, tuple(candidates.codes[one] for one in places_of),
        tuple(candidates.names[one] for one in places_of), candidates.lon[kept], candidates.lat[kept],
    )  # fmt: skip
    left = len(candidates.names) - len(places_of)
    return _Ways(remaining, [places_of.index(one) for one in stay], mixed, "roads", share, left)


def _joined(reached: NDArray[np.bool_], women: Floats) -> NDArray[np.int64]:
    """The candidates that the same roads join, of those groups the one that most women reach."""
    by_candidate = women @ reached
    best = int(np.argmax(by_candidate))
    if not by_candidate[best]:
        return np.zeros(0, np.int64)
    return np.flatnonzero((reached == reached[:, [best]]).all(axis=0))


def _kilometres(demand: _Demand, candidates: Facilities) -> Floats:
    """Great circles, demands by candidates."""
    here, there = on_sphere(demand.lon, demand.lat), on_sphere(candidates.lon, candidates.lat)
    return arc_m(np.linalg.norm(here[:, None] - there[None], axis=2)) / M


def _by_unit(women: Floats, selection: Selection) -> list[int]:
    units = np.array([selection.unit_of(code) for code in selection.municipalities], dtype=np.str_)
    return [int(women[units == unit].sum()) for unit in selection.shown]


def _site(one: int, best: Sites, km: Floats, demand: _Demand, candidates: Facilities) -> Row:
    own = (best.assigned == one) & (demand.women > 0)
    weight, way = demand.women[own], km[own, one]
    return {
        "site": candidates.names[one],
        "women": int(weight.sum()),
        "mean_km": plain(np.average(way, weights=weight)) if len(way) else None,
        "most_km": plain(way.max()) if len(way) else None,
        "lon": float(candidates.lon[one]),
        "lat": float(candidates.lat[one]),
    }


def _gone(best: Sites, km: Floats, demand: _Demand, candidates: Facilities) -> list[Row]:
    """From which municipality to which place, and how far."""
    of, rows = np.array(demand.municipality, dtype=np.str_), []
    for code in sorted({*demand.municipality}):
        for site in best.chosen:
            own = (of == code) & (best.assigned == site) & (demand.women > 0)
            if own.any():
                way = np.average(km[own, site], weights=demand.women[own])
                rows.append({"place": places.full_name(code), "code": code, "site": candidates.names[site],
                             "women": int(demand.women[own].sum()), "mean_km": plain(way)})  # fmt: skip
    return rows


def _answer(best: Sites, rows: list[Row], selection: Selection, words: Words) -> str:
    said = words(
        "sites.answer", place=selection.title, sites=listed([row["site"] for row in rows], words), p=len(rows),
        mean=written(best.mean), n=int(best.served),
    )  # fmt: skip
    bound = best.lower_bound / best.served if best.served else 0.0
    code = "sites.proven" if best.gap < 1e-6 else "sites.bound"
    return f"{said} {words(code, bound=written(bound), gap=written(100 * best.gap))}"
