"""A reference layer as an SVG drawing: its points, lines or areas over the outlines of the territory."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import shapely
from shapely import Geometry, Point, Polygon

from services.territory.rules.drawing.canvas import POINT
from services.territory.rules.fills import INK
from services.territory.rules.outlines import Outlines, Projection

LAND = "#f4eee7"
BORDER = "#b9a79b"
MOST_VERTICES = 12_000
"""So many fit into a page on a slow line."""


def draw_layer(
    outlines: Outlines, shapes: Sequence[Geometry], *, title: str, about: str, names: Mapping[str, str]
) -> tuple[str, int]:
    """The SVG, and how many features are in it: as many, in order, as a page can carry."""
    path, drawn = _path(outlines.projection, shapes)
    units = "".join(
        f'<path d="{shape}"><title>{escape(names.get(code, code))}</title></path>'
        for code, shape in outlines.units.items()
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outlines.width} {outlines.height}" role="img" '
        'aria-labelledby="layer-title layer-about" font-family="sans-serif">'
    )
    parts = [
        head,
        f'<title id="layer-title">{escape(title)}</title><desc id="layer-about">{escape(about)}</desc>',
        f'<g fill="{LAND}" stroke="{BORDER}" stroke-width="1" stroke-linejoin="round">{units}</g>',
        f'<path d="{outlines.groups}" fill="none" stroke="{INK}" stroke-width="1.6"/>' if outlines.groups else "",
        _marks(path, int(shapely.get_dimensions(shapes[0])) if shapes else 0),
        "</svg>",
    ]
    return "".join(parts), drawn


def _marks(path: str, dimensions: int) -> str:
    if not path:
        return ""
    if dimensions == 2:
        return f'<path d="{path}" fill="{POINT}" fill-opacity="0.35" stroke="{POINT}" stroke-width="2"/>'
    joined = f'd="{path}" fill="none" stroke-linecap="round" stroke-linejoin="round"'
    if dimensions == 1:
        return f'<path {joined} stroke="{POINT}" stroke-width="3"/>'
    return f'<path {joined} stroke="#fff" stroke-width="13"/><path {joined} stroke="{POINT}" stroke-width="9"/>'


def _path(projection: Projection, shapes: Sequence[Geometry]) -> tuple[str, int]:
    """The shapes on the grid of the drawing, generalised to it."""
    parts: list[str] = []
    left = MOST_VERTICES
    for number, shape in enumerate(shapes):
        flat = shapely.simplify(shapely.transform(shape, projection), 1.0)
        written = [_one(part) for part in shapely.get_parts(flat)]
        left -= sum(count for _, count in written)
        if left < 0:
            return "".join(parts), number
        parts += [text for text, _ in written]
    return "".join(parts), len(shapes)


def _one(part: Geometry) -> tuple[str, int]:
    """A single point, line or area as a path, and how many vertices it took."""
    if isinstance(part, Point):
        return f"M{round(part.x)} {round(part.y)}h0", 1
    area = isinstance(part, Polygon)
    rings = [part.exterior, *part.interiors] if isinstance(part, Polygon) else [part]
    texts, count = [], 0
    for ring in rings:
        grid = np.rint(shapely.get_coordinates(ring)).astype(int)
        grid = grid[np.append(True, np.any(np.diff(grid, axis=0) != 0, axis=1))]
        count += len(grid)
        steps = " ".join(f"{x} {y}" for x, y in np.diff(grid, axis=0).tolist())
        texts.append(f"M{grid[0][0]} {grid[0][1]}l{steps or '0 0'}{'z' if area else ''}")
    return "".join(texts), count
