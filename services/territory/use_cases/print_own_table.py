"""An own table to take away: SVG, PNG, PDF/UA-1 with its table, CSV, XLSX; the same bytes for the same figures."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.territory.queries.own_table_words import Shown
from shared import documents, spreadsheets
from shared.kernel import Refused

FOLDER = Path(__file__).parent.parent / "documents"
MEDIA_TYPES = {
    "csv": spreadsheets.CSV,
    "xlsx": spreadsheets.XLSX,
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
DRAWN = ("svg", "png")
NEVER = "2026-01-01"
"""Dates a table that has no data yet."""
PNG_DOTS_PER_INCH = 220
_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


def printed_table(shown: Shown, form: str, *, language: str) -> bytes:
    """The table as a file of that form (`MEDIA_TYPES`); refuses a picture of a table that nobody had drawn."""
    if form in DRAWN and shown.chart is None:
        raise Refused("own_table.no_drawing")
    makers: Mapping[str, Callable[[], bytes]] = {
        "csv": lambda: spreadsheets.as_csv(shown.heads, _with_notes(shown)),
        "xlsx": lambda: spreadsheets.as_xlsx(shown.sheet(shown.title), _notes(shown)),
        "svg": lambda: shown.drawing(alone=True).encode(),
        "png": lambda: _png(shown, language),
        "pdf": lambda: _pdf(shown, language),
    }
    return makers[form]()


def _with_notes(shown: Shown) -> list[list[Any]]:
    """The rows, and behind an empty one the title and the notes: a file that was sent on still says what it is."""
    empty = [""] * len(shown.columns)
    return [*shown.lines(), ["", *empty], *([line, *empty] for line in (shown.title, *shown.notes))]


def _notes(shown: Shown) -> spreadsheets.Sheet:
    return spreadsheets.Sheet(shown.published or NEVER, [shown.title], [[note] for note in shown.notes])


def _png(shown: Shown, language: str) -> bytes:
    data = {"drawing": shown.drawing(alone=True), "dated": shown.as_of or NEVER}
    return documents.render_png(FOLDER / "map_image.typ", data, language=language, dots_per_inch=PNG_DOTS_PER_INCH)


def _pdf(shown: Shown, language: str) -> bytes:
    drawing = shown.drawing()
    size = _SIZE.search(drawing)
    data: dict[str, Any] = {
        "title": shown.title,
        "drawing": drawing,
        "width": int(size[1]) if size else 1,
        "height": int(size[2]) if size else 1,
        "alt": f"{shown.title}. {' '.join(shown.notes)}",
        "head": shown.head,
        "columns": shown.heads[1:],
        "rows": _texts(shown),
        "notes": shown.notes,
        "flipped": len(shown.columns) > 6,
        "dated": shown.as_of or NEVER,
        "letterhead": {"centre": "Red CSEM", "host": ""},
    }
    return documents.render(FOLDER / "own_table.typ", data, language=language)


def _texts(shown: Shown) -> list[list[str]]:
    below = [[cell["text"] for cell in shown.below]] if shown.below else []
    return [[row["name"], *(cell["text"] for cell in row["cells"])] for row in shown.rows] + below
