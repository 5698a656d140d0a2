"""Tables that go out to be opened in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

CSV = "text/csv; charset=utf-8"
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


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it; a number with its sign stays."""
    if text[:1] == "'" or (text[:1] in FORMULA and not _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text
