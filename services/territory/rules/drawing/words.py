"""The words of a map: what its title, its legend and each of its units say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from services.territory.rules.classes import Class, Figure, Kind, Pair

Shown: TypeAlias = Figure | Pair | Kind
DASH = "–"  # noqa: RUF001 - a dash is what a table shows
MINUS = "−"  # noqa: RUF001 - a minus sign, as wide as a plus


@dataclass(frozen=True)
class MapText:
    """The words of one map, already in the reader's language."""

    title: str
    description: str
    names: Mapping[str, str]
    legend: Mapping[str, str] = field(default_factory=dict)
    """Words for the kinds of class (`zero`, `suppressed`, `no_data`), and for each category."""
    withheld: str = "< 5"
    note: str = ""
    """Under the drawing of a map in a report: approximate boundaries."""
    notes: Sequence[str] = ()
    """Under the drawing that stands alone: the day of the figures, what is withheld, the source."""
    decimals: int = 0
    signed: bool = False
    """Whether figures are changes."""
    axes: tuple[str, str] = ("", "")
    """Of a map of two figures: what each counts."""
    names_only: bool = False
    """Whether units are ground that shows no figure of its own."""
    between: str = "{low} – {high}"  # noqa: RUF001 - an en dash joins a range
    more: str = "{low} +"
    """Of a range without an end."""


def number(value: int, text: MapText) -> str:
    """`1,234`, `12.5` where the figure counts tenths, `+3` and `−3` of a change."""  # noqa: RUF002
    told = f"{abs(value) / 10**text.decimals:,.{text.decimals}f}"
    sign = MINUS if value < 0 else "+" if text.signed and value > 0 else ""
    return sign + told


def told(shown: Shown, text: MapText) -> str:
    """What a unit shows, in words."""
    if isinstance(shown, Pair):
        return f"{told(shown.first, text)} · {told(shown.second, text)}"
    if shown.suppressed:
        return text.withheld
    if isinstance(shown, Kind):
        return text.legend.get(shown.code, shown.code) if shown.code else DASH
    return DASH if shown.value is None else number(shown.value, text)


def label(entry: Class, text: MapText) -> str:
    """What the legend says of a class."""
    if entry.kind == "category":
        return text.legend.get(entry.code, entry.code)
    if entry.kind == "pair" and entry.second:
        first, second = _range(entry.low, entry.high, text), _range(*entry.second, text)
        return f"{text.axes[0]}: {first} · {text.axes[1]}: {second}"
    if entry.kind != "range":
        return text.legend.get(entry.kind, text.withheld if entry.kind == "suppressed" else entry.kind)
    return _range(entry.low, entry.high, text)


def _range(low: int, high: int | None, text: MapText) -> str:
    if high is None:
        return text.more.format(low=number(low, text))
    if high <= low:
        return number(low, text)
    return text.between.format(low=number(low, text), high=number(high, text))


def wrapped(line: str, longest: int) -> list[str]:
    """The line broken between words, so that no part is longer than so many characters unless a word is."""
    lines: list[str] = []
    for word in line.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
