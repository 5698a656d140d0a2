"""How far apart places are."""

from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

Distances = NDArray[np.float64]

_POINTS_FOR_A_MIDDLE = 3
_DECIMALS = 2
"""Of a degree: about a kilometre."""


def distances_km(points: Sequence[tuple[float, float]]) -> Distances:
    """Great-circle distances between all (lon, lat) points, in km: a square matrix (haversine formula)."""
    degrees = np.array(points, dtype=np.float64).reshape(-1, 2)
    lon, lat = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    half_lat = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
    half_lon = np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    chord = half_lat + np.cos(lat[:, None]) * np.cos(lat[None, :]) * half_lon
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def diameter_km(distances: Distances, members: Sequence[int]) -> float:
    """The largest distance between two of `members`, in km."""
    return float(distances[np.ix_(members, members)].max()) if len(members) > 1 else 0.0


def middle_of(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The point in the middle of `points`: the median longitude and the median latitude."""
    return median(lon for lon, _ in points), median(lat for _, lat in points)


def told_middle_of(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The middle of `points` within a kilometre, which is nobody's home; None of fewer than three."""
    if not has_middle(points):
        return None
    lon, lat = middle_of(points)
    return round(lon, _DECIMALS), round(lat, _DECIMALS)


def has_middle(points: Sequence[tuple[float, float]]) -> bool:
    """Whether there are enough `points` for their middle to be none of them in particular."""
    return len(points) >= _POINTS_FOR_A_MIDDLE
