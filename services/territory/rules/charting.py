"""Charts of tables as SVG drawings that need nothing else: bars, stacked bars, dots, lines; told apart in grey."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from services.territory.rules.drawing.words import DASH, wrapped
from services.territory.rules.fills import INK, KINDS, SUPPRESSED, definitions

WIDTH, MARGIN = 320, 6
MOST_SERIES = len(KINDS)
_MOST_ROWS, _FEWEST_ROWS, _MOST_MARKS = 30, 6, 90
PAPER, GRID = "#ffffff", "#d9d2cc"
_STROKES = ("#542b82", "#a1500c", "#0b5563", "#6b5200", "#2c2f73", "#7a2e63", "#2f5a1c", "#3b2a30")
_DASHES = ("", "7 4", "2 4", "9 3 2 3", "4 2", "12 4", "2 2", "8 2 2 2 2 2")
_MARKS = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
    "M-5 -5h10v10h-10z",
    "M0 -6l6 11h-12z",
    "M0 -7l6 7l-6 7l-6 -7z",
    "M-5 -5l10 10M-5 5l10 -10",
    "M0 -6v12M-6 0h12",
    "M0 6l6 -11h-12z",
    "M-6 0l3 -5h6l3 5l-3 5h-6z",
)
_LABEL, _BAR, _GAP, _ENTRY, _NOTE = 18, 16, 8, 20, 15
_LONGEST, _LONGEST_NOTE = 36, 54
_PLOT, _STEP = 200, 4
_TICK = 'text-anchor="middle" font-size="11"'


@dataclass(frozen=True)
class Point:
    """A figure as it is drawn: its size (None where there is none to draw) and its words."""

    size: float | None
    told: str
    withheld: bool = False


@dataclass(frozen=True)
class Chart:
    """What a chart draws: the names of its rows and series, a point for each; `title` and `notes` are drawn where it
    stands `alone`.
    """

    title: str
    description: str
    rows: Sequence[str]
    series: Sequence[str]
    points: Sequence[Sequence[Point]]
    notes: Sequence[str] = ()
    alone: bool = False


def most_rows(series: int) -> int:
    """How many rows a chart of so many series draws, so that it is legible on one sheet of paper."""
    return max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_MARKS // max(1, series)))


def draw(kind: str, chart: Chart) -> str:
    """The drawing: `bars`, `stacked`, `dots`, or `lines` (rows from left to right); at most `most_rows` rows and
    `MOST_SERIES` series, so that it is legible on a phone.
    """
    parts, top = _headline(chart)
    key, top = _key(kind, chart.series, top)
    drawn, top = _DRAWN[kind](chart, top)
    below, top = _notes(chart, top)
    fills = [*KINDS[: len(chart.series)], SUPPRESSED] if kind != "lines" else [SUPPRESSED]
    body = "".join([*parts, *key, *drawn, *below])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + MARGIN}" width="{WIDTH * 3 // 2}" '
        'role="img" aria-labelledby="chart-title chart-about" font-family="sans-serif" font-size="13" '
        f'fill="{INK}"><title id="chart-title">{escape(chart.title)}</title>'
        f'<desc id="chart-about">{escape(chart.description)}</desc>{definitions(fills)}'
        f'<rect width="{WIDTH}" height="{top + MARGIN}" fill="{PAPER}"/>{body}</svg>'
    )


def _headline(chart: Chart) -> tuple[list[str], int]:
    if not chart.alone:
        return [], MARGIN
    lines = wrapped(chart.title, _LONGEST)
    texts = [_text(MARGIN, 20 + 19 * place, line, 'font-weight="bold" font-size="15"') for place, line in
             enumerate(lines)]  # fmt: skip
    return texts, 19 * len(lines) + MARGIN * 2


def _notes(chart: Chart, top: int) -> tuple[list[str], int]:
    if not chart.alone:
        return [], top
    lines = [line for note in chart.notes for line in wrapped(note, _LONGEST_NOTE)]
    texts = [_text(MARGIN, top + 14 + _NOTE * place, line, 'font-size="11"') for place, line in enumerate(lines)]
    return texts, top + _NOTE * len(lines) + MARGIN


def _key(kind: str, series: Sequence[str], top: int) -> tuple[list[str], int]:
    """What each series looks like; one alone needs no key."""
    if len(series) < 2:
        return [], top
    parts = []
    for place, name in enumerate(series):
        y = top + place * _ENTRY
        if kind == "lines":
            mark = _line([(MARGIN, y + 9), (MARGIN + 30, y + 9)], place) + _mark(place, MARGIN + 15, y + 9)
        elif kind == "dots":
            mark = _mark(place, MARGIN + 15, y + 9)
        else:
            mark = _box(MARGIN, y + 2, 28, 14, KINDS[place])
        parts += [mark, _text(MARGIN + 38, y + 14, name)]
    return parts, top + len(series) * _ENTRY + MARGIN


def _bars(chart: Chart, top: int) -> tuple[list[str], int]:
    """Below the name of each row a bar for each series, its words at its end."""
    longest = _largest(chart)
    parts: list[str] = []
    for name, points in zip(chart.rows, chart.points, strict=True):
        parts, top = [*parts, *_name(name, top)], top + _LABEL
        for place, point in enumerate(points):
            parts.append(_bar(point, place, top, longest))
            top += _BAR
        top += _GAP
    return parts, top


def _bar(point: Point, place: int, top: int, longest: float) -> str:
    width = 22.0 if point.withheld else _length(point.size, longest)
    fill = SUPPRESSED if point.withheld else KINDS[place]
    drawn = _box(MARGIN, top, width, _BAR - 3, fill) if width else ""
    return drawn + _text(MARGIN + width + 6, top + 11, point.told, 'font-size="12"')


def _stacked(chart: Chart, top: int) -> tuple[list[str], int]:
    """Below the name of each row its parts one after the other; behind them, where one is withheld, a mark of it."""
    longest = max((sum(point.size or 0 for point in points) for points in chart.points), default=0)
    parts: list[str] = []
    for name, points in zip(chart.rows, chart.points, strict=True):
        parts += _name(name, top)
        left, y = float(MARGIN), top + _LABEL
        for place, point in enumerate(points):
            width = _length(point.size, longest)
            parts += [_box(left, y, width, _BAR + 2, KINDS[place], f"{chart.series[place]}: {point.told}")] * bool(
                width
            )
            left += width
        held = [chart.series[place] for place, point in enumerate(points) if point.withheld]
        if held:
            told = next(point.told for point in points if point.withheld)
            parts += [_box(left + 3, y, 22, _BAR + 2, SUPPRESSED, f"{', '.join(held)}: {told}")]
        top = y + _BAR + 2 + _GAP
    return parts, top


def _dots(chart: Chart, top: int) -> tuple[list[str], int]:
    """On the line of each row a mark for each series, over round numbers, one below the other."""
    marks = _steps(_largest(chart))
    left, right = MARGIN + 6, WIDTH - 26
    scale, half = (right - left) / marks[-1], _STEP * (len(chart.series) - 1) / 2
    first = top
    parts: list[str] = []
    for name, points in zip(chart.rows, chart.points, strict=True):
        parts, middle = [*parts, *_name(name, top)], top + _LABEL + 7 + half
        parts.append(f'<path d="M{left} {middle:g}H{right}" stroke="{GRID}"/>')
        for place, point in enumerate(points):
            if point.size is not None:
                told = f"{chart.series[place]}: {point.told}".removeprefix(": ")
                parts.append(_mark(place, left + scale * point.size, middle - half + _STEP * place, told))
        if held := [place for place, point in enumerate(points) if point.withheld]:
            names = ", ".join(chart.series[place] for place in held)
            parts.append(_box(right + 8, middle - 7, 14, 14, SUPPRESSED, f"{names} {points[held[0]].told}".strip()))
        top = round(middle + half) + 10 + _GAP
    grid = "".join(f"M{left + scale * mark:.1f} {first}V{top}" for mark in marks)
    axis = [_text(round(left + scale * mark, 1), top + 14, _round(mark), _TICK) for mark in marks]
    return [f'<path d="{grid}" stroke="{GRID}" stroke-dasharray="2 3"/>', *parts, *axis], top + 22


def _lines(chart: Chart, top: int) -> tuple[list[str], int]:
    """The rows from left to right, a line for each series; it breaks where a figure is withheld, and a mark at the foot
    says so.
    """
    marks, foot = _steps(_largest(chart)), top + 12 + _PLOT
    left, right = 52, WIDTH - 20
    step = (right - left) / max(1, len(chart.rows) - 1)
    parts = []
    for mark in marks:
        y = foot - _PLOT * mark / marks[-1]
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{GRID}"/>')
        parts.append(_text(left - 6, y + 4, _round(mark), 'text-anchor="end" font-size="11"'))
    for place, name in enumerate(chart.series):
        run: list[tuple[float, float]] = []
        for row, points in enumerate(chart.points):
            point, x = points[place], left + step * row
            if point.size is None:
                parts += [_line(run, place)] if len(run) > 1 else []
                run = []
                parts += [_box(x - 5, foot - 6, 10, 10, SUPPRESSED, f"{name} {point.told}".strip())] * point.withheld
            else:
                run.append((x, foot - _PLOT * point.size / marks[-1]))
                parts.append(_mark(place, *run[-1], f"{name} {chart.rows[row]}: {point.told}".strip()))
        parts += [_line(run, place)] if len(run) > 1 else []
    every = -(-len(chart.rows) // 5)
    parts += [
        _text(left + step * row, foot + 20, name, _TICK)
        for row, name in enumerate(chart.rows) if row % every == 0
    ]  # fmt: skip
    return parts, foot + 28


_DRAWN = {"bars": _bars, "stacked": _stacked, "dots": _dots, "lines": _lines}


def _largest(chart: Chart) -> float:
    return max((point.size or 0 for points in chart.points for point in points), default=0)


def _length(size: float | None, longest: float) -> float:
    """How long a bar is; there is room for words behind the longest."""
    return round((WIDTH - 92) * size / longest, 1) if size and longest else 0.0


def _steps(largest: float) -> list[float]:
    """Round numbers from zero to the largest or just beyond it, at most six of them."""
    size = 10.0 ** (len(str(int(largest))) - 1) if largest >= 1 else 0.1
    step = next(size * part for part in (0.2, 0.25, 0.5, 1, 2, 2.5) if size * part * 5 >= largest)
    return [step * place for place in range(6) if step * (place - 1) < largest or place < 2]


def _round(value: float) -> str:
    return f"{value:,.6g}" if value < 1_000_000 else f"{value / 1_000_000:,.6g} M"


def _name(name: str, top: int) -> Iterator[str]:
    yield _text(MARGIN, top + 13, name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…", 'font-weight="bold"')


def _text(x: float, y: float, words: str, how: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}"{" " if how else ""}{how}>{escape(words or DASH)}</text>'


def _box(x: float, y: float, width: float, height: float, fill: str, told: str = "") -> str:
    title = f"<title>{escape(told)}</title>" if told else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" stroke="{INK}" '
        f'stroke-width="0.7">{title}</rect>'
    )


def _mark(place: int, x: float, y: float, told: str = "") -> str:
    title = f"<title>{escape(told)}</title>" if told else ""
    return (
        f'<path d="{_MARKS[place]}" transform="translate({x:.1f} {y:.1f})" fill="{_STROKES[place]}" '
        f'stroke="{_STROKES[place]}" stroke-width="2">{title}</path>'
    )


def _line(points: Sequence[tuple[float, float]], place: int) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{_DASHES[place]}"' if _DASHES[place] else ""
    return f'<path d="M{path}" fill="none" stroke="{_STROKES[place]}" stroke-width="2"{dashes}/>'
