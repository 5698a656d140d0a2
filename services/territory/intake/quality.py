"""What is wrong with a set of boundaries: shapes that overlap, gaps between them, rings that cross themselves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, STRtree

from services.territory.rules.approximate import multi_polygon

HECTARE = 10_000.0
SQUARE_METRE = 1 / HECTARE
LARGEST = 20
"""So many of each kind are named; all are counted."""


def overlaps(
    codes: Sequence[str], shapes: NDArray[np.object_], square_metres: Callable[[Any], NDArray[np.float64]]
) -> dict[str, Any]:
    """Pairs of shapes that share more than a square metre, the largest named, in hectares; `across_borders` are those
    over a hectare between two countries. `square_metres` measures what they share.
    """
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    pairs = np.column_stack([first, second])[first < second]
    hectares = square_metres(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])) / HECTARE
    met = [
        (float(size), *sorted((codes[a], codes[b])))
        for (a, b), size in zip(pairs.tolist(), hectares, strict=True)
        if size > SQUARE_METRE
    ]
    found = sorted(met, key=lambda pair: (-pair[0], pair[1:]))
    return {
        "pairs": len(found),
        "over_1_ha": sum(size > 1 for size, _, _ in found),
        "across_borders": sum(size > 1 and a[:2] != b[:2] for size, a, b in found),
        "largest": [{"codes": [a, b], "hectares": round(size, 2)} for size, a, b in found[:LARGEST]],
    }


def gaps(flat: Sequence[Geometry], waters: Sequence[Geometry]) -> dict[str, Any]:
    """Places of more than a hectare that all shapes together enclose and none covers; lakes of the file are none."""
    whole = shapely.union_all([*flat, *waters])
    holes = [shapely.Polygon(ring) for part in multi_polygon(whole).geoms for ring in part.interiors]
    sized = sorted(((hole.area / HECTARE, hole) for hole in holes if hole.area > HECTARE), key=lambda one: -one[0])
    return {
        "count": len(sized),
        "largest": [
            {"hectares": round(size, 2), "at": [round(xy, 1) for xy in hole.representative_point().coords[0]]}
            for size, hole in sized[:LARGEST]
        ],
    }


def mended(shapes: Mapping[str, Geometry]) -> tuple[dict[str, Geometry], list[dict[str, Any]]]:
    """The shapes made valid, and what was wrong with each that was not; `lost` has no area left."""
    good: dict[str, Geometry] = {}
    told: list[dict[str, Any]] = []
    for code, shape in shapes.items():
        if shapely.is_valid(shape):
            good[code] = shape
            continue
        repaired = multi_polygon(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        told.append({"code": code, "reason": shapely.is_valid_reason(shape)[:120], "lost": repaired.area == 0})
        if repaired.area > 0:
            good[code] = repaired
    return good, told
