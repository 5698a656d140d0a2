"""A map drawn: its units filled by class, their frames, what lies on them; one map or several small ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from services.territory.rules.classes import MISSING, Class, Key, Plain
from services.territory.rules.drawing.key import headline, key, square
from services.territory.rules.drawing.overlays import NOTHING_OVER, Over
from services.territory.rules.drawing.words import DASH, MapText, Shown, told
from services.territory.rules.fills import INK, WORDS, definitions
from services.territory.rules.outlines import Outlines

POINT = "#0b5563"
LINE = "#ffffff"
QUIET_LINE = "#cdbfae"
"""Between units that are only ground."""
WIDTH = 1000


@dataclass(frozen=True)
class Panel:
    """One of several small maps with the same legend: what it is of, and what its units show."""

    caption: str
    shown: Mapping[str, Shown]


def draw_map(
    outlines: Outlines,
    shown: Mapping[str, Shown],
    classes: Key,
    text: MapText,
    *,
    over: Over = NOTHING_OVER,
    legend: Key | None = None,
    points: Sequence[tuple[float, float]] = (),
    highlighted: str | None = None,
    key: bool = False,
    alone: bool = False,
) -> str:
    """The SVG: units filled by class, each with its name and figure as tooltip, frames of the larger units, what lies
    `over` them (with its own `legend`), points (degrees) as dots. With `key`, the legend, a scale bar, the north and
    the notes stand below, for print and download; `alone`, the title above as well.
    """
    ground = [
        _units(outlines, shown, classes, text),
        over.markup if over.covers else "",
        _stroke(outlines.groups, INK, 1.6),
        "" if over.covers else over.markup,
        _stroke(outlines.units.get(highlighted or "", ""), INK, 3.2),
        _dots(outlines, points),
    ]
    fills = [*(classes.of(one).fill for one in shown.values()), *over.fills]
    return _sheet("".join(ground), outlines, legend or classes, text, fills=fills, over=over, with_key=key, alone=alone)


def draw_panels(outlines: Outlines, panels: Sequence[Panel], classes: Key, text: MapText, *, key: bool = False,
                alone: bool = False) -> str:  # fmt: skip
    """Several small maps side by side, in order, with one legend. The outlines stand in the drawing once."""
    columns = 2 if len(panels) in {2, 4} or outlines.width > outlines.height * 1.6 else min(max(len(panels), 1), 3)
    scale = WIDTH / columns / outlines.width
    height = round(outlines.height * scale) + 50
    names = {code: f"m{place:x}" for place, code in enumerate(outlines.units)}
    kept = "".join(f'<path id="{names[code]}" d="{path}"/>' for code, path in outlines.units.items())
    kept += f'<path id="frames" d="{outlines.groups}"/>'
    drawn = "".join(
        f'<g transform="translate({place % columns * WIDTH // columns} {place // columns * height})">'
        f'<text x="12" y="32" font-size="27" font-weight="bold" fill="{WORDS}">{escape(panel.caption)}</text>'
        f'<g transform="translate(0 42) scale({scale:.4f})">{_used(outlines, panel, classes, names)}</g></g>'
        for place, panel in enumerate(panels)
    )
    rows = -(-len(panels) // columns)
    fills = [classes.of(one).fill for panel in panels for one in panel.shown.values()]
    page = Page(WIDTH, rows * height, outlines.km_per_unit / scale)
    return _sheet(f"<defs>{kept}</defs>{drawn}", page, classes, text, fills=fills, with_key=key, alone=alone)


@dataclass(frozen=True)
class Page:
    """The size of a drawing, in grid units, and how many kilometres one is."""

    width: int
    height: int
    km_per_unit: float


def _sheet(
    ground: str,
    page: Outlines | Page,
    classes: Key,
    text: MapText,
    *,
    fills: Sequence[str],
    over: Over = NOTHING_OVER,
    with_key: bool,
    alone: bool,
) -> str:
    """The drawing with what stands above and below it."""
    legend = classes.legend()
    top, above = headline(text, page.width) if alone else ("", 0)
    sizes = f'<g transform="translate(0 {page.height + 10})">{over.below}</g>' if over.below else ""
    middle = page.height + (over.height + 10 if over.below else 0)
    below, high = key(middle, page.width, page.km_per_unit, legend, text) if with_key else _square(middle, legend, text)
    body = ground + sizes + below
    moved = f'<g transform="translate(0 {above})">{body}</g>' if above else body
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width} {above + middle + high}" role="img" '
        'aria-labelledby="map-title map-about" font-family="sans-serif">'
        f'<title id="map-title">{escape(text.title)}</title><desc id="map-about">{escape(text.description)}</desc>'
        f"{definitions([*fills, MISSING.fill, *(entry.fill for entry in legend)])}{top}{moved}</svg>"
    )


def _square(top: int, legend: Sequence[Class], text: MapText) -> tuple[str, int]:
    """The legend of two figures belongs to the drawing: no list of words tells it as well."""
    pairs = [entry for entry in legend if entry.kind == "pair"]
    if not pairs:
        return "", 0
    drawn, end = square(pairs, top + 20, text)
    return f'<g font-size="25" fill="{WORDS}">{drawn}</g>', end - top


def _units(outlines: Outlines, shown: Mapping[str, Shown], classes: Key, text: MapText) -> str:
    """One group per fill, so that the colour is written once."""
    by_fill: dict[str, list[str]] = {}
    for code, path in outlines.units.items():
        entry, words = (classes.of(shown[code]), told(shown[code], text)) if code in shown else (MISSING, DASH)
        name = text.names.get(code, code)
        title = escape(name if text.names_only else f"{name}: {words}")
        by_fill.setdefault(entry.fill, []).append(f'<path d="{path}"><title>{title}</title></path>')
    groups = [f'<g fill="{fill}">{"".join(paths)}</g>' for fill, paths in by_fill.items()]
    line = QUIET_LINE if isinstance(classes, Plain) else LINE
    return f'<g stroke="{line}" stroke-width="1" stroke-linejoin="round">{"".join(groups)}</g>' if groups else ""


def _used(outlines: Outlines, panel: Panel, classes: Key, names: Mapping[str, str]) -> str:
    by_fill: dict[str, list[str]] = {}
    for code in outlines.units:
        entry = classes.of(panel.shown[code]) if code in panel.shown else MISSING
        by_fill.setdefault(entry.fill, []).append(f'<use href="#{names[code]}"/>')
    groups = "".join(f'<g fill="{fill}">{"".join(uses)}</g>' for fill, uses in by_fill.items())
    frame = f'<use href="#frames" fill="none" stroke="{INK}" stroke-width="2.5"/>'
    return f'<g stroke="{LINE}" stroke-width="1.6">{groups}</g>{frame}'


def _stroke(path: str, colour: str, width: float) -> str:
    if not path:
        return ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'


def _dots(outlines: Outlines, points: Sequence[tuple[float, float]]) -> str:
    """All points as one path of round dots: a white rim under a dark dot."""
    if not points:
        return ""
    placed = sorted({outlines.projection.point(lon, lat) for lon, lat in points})
    path = "".join(f"M{x} {y}h0" for x, y in placed)
    shape = f'd="{path}" fill="none" stroke-linecap="round"'
    return f'<path {shape} stroke="#fff" stroke-width="11"/><path {shape} stroke="{POINT}" stroke-width="7.5"/>'
