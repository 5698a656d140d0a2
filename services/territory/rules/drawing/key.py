"""What stands under a map that is printed or taken away: its legend, a scale bar, the north, its notes."""

from collections.abc import Sequence
from html import escape

from services.territory.rules.classes import Class
from services.territory.rules.drawing.words import MapText, label, wrapped
from services.territory.rules.fills import INK, definitions

ROW = 40
NOTE_ROW = 30
SCALES_KM = (1, 2, 5, 10, 20, 50, 100, 200)
_LONGEST_NOTE = 98
_CELL = 44


def swatch(entry: Class) -> str:
    """The mark of a class as a small drawing of its own, for a legend in a page or on paper."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="18" viewBox="0 0 28 18" aria-hidden="true" '
        f'focusable="false">{definitions([entry.fill])}{_mark(0.5, 0.5, 27, 17, entry)}</svg>'
    )


def key(top: int, width: int, km_per_unit: float, legend: Sequence[Class], text: MapText) -> tuple[str, int]:
    """The key from `top` down, and how high it is."""
    pairs = [entry for entry in legend if entry.kind == "pair"]
    listed = [entry for entry in legend if entry.kind != "pair"]
    drawn, y = square(pairs, top + 20, text) if pairs else ("", top + 20)
    columns = 1 if max((len(label(entry, text)) for entry in listed), default=0) > 34 else 2 if len(listed) < 3 else 3
    drawn += "".join(_entry(entry, place, columns, y, width, text) for place, entry in enumerate(listed))
    y += -(-len(listed) // columns) * ROW
    drawn += _scale(y, width, km_per_unit) + _north(width - 44, y - 4)
    y += ROW + 8
    lines = [line for note in (text.note, *text.notes) if note for line in wrapped(note, _LONGEST_NOTE)]
    notes = "".join(
        f'<text x="8" y="{y + 20 + row * NOTE_ROW}">{escape(line)}</text>' for row, line in enumerate(lines)
    )
    drawn += f'<g font-size="21">{notes}</g>' if notes else ""
    y += len(lines) * NOTE_ROW + 8
    return f'<g font-size="25" fill="{INK}">{drawn}</g>', y - top


def headline(text: MapText, width: int) -> tuple[str, int]:
    """The title above a drawing that stands alone, and how high it is."""
    lines = wrapped(text.title, max(width // 18, 20))
    rows = "".join(f'<text x="8" y="{38 + row * 42}">{escape(line)}</text>' for row, line in enumerate(lines))
    return f'<g font-size="34" font-weight="bold" fill="{INK}">{rows}</g>', len(lines) * 42 + 20


def _mark(x: float, y: float, width: float, height: float, entry: Class) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{entry.fill}" stroke="{INK}" '
        'stroke-width="0.7"/>'
    )


def _entry(entry: Class, place: int, columns: int, top: int, width: int, text: MapText) -> str:
    x, y = 8 + (place % columns) * (width // columns), top + (place // columns) * ROW
    return _mark(x, y, 34, 24, entry) + f'<text x="{x + 44}" y="{y + 21}">{escape(label(entry, text))}</text>'


def square(entries: Sequence[Class], top: int, text: MapText) -> tuple[str, int]:
    """The classes of two figures as a square: the first to the right, the second upwards; and where it ends."""
    columns = len({(entry.low, entry.high) for entry in entries})
    rows = len(entries) // columns
    left, y = 8, top + 34
    cells = "".join(
        _mark(left + place % columns * _CELL * 2, y + place // columns * _CELL, _CELL * 2, _CELL, entry)
        for place, entry in enumerate(entries)
    )
    beside = "".join(
        f'<text x="{left + columns * _CELL * 2 + 12}" y="{y + row * _CELL + 30}">'
        f"{escape(_ends(entries[row * columns].second or (0, 0), text))}</text>"
        for row in range(rows)
    )
    below = "".join(
        f'<text x="{left + (column + 0.5) * _CELL * 2}" y="{y + rows * _CELL + 26}" text-anchor="middle" '
        f'font-size="20">{escape(_ends((entries[column].low, entries[column].high), text))}</text>'
        for column in range(columns)
    )
    names = (
        f'<text x="{left}" y="{top + 20}">↑ {escape(text.axes[1])}</text>'
        f'<text x="{left}" y="{y + rows * _CELL + 58}">→ {escape(text.axes[0])}</text>'
    )
    return cells + beside + below + names, y + rows * _CELL + 84


def _ends(limits: tuple[int, int | None], text: MapText) -> str:
    return label(Class("range", "", *limits), text)


def _scale(top: int, width: int, km_per_unit: float) -> str:
    kilometres = max((km for km in SCALES_KM if km / km_per_unit <= width / 3), default=1)
    length = round(kilometres / km_per_unit)
    return (
        f'<path d="M8 {top + 8}v8h{length}v-8" fill="none" stroke="{INK}" stroke-width="2"/>'
        f'<text x="{length + 18}" y="{top + 22}">{kilometres} km</text>'
    )


def _north(x: int, top: int) -> str:
    """North is up; an arrow says so."""
    return (
        f'<path d="M{x + 14} {top}l12 34l-12-8l-12 8z" fill="{INK}"/>'
        f'<text x="{x - 20}" y="{top + 26}" font-weight="bold">N</text>'
    )
