"""The links of value chains as SVG drawings that need nothing else: one chain from link to link, and all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt

from services.territory.rules.chains import ABSENT, MISSING
from services.territory.rules.fills import INK

PAPER, BAD = "#ffffff", "#a3282f"
TINT, DARK = "#d8e9e6", "#0b5563"
WIDTH, BOX, GAP = 340, 62, 26
LABELS, COLUMN, ROW, HEAD = 200, 98, 46, 40
_LARGEST = 20.0


@dataclass(frozen=True)
class Node:
    """A link as it is drawn: its name, who stands there in words, its state, and how many that are; `held_back`: it is
    what holds the chain back.
    """

    name: str
    told: str
    state: str
    size: int
    held_back: bool = False


@dataclass(frozen=True)
class Line:
    """A chain as it is drawn among others."""

    name: str
    nodes: Sequence[Node]


def draw_chain(key: str, title: str, description: str, flow: Sequence[Node], beside: Sequence[Node] = ()) -> str:
    """The links that goods pass, one below the other with an arrow between, and beneath them those that stand beside
    the flow. `key` keeps this drawing's names apart from those of others on the page.
    """
    parts, top = [], 4
    for place, node in enumerate(flow):
        if place:
            parts.append(_arrow(top))
            top += GAP
        parts.append(_box(node, top))
        top += BOX
    for node in beside:
        top += GAP // 2
        parts.append(_box(node, top))
        top += BOX
    return _svg(key, title, description, WIDTH, top + 4, parts)


def draw_chains(
    key: str, title: str, description: str, links: Sequence[str], lines: Sequence[Line], *, at_least: int = 0
) -> str:
    """Every chain in a line with a circle at each link, its area as many as stand there; an empty ring where the chain
    lacks a link. The largest circle stands for `at_least` so many.
    """
    largest = max((node.size for line in lines for node in line.nodes), default=0)
    largest = max(largest, at_least)
    parts = [_column(name, place) for place, name in enumerate(links)]
    for row, line in enumerate(lines):
        middle = HEAD + row * ROW + ROW // 2
        parts.append(f'<text x="4" y="{middle + 5}">{escape(line.name)}</text>')
        parts.append(f'<path d="M{LABELS} {middle}h{COLUMN * len(links)}" stroke="{TINT}" stroke-width="3"/>')
        parts += [_circle(node, place, middle, largest) for place, node in enumerate(line.nodes)]
    return _svg(key, title, description, LABELS + COLUMN * len(links), HEAD + ROW * len(lines) + 4, parts)


def _svg(key: str, title: str, description: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-labelledby="{key}-title {key}-about" font-family="sans-serif" font-size="15" fill="{INK}">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-about">{escape(description)}</desc>'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _box(node: Node, top: int) -> str:
    edge = f'stroke="{BAD}" stroke-width="3"' if node.held_back or node.state == MISSING else f'stroke="{INK}"'
    dashes = "" if node.size or node.state not in {MISSING, ABSENT} else ' stroke-dasharray="7 5"'
    fill = TINT if node.size else PAPER
    return (
        f'<rect x="3" y="{top}" width="{WIDTH - 6}" height="{BOX}" rx="8" fill="{fill}" {edge}{dashes}/>'
        f'<text x="18" y="{top + 26}" font-weight="bold">{escape(node.name)}</text>'
        f'<text x="18" y="{top + 48}">{escape(node.told)}</text>'
    )


def _arrow(top: int) -> str:
    middle = WIDTH // 2
    return (
        f'<path d="M{middle} {top + 3}v{GAP - 10}m-6 -6l6 7l6 -7" fill="none" stroke="{INK}" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _column(name: str, place: int) -> str:
    x = LABELS + place * COLUMN + COLUMN // 2
    words = name.split()
    lines = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])] if len(words) > 1 else [name]
    texts = "".join(f'<tspan x="{x}" dy="{15 * (n > 0)}">{escape(line)}</tspan>' for n, line in enumerate(lines))
    return f'<text y="16" text-anchor="middle" font-size="13">{texts}</text>'


def _circle(node: Node, place: int, middle: int, largest: int) -> str:
    x, told = LABELS + place * COLUMN + COLUMN // 2, f"<title>{escape(f'{node.name}: {node.told}')}</title>"
    if not node.size:
        if node.state != MISSING:
            return ""
        ring = f'fill="{PAPER}" stroke="{BAD}" stroke-width="2.5" stroke-dasharray="5 4"'
        return f'<circle cx="{x}" cy="{middle}" r="11" {ring}>{told}</circle>'
    radius = max(3.0, _LARGEST * sqrt(node.size / largest))
    edge = f' stroke="{BAD}" stroke-width="4"' if node.held_back else ""
    return f'<circle cx="{x}" cy="{middle}" r="{radius:.1f}" fill="{DARK}"{edge}>{told}</circle>'
