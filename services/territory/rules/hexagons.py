"""Points counted in a grid of hexagons, in metres, that lies still whoever asks and whatever is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from services.territory.rules.analysis.metres import Plane

CELLS_KM = (1, 2, 5, 10, 20, 50)
"""How far the middles of two neighbouring hexagons can lie from each other."""
ACROSS = 45
"""So many hexagons across a map at most, where nobody chose their size."""
PLANE = Plane(-88.5, 14.5)
"""Touches the earth between the three countries: one grid for all of them."""


@dataclass(frozen=True)
class Cell:
    """A hexagon: its middle and its corners in degrees, and how many points lie in it."""

    middle: tuple[float, float]
    corners: tuple[tuple[float, float], ...]
    count: int


def fitting(width_km: float) -> int:
    """The size of hexagons (km) that suits a map of this width."""
    return next((size for size in CELLS_KM if width_km / size <= ACROSS), CELLS_KM[-1])


def cells(lonlat: Sequence[tuple[float, float]], size_km: float) -> list[Cell]:
    """The hexagons in which points lie, those with most points first. A point on a border belongs to one of them."""
    if not lonlat:
        return []
    side = size_km * 1000 / sqrt(3)
    x, y = PLANE.metres(*np.asarray(lonlat, float).T).T
    across, up = _rounded((sqrt(3) / 3 * x - y / 3) / side, 2 / 3 * y / side)
    found, counts = np.unique(np.column_stack((across, up)), axis=0, return_counts=True)
    order = np.lexsort((found[:, 0], found[:, 1], -counts))
    return [_cell(int(found[place, 0]), int(found[place, 1]), int(counts[place]), side) for place in order.tolist()]


def _rounded(q: NDArray[np.float64], r: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The axial coordinates of the nearest middle: round all three cube coordinates, then mend the one that is most off
    (Red Blob Games, Hexagonal Grids, 2013).
    """
    s = -q - r
    rounded = np.rint(np.stack((q, r, s)))
    off = np.abs(rounded - np.stack((q, r, s)))
    worst = np.argmax(off, axis=0)
    across = np.where(worst == 0, -rounded[1] - rounded[2], rounded[0])
    up = np.where(worst == 1, -rounded[0] - rounded[2], rounded[1])
    return across.astype(np.int64), up.astype(np.int64)


def _cell(q: int, r: int, count: int, side: float) -> Cell:
    x, y = side * sqrt(3) * (q + r / 2), side * 1.5 * r
    turns = [pi / 180 * (60 * corner - 30) for corner in range(6)]
    flat = np.array([(x, y), *((x + side * cos(turn), y + side * sin(turn)) for turn in turns)])
    middle, *corners = (tuple(map(float, place)) for place in PLANE.degrees(flat))
    return Cell((middle[0], middle[1]), tuple((lon, lat) for lon, lat in corners), count)
