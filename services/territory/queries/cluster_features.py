"""Clusters of enterprises as features: around the cells they fill, of the places that the reader sees."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any

import shapely
from sqlalchemy.orm import Session

from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria
from services.territory.queries.analyses.clusters import grouped
from services.territory.queries.inventory import Mark, mark_of
from services.territory.queries.tiles import BUFFER, Tile
from services.territory.queries.views import Selection
from services.territory.rules import vector_tiles as mvt
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.filtering import Kind, Node, Properties
from services.territory.rules.filtering.deciding import GEOMETRY, passing
from services.territory.rules.tiling import bounds_of_tile, frame_of
from shared import places

Cluster = Mapping[str, Any]
"""What is shown of a cluster, by name; read by many, changed by nobody."""
FACTS: Properties = {
    "number": Kind.NUMBER, "municipality": Kind.TEXT, "name": Kind.TEXT, "enterprises": Kind.NUMBER,
    "women": Kind.NUMBER, "main_chain": Kind.TEXT, "chains": Kind.NUMBER, GEOMETRY: Kind.SHAPE,
}  # fmt: skip
"""What a filter may name: all that is shown."""
_KEPT = 16
_kept: OrderedDict[tuple[Any, ...], tuple[Mark, Sequence[Cluster]]] = OrderedDict()
_one_at_a_time = Lock()


def clusters_of(session: Session, selection: Selection, sight: str, *, chain: str | None) -> Sequence[Cluster]:
    """The clusters of at least five enterprises by the criteria in force, the largest first, numbered from 1, each with
    its outline as `geometry`; of who has this sight. They are kept in this process until an enterprise comes, goes or
    changes: a map asks for many tiles of them at once.
    """
    known = criteria.judging(session, "clusters", selection.units)
    url = str(session.get_bind().engine.url)
    key = (url, bounds.in_force(session), selection.units, sight, chain, tuple(sorted(known.values.items())))
    with _one_at_a_time:
        now = mark_of(session)
        mark, rows = _kept.get(key, (None, ()))
        if mark != now:
            rows = _grouped(session, selection, sight, known, chain)
            _kept[key] = now, rows
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return rows


def _grouped(
    session: Session, selection: Selection, sight: str, known: criteria.Criteria, chain: str | None
) -> Sequence[Cluster]:
    asked = {"method": "dbscan", "chain": chain, "least": max(known.values["least"], THRESHOLD)}
    found = grouped(session, selection, sight, known, asked)
    return [
        MappingProxyType(
            {
                "number": one.number + 1,
                "municipality": place,
                "name": places.full_name(place) if place else "",
                "enterprises": one.enterprises,
                "women": one.women,
                "main_chain": one.chains[0].chain,
                "chains": len(one.chains),
                GEOMETRY: one.hull,
            }
        )
        for one, place in zip(found.made.cards, found.near, strict=True)
        if one.hull is not None
    ]


def chosen(
    rows: Sequence[Cluster], node: Node | None, box: tuple[float, float, float, float] | None
) -> Sequence[Cluster]:
    """Those that touch the box and pass the filter."""
    if box is not None:
        frame = frame_of(box)
        rows = [row for row in rows if shapely.intersects(row[GEOMETRY], frame)]
    if node is None or not rows:
        return rows
    return [row for row, passes in zip(rows, passing(node, rows), strict=True) if passes]


def tile_of(rows: Sequence[Cluster], tile: Tile) -> bytes:
    """The tile of clusters: each with all that is shown of it."""
    made = mvt.Layer("clusters")
    if rows:
        placed = mvt.grid([row[GEOMETRY] for row in rows], bounds_of_tile(*tile))
        cut = shapely.clip_by_rect(placed, -BUFFER, -BUFFER, mvt.EXTENT + BUFFER, mvt.EXTENT + BUFFER)
        for row, shape in zip(rows, cut, strict=True):
            if commands := mvt.polygon_commands(shape):
                made.add(commands, made.tags({name: row[name] for name in FACTS if name != GEOMETRY}))
    return mvt.encode([made])
