"""A table of delimited text somebody uploaded: the comma, semicolon or tab is found by looking."""

import csv
import io

from services.registry.intake.workbook import Limits, Sheet
from shared.kernel import Invalid

_DELIMITERS = ";,\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_table(content: bytes, sheet: str, limits: Limits) -> Sheet:
    """The rows of a delimited text, the one with the headers first.

    UTF-8 with or without a byte order mark, UTF-16 with one, or else what spreadsheets of the region write (Windows
    1252). Refuses what is no text or no table, and what is beyond the limits.
    """
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    csv.field_size_limit(limits.text)
    rows: Sheet = []
    try:
        for row in lines:
            rows.append([*row])
            _check(rows, sheet, limits)
    except csv.Error as error:
        if "field limit" in str(error):
            raise Invalid("file.text_too_long", sheet=sheet, maximum=limits.text) from error
        raise Invalid("file.damaged") from error
    return rows


def _check(rows: Sheet, sheet: str, limits: Limits) -> None:
    width = len(rows[-1])
    if len(rows) > limits.rows:
        raise Invalid("file.too_many_rows", sheet=sheet, rows=len(rows), maximum=limits.rows)
    if width > limits.columns:
        raise Invalid("file.too_many_columns", sheet=sheet, columns=width, maximum=limits.columns)
    if len(rows) * width > limits.cells:
        raise Invalid("file.too_many_cells", sheet=sheet, cells=len(rows) * width, maximum=limits.cells)


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise Invalid("file.damaged") from error
        text = content.decode("cp1252", errors="replace")
    if "\0" in text or "\ufffd" in text[:4096] or text.startswith(("<", "%PDF")):
        raise Invalid("file.not_a_workbook")
    return text


def _delimiter(text: str) -> str:
    """The one that the first line holds most often outside of its quotes."""
    first = "".join(text.lstrip("\r\n").split("\n", 1)[0].split('"')[::2])
    best = max(_DELIMITERS, key=first.count)
    if first.count(best) == 0:
        raise Invalid("file.not_a_workbook")
    return best
