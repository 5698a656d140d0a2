"""Mapbox Vector Tiles 2.1, written as bytes.

https://github.com/mapbox/vector-tile-spec/tree/master/2.1 (CC BY 3.0). A tile is layers of features on a grid of
`EXTENT` units, the origin in the north-west, y downwards; whole numbers are protocol buffers' varints.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, Polygon

from services.territory.rules.approximate import multi_polygon

EXTENT = 4096
POINT, LINE, POLYGON = 1, 2, 3
_MOVE_TO_ONE, CLOSE = 9, 15
_ID = b"\x22\x26\x0a\x24"
"""What stands before an id among the values: a value of 38 bytes, in it a text of 36."""
_GROUPS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
"""The digits of an id between its dashes."""
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


@dataclass
class Layer:
    """One layer of a tile; keys and values stand once each, features refer to them by number."""

    name: str
    _keys: dict[str, int] = field(default_factory=dict)
    _numbers: dict[tuple[type, Value], int] = field(default_factory=dict)
    _values: list[bytes] = field(default_factory=list)
    _count: int = 0
    _features: list[bytes] = field(default_factory=list)

    def tags(self, properties: Mapping[str, Value | None]) -> bytes:
        """The tags of a feature with these properties; one that is None is left out."""
        return b"".join(
            varint(self._key(name)) + varint(self.number_of(value))
            for name, value in properties.items()
            if value is not None
        )

    def number_of(self, value: Value) -> int:
        """The number under which the layer keeps a value."""
        number = self._numbers.setdefault((type(value), value), self._count)
        if number == self._count:
            self._values.append(b"\x22" + _sized(_value(value)))
            self._count += 1
        return number

    def numbers_of(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of many whole numbers, most of which come more than once."""
        distinct, which = np.unique(values, return_inverse=True)
        return np.array([self.number_of(value) for value in distinct.tolist()], dtype=np.int64)[which]

    def numbers_of_ids(self, ids: bytes) -> NDArray[np.int64]:
        """The numbers of ids that all differ, each given as its 32 hexadecimal digits."""
        digits = np.frombuffer(ids, dtype=np.uint8).reshape(-1, 32)
        rows = np.empty((len(digits), len(_ID) + 36), dtype=np.uint8)
        rows[:, : len(_ID)] = np.frombuffer(_ID, dtype=np.uint8)
        rows[:, len(_ID) :] = ord("-")
        for first, last in _GROUPS:
            begin = len(_ID) + first + sum(end <= first for _, end in _GROUPS)
            rows[:, begin : begin + last - first] = digits[:, first:last]
        self._values.append(rows.tobytes())
        first_number, self._count = self._count, self._count + len(rows)
        return np.arange(first_number, self._count)

    def add_points(
        self, x: NDArray[np.int64], y: NDArray[np.int64], properties: Mapping[str, NDArray[np.int64]]
    ) -> None:
        """A feature for each place on the grid; of each property the number of its value at each place."""
        geometry = [_same(_MOVE_TO_ONE, len(x)), _columns(x << 1), _columns(y << 1)]
        tags = [part for name, told in properties.items() for part in (_same(self._key(name), len(x)), _columns(told))]
        inner = [*_sized_columns(0x12, tags, len(x)), _same(0x18, len(x)), _same(POINT, len(x))]
        inner += _sized_columns(0x22, geometry, len(x))
        self._features.append(_written(_sized_columns(0x12, inner, len(x))))

    def add(self, geometry: bytes, tags: bytes, *, kind: int = POLYGON) -> None:
        """A feature with a geometry that is encoded already."""
        body = b"\x12" + varint(len(tags)) + tags + b"\x18" + varint(kind) + b"\x22" + varint(len(geometry)) + geometry
        self._features.append(b"\x12" + varint(len(body)) + body)

    def _key(self, name: str) -> int:
        return self._keys.setdefault(name, len(self._keys))

    def encoded(self) -> bytes:
        """The layer as it stands in a tile; nothing for one without features."""
        if not self._features:
            return b""
        keys = (b"\x1a" + _text(name) for name in self._keys)
        body = b"".join((
            b"\x0a", _text(self.name), *self._features, *keys, *self._values, b"\x28", varint(EXTENT), b"\x78\x02",
        ))  # fmt: skip
        return b"\x1a" + varint(len(body)) + body


def encode(layers: Iterable[Layer]) -> bytes:
    """The tile; an empty one is no bytes at all."""
    return b"".join(layer.encoded() for layer in layers)


def point_commands(x: int, y: int) -> bytes:
    """The geometry of a feature at one place on the grid."""
    return varint(_MOVE_TO_ONE) + varint(zigzag(x)) + varint(zigzag(y))


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
    return _written([_columns(numbers)])


class _Columns(NamedTuple):
    """As many texts of bytes as there are rows; only what is `kept` of a row belongs to it."""

    content: NDArray[np.uint8]
    kept: NDArray[np.bool_]
    lengths: NDArray[np.int64]


def _columns(numbers: NDArray[np.int64]) -> _Columns:
    """A varint in each row, of numbers below 2**63."""
    size = max(1, -(-int(numbers.max(initial=0)).bit_length() // 7))
    content = np.empty((len(numbers), size), dtype=np.uint8)
    kept = np.ones((len(numbers), size), dtype=np.bool_)
    lengths = np.ones(len(numbers), dtype=np.int64)
    for place in range(size):
        content[:, place] = numbers >> 7 * place & 0x7F
        if place:
            longer = numbers >= 1 << 7 * place
            kept[:, place] = longer
            lengths += longer
            content[:, place - 1] |= longer.view(np.uint8) << 7
    return _Columns(content, kept, lengths)


@lru_cache(maxsize=256)
def _one(number: int) -> _Columns:
    return _columns(np.array([number], dtype=np.int64))


def _same(number: int, rows: int) -> _Columns:
    """The same varint in every row."""
    one = _one(number)
    shape = rows, one.content.shape[1]
    return _Columns(np.broadcast_to(one.content, shape), np.broadcast_to(one.kept, shape), one.lengths)


def _sized_columns(tag: int, parts: Sequence[_Columns], rows: int) -> list[_Columns]:
    """The parts as one field of their message, behind its tag and their length in bytes."""
    lengths = np.zeros(rows, dtype=np.int64)
    for part in parts:
        lengths += part.lengths
    return [_same(tag, rows), _columns(lengths), *parts]


def _written(parts: Sequence[_Columns]) -> bytes:
    """The rows one after the other, of each its parts side by side."""
    content = np.concatenate([one.content for one in parts], axis=1)
    kept = np.concatenate([one.kept for one in parts], axis=1)
    written: bytes = content[kept].tobytes()
    return written


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
