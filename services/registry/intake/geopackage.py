"""The layers of points in a GeoPackage somebody uploaded, read without running anything that stands in it."""

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from shared.kernel import Invalid
from shared.workbooks import Cell, Limits, Sheet

LONGITUDE, LATITUDE = "Longitud", "Latitud"

_MAGIC = b"SQLite format 3\x00"
_WGS84 = 4326
_ENVELOPES = (0, 32, 48, 48, 64)
_POINTS = {1, 1001, 2001, 3001}
_STEPS = 400_000_000
_MAY_CALL = frozenset[str]()
_COMPUTED = re.compile(r"\bAS\s*\(", re.IGNORECASE)
_PLAIN_TABLE = re.compile(r"\s*CREATE\s+TABLE\b", re.IGNORECASE)


def is_database(content: bytes) -> bool:
    return content.startswith(_MAGIC)


def read_geopackage(content: bytes, limits: Limits) -> dict[str, Sheet]:
    """Its layers and tables of attributes by name, each with the headers first; the point of a layer stands in two
    columns at the end.

    The database is read from memory, only in its ordinary tables: neither views nor virtual tables nor tables with
    computed columns are looked into, triggers cannot fire where nothing is written, no extension can be loaded. Refuses
    what is no GeoPackage, a layer in another projection, and what is beyond the limits.
    """
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            _open(database, content, limits)
            return dict(_layers(database, limits))
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        if "too big" in str(error):
            raise Invalid("file.text_too_long", sheet="GeoPackage", maximum=limits.text) from error
        raise Invalid("file.damaged") from error


def _open(database: sqlite3.Connection, content: bytes, limits: Limits) -> None:
    # A file closed in a hurry says that it has a log beside it; there is none in memory.
    database.deserialize(content[:18] + b"\x01\x01" + content[20:])
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(limits.text * 64, 1_000_000))
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}")
    left = iter(range(_STEPS // 1_000_000))
    database.set_progress_handler(lambda: next(left, None) is None, 1_000_000)
    database.set_authorizer(_may)


def _may(action: int, _one: str | None, two: str | None, _database: str | None, _trigger: str | None) -> int:
    """Reading rows, and nothing else."""
    if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and two in _MAY_CALL:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _layers(database: sqlite3.Connection, limits: Limits) -> Iterator[tuple[str, Sheet]]:
    ordinary = {
        name: sql
        for name, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if _PLAIN_TABLE.match(sql or "") and not _COMPUTED.search(sql)
    }
    if not {"gpkg_contents", "gpkg_geometry_columns"} <= ordinary.keys():
        raise Invalid("file.no_geopackage")
    found = database.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns LIMIT 1000").fetchall()
    points = {str(table): (str(column), srs) for table, column, srs in found}
    listed = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes') LIMIT ?"
    tables = [str(name) for (name,) in database.execute(listed, (limits.sheets + 1,))]
    if len(tables) > limits.sheets:
        raise Invalid("file.too_many_sheets", sheets=len(tables), maximum=limits.sheets)
    for table in tables:
        if table not in ordinary:
            continue
        column, srs = points.get(table, (None, _WGS84))
        if srs != _WGS84:
            raise Invalid("file.other_projection", layer=table[:80], srs=str(srs)[:20])
        yield table, _read(database, table, column, limits)


def _read(database: sqlite3.Connection, table: str, geometry: str | None, limits: Limits) -> Sheet:
    quoted = '"' + table.replace('"', '""') + '"'
    cursor = database.execute(f"SELECT * FROM {quoted} LIMIT ?", (limits.rows + 1,))  # noqa: S608 - quoted by its rule
    headers = [str(column[0]) for column in cursor.description]
    if len(headers) > limits.columns:
        raise Invalid("file.too_many_columns", sheet=table, columns=len(headers), maximum=limits.columns)
    at = headers.index(geometry) if geometry in headers else None
    kept = [position for position in range(len(headers)) if position != at]
    rows: list[list[Cell]] = [
        [*(headers[position] for position in kept), *(() if at is None else (LONGITUDE, LATITUDE))]
    ]
    for values in cursor:
        row = [_cell(values[position]) for position in kept]
        rows.append(row if at is None else [*row, *_point(values[at])])
        if len(rows) - 1 > limits.rows:
            raise Invalid("file.too_many_rows", sheet=table, rows=len(rows) - 1, maximum=limits.rows)
        if len(rows) * len(headers) > limits.cells:
            raise Invalid("file.too_many_cells", sheet=table, cells=len(rows) * len(headers), maximum=limits.cells)
    return rows


def _cell(value: Any) -> Cell:
    return "" if value is None or isinstance(value, bytes) else value


def _point(blob: Any) -> tuple[Cell, Cell]:
    """Longitude and latitude of a point; nothing where there is none; of anything else what is no number."""
    if blob is None:
        return "", ""
    try:
        return _coordinates(blob)
    except (struct.error, IndexError, TypeError):
        return "?", "?"


def _coordinates(blob: bytes) -> tuple[Cell, Cell]:
    flags = blob[3]
    if blob[:2] != b"GP" or flags & 0x20:
        return "?", "?"
    if flags & 0x10:
        return "", ""
    start = 8 + _ENVELOPES[flags >> 1 & 7]
    order = "<" if blob[start] == 1 else ">"
    (kind,) = struct.unpack_from(f"{order}I", blob, start + 1)
    if kind & 0x1FFFFFFF not in _POINTS:
        return "?", "?"
    lon, lat = struct.unpack_from(f"{order}dd", blob, start + 5)
    return ("", "") if lon != lon and lat != lat else (lon, lat)  # noqa: PLR0124 - an empty point is not a number
