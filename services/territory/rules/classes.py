"""The classes of a map: one function says what colour a figure has, the same one says what the legend tells."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.territory.rules.analysis import classification
from services.territory.rules.fills import DECREASES, INCREASES, NO_DATA, NOTHING, PAIRS, RAMP, SUPPRESSED, spread

SCHEMES = ("quantile", "equal_interval", "fisher_jenks", "standard_deviation", "own_breaks")
MOST_CLASSES = 7
DEVIATIONS: Mapping[int, tuple[float, ...]] = {
    2: (0.0,),
    3: (-1.0, 1.0),
    4: (-1.0, 0.0, 1.0),
    5: (-2.0, -1.0, 1.0, 2.0),
    6: (-2.0, -1.0, 0.0, 1.0, 2.0),
    7: (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0),
}
"""Where so many classes end, in standard deviations from the mean."""
PAIR_CLASSES = 3
CHANGE_CLASSES = 3
"""Classes of an increase, and as many of a decrease."""


@dataclass(frozen=True)
class Figure:
    """What a unit shows on a map: a whole number, or one withheld because it is small, or none at all. A rate is a
    whole number of its smallest step (tenths of a per cent).
    """

    value: int | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Pair:
    """Two figures of one unit."""

    first: Figure
    second: Figure


@dataclass(frozen=True)
class Kind:
    """The category of a unit; None where it has none."""

    code: str | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Class:
    """One entry of a legend; `kind` is `range`, `zero`, `suppressed`, `no_data`, `category` or `pair`."""

    kind: str
    fill: str
    low: int = 0
    high: int | None = 0
    """None: and more."""
    code: str = ""
    """Of a category."""
    second: tuple[int, int | None] | None = None
    """Of a pair: the limits of its second figure."""


class Key(Protocol):
    """What fills a map: the class of whatever a unit shows, and every class that occurs, as the legend lists them."""

    def of(self, shown: Any, /) -> Class: ...

    def legend(self) -> list[Class]: ...


@dataclass(frozen=True)
class _Occurring:
    """Which of the entries that are no range occur."""

    zero: bool = False
    suppressed: bool = False
    no_data: bool = False

    @classmethod
    def in_(cls, figures: Iterable[Figure]) -> "_Occurring":
        told = list(figures)
        return cls(
            any(figure.value == 0 and not figure.suppressed for figure in told),
            any(figure.suppressed for figure in told),
            any(figure.value is None and not figure.suppressed for figure in told),
        )

    def first(self) -> list[Class]:
        return [ZERO] if self.zero else []

    def last(self) -> list[Class]:
        return ([WITHHELD] if self.suppressed else []) + ([MISSING] if self.no_data else [])


ZERO = Class("zero", NOTHING)
WITHHELD = Class("suppressed", SUPPRESSED)
MISSING = Class("no_data", NO_DATA)


def _apart(figure: Figure) -> Class | None:
    """The class of what is in no range."""
    if figure.suppressed:
        return WITHHELD
    return MISSING if figure.value is None else None


@dataclass(frozen=True)
class Classes:
    """The classes of one map of counts or rates; `starts` are the first values of the ranges, ascending. `top` ends the
    last one; None leaves it open.
    """

    starts: tuple[int, ...]
    has: _Occurring = _Occurring()
    top: int | None = 0

    def of(self, figure: Figure) -> Class:
        """The class a figure falls in."""
        found = _apart(figure)
        if found or figure.value is None:
            return found or MISSING
        if figure.value == 0:
            return ZERO
        return self._ranges()[_place(figure.value, self.starts)]

    def legend(self) -> list[Class]:
        """Every class that occurs, in the order in which a legend lists them."""
        return self.has.first() + self._ranges() + self.has.last()

    def _ranges(self) -> list[Class]:
        ends = [*(start - 1 for start in self.starts[1:]), self.top]
        fills = spread(RAMP, len(self.starts))
        return [
            Class("range", fill, low, high)
            for fill, low, high in zip(fills, self.starts, ends, strict=bool(self.starts))
        ]


@dataclass(frozen=True)
class Changes:
    """The classes of a map of changes, the same on both sides of zero; `starts` are the first amounts of the ranges."""

    starts: tuple[int, ...]
    lowest: int = 0
    highest: int = 0
    has: _Occurring = _Occurring()

    def of(self, figure: Figure) -> Class:
        """The class a change falls in."""
        found = _apart(figure)
        if found or figure.value is None:
            return found or MISSING
        if figure.value == 0:
            return ZERO
        side = self._increases() if figure.value > 0 else self._decreases()
        return side[_place(abs(figure.value), self.starts)]

    def legend(self) -> list[Class]:
        """From the largest decrease over "unchanged" to the largest increase, without a side on which nothing lies."""
        falls = self._decreases()[::-1] if self.lowest < 0 else []
        rises = self._increases() if self.highest > 0 else []
        return falls + self.has.first() + rises + self.has.last()

    def _increases(self) -> list[Class]:
        ranges = self._amounts(max(self.highest, -self.lowest))
        return [
            Class("range", fill, low, high)
            for fill, (low, high) in zip(spread(INCREASES, len(ranges)), ranges, strict=True)
        ]

    def _decreases(self) -> list[Class]:
        ranges = self._amounts(max(self.highest, -self.lowest))
        fills = DECREASES[-len(ranges) :] if ranges else ()
        return [Class("range", fill, -high, -low) for fill, (low, high) in zip(fills, ranges, strict=True)]

    def _amounts(self, largest: int) -> list[tuple[int, int]]:
        ends = [*(start - 1 for start in self.starts[1:]), largest]
        return list(zip(self.starts, ends, strict=bool(self.starts)))


@dataclass(frozen=True)
class PairClasses:
    """Three classes of each of two figures, and the nine of both together."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    tops: tuple[int, int] = (0, 0)
    has: _Occurring = _Occurring()

    def of(self, pair: Pair) -> Class:
        """The class a unit falls in; withheld or without data where one of its figures is."""
        found = _apart(pair.first) or _apart(pair.second)
        if found or pair.first.value is None or pair.second.value is None:
            return found or MISSING
        return self._at(_place(pair.first.value, self.first), _place(pair.second.value, self.second))

    def legend(self) -> list[Class]:
        """Row by row, the second figure descending, the first ascending, as they stand in the square of the legend."""
        rows = range(len(self.second) - 1, -1, -1)
        return [self._at(column, row) for row in rows for column in range(len(self.first))] + self.has.last()

    def _at(self, column: int, row: int) -> Class:
        low, high = _limits(self.first, column, self.tops[0])
        return Class("pair", PAIRS[row][column], low, high, second=_limits(self.second, row, self.tops[1]))


