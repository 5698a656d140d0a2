"""Departments and municipalities as features: their facts, their shapes, and the figures that the caller may see."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
from shapely import Geometry

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries.views import DIVISION, division_of
from services.territory.rules.filtering import Kind, Node, Properties
from services.territory.rules.filtering.deciding import GEOMETRY, passing
from services.territory.rules.locating import Boundary, Municipalities
from services.territory.rules.tiling import Box, frame_of
from shared import places
from shared.identity import Caller

LEVELS = (places.DEPARTMENT, places.MUNICIPALITY, DIVISION)
FACTS: Properties = {
    "code": Kind.TEXT, "name": Kind.TEXT, "level": Kind.TEXT, "inside": Kind.TEXT, "area_km2": Kind.NUMBER,
    GEOMETRY: Kind.SHAPE,
}  # fmt: skip
"""What a filter may name: never a figure, which some see live and others as it was published."""


def codes_in(caller: Caller, level: str, inside: str = "") -> list[str]:
    """The units of a level in the caller's territory, in order. At `municipality_2024` El Salvador's are those of today
    of which all districts are hers; the other countries' municipalities are what they were.
    """
    if level != DIVISION:
        return [code for code in places.units_at(level, inside) if caller.scope.covers(code)]
    hers = set(codes_in(caller, places.MUNICIPALITY, inside))
    units = {division_of(code) for code in hers}
    return sorted(unit for unit in units if hers.issuperset(places.districts_of(unit)))


def parts_of(code: str) -> list[str]:
    """The districts of one of El Salvador's municipalities of today; of any other unit, itself."""
    return places.districts_of(code) or [code]


def facts_of(municipalities: Municipalities, code: str) -> dict[str, Any]:
    """The facts of a unit, its shape as `geometry`, and the kind of its `boundaries`."""
    shape, parts = _shape(municipalities, code)
    division = parts_of(code) != [code]
    return {
        "code": code,
        "name": places.name_of(code),
        "level": DIVISION if division else places.level_of(code),
        "inside": code[:4] if division else code[:-2],
        "area_km2": round(sum(part.area_km2 for part in parts), 1),
        "boundaries": bounds.kind_of(parts),
        GEOMETRY: shape,
    }


def chosen(
    municipalities: Municipalities,
    codes: Sequence[str],
    node: Node | None,
    box: Box | None,
) -> list[str]:
    """The codes of those that touch the box and pass the filter."""
    if node is None and box is None:
        return list(codes)
    rows = [facts_of(municipalities, code) for code in codes]
    if box is not None:
        frame = frame_of(box)
        rows = [row for row in rows if shapely.intersects(row[GEOMETRY], frame)]
    passes = [True] * len(rows) if node is None else passing(node, rows)
    return [row["code"] for row, passed in zip(rows, passes, strict=True) if passed]


@lru_cache(maxsize=2_000)
def _shape(municipalities: Municipalities, code: str) -> tuple[Geometry, tuple[Boundary, ...]]:
    parts = tuple(municipalities.under(*parts_of(code)))
    if len(parts) == 1 and len(code) > 4:
        return parts[0].shape, parts
    if len(code) == 4 and bounds.kind_of(parts) == bounds.APPROXIMATE:
        return reference.departments()[code], parts
    return shapely.union_all([part.shape for part in parts]), parts
