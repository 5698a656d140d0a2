"""Where enterprises stand close together: clusters as cards, what they make, and which links they lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, listed, plain, written
from services.territory.queries.analyses.counts import Places, cells, enterprise_places
from services.territory.queries.criteria import Criteria
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_points
from services.territory.rules.analysis.clusters import (
    HDBSCAN_MOST,
    Cluster,
    Clusters,
    cards,
    dbscan,
    hdbscan,
    pairs_within,
)
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.locating import Located
from shared import places
from shared.events.vocabulary import CHAINS, LINKS
from shared.identity import Caller
from shared.kernel import Refused

METHODS = ("dbscan", "hdbscan")
CARDS = {
    "number": "count", "near": "text", "enterprises": "count", "women": "count", "chains": "text", "missing": "text",
    "radius_km": "number", "density": "number", "lon": "degrees", "lat": "degrees",
}  # fmt: skip


def clusters(
    session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """The clusters of the selection's enterprises, the largest first. Who sees masked points gets clusters of masked
    points, of at least five enterprises, without radius and density. Refuses more points than can be compared.
    """
    known = criteria.judging(session, "clusters", selection.units)
    chain, sight = asked.get("chain"), sees_points(caller.roles) or "masked"
    groups = grouped(session, selection, sight, known, asked)
    found, made, least, radius = groups.found, groups.made, groups.least, groups.radius
    where = [places.full_name(code) for code in groups.near]
    rows = [_card(one, place, sight, words) for one, place in zip(made.cards, where, strict=True)]
    counts = cells(session, selection.units, "enterprises").shown_as(selection)
    counted = counts[:, CHAINS.index(chain)] if chain else counts.sum(axis=1)
    return Analysis(
        "clusters", _answer(found, made, rows, selection, words), [Table("cards", CARDS, rows)],
        n=found.n, coverage=found.coverage, criteria=known,
        notes=_notes(sight, asked["method"], radius, least, made, words),
        values={unit: int(count) for unit, count in zip(selection.shown, counted.tolist(), strict=True)},
        shows=words.chain(chain) if chain else words("measure.enterprises"),
        points=[one.centre for one in made.cards if one.centre],
    )  # fmt: skip


@dataclass(frozen=True)
class Grouped:
    """Enterprises with the place where the reader sees them, in clusters; `near`: the municipality in which the middle
    of each lies, nothing where it is not told; and what made them.
    """

    found: Places
    made: Clusters
    near: Sequence[str]
    radius: float
    least: int


def grouped(
    session: Session,
    selection: Selection,
    sight: str,
    known: Criteria,
    asked: Mapping[str, Any],
    *passing: ColumnElement[bool],
) -> Grouped:
    """The clusters of the selection's enterprises that pass, as who has this sight may see them: of masked points, and
    of at least as many as may be told. Refuses more points than can be compared.
    """
    most = HDBSCAN_MOST if asked["method"] == "hdbscan" else known.values["most_points"]
    found = enterprise_places(session, selection, sight, *passing, chain=asked.get("chain"), most=most)
    least = max(asked.get("least") or known.values["least"], THRESHOLD if sight != "exact" else 2)
    radius = asked.get("radius_m") or known.values["radius_m"]
    labels = _labels(found, asked["method"], radius, least, known)
    templates = reference.chain_templates()
    made = cards(
        labels, found.lon, found.lat, women=found.women, chain=found.chain, at_link=found.at_link,
        chains=CHAINS, links=LINKS, needs={code: one.needs for code, one in templates.items()},
    )  # fmt: skip
    return Grouped(found, made, _near(session, made), radius, least)


def chains_of(one: Cluster, words: Words) -> str:
    """The chains of a cluster in words, with how many enterprises are in each."""
    return ", ".join(f"{words.chain(row.chain)} ({row.enterprises})" for row in one.chains[:4])


def missing_in(one: Cluster, words: Words) -> str:
    """The links that its first chains lack, in words."""
    return "; ".join(
        f"{words.chain(row.chain)}: {listed([words.link(code) for code in row.missing], words)}"
        for row in one.chains[:2]
        if row.missing
    )


def _labels(found: Places, method: str, radius: float, least: int, known: Criteria) -> NDArray[np.int64]:
    if method == "hdbscan":
        return hdbscan(found.lon, found.lat, least=least)
    if pairs_within(found.lon, found.lat, radius) > known.values["most_pairs"]:
        raise Refused("analysis.radius_too_wide", radius=f"{radius:,}")
    return dbscan(found.lon, found.lat, radius_m=radius, least=least)


def _near(session: Session, made: Clusters) -> list[str]:
    """The municipality in which the middle of each cluster lies."""
    centres = [one.centre for one in made.cards if one.centre]
    located = iter(bounds.in_force(session).locate([Located(lon, lat) for lon, lat in centres]))
    return [(next(located).municipality or "") if one.centre else "" for one in made.cards]


def _card(one: Cluster, near: str, sight: str, words: Words) -> Row:
    exact = sight == "exact" and one.drawn
    lon, lat = one.centre or (None, None)
    return {
        "number": one.number + 1,
        "near": near or words("flag.place_withheld"),
        "enterprises": one.enterprises,
        "women": one.women,
        "chains": chains_of(one, words),
        "missing": missing_in(one, words),
        "radius_km": plain(one.radius_m / 1000) if exact and one.radius_m is not None else None,
        "density": plain(one.density) if exact and one.density is not None else None,
        "lon": lon,
        "lat": lat,
    }


def _answer(found: Places, made: Clusters, rows: list[Row], selection: Selection, words: Words) -> str:
    facts: dict[str, Any] = {"place": selection.title, "n": found.n}
    if not found.whole:
        return words("empty", place=selection.title)
    if not found.n:
        return words("clusters.no_points", **facts, whole=found.whole)
    if not rows:
        return words("clusters.none", **facts)
    first = rows[0]
    return words(
        "clusters.answer", **facts, clusters=len(rows), share=written(100 * made.coverage, 0), near=first["near"],
        enterprises=first["enterprises"], women=first["women"], chains=first["chains"],
    )  # fmt: skip


def _notes(sight: str, method: str, radius: float, least: int, made: Clusters, words: Words) -> list[str]:
    notes = [words(f"clusters.note_{method}", radius=f"{radius:,}", least=least), words("clusters.note_cells")]
    notes += [words("note.masked")] if sight != "exact" else []
    return notes + ([words("clusters.note_small")] if np.any([not one.drawn for one in made.cards]) else [])
