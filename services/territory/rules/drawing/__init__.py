"""Maps as SVG drawings that need nothing else: no script, no style sheet, no font of their own."""

from services.territory.rules.drawing.canvas import Panel, draw_map, draw_panels
from services.territory.rules.drawing.key import swatch
from services.territory.rules.drawing.overlays import (
    Area,
    Flow,
    Hexagon,
    Over,
    Sizes,
    Widths,
    areas,
    circles,
    flows,
    hexagons,
)
from services.territory.rules.drawing.words import MapText, Shown, label, number

__all__ = [
    "Area",
    "Flow",
    "Hexagon",
    "MapText",
    "Over",
    "Panel",
    "Shown",
    "Sizes",
    "Widths",
    "areas",
    "circles",
    "draw_map",
    "draw_panels",
    "flows",
    "hexagons",
    "label",
    "number",
    "swatch",
]
