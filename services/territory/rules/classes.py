"""The classes of a map: one function says what colour a figure has, the same one says what the legend tells."""

from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = "#f6f2ec"
NO_DATA = "#e3e3e8"
SUPPRESSED = "url(#few)"
RAMP = ("#e7dcf3", "#c9aee4", "#a57fcd", "#7d4fae", "#542b82")
"""From few to many: ordered in lightness, so that it reads in grey and for the colour-blind."""


@dataclass(frozen=True)
class Figure:
    """What a unit shows on a map: a count, or a count withheld because it is small, or no figure at all."""

    value: int | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Class:
    """One entry of the legend; `kind` is `range`, `zero`, `suppressed` or `no_data`."""

    kind: str
    fill: str
    low: int = 0
    high: int | None = 0
    """None: and more."""


@dataclass(frozen=True)
class Classes:
    """The classes of one map; `starts` are the first values of the ranges, ascending, the last one open."""

    starts: tuple[int, ...]
    has_zero: bool = False
    has_suppressed: bool = False
    has_no_data: bool = False
    top: int = 0

    def of(self, figure: Figure) -> Class:
        """The class a figure falls in."""
        if figure.suppressed:
            return Class("suppressed", SUPPRESSED)
        if figure.value is None:
            return Class("no_data", NO_DATA)
        if figure.value == 0:
            return Class("zero", NOTHING)
        number = sum(figure.value >= start for start in self.starts) - 1
        return self._ranges()[max(number, 0)]

    def legend(self) -> list[Class]:
        """Every class that occurs, in the order in which a legend lists them."""
        listed = [Class("zero", NOTHING)] if self.has_zero else []
        listed += self._ranges()
        listed += [Class("suppressed", SUPPRESSED)] if self.has_suppressed else []
        return listed + ([Class("no_data", NO_DATA)] if self.has_no_data else [])

    def _ranges(self) -> list[Class]:
        if not self.starts:
            return []
        ends = [start - 1 for start in self.starts[1:]]
        fills = _spread(len(self.starts))
        return [
            Class("range", fill, low, high)
            for fill, low, high in zip(fills, self.starts, [*ends, self.top], strict=True)
        ]


def classes_of(figures: Iterable[Figure]) -> Classes:
    """At most five classes with about as many units in each, their limits round numbers (quantiles)."""
    told = list(figures)
    counts = sorted(figure.value for figure in told if figure.value and not figure.suppressed)
    return Classes(
        starts=tuple(_starts(counts)),
        has_zero=any(figure.value == 0 and not figure.suppressed for figure in told),
        has_suppressed=any(figure.suppressed for figure in told),
        has_no_data=any(figure.value is None and not figure.suppressed for figure in told),
        top=counts[-1] if counts else 0,
    )


def _starts(counts: list[int]) -> list[int]:
    if not counts:
        return []
    distinct = sorted(set(counts))
    if len(distinct) <= len(RAMP):
        return distinct
    cuts = [counts[len(counts) * part // len(RAMP)] for part in range(1, len(RAMP))]
    rounded = {_round_down(cut) for cut in cuts} - {0}
    return sorted({distinct[0]} | {start for start in rounded if start > distinct[0]})


def _round_down(value: int) -> int:
    """To two leading digits from 100 on: 137 -> 130, 1288 -> 1200."""
    if value < 100:
        return value
    step = 10 ** (len(str(value)) - 2)
    return int(value // step * step)


def _spread(number: int) -> list[str]:
    """`number` colours of the ramp, as far apart as they can be."""
    if number <= 1:
        return list(RAMP[2:3]) * number
    return [RAMP[round(place * (len(RAMP) - 1) / (number - 1))] for place in range(number)]
