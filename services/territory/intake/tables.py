"""A table somebody sent, told by its bytes and read within limits: CSV, XLSX, JSON or Parquet. Runs in the sandbox."""

import csv
import io
import json
import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.territory.intake.container import require_shallow
from services.territory.intake.parquet import MAGIC, read_parquet
from shared.archives import ArchiveLimits, Fault, Unsafe, is_archive, opened
from shared.kernel import Invalid

MAX_UNPACKED = 200_000_000
_LIMITS = ArchiveLimits(entries=500, inflated_bytes=MAX_UNPACKED, any_density=20_000_000, dense_bytes=20_000_000)
MAX_ROWS = 500_000
MAX_COLUMNS = 300
MAX_CELLS = 20_000_000
MAX_TEXT = 2_000
JSON_DEPTH = 4
_GZIP = b"\x1f\x8b"
_OLE = b"\xd0\xcf\x11\xe0"
_DELIMITERS = ",;\t|"
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# One cell at XFD1048576 makes a reader reserve the whole rectangle before it.
_FAR_CELL = re.compile(rb"""\br\s*=\s*["'](?:[A-Z]{3,}\d+|[A-Z]*\d{7,})["']""")


@dataclass(frozen=True)
class Table:
    """Columns by name, each with one value per row: text, number, None. `sheets` are those of a workbook."""

    columns: Mapping[str, Sequence[Any]]
    rows: int
    sheets: tuple[str, ...] = ()
    sheet: str | None = None


def read_table(content: bytes, sheet: str | None = None) -> Table:
    """The table in a file, whatever its name says; of a workbook the sheet asked for, or the one with most rows."""
    if content.startswith(_GZIP):
        content = _unzipped(content)
    if is_archive(content):
        return _workbook(content, sheet)
    if content.startswith(MAGIC):
        names, values = read_parquet(content, rows=MAX_ROWS, columns=MAX_COLUMNS)
        return _named(names, values)
    if content.startswith(_OLE):
        raise Invalid("tables.old_workbook", pointer="/file")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}:
        return _records(content)
    return _separated(content)


def _unzipped(content: bytes) -> bytes:
    stream = zlib.decompressobj(31)
    try:
        found = stream.decompress(content, MAX_UNPACKED)
    except zlib.error:
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    if stream.unconsumed_tail:
        raise Invalid("tables.too_large", pointer="/file", megabytes=MAX_UNPACKED // 1_000_000)
    return found


def _named(names: Sequence[object], values: Sequence[Sequence[Any]]) -> Table:
    """Columns under names that are single; those without a name are left out."""
    found: dict[str, Sequence[Any]] = {}
    for name, column in zip(names, values, strict=True):
        told = " ".join(str(name if name is not None else "").split())[:100]
        if not told:
            continue
        if told in found:
            raise Invalid("tables.column_twice", pointer="/file", column=told)
        found[told] = [_cell(value) for value in column]
    rows = len(next(iter(found.values()), []))
    if not rows:
        raise Invalid("tables.empty", pointer="/file")
    return Table(found, rows)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Invalid("tables.text_too_long", pointer="/file", maximum=MAX_TEXT)
        return value.strip() or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)


def _within(rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise Invalid("tables.too_many_rows", pointer="/file", maximum=MAX_ROWS)
    if columns > MAX_COLUMNS:
        raise Invalid("tables.too_many_columns", pointer="/file", maximum=MAX_COLUMNS)
    if rows * columns > MAX_CELLS:
        raise Invalid("tables.too_many_rows", pointer="/file", maximum=MAX_CELLS // max(columns, 1))


def _records(content: bytes) -> Table:
    """A list of flat objects, or several such lists one after the other under names."""
    require_shallow(content, JSON_DEPTH, "tables.nested")
    try:
        told = json.loads(content, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    lists = list(told.values()) if isinstance(told, dict) else [told]
    rows = [row for one in lists if isinstance(one, list) for row in one]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise Invalid("tables.no_records", pointer="/file")
    names = list(dict.fromkeys(name for row in rows for name in row))
    _within(len(rows), len(names))
    if any(isinstance(value, dict | list) for row in rows for value in row.values()):
        raise Invalid("tables.nested", pointer="/file")
    return _named(names, [[row.get(name) for row in rows] for name in names])


def _separated(content: bytes) -> Table:
    """CSV with its separator guessed from the first line; UTF-8, or what Windows writes here."""
    if b"\0" in content:
        raise Invalid("tables.format", pointer="/file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if not head.count(delimiter):
        raise Invalid("tables.format", pointer="/file")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) % 10_000 == 0 and rows:
                _within(len(rows) - 1, len(rows[0]))
    except csv.Error:
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    return _under_heads(rows)


def _under_heads(rows: Sequence[Sequence[Any]]) -> Table:
    """Rows of cells, the first telling the names; a row that is longer than it has a separator too many."""
    if len(rows) < 2:
        raise Invalid("tables.empty", pointer="/file")
    heads = rows[0]
    _within(len(rows) - 1, len(heads))
    for number, row in enumerate(rows[1:], 2):
        if len(row) > len(heads):
            raise Invalid("tables.ragged", pointer="/file", row=number)
    columns = [[row[place] if place < len(row) else None for row in rows[1:]] for place in range(len(heads))]
    return _named(heads, columns)


def _workbook(content: bytes, sheet: str | None) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook

    _require_harmless(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = tuple(workbook.sheet_names)
        if sheet is not None and sheet not in names:
            raise Invalid("tables.no_such_sheet", pointer="/sheet", sheet=sheet[:60], sheets=", ".join(names)[:400])
        opened = {name: workbook.get_sheet_by_name(name) for name in ([sheet] if sheet else names[:50])}
        for one in opened.values():
            _within(one.height - 1, one.width)
        if not opened:
            raise Invalid("tables.empty", pointer="/file")
        chosen = max(opened, key=lambda name: opened[name].height)
        rows = opened[chosen].to_python()
    except (CalamineError, OSError, ValueError):
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    found = _under_heads([row for row in rows if any(cell != "" for cell in row)])
    return Table(found.columns, found.rows, names, chosen)


def _require_harmless(content: bytes) -> None:
    """A workbook whose parts unpack within limits, and whose XML declares nothing and stands nowhere far out."""
    try:
        with opened(content, _LIMITS) as archive:
            if "xl/workbook.xml" not in archive.names:
                raise Invalid("tables.format", pointer="/file")
            archive.inflate(_look)
    except Unsafe as unsafe:
        if unsafe.fault in {Fault.PARTS, Fault.INFLATES}:
            raise Invalid("tables.too_large", pointer="/file", megabytes=MAX_UNPACKED // 1_000_000) from None
        raise Invalid("file.cannot_be_read", reason="damaged") from None


def _look(name: str, window: bytes, _first: bool) -> None:
    if name.endswith((".xml", ".rels")) and (_DECLARATION.search(window) or _FAR_CELL.search(window)):
        raise Invalid("file.cannot_be_read", reason="damaged")
