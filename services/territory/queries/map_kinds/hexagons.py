"""The map of points counted by hexagon."""

from services.territory.queries.map_figures import TABLED
from services.territory.queries.map_kinds.making import Made, Making
from services.territory.rules.classes import Figure, Plain, classes_of
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.drawing import Hexagon, hexagons
from services.territory.rules.drawing.words import told
from services.territory.rules.hexagons import Cell, cells, fitting
from services.territory.rules.locating import Located
from services.territory.rules.outlines import Outlines
from shared import places
from shared.kernel import Forbidden, Invalid


def by_hexagon(making: Making) -> Made:
    """Enterprises with a known place, counted by hexagon; who sees masked points only is told no count under the
    threshold. Refuses who sees no points at all.
    """
    points, sight = making.dots.places, making.dots.sight
    if sight is None:
        raise Forbidden("map.no_points")
    if making.wanted.per:
        raise Invalid("map.no_rate_here", pointer="/per")
    wanted, speak, outlines = making.wanted, making.speak, making.outlines
    size = wanted.cell_km or fitting(outlines.width * outlines.km_per_unit)
    counted = cells(points, size)
    figures = [
        Figure(suppressed=True) if sight == "masked" and cell.count < THRESHOLD else Figure(cell.count)
        for cell in counted
    ]
    classes = classes_of(figures, wanted.scheme, wanted.number, wanted.breaks)
    drawn = [
        Hexagon(outlines.projection.point(*cell.middle), figure) for cell, figure in zip(counted, figures, strict=True)
    ]
    corners = _corners(outlines, counted[0]) if counted else []
    lying = making.municipalities.locate([Located(*cell.middle) for cell in counted])
    rows = []
    for cell, figure, place in zip(counted, figures, lying, strict=True):
        words = speak("withheld") if figure.suppressed else told(figure, making.plain_text)
        rows.append({
            "code": place.municipality or "",
            **dict.fromkeys(TABLED),
            "name": places.full_name(place.municipality) or speak("map.outside"),
            "cells": [
                {"value": round(cell.middle[1], 3), "withheld": False, "text": f"{cell.middle[1]:.3f}"},
                {"value": round(cell.middle[0], 3), "withheld": False, "text": f"{cell.middle[0]:.3f}"},
                {"value": figure.value, "withheld": figure.suppressed, "text": words},
            ],
            "class_label": "",
        })  # fmt: skip
    return Made(
        classes,
        {unit: Figure(0) for unit in making.selection.shown},
        [("lat", speak("map.lat")), ("lon", speak("map.lon")), ("enterprises", speak("measure.enterprises"))],
        {},
        making.title(speak("map.hexagons", size=size)),
        {"names_only": True},
        over=lambda _, text: hexagons(drawn, corners, classes, text),
        ground=Plain(),
        rows=rows,
        counted=speak(f"map.points_{sight}", threshold=THRESHOLD - 1),
    )


def _corners(outlines: Outlines, cell: Cell) -> list[tuple[int, int]]:
    """The corners of a cell from its middle, in grid units."""
    x, y = outlines.projection.point(*cell.middle)
    placed = [outlines.projection.point(*corner) for corner in cell.corners]
    return [(corner_x - x, corner_y - y) for corner_x, corner_y in placed]
