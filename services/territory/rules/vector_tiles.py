"""Mapbox Vector Tiles 2.1, written as bytes.

https://github.com/mapbox/vector-tile-spec/tree/master/2.1 (CC BY 3.0). A tile is layers of features on a grid of
`EXTENT` units, the origin in the north-west, y downwards; whole numbers are protocol buffers' varints.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, Polygon

from services.territory.rules.approximate import multi_polygon

EXTENT = 4096
POINT, LINE, POLYGON = 1, 2, 3
MOVE_TO_ONE = b"\x09"
CLOSE = 15
Value = str | int | float | bool
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


def varint(value: int) -> bytes:
    """An unsigned whole number in groups of seven bits, the lowest first."""
    if value < 0x80:
        return _small()[value]
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    """A signed number as an unsigned one: 0, -1, 1, -2 … are 0, 1, 2, 3 …"""
    return value << 1 if value >= 0 else (-value << 1) - 1


@cache
def _small() -> list[bytes]:
    return [bytes([value]) for value in range(0x80)]


@cache
def _steps() -> list[bytes]:
    """The varints of the zigzag of every place on the grid."""
    return [varint(zigzag(value)) for value in range(EXTENT)]


@dataclass
class Layer:
    """One layer of a tile; keys and values stand once each, features refer to them by number."""

    name: str
    _keys: dict[str, int] = field(default_factory=dict)
    _values: dict[tuple[type, Value], int] = field(default_factory=dict)
    _features: list[bytes] = field(default_factory=list)

    def tags(self, properties: Mapping[str, Value | None]) -> bytes:
        """The tags of a feature with these properties; one that is None is left out."""
        found = []
        for name, value in properties.items():
            if value is not None:
                key = self._keys.setdefault(name, len(self._keys))
                number = self._values.setdefault((type(value), value), len(self._values))
                found.append(varint(key) + varint(number))
        return b"".join(found)

    def tag(self, name: str, value: str) -> bytes:
        """The tags of one text."""
        key = self._keys.setdefault(name, len(self._keys))
        return varint(key) + varint(self._values.setdefault((str, value), len(self._values)))

    def add_points(self, places: Iterable[tuple[int, int]], tags: Iterable[bytes]) -> None:
        """A feature for each place on the grid, with its tags."""
        steps, add = _steps(), self._features.append
        for (x, y), told in zip(places, tags, strict=True):
            geometry = MOVE_TO_ONE + steps[x] + steps[y]
            body = b"\x12" + varint(len(told)) + told + b"\x18\x01\x22" + varint(len(geometry)) + geometry
            add(b"\x12" + varint(len(body)) + body)

    def add(self, geometry: bytes, tags: bytes, *, kind: int = POLYGON) -> None:
        """A feature with a geometry that is encoded already."""
        body = b"\x12" + varint(len(tags)) + tags + b"\x18" + varint(kind) + b"\x22" + varint(len(geometry)) + geometry
        self._features.append(b"\x12" + varint(len(body)) + body)

    def encoded(self) -> bytes:
        """The layer as it stands in a tile; nothing for one without features."""
        if not self._features:
            return b""
        keys = (b"\x1a" + _text(name) for name in self._keys)
        values = (b"\x22" + _sized(_value(value)) for _, value in self._values)
        body = b"".join((
            b"\x0a", _text(self.name), *self._features, *keys, *values, b"\x28", varint(EXTENT), b"\x78\x02",
        ))  # fmt: skip
        return b"\x1a" + varint(len(body)) + body


def encode(layers: Iterable[Layer]) -> bytes:
    """The tile; an empty one is no bytes at all."""
    return b"".join(layer.encoded() for layer in layers)


def polygon_commands(shape: Geometry) -> bytes:
    """The geometry of a feature from polygons on the grid: each exterior ring, then its holes, wound as the
    specification wants them, without what collapses on the grid; nothing where nothing is left.
    """
    numbers: list[NDArray[np.int64]] = []
    at = np.zeros(2, dtype=np.int64)
    for part in multi_polygon(shapely.set_precision(shape, 1.0)).geoms:
        for place, ring in enumerate(_rings(part)):
            if ring is None:
                if place == 0:
                    break
                continue
            steps = np.diff(np.vstack([at, ring]), axis=0)
            zigzagged = (steps << 1) ^ (steps >> 63)
            length = len(ring) - 1
            numbers.append(np.concatenate([[9], zigzagged[0], [length << 3 | 2], zigzagged[1:].ravel(), [CLOSE]]))
            at = ring[-1]
    return _varints(np.concatenate(numbers)) if numbers else b""


def line_commands(shape: Geometry) -> bytes:
    """The geometry of a feature from lines on the grid, each with as many corners as the grid tells apart; nothing
    where nothing is left.
    """
    numbers: list[NDArray[np.int64]] = []
    at = np.zeros(2, dtype=np.int64)
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) != shapely.GeometryType.LINESTRING:
            continue
        line = np.rint(shapely.get_coordinates(part)).astype(np.int64)
        line = line[np.r_[True, np.any(line[1:] != line[:-1], axis=1)]]
        if len(line) < 2:
            continue
        steps = np.diff(np.vstack([at, line]), axis=0)
        zigzagged = (steps << 1) ^ (steps >> 63)
        numbers.append(np.concatenate([[9], zigzagged[0], [(len(line) - 1) << 3 | 2], zigzagged[1:].ravel()]))
        at = line[-1]
    return _varints(np.concatenate(numbers)) if numbers else b""


def _rings(part: Polygon) -> Sequence[NDArray[np.int64] | None]:
    """Exterior (clockwise as seen with y downwards, so of positive area) and holes (the other way round)."""
    return [_wound(part.exterior.coords, 1), *(_wound(hole.coords, -1) for hole in part.interiors)]


def _wound(coordinates: object, sign: int) -> NDArray[np.int64] | None:
    ring = np.rint(np.asarray(coordinates)[:-1, :2]).astype(np.int64)
    ring = ring[np.any(ring != np.roll(ring, 1, axis=0), axis=1)]
    if len(ring) < 3:
        return None
    after = np.roll(ring, -1, axis=0)
    area = int((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum())
    if area == 0:
        return None
    turned: NDArray[np.int64] = ring if (area > 0) == (sign > 0) else ring[::-1]
    return turned


def _varints(numbers: NDArray[np.int64]) -> bytes:
    """Many varints at once, of numbers below 2**28."""
    groups = np.stack([numbers >> shift & 0x7F for shift in (0, 7, 14, 21)], axis=1)
    lengths = 1 + (numbers >= 1 << 7).astype(int) + (numbers >= 1 << 14) + (numbers >= 1 << 21)
    places = np.arange(4)
    more = places < lengths[:, None] - 1
    kept = places < lengths[:, None]
    return bytes((groups | more << 7)[kept].astype(np.uint8))


def grid(shapes: Sequence[Geometry], bounds: tuple[float, float, float, float]) -> NDArray[np.object_]:
    """Shapes in degrees on the grid of the tile with these bounds (west, south, east, north)."""
    west, _, east, north = bounds
    top, scale = _mercator(np.array([north]))[0], (east - west) / EXTENT

    def placed(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (lonlat[:, 0] - west) / scale
        y = (top - _mercator(lonlat[:, 1])) / scale
        return np.column_stack([x, y])

    moved: NDArray[np.object_] = shapely.transform(np.array(shapes, dtype=object), placed)
    return moved


def _mercator(latitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitudes on the Mercator map, in degrees of the equator."""
    return np.degrees(np.arcsinh(np.tan(np.radians(latitudes))))


def _sized(body: bytes) -> bytes:
    return varint(len(body)) + body


def _text(text: str) -> bytes:
    return _sized(text.encode())


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + (b"\x01" if value else b"\x00")
    if isinstance(value, str):
        return b"\x0a" + _text(value)
    if isinstance(value, int):
        return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(zigzag(value))
    return b"\x19" + np.float64(value).tobytes()