@dataclass(frozen=True)
class Categories:
    """Categories with their fills, in the order of the legend."""

    fills: Mapping[str, str]
    has: _Occurring = _Occurring()

    def of(self, kind: Kind) -> Class:
        """The entry of a category."""
        if kind.suppressed:
            return WITHHELD
        return MISSING if kind.code is None else Class("category", self.fills[kind.code], code=kind.code)

    def legend(self) -> list[Class]:
        """The categories, then what has none."""
        return [Class("category", fill, code=code) for code, fill in self.fills.items()] + self.has.last()


@dataclass(frozen=True)
class Plain:
    """Units that are only ground, under circles, hexagons or lines: what is withheld or has no data still shows."""

    has: _Occurring = _Occurring()

    def of(self, figure: Figure) -> Class:
        """Where it lies, and no more."""
        return _apart(figure) or ZERO

    def legend(self) -> list[Class]:
        """Only what is withheld or missing."""
        return self.has.last()


def classes_of(
    figures: Iterable[Figure], scheme: str = "quantile", number: int = 5, breaks: Sequence[int] = ()
) -> Classes:
    """At most `number` classes by one of `SCHEMES`, without those in which nothing lies. Limits of quantiles are round
    numbers; own breaks are the last values of their classes, which stay whether or not something lies in them.
    """
    told = list(figures)
    counts = sorted(figure.value for figure in told if figure.value and not figure.suppressed)
    has = _Occurring.in_(told)
    if scheme == "own_breaks":
        return Classes((1, *(limit + 1 for limit in sorted(set(breaks)))), has, None)
    return Classes(tuple(_starts(counts, scheme, number)), has, counts[-1] if counts else 0)


