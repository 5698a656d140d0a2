"""The rows of a trustee's statement, as the bank gives it: a table of text or a workbook.

A stranger's file: `read_rows` is called through `shared.sandbox`, in a process with limits.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook

from shared.kernel import Invalid

Cell = str | int | float | date | None
LONGEST, WIDEST, TEXT = 20_000, 60, 500
"""Rows, columns and characters that are read of one statement."""
_ARCHIVE = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_DELIMITERS = ";\t|,"
_LOOKED_AT = 200


def read_rows(content: bytes) -> list[list[Cell]]:
    """The rows of a CSV (with ; , tab or |) or of the first sheet of an XLSX that has any; refuses any other file."""
    rows = _workbook(content) if content.startswith(_ARCHIVE) else _text(content)
    if not rows:
        raise Invalid("statement.empty", pointer="/file")
    if len(rows) > LONGEST or max(map(len, rows)) > WIDEST:
        raise Invalid("statement.too_long", pointer="/file", rows=LONGEST, columns=WIDEST)
    return rows


def _workbook(content: bytes) -> list[list[Cell]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            rows = [[_cell(cell) for cell in row] for row in workbook.get_sheet_by_name(name).iter_rows()]
            if any(any(cell is not None for cell in row) for row in rows):
                return rows
    except CalamineError as error:
        raise Invalid("statement.not_a_table", pointer="/file") from error
    return []


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool) or value in ("", None):
        return None
    if isinstance(value, int | float | date):
        return value
    return str(value)[:TEXT].strip() or None


def _text(content: bytes) -> list[list[Cell]]:
    text = _decoded(content)
    if "\0" in text or text.lstrip()[:1] in {"<", "{", "%"}:
        raise Invalid("statement.not_a_table", pointer="/file")
    try:
        return [[_cell(cell) for cell in row] for row in islice(_split(text, _delimiter(text)), LONGEST + 1)]
    except csv.Error as error:
        raise Invalid("statement.not_a_table", pointer="/file") from error


def _decoded(content: bytes) -> str:
    if content.startswith(_OLD_WORKBOOK):
        raise Invalid("statement.old_workbook", pointer="/file")
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("statement.not_a_table", pointer="/file")


def _split(text: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """The one that makes most rows of one width; a comma that stands in amounts does not win over a semicolon."""

    def fit(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in islice(_split(text, delimiter), _LOOKED_AT) if len(row) > 2)
        width, rows = widths.most_common(1)[0] if widths else (0, 0)
        return rows, -width

    best = max(_DELIMITERS, key=lambda delimiter: fit(delimiter)[0])
    if fit(best)[0] == 0:
        raise Invalid("statement.not_a_table", pointer="/file")
    return best
