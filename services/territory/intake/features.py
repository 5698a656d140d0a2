"""Reads a reference layer that somebody sent: points, lines or areas with plain properties. Runs in the sandbox."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from services.territory.intake.columns import free_names, plain
from services.territory.intake.container import Source, unpack
from services.territory.intake.reading import allow_only, bare_pyogrio, to_degrees
from services.territory.rules.approximate import multi_polygon
from shared.kernel import Invalid

SECONDS, MEMORY_MB = 120, 2500
MAX_FEATURES = 50_000
MAX_VERTICES = 1_000_000
MAX_COLUMNS = 60
MAX_TEXT = 200
MAX_NUMBER = 1e15
AROUND = 0.3
"""Degrees around a unit inside which what is sent for it lies: the next market may be across the border."""
POINT, LINE, POLYGON = "point", "line", "polygon"
_SHAPES = {1: POINT, 2: LINE, 3: POLYGON, 4: POINT, 5: LINE, 6: POLYGON}
_REPAIRED = (POLYGON,)


def read_features(
    content: bytes,
    wanted: str | None,
    boxes: Sequence[Sequence[float]],
    words: Mapping[str, Sequence[str]],
    lines_only: bool,
) -> dict[str, Any]:
    """The features of the layer asked for, or of the one with most of them. `boxes` are those of the units it is sent
    for; `words` the names of columns that name, tell a speed, or are personal and left out.

    Comes back with `shape`, `report` and `features`: rows of name, WKB in degrees, properties, and the box around it.
    """
    with _told_of_layers(), tempfile.TemporaryDirectory() as folder:
        pyogrio = bare_pyogrio()
        source = unpack(content, Path(folder))
        allow_only(pyogrio, source.driver)
        try:
            return _read(pyogrio, source, wanted, boxes, words, lines_only=lines_only)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, KeyError):
            raise Invalid("file.cannot_be_read", reason="damaged") from None


@contextmanager
def _told_of_layers() -> Iterator[None]:
    """What the shared readers refuse of boundaries is told in the words of layers."""
    try:
        yield
    except Invalid as refused:
        subject, _, what = refused.code.partition(".")
        if subject != "boundaries":
            raise
        raise Invalid(f"layers.{what}", pointer=refused.pointer, **refused.facts) from None


def _read(
    pyogrio: Any,
    source: Source,
    wanted: str | None,
    boxes: Sequence[Sequence[float]],
    words: Mapping[str, Sequence[str]],
    *,
    lines_only: bool,
) -> dict[str, Any]:
    layers = [str(name) for name, kind in pyogrio.list_layers(source.path).tolist() if kind is not None][:50]
    if not layers:
        raise Invalid("layers.empty", pointer="/file")
    if wanted is not None and wanted not in layers:
        raise Invalid("layers.no_such_layer", pointer="/layer", layer=wanted[:60], layers=", ".join(layers)[:400])
    counts = {name: _count(pyogrio, source, name) for name in ([wanted] if wanted else layers)}
    chosen = max(counts, key=lambda name: counts[name])
    if counts[chosen] > MAX_FEATURES:
        raise Invalid("layers.too_many_features", pointer="/file", maximum=MAX_FEATURES)
    meta, _, wkb, values = pyogrio.raw.read(source.path, layer=chosen, force_2d=True, datetime_as_string=True)
    if len(meta["fields"]) > MAX_COLUMNS:
        raise Invalid("layers.too_many_columns", pointer="/file", maximum=MAX_COLUMNS)
    columns = _Columns(dict(zip(map(str, meta["fields"]), values, strict=True)), words)
    shapes, kept, left_out = _shapes(wkb, meta["crs"])
    shape = _one_shape(shapes, lines_only=lines_only)
    shapes, mended = _mended(shapes, shape)
    bounds = shapely.bounds(shapes)
    inside = _inside(bounds, boxes)
    if not inside.any():
        raise Invalid("layers.elsewhere", pointer="/file")
    features = [
        [columns.name_of(row), shapely.to_wkb(one), columns.of(row), *box]
        for one, row, box in zip(shapes, kept, bounds.tolist(), strict=True)
        if box[0] == box[0] and shapely.get_num_coordinates(one)  # a shape that was mended away has no box
    ]
    if not features:
        raise Invalid("layers.empty", pointer="/file")
    return {
        "shape": shape,
        "features": features,
        "report": {
            "layers": layers, "layer": chosen, "vertices": int(shapely.get_num_coordinates(shapes).sum()),
            "without_shape": left_out, "mended": mended, "outside": int((~inside).sum()), **columns.report(),
        },
    }  # fmt: skip


def _count(pyogrio: Any, source: Source, name: str) -> int:
    return int(pyogrio.read_info(source.path, layer=name, force_feature_count=True)["features"])


def _shapes(wkb: Sequence[bytes | None], crs: str | None) -> tuple[NDArray[np.object_], list[int], int]:
    """The shapes in degrees, in which rows they stand, and how many rows have none."""
    if sum(len(one) for one in wkb if one) > MAX_VERTICES * 16 * 2:
        raise Invalid("layers.too_many_vertices", pointer="/file", maximum=MAX_VERTICES)
    found, rows = [], []
    for row, one in enumerate(wkb):
        shape = _shape(one) if one else None
        if shape is not None and not shapely.is_empty(shape):
            found.append(shape)
            rows.append(row)
    if not found:
        raise Invalid("layers.empty", pointer="/file")
    if sum(int(shapely.get_num_coordinates(one)) for one in found) > MAX_VERTICES:
        raise Invalid("layers.too_many_vertices", pointer="/file", maximum=MAX_VERTICES)
    return to_degrees(found, crs), rows, len(wkb) - len(rows)


def _shape(wkb: bytes) -> Geometry:
    """A point, line or area; anything else is refused before it is parsed: a collection may nest without end."""
    if len(wkb) < 5 or int.from_bytes(wkb[1:5], "little" if wkb[0] else "big") not in _SHAPES:
        raise Invalid("layers.not_plain_shapes", pointer="/file")
    try:
        return shapely.from_wkb(wkb)
    except shapely.errors.GEOSException:
        raise Invalid("layers.not_finite", pointer="/file") from None


_BY_TYPE = {0: POINT, 1: LINE, 2: LINE, 3: POLYGON, 4: POINT, 5: LINE, 6: POLYGON}


def _one_shape(shapes: NDArray[np.object_], *, lines_only: bool) -> str:
    """Whether the layer is of points, lines or areas; refuses a mixture, and roads that are no lines."""
    counts = Counter(_BY_TYPE[kind] for kind in shapely.get_type_id(shapes).tolist())
    if len(counts) > 1:
        raise Invalid("layers.mixed", pointer="/file", **{kind: counts[kind] for kind in (POINT, LINE, POLYGON)})
    (shape,) = counts
    if lines_only and shape != LINE:
        raise Invalid("layers.roads_are_lines", pointer="/file")
    return shape


def _mended(shapes: NDArray[np.object_], shape: str) -> tuple[NDArray[np.object_], int]:
    """The shapes with rings that cross themselves put right, and how many were."""
    if shape not in _REPAIRED:
        return shapes, 0
    wrong = ~shapely.is_valid(shapes)
    repaired = [
        multi_polygon(shapely.make_valid(one, method="structure", keep_collapsed=False)) for one in shapes[wrong]
    ]
    if repaired:
        shapes = shapes.copy()
        shapes[wrong] = repaired
    return shapes, len(repaired)


def _inside(bounds: NDArray[np.float64], boxes: Sequence[Sequence[float]]) -> NDArray[np.bool_]:
    """Which features meet one of the boxes, or lie just beside it."""
    found = np.zeros(len(bounds), dtype=bool)
    west, south, east, north = bounds.T
    for box in boxes:
        found |= (
            (west <= box[2] + AROUND) & (east >= box[0] - AROUND) & (south <= box[3] + AROUND)
            & (north >= box[1] - AROUND)
        )  # fmt: skip
    return found


class _Columns:
    """The properties of features: plain values of the columns that may be kept."""

    def __init__(self, values: Mapping[str, Sequence[Any]], words: Mapping[str, Sequence[str]]) -> None:
        self._personal = sorted(name for name in values if _is_personal(name, words["personal"]) or not _is_name(name))
        self._values = {name: column for name, column in values.items() if name not in self._personal}
        self._name = next((name for word in words["name"] for name in self._values if _word(name) == word), None)
        self._speed = next((name for word in words["speed"] for name in self._values if _word(name) == word), None)
        self._cut = 0

    def name_of(self, row: int) -> str | None:
        value = self._plain(self._values[self._name][row]) if self._name else None
        return None if value is None else str(value)[:MAX_TEXT]

    def of(self, row: int) -> dict[str, Any]:
        told = {name: self._plain(column[row]) for name, column in self._values.items()}
        return {name: value for name, value in told.items() if value is not None}

    def report(self) -> dict[str, Any]:
        told = {"columns": list(self._values), "left_out": self._personal, "cut": self._cut}
        return told | {"name": self._name, "speed": self._speed}

    def _plain(self, value: Any) -> str | int | float | bool | None:
        """A scalar as JSON tells it: no bytes, no lists, no number that is none; long texts are cut."""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return value if abs(value) <= MAX_NUMBER else None
        if isinstance(value, date | datetime):
            return value.isoformat()
        if not isinstance(value, str):
            return None
        text = "".join(letter for letter in value if letter.isprintable()).strip()
        self._cut += len(text) > MAX_TEXT
        return text[:MAX_TEXT] or None


def _word(name: str) -> str:
    return plain(re.sub(r"[_.:\-]+", " ", name))


def _is_personal(name: str, words: Sequence[str]) -> bool:
    """Whether a word of the name begins as one of these: `tel_contacto`, `nombreDuena`, `propietarios`."""
    told = f" {_word(re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', name))}"
    return any(f" {word}" in told for word in words)


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 60 and name.isprintable()


def as_geopackage(title: str, features: Sequence[Sequence[Any]], columns: Sequence[str]) -> bytes:
    """The features (name, WKB, properties) as a GeoPackage with one layer."""
    pyogrio = bare_pyogrio()
    wkb = np.asarray([feature[1] for feature in features], dtype=object)
    kinds = {shapely.from_wkb(one).geom_type for one in wkb}
    multi = {kind if kind.startswith("Multi") else f"Multi{kind}" for kind in kinds}
    data = [np.asarray([_text(feature[2].get(name)) for feature in features], dtype=object) for name in columns]
    fields = free_names(columns, {"fid", "geom"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        pyogrio.raw.write(
            path, wkb, data, fields, layer=re.sub(r"\W+", "_", title)[:60] or "layer", driver="GPKG",
            geometry_type=multi.pop(), crs="EPSG:4326", promote_to_multi=True,
        )  # fmt: skip
        return path.read_bytes()


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
