"""Features as files: GeoPackage, GeoJSON, FlatGeobuf, CSV and XLSX, each with exactly the same rows."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
import shapely
from shapely import Geometry

from shared.spreadsheets import CSV, XLSX, Sheet, as_csv, as_xlsx

WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class Table:
    """Rows with their geometries in degrees; `kinds` says what each column holds, in the order of the columns."""

    name: str
    geometry: str
    kinds: Mapping[str, type]
    rows: Sequence[Mapping[str, Any]]
    geometries: Sequence[Geometry]

    @property
    def lines(self) -> list[list[Any]]:
        return [[row[name] for name in self.kinds] for row in self.rows]


def written(table: Table, form: str) -> tuple[bytes, str]:
    """The file in one of `FORMS`, and its media type."""
    write, media_type = _WRITERS[form]
    return write(table), media_type


def _geojson(table: Table) -> bytes:
    shapes: list[str] = [shapely.to_geojson(shape) for shape in table.geometries]
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": orjson.Fragment(shape),
            "properties": {name: row[name] for name in table.kinds},
        }
        for row, shape in zip(table.rows, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "name": table.name, "features": features}, default=str)


def _by_gdal(driver: str) -> Callable[[Table], bytes]:
    def write(table: Table) -> bytes:
        import pyogrio.raw

        out = io.BytesIO()
        columns = [_column(table, name, kind) for name, kind in table.kinds.items()]
        pyogrio.raw.write(
            out,
            geometry=shapely.to_wkb(np.array(table.geometries, dtype=object)),
            field_data=[values for values, _ in columns],
            fields=list(table.kinds),
            field_mask=[empty for _, empty in columns],
            geometry_type=table.geometry,
            crs=WGS84,
            driver=driver,
            layer=table.name,
            promote_to_multi=table.geometry.startswith("Multi"),
        )
        return out.getvalue()

    return write


def _column(table: Table, name: str, kind: type) -> tuple[Any, Any]:
    """The values of a column as GDAL takes them, and which of them are missing."""
    values = [row[name] for row in table.rows]
    empty = np.array([value is None for value in values], dtype=bool)
    if kind is date:
        days = [None if value is None else np.datetime64(value) for value in values]
        return np.array(days, dtype="datetime64[D]"), empty
    if kind in {int, float, bool}:
        plain = {int: np.int64, float: np.float64, bool: np.bool_}[kind]
        return np.array([0 if value is None else value for value in values], dtype=plain), empty
    return np.array([None if value is None else str(value) for value in values], dtype=object), empty


def _csv(table: Table) -> bytes:
    heads, lines = _flat(table)
    return as_csv(heads, lines)


def _xlsx(table: Table) -> bytes:
    return as_xlsx(Sheet(table.name, *_flat(table)))


def _flat(table: Table) -> tuple[list[str], list[list[Any]]]:
    """Without geometry: longitude and latitude of a place on each thing."""
    heads = [*table.kinds, "lon", "lat"]
    if not table.rows:
        return heads, []
    places = shapely.point_on_surface(np.array(table.geometries, dtype=object))
    lons, lats = np.round(shapely.get_x(places), 6).tolist(), np.round(shapely.get_y(places), 6).tolist()
    lines = zip(table.lines, lons, lats, strict=True)
    return heads, [[*map(_plain, line), lon, lat] for line, lon, lat in lines]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | date | None) else str(value)


_WRITERS: Mapping[str, tuple[Callable[[Table], bytes], str]] = {
    "geojson": (_geojson, "application/geo+json"),
    "gpkg": (_by_gdal("GPKG"), "application/geopackage+sqlite3"),
    "fgb": (_by_gdal("FlatGeobuf"), "application/flatgeobuf"),
    "csv": (_csv, CSV),
    "xlsx": (_xlsx, XLSX),
}
FORMS = tuple(_WRITERS)
MEDIA_TYPES = tuple(kind.partition(";")[0] for _, kind in _WRITERS.values())
