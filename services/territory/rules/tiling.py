"""Web Mercator tiles, and where a point stands on the one curve (Morton) that runs through all of them.

A key is the column and row of the tile of zoom `BITS` in which a point lies, their bits interleaved. All points of a
tile, whatever its zoom, have keys in one range: a tile is one range of an ordinary index.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""
BITS = 26
"""Zoom of a key: a tile of it is 0.6 m wide at the equator."""
WORLD = 1 << BITS
SOUTHMOST = 85.05112877980659
DEEPEST = 22
MOST_RANGES = 24


def tile_key(lon: float, lat: float) -> int:
    """The key of a place in degrees; what lies beyond the map's edges counts as on them."""
    column, row = column_row(lon, lat)
    return interleaved(column, row)


def column_row(lon: float, lat: float) -> tuple[int, int]:
    """Column and row at zoom `BITS` (EPSG:3857, the origin in the north-west)."""
    held = min(max(lat, -SOUTHMOST), SOUTHMOST)
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(held))) / math.pi) / 2
    return _cell(across), _cell(down)


def _cell(share: float) -> int:
    return min(max(int(share * WORLD), 0), WORLD - 1)


def interleaved(column: int, row: int) -> int:
    return _spread(column) | _spread(row) << 1


def _spread(value: int) -> int:
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _gathered(value: int) -> int:
    value &= 0x5555555555555555
    value = (value | value >> 1) & 0x3333333333333333
    value = (value | value >> 2) & 0x0F0F0F0F0F0F0F0F
    value = (value | value >> 4) & 0x00FF00FF00FF00FF
    value = (value | value >> 8) & 0x0000FFFF0000FFFF
    return (value | value >> 16) & 0xFFFFFFFF


def separated(key: int) -> tuple[int, int]:
    """Column and row of a key."""
    return _gathered(key), _gathered(key >> 1)


def on_grid(keys: NDArray[np.int64], zoom: int, extent: int, *, bits: int = BITS) -> tuple[NDArray[np.int64], ...]:
    """Where keys (of `bits`) stand inside their tile of `zoom`, on a grid of `extent` units: x and y."""
    inside = bits - zoom
    mask = (1 << inside) - 1
    return tuple(((_gathered_all(keys >> axis) & mask) * extent + extent * (bits < BITS) // 2) >> inside
                 for axis in (0, 1))  # fmt: skip


def _gathered_all(values: NDArray[np.int64]) -> NDArray[np.int64]:
    kept = values & 0x5555555555555555
    for shift, mask in ((1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF),
                        (8, 0x0000FFFF0000FFFF), (16, 0x00000000FFFFFFFF)):  # fmt: skip
        kept = (kept | kept >> shift) & mask
    return kept


def range_of_tile(zoom: int, column: int, row: int, *, bits: int = BITS) -> tuple[int, int]:
    """The first and the last key (of `bits`) of the places in a tile."""
    below = 2 * (bits - zoom)
    first = interleaved(column, row) << below
    return first, first + (1 << below) - 1


def bounds_of_tile(zoom: int, column: int, row: int) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees."""
    across = 360 / (1 << zoom)
    return column * across - 180, _latitude(zoom, row + 1), (column + 1) * across - 180, _latitude(zoom, row)


def _latitude(zoom: int, row: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / (1 << zoom)))))


def ranges_of_box(west: float, south: float, east: float, north: float) -> Sequence[tuple[int, int]]:
    """At most `MOST_RANGES` ranges of keys, in order, that hold every place in the box, and some around it."""
    left, top = column_row(west, north)
    right, bottom = column_row(east, south)
    zoom = BITS
    while (
        zoom
        and ((right >> (BITS - zoom)) - (left >> (BITS - zoom)) + 1)
        * ((bottom >> (BITS - zoom)) - (top >> (BITS - zoom)) + 1)
        > 4 * MOST_RANGES
    ):
        zoom -= 1
    shift = BITS - zoom
    cells = sorted(
        interleaved(column, row)
        for column in range(left >> shift, (right >> shift) + 1)
        for row in range(top >> shift, (bottom >> shift) + 1)
    )
    ranges = [[cell, cell] for cell in cells[:1]]
    for cell in cells[1:]:
        if cell == ranges[-1][1] + 1:
            ranges[-1][1] = cell
        else:
            ranges.append([cell, cell])
    return [(first << 2 * shift, ((last + 1) << 2 * shift) - 1) for first, last in _joined(ranges)]


def boxes_of(box: Box) -> Sequence[Box]:
    """The box; of one that crosses the 180th meridian (its west in the east) the two parts on either side."""
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180, north), (-180, south, east, north)]


def frame_of(box: Box) -> Geometry:
    """The box as a shape."""
    parts: Geometry = shapely.MultiPolygon([shapely.box(*part) for part in boxes_of(box)])
    return parts


def _joined(ranges: list[list[int]]) -> list[list[int]]:
    """The ranges with the narrowest gaps closed, until they are few enough."""
    while len(ranges) > MOST_RANGES:
        gaps = [after[0] - before[1] for before, after in pairwise(ranges)]
        place = gaps.index(min(gaps))
        ranges[place : place + 2] = [[ranges[place][0], ranges[place + 1][1]]]
    return ranges


CELL_LEVELS = (7, 9, 11, 13, 15)
"""The grids in which enterprises are counted for maps of large areas."""
DEEPEST_COUNTED = 10
"""Up to this zoom a tile shows counts; below it, enterprises."""


def level_for(zoom: int) -> int:
    """The grid that a tile of `zoom` shows: 32 or 64 cells across it."""
    return next(level for level in CELL_LEVELS if level >= zoom + 5)


def cell_of(key: int, level: int) -> int:
    """The cell of a grid in which a place lies."""
    return key >> 2 * (BITS - level)
