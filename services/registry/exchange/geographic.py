"""An export as GeoJSON (RFC 7946) and as a GeoPackage (OGC 12-128r18), written with what Python brings along."""

import sqlite3
import struct
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from services.registry.exchange.columns import DOCUMENTATION, ID, MAIN, PARTS, Column, Shape
from services.registry.exchange.values import as_value, parts_as_json, row_writer
from shared.kernel import clock

_POINT = ("lon", "lat")
_MANY = 2_000
_TYPES = {"whole": "INTEGER", "real": "REAL", "money": "REAL", "flag": "BOOLEAN", "day": "DATE"}
_APPLICATION_ID, _VERSION = 0x47504B47, 10_300
_WGS84 = 4326
# GeoPackage header (no envelope, little endian), then a point as WKB.
_GEOMETRY = struct.Struct("<2sBBiBIdd")
_DEFINITION = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


def write_geojson(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """A feature for each enterprise, on a line of its own; one without a point for this reader has no geometry."""
    told = [(column.name, column.key, as_value(column)) for column in _besides_point(shape)]
    parts = [(name, parts_as_json(columns)) for name, columns in shape.parts.items()]
    with path.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","name":"' + MAIN.encode() + b'","features":[')
        before = b"\n"
        for record in records:
            row = record[MAIN][0]
            properties = {name: None if (value := row[key]) is None else put(value) for name, key, put in told}
            properties |= {name: put(record[name]) for name, put in parts}
            feature = {
                "type": "Feature",
                "id": str(row["id"]),
                "geometry": _geometry(row),
                "properties": properties,
            }
            out.write(before + orjson.dumps(feature))
            before = b",\n"
        out.write(b"\n]}\n")


def _geometry(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["lon"] is None:
        return None
    return {"type": "Point", "coordinates": [row["lon"], row["lat"]]}


def _besides_point(shape: Shape) -> tuple[Column, ...]:
    return tuple(column for column in shape.main if column.key not in _POINT)


def write_geopackage(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """A layer of points, and a table for each part whose rows name their record."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {_VERSION}")
        database.execute("PRAGMA journal_mode = OFF")  # an unfinished file is thrown away, never repaired
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        _prepare(database, shape)
        _fill(database, shape, records)
        database.execute("COMMIT")


def _prepare(database: sqlite3.Connection, shape: Shape) -> None:
    for statement in _SCHEMA.split(";"):
        database.execute(statement)
    database.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
            (
                "WGS 84 geodetic",
                _WGS84,
                "EPSG",
                _WGS84,
                _DEFINITION,
                "longitude/latitude coordinates in decimal degrees",
            ),
        ],
    )
    columns = [f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}' for column in _besides_point(shape)]
    _table(database, MAIN, ["geom POINT", *columns])
    database.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', ?, 0, 0)",
        (MAIN, _WGS84),
    )
    for name, columns_ in shape.parts.items():
        _table(database, name, [f'"{ID}" TEXT', *(f'"{c.name}" {_TYPES.get(c.kind, "TEXT")}' for c in columns_)])
    _table(
        database, DOCUMENTATION, ["hoja TEXT", "columna TEXT", "significado TEXT", "meaning TEXT", "respuestas TEXT"]
    )
    said = {part.name: part.says for part in PARTS}
    lines: list[Any] = [(name, None, *said[name], None) for name in shape.parts]
    for table, told in ((MAIN, _besides_point(shape)), *shape.parts.items()):
        lines += [(table, c.name, *c.says, c.words.listed if c.words else None) for c in told]
    database.executemany(f"INSERT INTO {DOCUMENTATION} VALUES (NULL, ?, ?, ?, ?, ?)", lines)  # noqa: S608 - a fixed name


def _table(database: sqlite3.Connection, name: str, columns: list[str]) -> None:
    database.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {", ".join(columns)})')
    kind, srs = ("features", _WGS84) if name == MAIN else ("attributes", None)
    moment = clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id) VALUES (?, ?, ?, ?, ?)",
        (name, kind, name, moment, srs),
    )


def _fill(database: sqlite3.Connection, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    told = _besides_point(shape)
    main = row_writer(told, as_value)
    parts = [(name, row_writer(columns, as_value), len(columns)) for name, columns in shape.parts.items()]
    extent = [180.0, 90.0, -180.0, -90.0]
    left = iter(records)
    while some := list(islice(left, _MANY)):
        _insert(database, MAIN, len(told) + 1, [[_blob(r[MAIN][0], extent), *main(r[MAIN][0])] for r in some])
        for name, rows, width in parts:
            lines = [[str(r[MAIN][0]["id"]), *rows(item)] for r in some for item in r[name]]
            _insert(database, name, width + 1, lines)
    if extent[0] <= extent[2]:
        database.execute(
            "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?", (*extent, MAIN)
        )


def _insert(database: sqlite3.Connection, name: str, width: int, rows: list[list[Any]]) -> None:
    marks = ", ".join("?" * width)
    database.executemany(f'INSERT INTO "{name}" VALUES (NULL, {marks})', rows)  # noqa: S608 - our own table names


def _blob(row: Mapping[str, Any], extent: list[float]) -> bytes | None:
    lon, lat = row["lon"], row["lat"]
    if lon is None:
        return None
    extent[:] = min(extent[0], lon), min(extent[1], lat), max(extent[2], lon), max(extent[3], lat)
    return _GEOMETRY.pack(b"GP", 0, 1, _WGS84, 1, 1, lon, lat)
