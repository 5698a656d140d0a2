"""Clusters of enterprises as features: around the cells they fill, of the places that the reader sees."""

from typing import Any

import shapely
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.clusters import grouped
from services.territory.queries.views import Selection
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.filtering import Kind, Node, Properties
from services.territory.rules.filtering.deciding import GEOMETRY, passing
from services.territory.rules.tiling import frame_of
from shared import places

FACTS: Properties = {
    "number": Kind.NUMBER, "municipality": Kind.TEXT, "name": Kind.TEXT, "enterprises": Kind.NUMBER,
    "women": Kind.NUMBER, "main_chain": Kind.TEXT, "chains": Kind.NUMBER, GEOMETRY: Kind.SHAPE,
}  # fmt: skip
"""What a filter may name: all that is shown."""


def clusters_of(session: Session, selection: Selection, sight: str, *, chain: str | None) -> list[dict[str, Any]]:
    """The clusters of at least five enterprises by the criteria in force, the largest first, numbered from 1, each with
    its outline as `geometry`; of who has this sight.
    """
    known = criteria.judging(session, "clusters", selection.units)
    asked = {"method": "dbscan", "chain": chain, "least": max(known.values["least"], THRESHOLD)}
    found = grouped(session, selection, sight, known, asked)
    return [
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
        for one, place in zip(found.made.cards, found.near, strict=True)
        if one.hull is not None
    ]


def chosen(
    rows: list[dict[str, Any]], node: Node | None, box: tuple[float, float, float, float] | None
) -> list[dict[str, Any]]:
    """Those that touch the box and pass the filter."""
    if box is not None:
        frame = frame_of(box)
        rows = [row for row in rows if shapely.intersects(row[GEOMETRY], frame)]
    if node is None or not rows:
        return rows
    return [row for row, passes in zip(rows, passing(node, rows), strict=True) if passes]