def changes_of(figures: Iterable[Figure], scheme: str = "quantile") -> Changes:
    """At most three classes of increases and the same of decreases, by one of `SCHEMES` on the amounts."""
    told = list(figures)
    changed = [figure.value for figure in told if figure.value and not figure.suppressed]
    amounts = sorted(abs(change) for change in changed)
    starts = _starts(amounts, scheme if scheme in _FUNCTIONS else "quantile", CHANGE_CLASSES)
    return Changes(tuple(starts), min(changed, default=0), max(changed, default=0), _Occurring.in_(told))


def pairs_of(pairs: Iterable[Pair], scheme: str = "quantile") -> PairClasses:
    """At most three classes of each figure, zero among them."""
    told = list(pairs)
    withheld = any(pair.first.suppressed or pair.second.suppressed for pair in told)
    whole = [
        (a, b) for pair in told if (a := _shown(pair.first)) is not None and (b := _shown(pair.second)) is not None
    ]
    first, second = (sorted(values) for values in zip(*whole, strict=True)) if whole else ([], [])
    method = scheme if scheme in _FUNCTIONS else "quantile"
    return PairClasses(
        tuple(_starts(first, method, PAIR_CLASSES)),
        tuple(_starts(second, method, PAIR_CLASSES)),
        (first[-1], second[-1]) if whole else (0, 0),
        _Occurring(suppressed=withheld, no_data=len(whole) < len(told) and _lacks(told)),
    )


def plain(figures: Iterable[Figure]) -> Plain:
    """The ground of a map whose figures lie on top of it."""
    return Plain(_Occurring.in_(figures))


def categories(fills: Mapping[str, str], kinds: Iterable[Kind]) -> Categories:
    """Of `fills` those that occur in `kinds`, in their order."""
    told = list(kinds)
    occurring = {kind.code for kind in told if not kind.suppressed}
    has = _Occurring(
        suppressed=any(kind.suppressed for kind in told),
        no_data=any(not kind.suppressed and not kind.code for kind in told),
    )
    return Categories({code: fill for code, fill in fills.items() if code in occurring}, has)


def _shown(figure: Figure) -> int | None:
    return None if figure.suppressed else figure.value


def _lacks(pairs: Iterable[Pair]) -> bool:
    return any(
        _apart(pair.first) == MISSING or (_apart(pair.second) == MISSING and _apart(pair.first) is None)
        for pair in pairs
    )


def _place(value: int, starts: Sequence[int]) -> int:
    return max(sum(value >= start for start in starts) - 1, 0)


def _limits(starts: Sequence[int], place: int, top: int) -> tuple[int, int]:
    return starts[place], starts[place + 1] - 1 if place + 1 < len(starts) else top


_FUNCTIONS: Mapping[str, Callable[[list[int], int], classification.Classification]] = {
    "quantile": classification.quantile,
    "equal_interval": classification.equal_interval,
    "fisher_jenks": classification.fisher_jenks,
    "standard_deviation": lambda counts, number: classification.standard_deviation(counts, DEVIATIONS[number]),
}


def _starts(counts: list[int], scheme: str, number: int) -> list[int]:
    """The first value of each class that holds any."""
    found = [int(start) for start in _FUNCTIONS[scheme](counts, number).starts]
    if scheme != "quantile" or len(set(counts)) <= number:
        return found
    rounded = {_round_down(start) for start in found[1:]}
    return sorted({found[0]} | {start for start in rounded if start > found[0]})


def _round_down(value: int) -> int:
    """To two leading digits from 100 on: 137 -> 130, 1288 -> 1200."""
    if value < 100:
        return value
    step = 10 ** (len(str(value)) - 2)
    return int(value // step * step)
