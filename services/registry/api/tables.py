"""Tables that go out to be opened in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from services.registry.exchange.guard import harmless

CSV = "text/csv; charset=utf-8"


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
