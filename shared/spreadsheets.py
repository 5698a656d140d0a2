"""Tables that go out to be opened in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a text begins with that a spreadsheet would compute."""
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(sheet: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same table as a workbook of one sheet; the same rows make the same bytes, and no cell is a formula."""
    import xlsxwriter

    out = io.BytesIO()
    kept = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, kept | {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime.fromisoformat("2000-01-01")})
        page = book.add_worksheet(sheet[:31])
        page.freeze_panes(1, 0)
        page.write_row(0, 0, heads, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, row)
    return out.getvalue()


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it; a number with its sign stays."""
    if text[:1] == "'" or (text[:1] in FORMULA and not _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text
