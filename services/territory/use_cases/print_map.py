"""A map to take away: SVG, PNG, PDF/UA-1 with its table, or the table alone; the same bytes for the same figures."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from services.territory.queries.choropleths import Map
from shared import documents, spreadsheets

FOLDER = Path(__file__).parent.parent / "documents"
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf", "csv": spreadsheets.CSV}
NEVER = "2026-01-01"
"""Dates a map that has no data yet."""
PNG_DOTS_PER_INCH = 220
_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_WIDER = 1.25
"""So much wider than tall, and a drawing with its key is set across the paper."""


def printed(drawn: Map, kind: str, *, paper: str, language: str, as_of: datetime | None) -> bytes:
    """The map as a file of that kind (`MEDIA_TYPES`); `paper` is `a4` or `a3`."""
    makers: Mapping[str, Callable[[], bytes]] = {
        "svg": drawn.drawing.encode,
        "png": lambda: _png(drawn, language),
        "pdf": lambda: _pdf(drawn, paper, language, as_of),
        "csv": lambda: _csv(drawn),
    }
    return makers[kind]()


def _png(drawn: Map, language: str) -> bytes:
    data = {"drawing": drawn.drawing, "dated": NEVER}
    return documents.render_png(FOLDER / "map_image.typ", data, language=language, dots_per_inch=PNG_DOTS_PER_INCH)


def _pdf(drawn: Map, paper: str, language: str, as_of: datetime | None) -> bytes:
    size = _SIZE.search(drawn.drawing)
    width, height = (int(size[1]), int(size[2])) if size else (1, 1)
    legend = "; ".join(entry["label"] for entry in drawn.legend)
    data: dict[str, Any] = {
        "title": drawn.title,
        "drawing": drawn.drawing,
        "width": width,
        "height": height,
        "paper": paper,
        "flipped": width > height * _WIDER,
        "tall": height > width or width > height * _WIDER,
        "alt": f"{drawn.title}. {drawn.description} {legend}. {' '.join(drawn.notes)}",
        "level": drawn.level,
        "columns": [column["label"] for column in drawn.columns],
        "rows": [[row["name"], *(cell["text"] for cell in row["cells"])] for row in _telling(drawn)],
        "silent": len(drawn.units) - len(_telling(drawn)),
        "dated": as_of or NEVER,
        "letterhead": {"centre": "Red CSEM", "host": ""},
    }
    return documents.render(FOLDER / "map.typ", data, language=language)


def _csv(drawn: Map) -> bytes:
    """The table as it is shown; what is withheld is said in words."""
    rows = [
        [row["code"], row["name"], *(cell["text"] if cell["value"] is None else cell["value"] for cell in row["cells"])]
        for row in drawn.units
    ]
    return spreadsheets.as_csv(["", "", *(column["label"] for column in drawn.columns)], rows)


def _telling(drawn: Map) -> list[dict[str, Any]]:
    """The rows in which something stands: not only zeros and dashes."""
    return [row for row in drawn.units if any(map(_tells, row["cells"]))]


def _tells(cell: Mapping[str, Any]) -> bool:
    words = cell["value"] is None and any(letter.isalpha() for letter in cell["text"])
    return bool(cell["withheld"] or cell["value"] or words)
