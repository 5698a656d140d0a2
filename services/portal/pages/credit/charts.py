"""Drawings of figures over time: where lines, bands and bars stand in a picture that is legible on a phone.

The template draws; beside each drawing stands a table that says the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 370, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 10, 26
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Line:
    """One line with its band; `dashed` tells it from the other without colour."""

    label: str
    points: str
    band: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Bars:
    """The bars of one thing; `hollow` tells them from the other without colour."""

    label: str
    rects: list[tuple[float, float, float, float]]
    hollow: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawing: marks of both axes (place and label) and what stands between them."""

    title: str
    description: str
    rows: list[tuple[float, str]]
    columns: list[tuple[float, str]]
    lines: list[Line] = field(default_factory=list)
    bars: list[Bars] = field(default_factory=list)
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def lines(
    title: str,
    description: str,
    labels: Sequence[str],
    series: Iterable[tuple[str, Sequence[float], Sequence[tuple[float, float]]]],
) -> Chart:
    """A line for each of `series`: its label, its values, its band of low and high (empty where it has none)."""
    drawn = list(series)
    every = [value for _, values, bands in drawn for value in (*values, *(high for _, high in bands))]
    marks, highest = _marks(max(every, default=0.0))
    across = [_across(number, len(labels)) for number in range(len(labels))]
    found = [
        Line(
            label,
            _path((x, _down(value, highest)) for x, value in zip(across, values, strict=True)),
            _band(across, bands, highest) if bands else "",
            dashed=number > 0,
        )
        for number, (label, values, bands) in enumerate(drawn)
    ]
    return Chart(title, description, marks, _columns(across, labels), lines=found)


def bars(title: str, description: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> Chart:
    """Bars side by side, a group for each label."""
    marks, highest = _marks(max((value for _, values in series for value in values), default=0.0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    each = step * 0.8 / max(1, len(series))
    found = []
    for number, (label, values) in enumerate(series):
        rects = []
        for place, value in enumerate(values):
            y = _down(max(0.0, value), highest)
            x = _LEFT + place * step + step * 0.1 + number * each
            rects.append((round(x, 1), y, round(each, 1), round(HEIGHT - _BOTTOM - y, 1)))
        found.append(Bars(label, rects, hollow=number > 0))
    middles = [_LEFT + (place + 0.5) * step for place in range(len(labels))]
    return Chart(title, description, marks, _columns(middles, labels), bars=found)


def _marks(highest: float) -> tuple[list[tuple[float, str]], float]:
    """Round numbers up to above the highest value, and the last of them."""
    if highest <= 0:
        highest = 1.0
    size = 10.0 ** (len(str(int(highest))) - 1) / (1 if highest >= 1 else 10)
    step = next(size * one for one in (*(part / 4 for part in _STEPS), *_STEPS) if size * one * 4 >= highest)
    last = step * 4
    return [(_down(step * number, last), f"{step * number:,.6g}") for number in range(5)], last


def _across(number: int, count: int) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * number / max(1, count - 1), 1)


def _down(value: float, highest: float) -> float:
    bottom = HEIGHT - _BOTTOM
    return round(bottom - (bottom - _TOP) * min(max(value, 0.0), highest) / highest, 1)


def _columns(across: Sequence[float], labels: Sequence[str]) -> list[tuple[float, str]]:
    """The labels of at most five columns, so that they do not run into each other."""
    every = max(1, -(-len(labels) // 5))
    return [(x, label) for number, (x, label) in enumerate(zip(across, labels, strict=True)) if number % every == 0]


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _band(across: Sequence[float], bands: Sequence[tuple[float, float]], highest: float) -> str:
    above = [(x, _down(high, highest)) for x, (_, high) in zip(across, bands, strict=True)]
    below = [(x, _down(low, highest)) for x, (low, _) in zip(across, bands, strict=True)]
    return _path([*above, *reversed(below)])
