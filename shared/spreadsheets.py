"""Tables that go out to be opened in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a text begins with that a spreadsheet would compute."""
_LONGEST_NAME = 31
_LOOKED_AT = 100
"""So many rows decide how wide the columns are."""
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook: `title` stands above its heads where it has one; `formats` say how the numbers of its
    columns are written ("0.0%"), from the first one on; its first `kept` columns stay in sight.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    title: str = ""
    formats: Sequence[str | None] = ()
    kept: int = 0


def as_xlsx(*sheets: Sheet) -> bytes:
    """The tables as a workbook, a sheet each; the same rows make the same bytes, and no cell is a formula."""
    import xlsxwriter

    out = io.BytesIO()
    kept = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, kept | {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime.fromisoformat("2000-01-01")})
        bold, styles = book.add_format({"bold": True}), _styles(book, sheets)
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.name[:_LONGEST_NAME]), sheet, bold, styles)
    return out.getvalue()


def _styles(book: Any, sheets: Iterable[Sheet]) -> Mapping[str | None, Any]:
    used = dict.fromkeys(form for sheet in sheets for form in sheet.formats if form)
    return {form: book.add_format({"num_format": form}) for form in used}


def _fill(page: Any, sheet: Sheet, bold: Any, styles: Mapping[str | None, Any]) -> None:
    rows, top = list(sheet.rows), 0
    if sheet.title:
        page.write_string(0, 0, harmless(sheet.title), bold)
        top = 1
    page.write_row(top, 0, sheet.heads, bold)
    page.freeze_panes(top + 1, sheet.kept)
    written = [styles.get(form) for form in sheet.formats] + [None] * (len(sheet.heads) - len(sheet.formats))
    for column, cells in enumerate(zip(sheet.heads, *rows[:_LOOKED_AT], strict=True)):
        page.set_column(column, column, _width(cells))
    for number, row in enumerate(rows, start=top + 1):
        for column, (value, style) in enumerate(zip(row, written, strict=True)):
            _write(page, number, column, value, style)


def _write(page: Any, number: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(number, column, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(number, column, value, style)
    elif isinstance(value, date):
        page.write_datetime(number, column, value)
    elif value is not None:
        page.write_string(number, column, harmless(str(value)))


def _width(cells: Iterable[Any]) -> int:
    """Wide enough for what stands in a column, as far as it is short."""
    return min(max(12, *(len(str(cell)) for cell in cells)), 40)


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it; a number with its sign stays."""
    if text[:1] == "'" or (text[:1] in FORMULA and not _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text
