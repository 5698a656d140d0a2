"""A map as an SVG drawing that needs nothing else: no script, no style sheet, no font of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from services.territory.rules.classes import SUPPRESSED, Class, Classes, Figure
from services.territory.rules.outlines import Outlines

INK = "#3b2a30"
POINT = "#0b5563"
LINE = "#ffffff"
HATCH = (
    '<defs><pattern id="few" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#f1ece6"/><path d="M0 0v8" stroke="#a08d83" stroke-width="4"/></pattern></defs>'
)
KEY_HEIGHT = 40
SCALES_KM = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True)
class MapText:
    """The words of one map, already in the reader's language."""

    title: str
    description: str
    names: Mapping[str, str]
    legend: Mapping[str, str] = field(default_factory=dict)
    """Words for the kinds of class: `zero`, `suppressed`, `no_data`."""
    withheld: str = "< 5"
    note: str = ""
    """Shown under the drawing: date of the figures, approximate boundaries."""


def draw_map(
    outlines: Outlines,
    figures: Mapping[str, Figure],
    classes: Classes,
    text: MapText,
    *,
    points: Sequence[tuple[float, float]] = (),
    highlighted: str | None = None,
    key: bool = False,
) -> str:
    """The SVG: units filled by class, each with its name and figure as tooltip, frames of the larger units, points
    (degrees) as dots. With `key`, the legend, a scale bar and the note stand below, for print and download.
    """
    below = _key(outlines, classes.legend(), text) if key else ""
    height = outlines.height + (_key_height(classes, text) if key else 0)
    parts = [
        _opening(outlines.width, height),
        f'<title id="map-title">{escape(text.title)}</title><desc id="map-about">{escape(text.description)}</desc>',
        HATCH if classes.has_suppressed else "",
        _units(outlines, figures, classes, text),
        _stroke(outlines.groups, INK, 1.6),
        _stroke(outlines.units.get(highlighted or "", ""), INK, 3.2),
        _dots(outlines, points),
        below,
        "</svg>",
    ]
    return "".join(parts)


def _opening(width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="map-title map-about" font-family="sans-serif">'
    )


def _units(outlines: Outlines, figures: Mapping[str, Figure], classes: Classes, text: MapText) -> str:
    """One group per fill, so that the colour is written once."""
    by_fill: dict[str, list[str]] = {}
    for code, path in outlines.units.items():
        figure = figures.get(code, Figure())
        told = f"{text.names.get(code, code)}: {_told(figure, text)}"
        by_fill.setdefault(classes.of(figure).fill, []).append(f'<path d="{path}"><title>{escape(told)}</title></path>')
    groups = [f'<g fill="{fill}">{"".join(paths)}</g>' for fill, paths in by_fill.items()]
    return f'<g stroke="{LINE}" stroke-width="1" stroke-linejoin="round">{"".join(groups)}</g>' if groups else ""


def _told(figure: Figure, text: MapText) -> str:
    if figure.suppressed:
        return text.withheld
    return "–" if figure.value is None else f"{figure.value:,}"  # noqa: RUF001 - a dash is what a table shows


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


def _key_height(classes: Classes, text: MapText) -> int:
    rows = (len(classes.legend()) + 2) // 3
    return 20 + rows * KEY_HEIGHT + (KEY_HEIGHT if text.note else 0) + KEY_HEIGHT


def _key(outlines: Outlines, legend: Sequence[Class], text: MapText) -> str:
    top = outlines.height + 20
    entries = [_entry(entry, index, top, text, outlines.width) for index, entry in enumerate(legend)]
    top += ((len(legend) + 2) // 3) * KEY_HEIGHT
    kilometres = max((km for km in SCALES_KM if km / outlines.km_per_unit <= outlines.width / 3), default=1)
    length = round(kilometres / outlines.km_per_unit)
    scale = (
        f'<path d="M8 {top + 8}v8h{length}v-8" fill="none" stroke="{INK}" stroke-width="2"/>'
        f'<text x="{length + 18}" y="{top + 18}">{kilometres} km</text>'
    )
    note = f'<text x="8" y="{top + KEY_HEIGHT + 22}">{escape(text.note)}</text>' if text.note else ""
    return f'<g font-size="25" fill="{INK}">{"".join(entries)}{scale}{note}</g>'


def _entry(entry: Class, index: int, top: int, text: MapText, width: int) -> str:
    x, y = 8 + (index % 3) * (width // 3), top + (index // 3) * KEY_HEIGHT
    return (
        f'<rect x="{x}" y="{y}" width="30" height="24" fill="{entry.fill}" stroke="{INK}" stroke-width="0.7"/>'
        f'<text x="{x + 40}" y="{y + 21}">{escape(label(entry, text))}</text>'
    )


def label(entry: Class, text: MapText) -> str:
    """What the legend says of a class."""
    if entry.kind != "range":
        return text.legend.get(entry.kind, text.withheld if entry.fill == SUPPRESSED else entry.kind)
    if entry.high is None or entry.high <= entry.low:
        return f"{entry.low:,}"
    return f"{entry.low:,} – {entry.high:,}"  # noqa: RUF001 - an en dash joins a range
