"""Where the columns of an export stand in a file that came back, whatever kind of file it is."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from services.registry.exchange import kobo
from services.registry.exchange.columns import DOCUMENTATION, ENTERPRISE, ID, MAIN, PARTS, WOMAN
from services.registry.intake.delimited import read_table
from services.registry.intake.documents import coordinates_of, parsed
from services.registry.intake.geopackage import LATITUDE, LONGITUDE, is_database, read_geopackage
from shared.archives import UNREADABLE, is_archive
from shared.kernel import Invalid
from shared.workbooks import (
    DEFAULT,
    Cell,
    Limits,
    Sheet,
    check_size,
    read_sheets,
)

_LONGEST_JSON = 2_000_000
_BEGINNING = 1 << 20
_PARTS = {part.name: {column.name for column in part.columns} for part in PARTS}
_OWN = {column.name for column in (*ENTERPRISE, *WOMAN)} | set(_PARTS)


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of one table; `names` are our columns by position, `headers` how the file calls them."""

    sheet: str
    names: list[str]
    headers: list[str]
    rows: Sheet
    first: int
    guarded: bool = True

    def numbered(self) -> Iterator[tuple[int, dict[str, Cell]]]:
        """The rows that hold anything, by the names of our columns, with the number each has in the file."""
        for number, row in enumerate(self.rows, start=self.first):
            if any(cell not in ("", None) for cell in row):
                cells = {name: cell for name, cell in zip(self.names, row, strict=False) if name}
                yield number, _understood(self, cells, row)

    def header(self, name: str | None) -> str | None:
        if name in self.names:
            return self.headers[self.names.index(name)]
        return next((header for header in self.headers if kobo.HEADERS.get(header) == name), name)

    def position(self, name: str | None) -> int:
        return self.names.index(name) if name in self.names else 0


def tables_of(file: BinaryIO, limits: Limits = DEFAULT) -> tuple[Grid, dict[str, Grid]] | None:
    """The enterprises and the parts that have tables of their own; None for a file that is no export of ours. The rows
    of a table of text are read from `file` as they are asked for.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(_BEGINNING)
    check_size(size, limits)
    opening = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not (is_archive(start) or is_database(start) or opening[:1] in {b"{", b"["}):
        if ID.encode() not in opening.split(b"\n", 1)[0]:
            return None
        table = read_table(file, "CSV", replace(limits, text=_LONGEST_JSON))
        return _of_sheets({"CSV": table}, guarded=True, first=2)
    check_size(size, limits := limits.at_once())
    content = start + file.read()
    if is_archive(content):
        return _of_workbook(content, limits) if _is_ours(content) else None
    if ID.encode() not in content:
        return None
    if is_database(content):
        return _of_sheets(read_geopackage(content, limits), guarded=False, first=1)
    return _of_features(content, limits)


def _is_ours(content: bytes) -> bool:
    """Whether a workbook has the sheet that says what our columns are; nothing else of it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("xl/workbook.xml") as part:
            return DOCUMENTATION.encode() in part.read(_BEGINNING)
    except UNREADABLE:
        return False


def _of_workbook(content: bytes, limits: Limits) -> tuple[Grid, dict[str, Grid]] | None:
    return _of_sheets(read_sheets(content, limits), guarded=True, first=2)


def _of_features(content: bytes, limits: Limits) -> tuple[Grid, dict[str, Grid]] | None:
    document = parsed(content)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        return None
    if len(features) > limits.rows:
        raise Invalid("file.too_many_rows", sheet="features", rows=len(features), maximum=limits.rows)
    records = [_feature(feature) for feature in features]
    headers = list(dict.fromkeys(name for record in records for name in record))
    if len(headers) > limits.columns:
        raise Invalid("file.too_many_columns", sheet="features", columns=len(headers), maximum=limits.columns)
    rows: list[list[Any]] = [[record.get(name, "") for name in headers] for record in records]
    return _of_sheets({"features": [[*headers], *rows]}, guarded=False, first=1)


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    record = dict(properties) if isinstance(properties, dict) else {}
    if isinstance(geometry, dict):
        record[LONGITUDE], record[LATITUDE] = coordinates_of(geometry)
    return record


def _of_sheets(sheets: Mapping[str, Sheet], *, guarded: bool, first: int) -> tuple[Grid, dict[str, Grid]] | None:
    grids = {}
    for sheet, rows in sheets.items():
        if rows and sheet != DOCUMENTATION:
            headers = [str(cell) for cell in rows[0]]
            names = [_name(header, sheet) for header in headers]
            _require_once(sheet, names)
            grids[sheet] = Grid(sheet, names, headers, rows[1:], first, guarded)
    main = next((grid for name, grid in grids.items() if name not in _PARTS and ID in grid.names), None)
    if main is None:
        return None
    return main, {name: grid for name, grid in grids.items() if name in _PARTS}


def _name(header: str, sheet: str) -> str:
    """Which of our columns a header is; "" is none of them."""
    bare = header.removeprefix(kobo.OURS)
    known = _PARTS.get(sheet, _OWN) | {ID}
    if bare in known:
        return bare
    if sheet in _PARTS:
        return next((name for name, there in kobo.PRODUCT_HEADERS.items() if there == header), "")
    if header in {LONGITUDE, LATITUDE}:
        return "lon" if header == LONGITUDE else "lat"
    return ""


def _require_once(sheet: str, names: list[str]) -> None:
    doubled = next((name for name in names if name and names.count(name) > 1), None)
    if doubled:
        raise Invalid("file.columns_doubled", sheet=sheet, column=doubled)


def _understood(grid: Grid, cells: dict[str, Cell], row: list[Cell]) -> dict[str, Cell]:
    """With the answers that stand where KoboToolbox has them, where no column of ours says otherwise."""
    if grid.sheet == MAIN:
        return cells
    for header, cell in zip(grid.headers, row, strict=False):
        name = kobo.HEADERS.get(header)
        if name and cells.get(name, "") == "" and cell != "":
            cells[name] = kobo.read_back(name, cell)
    return cells
