"""What lies on the ground of a map: circles, hexagons, areas, lines; each with the legend of its sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import hypot, sqrt

from services.territory.rules.classes import Classes, Figure
from services.territory.rules.drawing.words import MapText, number, told
from services.territory.rules.fills import BUBBLE, FLOW, INK, WORDS
from services.territory.rules.outlines import Outlines

LARGEST = 52.0
"""Radius of the circle of the largest value, in grid units."""
WIDEST = 14.0
MOST_LINES = 80
"""More of them hide each other; the table has all."""
_STEPS = (5, 2, 1)
_HALO = 'stroke="#fff" stroke-width="5" paint-order="stroke"'


@dataclass(frozen=True)
class Over:
    """What is drawn over the units, and the legend of its sizes under the map: `below` from 0 down, `height` high."""

    markup: str = ""
    below: str = ""
    height: int = 0
    fills: tuple[str, ...] = ()
    covers: bool = False
    """Whether it covers the ground, so that the frames of the larger units are drawn on top of it."""


NOTHING_OVER = Over()


@dataclass(frozen=True)
class Sizes:
    """Circles whose area is as the value: `top` is the largest."""

    top: int

    def radius(self, value: int) -> float:
        """In grid units; of nothing, none."""
        return LARGEST * sqrt(max(value, 0) / self.top) if self.top else 0.0

    def legend(self) -> list[int]:
        """Up to three round values, the largest first, of which each has about a quarter of the area of the last."""
        return _round_values(self.top, 4)


@dataclass(frozen=True)
class Widths:
    """Lines as wide as the value: `top` is the largest."""

    top: int

    def width(self, value: int) -> float:
        """In grid units; a line that is there can be seen."""
        return max(WIDEST * value / self.top, 1.5) if self.top else 0.0

    def legend(self) -> list[int]:
        """Up to three round values, the largest first."""
        return _round_values(self.top, 3)


@dataclass(frozen=True)
class Hexagon:
    """A cell of the grid at its middle (grid units), and how many points lie in it."""

    middle: tuple[int, int]
    count: Figure


@dataclass(frozen=True)
class Area:
    """What lies inside these corners (grid units): how many, its short `label`, and what is told of it."""

    corners: tuple[tuple[int, int], ...]
    count: Figure
    label: str
    told: str


@dataclass(frozen=True)
class Flow:
    """So much goes from one unit to another."""

    origin: str
    destination: str
    value: int


def circles(outlines: Outlines, figures: Mapping[str, Figure], text: MapText) -> Over:
    """A circle in each unit that shows a value, the larger ones first, so that none hides a smaller one."""
    counted = {
        code: figure.value
        for code, figure in figures.items()
        if figure.value and not figure.suppressed and code in outlines.centres
    }
    sizes = Sizes(max(counted.values(), default=0))
    drawn = []
    for code, value in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        x, y = outlines.centres[code]
        name = escape(f"{text.names.get(code, code)}: {number(value, text)}")
        drawn.append(f'<circle cx="{x}" cy="{y}" r="{sizes.radius(value):.1f}"><title>{name}</title></circle>')
    if not drawn:
        return NOTHING_OVER
    markup = f'<g fill="{BUBBLE}" fill-opacity=".78" stroke="#fff" stroke-width="1.5">{"".join(drawn)}</g>'
    return Over(markup, _nested(sizes, text), round(2 * LARGEST) + 20)


def hexagons(cells: Sequence[Hexagon], corners: Sequence[tuple[int, int]], classes: Classes, text: MapText) -> Over:
    """The cells filled by class, each with its count. All have the same `corners`, counted from their middle, so that
    their paths differ in their beginning only.
    """
    by_fill: dict[str, list[str]] = {}
    first = corners[0] if corners else (0, 0)
    steps = "".join(f"{b[0] - a[0]:+}{b[1] - a[1]:+}" for a, b in pairwise(corners))
    for cell in cells:
        start = f"M{cell.middle[0] + first[0]} {cell.middle[1] + first[1]}"
        by_fill.setdefault(classes.of(cell.count).fill, []).append(
            f'<path d="{start}l{steps}z"><title>{escape(told(cell.count, text))}</title></path>'
        )
    groups = "".join(f'<g fill="{fill}">{"".join(paths)}</g>' for fill, paths in sorted(by_fill.items()))
    markup = f'<g stroke="{INK}" stroke-width=".6">{groups}</g>' if groups else ""
    return Over(markup, fills=tuple(sorted(by_fill)), covers=True)


def areas(given: Sequence[Area], classes: Classes, text: MapText) -> Over:
    """Each area filled by class, half transparent, with its label in the middle; the largest lie lowest."""
    drawn, labels = [], []
    for area in sorted(given, key=lambda one: (-(one.count.value or 0), one.label)):
        path = "L".join(f"{x} {y}" for x, y in area.corners)
        title = escape(f"{area.told}: {told(area.count, text)}")
        drawn.append(f'<path d="M{path}z" fill="{classes.of(area.count).fill}"><title>{title}</title></path>')
        middle = [sum(values) / len(area.corners) for values in zip(*area.corners, strict=True)]
        labels.append(f'<text x="{middle[0]:.0f}" y="{middle[1] + 8:.0f}">{escape(area.label)}</text>')
    if not drawn:
        return NOTHING_OVER
    words = f'<g font-size="21" font-weight="bold" text-anchor="middle" fill="{INK}" {_HALO}>{"".join(labels)}</g>'
    return Over(f'<g fill-opacity=".85" stroke="{INK}" stroke-width="1.6">{"".join(drawn)}</g>{words}')


def flows(outlines: Outlines, given: Sequence[Flow], text: MapText) -> Over:
    """A curved line with an arrow from unit to unit, as wide as its value, of the `MOST_LINES` largest; the widest lie
    lowest. What begins or ends outside the drawing, or in the unit where it began, is not drawn.
    """
    inside = [
        flow
        for flow in given
        if flow.value > 0
        and flow.origin != flow.destination
        and flow.origin in outlines.centres
        and flow.destination in outlines.centres
    ]
    widths = Widths(max((flow.value for flow in inside), default=0))
    ordered = sorted(inside, key=lambda flow: (-flow.value, flow.origin, flow.destination))
    drawn = "".join(_curve(outlines, flow, widths, text) for flow in ordered[:MOST_LINES])
    if not drawn:
        return NOTHING_OVER
    samples = widths.legend()
    below = "".join(
        f'<path d="M{8 + place * 260} 22h70" stroke="{FLOW}" stroke-width="{widths.width(value):.1f}"/>'
        f'<text x="{88 + place * 260}" y="30">{number(value, text)}</text>'
        for place, value in enumerate(samples)
    )
    return Over(f'<g fill="none" stroke="{FLOW}">{drawn}</g>', _row(below), 50)


def _curve(outlines: Outlines, flow: Flow, widths: Widths, text: MapText) -> str:
    (x1, y1), (x2, y2) = outlines.centres[flow.origin], outlines.centres[flow.destination]
    bend_x, bend_y = (x1 + x2) / 2 - (y2 - y1) * 0.18, (y1 + y2) / 2 + (x2 - x1) * 0.18
    width = widths.width(flow.value)
    along_x, along_y = x2 - bend_x, y2 - bend_y
    length = hypot(along_x, along_y) or 1.0
    unit_x, unit_y = along_x / length, along_y / length
    tip = min(8 + width, length)
    base_x, base_y = x2 - unit_x * tip, y2 - unit_y * tip
    side = 4 + width * 0.7
    names = f"{text.names.get(flow.origin, flow.origin)} → {text.names.get(flow.destination, flow.destination)}"
    line = f"M{x1} {y1}Q{bend_x:.0f} {bend_y:.0f} {base_x:.0f} {base_y:.0f}"
    return (
        f"<g><title>{escape(names)}: {number(flow.value, text)}</title>"
        f'<path d="{line}" stroke="#fff" stroke-width="{width + 4:.1f}"/><path d="{line}" stroke-width="{width:.1f}"/>'
        f'<path d="M{x2} {y2}L{base_x - unit_y * side:.0f} {base_y + unit_x * side:.0f}'
        f'L{base_x + unit_y * side:.0f} {base_y - unit_x * side:.0f}z" fill="{FLOW}" stroke="#fff" '
        'stroke-width="1.5"/></g>'
    )


def _nested(sizes: Sizes, text: MapText) -> str:
    """The circles of the legend inside each other, standing on one line, each with its value."""
    ground, middle, outline = 2 * LARGEST + 8, 8 + LARGEST, f'fill="none" stroke="{WORDS}"'
    drawn = []
    for place, value in enumerate(sizes.legend()):
        radius = sizes.radius(value)
        top = ground - 2 * radius
        line = 14 + place * 36
        drawn.append(
            f'<circle cx="{middle:.0f}" cy="{ground - radius:.1f}" r="{radius:.1f}" stroke-width="1.5" {outline}/>'
            f'<path d="M{middle:.0f} {top:.1f}L{2 * LARGEST + 40:.0f} {line + 6:.0f}h12" stroke-width=".8" {outline}/>'
            f'<text x="{2 * LARGEST + 60:.0f}" y="{line + 14:.0f}">{number(value, text)}</text>'
        )
    return _row("".join(drawn))


def _row(markup: str) -> str:
    return f'<g font-size="25" fill="{WORDS}">{markup}</g>'


def _round_values(top: int, part: int) -> list[int]:
    found: list[int] = []
    wanted = float(top)
    while wanted >= 1 and len(found) < 3:
        scale = 10 ** (len(str(int(wanted))) - 1)
        value = next(step * scale for step in _STEPS if step * scale <= wanted)
        if value not in found:
            found.append(value)
        wanted /= part
    return found
