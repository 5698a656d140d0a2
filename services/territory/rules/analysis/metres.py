"""Degrees made metres: great-circle distances, and a plane in which areas are true."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.locating import EARTH_KM

EARTH_M = EARTH_KM * 1000
Floats = NDArray[np.float64]


def on_sphere(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """The points (WGS 84 degrees) as `(n, 3)` metres from the centre of a sphere with the earth's mean radius. Straight
    lines between them (`chord_m`) keep the order of great circles, so that a k-d tree finds true neighbours.
    Coordinates that are not finite or not on earth are refused (ValueError).
    """
    x, y = _checked(lon, lat)
    return np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y))) * EARTH_M


def arc_m(chord: ArrayLike) -> Floats:
    """The great-circle distance that belongs to a straight line through the earth, both in metres."""
    return np.asarray(2 * EARTH_M * np.arcsin(np.clip(np.asarray(chord, float) / (2 * EARTH_M), 0, 1)))


def chord_m(arc: ArrayLike) -> Floats:
    """The straight line through the earth that belongs to a great-circle distance, both in metres; half the earth's
    circumference and more is its diameter.
    """
    return np.asarray(2 * EARTH_M * np.sin(np.minimum(np.asarray(arc, float) / (2 * EARTH_M), np.pi / 2)))


@dataclass(frozen=True, slots=True)
class Plane:
    """Lambert's azimuthal equal-area projection of the sphere around one point: x to the east, y to the north, metres.

    Areas are true; at `d` km from the middle lengths are off by less than `d**2 / (8 * 6371**2)`: 0.1 % at 570 km,
    farther than any place of the three countries lies from the middle of its country (Snyder, Map Projections, 1987,
    p. 182-190; a sphere in place of the ellipsoid costs up to another 0.5 %, as in every distance of this service).
    """

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike) -> "Plane":
        """The plane that touches the earth in the middle of the points' bounding box; of no points, at 0° 0°."""
        x, y = np.asarray(lon, float), np.asarray(lat, float)
        if not x.size:
            return cls(0.0, 0.0)
        _checked(x, y)
        return cls(float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)

    def metres(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """The points as `(n, 2)` metres; refuses what `on_sphere` refuses."""
        x, y = _checked(lon, lat)
        east, middle = x - np.radians(self.lon), np.radians(self.lat)
        cosine = np.sin(middle) * np.sin(y) + np.cos(middle) * np.cos(y) * np.cos(east)
        scale = EARTH_M * np.sqrt(2 / (1 + cosine))
        up = np.cos(middle) * np.sin(y) - np.sin(middle) * np.cos(y) * np.cos(east)
        return np.column_stack((scale * np.cos(y) * np.sin(east), scale * up))

    def degrees(self, metres: Floats) -> Floats:
        """`(n, 2)` metres of this plane as `(n, 2)` longitudes and latitudes."""
        x, y = metres[:, 0], metres[:, 1]
        far = np.hypot(x, y)
        angle = 2 * np.arcsin(np.clip(far / (2 * EARTH_M), 0, 1))
        middle, safe = np.radians(self.lat), np.where(far > 0, far, 1)
        lat = np.arcsin(np.cos(angle) * np.sin(middle) + y * np.sin(angle) * np.cos(middle) / safe)
        east = np.arctan2(x * np.sin(angle), safe * np.cos(middle) * np.cos(angle) - y * np.sin(middle) * np.sin(angle))
        lon = self.lon + np.degrees(np.where(far > 0, east, 0.0))
        return np.column_stack((lon, np.degrees(np.where(far > 0, lat, middle))))


def _checked(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError("longitudes and latitudes are two rows of the same length")
    if not (np.all(np.abs(x) <= 180) and np.all(np.abs(y) <= 90)):
        raise ValueError("coordinates are finite degrees on earth")
    return np.radians(x), np.radians(y)
