"""The scores of the areas as a radar: a drawing that needs nothing else, told apart without colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _RADIUS = 420, 380, 118
_CENTRE = (210, 172)
_INK, _GRID, _PAPER = "#2d2926", "#b9b0a8", "#ffffff"
_STROKES, _DASHES, _FILLS = ("#542b82", "#a1500c"), ("", "6 4"), ("0.18", "0")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the radar: its name and a score for each area, None where there is none to draw."""

    name: str
    scores: Sequence[float | None]


def radar(title: str, description: str, areas: Sequence[str], lines: Sequence[Line]) -> str:
    """The drawing of at most two lines: the first filled, the second dashed; the outer ring is a score of 1."""
    rings = "".join(
        f'<polygon points="{_ring(share, len(areas))}" fill="none" stroke="{_GRID}"/>'
        f'<text x="{_CENTRE[0] + 4}" y="{_CENTRE[1] - share * _RADIUS + 4:.0f}" font-size="10">{share:.0%}</text>'
        for share in (0.25, 0.5, 0.75, 1.0)
    )
    spokes = "".join(_spoke(place, name, len(areas)) for place, name in enumerate(areas))
    drawn = "".join(_line(place, line) for place, line in enumerate(lines[: len(_STROKES)]))
    key = "".join(_key(place, line) for place, line in enumerate(lines[: len(_STROKES)]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" '
        f'aria-labelledby="radar-title radar-about" font-family="sans-serif" font-size="12" fill="{_INK}">'
        f'<title id="radar-title">{escape(title)}</title><desc id="radar-about">{escape(description)}</desc>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{_PAPER}"/>{rings}{spokes}{drawn}{key}</svg>'
    )


def _at(place: int, share: float, of: int) -> tuple[float, float]:
    turn = 2 * math.pi * place / of
    return _CENTRE[0] + share * _RADIUS * math.sin(turn), _CENTRE[1] - share * _RADIUS * math.cos(turn)


def _ring(share: float, of: int) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(place, share, of) for place in range(of)))


def _spoke(place: int, name: str, of: int) -> str:
    x, y = _at(place, 1, of)
    said_x, said_y = _at(place, 1.14, of)
    anchor = "middle" if abs(said_x - _CENTRE[0]) < 12 else "start" if said_x > _CENTRE[0] else "end"
    words = name.split()
    upper, lower = (words[0], " ".join(words[1:])) if len(words) > 1 else (name, "")
    second = f'<tspan x="{said_x:.0f}" dy="13">{escape(lower)}</tspan>' if lower else ""
    return (
        f'<line x1="{_CENTRE[0]}" y1="{_CENTRE[1]}" x2="{x:.1f}" y2="{y:.1f}" stroke="{_GRID}"/>'
        f'<text x="{said_x:.0f}" y="{said_y:.0f}" text-anchor="{anchor}">{escape(upper)}{second}</text>'
    )


def _line(place: int, line: Line) -> str:
    of = len(line.scores)
    points = [_at(spoke, share, of) for spoke, share in enumerate(line.scores) if share is not None]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    colour = _STROKES[place]
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        if place == 0
        else f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{_PAPER}" stroke="{colour}"/>'
        for x, y in points
    )
    return (
        f'<polygon points="{corners}" fill="{colour}" fill-opacity="{_FILLS[place]}" stroke="{colour}" '
        f'stroke-width="2" stroke-dasharray="{_DASHES[place]}"/>{marks}'
    )


def _key(place: int, line: Line) -> str:
    y = _HEIGHT - 34 + place * 20
    return (
        f'<line x1="24" y1="{y}" x2="58" y2="{y}" stroke="{_STROKES[place]}" stroke-width="2" '
        f'stroke-dasharray="{_DASHES[place]}"/><text x="66" y="{y + 4}">{escape(line.name)}</text>'
    )
