"""Where the classes of a choropleth map end, and which class a value falls in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LARGEST = 1e150
"""The largest absolute value that is classified: its square is still a number."""


@dataclass(frozen=True, slots=True)
class Range:
    """One class as a legend tells it: values above `above` (None: no lower limit) up to and with `upto` (None: no upper
    limit). `count` values lie in it; `smallest` and `largest` are those that occur (None where none does).
    """

    above: float | None
    upto: float | None
    count: int
    smallest: float | None
    largest: float | None


@dataclass(frozen=True, slots=True)
class Classification:
    """The classes of n values. Class i holds what is above `breaks[i - 1]` up to and with `breaks[i]`; the first and
    the last are open, so that every number has a class.

    `asked` is the number of classes asked for, `distinct` how many different values there were. `fit` is the goodness
    of variance fit, 1 - (sum of squares within the classes) / (sum of squares about the mean), from 0 (one class) to 1
    (every class a single value); None of no values (Jenks 1967, The data model concept in statistical mapping;
    Robinson, Sale & Morrison 1978, Elements of Cartography).
    """

    scheme: str
    breaks: tuple[float, ...]
    ranges: tuple[Range, ...]
    n: int
    asked: int
    distinct: int
    fit: float | None

    @property
    def counts(self) -> tuple[int, ...]:
        """How many of the values lie in each class."""
        return tuple(one.count for one in self.ranges)

    @property
    def starts(self) -> tuple[float, ...]:
        """The smallest value in each class that holds any, ascending. The legend of a map of counts begins its ranges
        there: `starts[i] <= value < starts[i + 1]` sorts the values classified as `of` does.
        """
        return tuple(one.smallest for one in self.ranges if one.smallest is not None)

    def of(self, values: ArrayLike) -> NDArray[np.intp]:
        """The class of each value, from 0, in the shape of `values`; the legend is counted with it too. Beyond the
        outer limits a value is of the first or the last class. Refused: NaN; any value where there are no classes.
        """
        told = np.asarray(values, dtype=np.float64)
        if np.isnan(told).any():
            raise ValueError("a value to classify is not a number")
        if told.size and not self.ranges:
            raise ValueError("no values were classified: there are no classes")
        return np.searchsorted(np.asarray(self.breaks), told, side="left")


def equal_interval(values: ArrayLike, k: int) -> Classification:
    """Classes of one width, up to lowest + i (highest - lowest) / k; one with nothing in it stays. All values equal:
    one class. No values: no class. Refused: k below 1; values that are not finite (a unit without a figure has no
    value to bring), above `LARGEST` or not in one row.
    """
    told = _values(values, k)
    limits = np.linspace(told[0], told[-1], k + 1)[1:-1] if told.size and told[0] < told[-1] else np.empty(0)
    return _classified("equal_interval", told, limits, k)


def quantile(values: ArrayLike, k: int) -> Classification:
    """Classes with about as many values in each, up to the quantiles i / k with linear interpolation (Hyndman & Fan
    1996, Sample quantiles in statistical packages, type 7).

    Values that are equal stay together, so that classes may differ in size, and a class in which nothing would lie is
    left out: there may be fewer than k. With at most k distinct values each has its own class. No values: no class.
    Refused as by `equal_interval`.
    """
    told = _values(values, k)
    distinct = np.unique(told)
    if distinct.size <= k:
        return _classified("quantile", told, distinct[:-1], k)
    place, part = np.divmod(np.arange(1, k) * (told.size - 1), k)
    limits = np.unique(told[place] + (told[place + 1] - told[place]) * (part / k))
    filled = np.diff(np.searchsorted(told, limits, side="right"), prepend=0) > 0
    return _classified("quantile", told, limits[filled & (limits < told[-1])], k)


def standard_deviation(values: ArrayLike, multiples: Sequence[float] = (-2.0, -1.0, 1.0, 2.0)) -> Classification:
    """Classes that end at mean + multiple x standard deviation (of a sample, n - 1), one more than there are
    `multiples`. Classes in which nothing lies stay. One value, or all equal: one class. No values: no class. Refused:
    multiples that do not ascend; values as by `equal_interval`.
    """
    steps = _ascending(multiples)
    told = _values(values, steps.size + 1)
    varies = told.size > 0 and told[0] < told[-1]
    limits = told.mean() + steps * told.std(ddof=1) if varies else np.empty(0)
    return _classified("standard_deviation", told, limits, steps.size + 1)


def own_breaks(values: ArrayLike, breaks: Sequence[float]) -> Classification:
    """The classes that end at `breaks`, one more than these, whether or not anything lies in them: two maps that are
    to be compared have the same ones. Refused: breaks that do not ascend; values as by `equal_interval`.
    """
    limits = _ascending(breaks)
    return _classified("own_breaks", _values(values, limits.size + 1), limits, limits.size + 1)


def fisher_jenks(values: ArrayLike, k: int) -> Classification:
    """The k classes with the least sum of squares about their own means: of all ways to cut the ordered values none is
    better (Fisher 1958, On grouping for maximum homogeneity; Jenks 1977, Optimal data classification for choropleth
    maps). A class ends at its largest value; equal values stay together. With at most k distinct values each has its
    own class. No values: no class. Refused as by `equal_interval`.

    The least sum for the first j values in m classes is the least of that for the first i in m - 1 plus the sum of
    squares of i..j; the best i never falls as j rises, so that one row takes n log n steps. Sums run from that end
    of the range where the values are dense: rounding, 1e-15 of the squares of the distances from it, does not
    touch small values beside huge ones.
    """
    told = _values(values, k)
    distinct, weights = np.unique(told, return_counts=True)
    if distinct.size <= k:
        return _classified("fisher_jenks", told, distinct[:-1], k)
    if told[told.size // 2] - told[0] <= told[-1] - told[told.size // 2]:
        ends = _optimal_cuts((distinct - told[0]) / (told[-1] - told[0]), weights, k)
    else:
        mirrored = _optimal_cuts((told[-1] - distinct[::-1]) / (told[-1] - told[0]), weights[::-1], k)
        ends = distinct.size - mirrored[::-1]
    return _classified("fisher_jenks", told, distinct[ends - 1], k)


class _Squares:
    """Sums of squares about the mean of runs of ascending weighted values, from prefix sums."""

    def __init__(self, values: NDArray[np.float64], weights: NDArray[np.intp]) -> None:
        self._weight, self._sum, self._square = (
            np.concatenate(([0.0], np.cumsum(weights * values**power))) for power in (0, 1, 2)
        )

    def of(self, start: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[np.float64]:
        """Of the runs `start <= i < end`."""
        total = self._sum[end] - self._sum[start]
        squares: NDArray[np.float64] = self._square[end] - self._square[start]
        squares -= total * total / (self._weight[end] - self._weight[start])
        return squares


def _optimal_cuts(values: NDArray[np.float64], weights: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """How many of the ascending distinct values come before each of the k - 1 cuts."""
    squares, size = _Squares(values, weights), values.size
    if k == 1:
        return np.empty(0, dtype=np.intp)
    upto = np.arange(1, size + 1)
    least = np.concatenate(([np.inf], squares.of(np.zeros_like(upto), upto)))
    cuts = []
    for parts in range(2, k):
        least, cut = _one_class_more(squares, least, parts)
        cuts.append(cut)
    last = np.arange(k - 1, size)
    cut_at = int(last[np.argmin(least[last] + squares.of(last, np.full_like(last, size)))])
    found = [cut_at]
    for cut in reversed(cuts):
        cut_at = int(cut[cut_at])
        found.append(cut_at)
    return np.array(found[::-1])


def _one_class_more(
    squares: _Squares, least: NDArray[np.float64], parts: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The least sum of squares of the first j values in `parts` classes, from that in one class fewer, and where the
    last class then begins; both by j from 0. Every second open j is solved between its solved neighbours.
    """
    size = least.size - parts
    best, cut = np.full(least.size, np.inf), np.full(least.size + 1, least.size, dtype=np.intp)
    cut[parts - 1] = parts - 1
    step = 1 << (size.bit_length() - 1)
    while step:
        ends = np.arange(parts - 1 + step, least.size, 2 * step)
        low, high = cut[ends - step], np.minimum(cut[np.minimum(ends + step, least.size)], ends - 1)
        many = high - low + 1
        first = np.cumsum(many) - many
        start = np.arange(many.sum()) - np.repeat(first - low, many)
        found = least[start] + squares.of(start, np.repeat(ends, many))
        best[ends] = np.minimum.reduceat(found, first)
        hits = np.flatnonzero(found == np.repeat(best[ends], many))
        cut[ends] = start[hits[np.searchsorted(hits, first)]]
        step //= 2
    return best, cut[:-1]


def _classified(scheme: str, told: NDArray[np.float64], limits: NDArray[np.float64], asked: int) -> Classification:
    """The result, counted by its own `of`; `told` ascends."""
    breaks = tuple(float(limit) for limit in limits)
    distinct = int(np.count_nonzero(np.diff(told))) + 1 if told.size else 0
    open_ranges = tuple(Range(None, None, 0, None, None) for _ in range(len(breaks) + 1))
    no_class = told.size == 0 and scheme != "own_breaks"
    empty = Classification(scheme, breaks, () if no_class else open_ranges, told.size, asked, distinct, None)
    where = empty.of(told)
    counts = np.bincount(where, minlength=len(empty.ranges))
    past = np.cumsum(counts)
    ranges = tuple(
        Range(
            breaks[number - 1] if number else None,
            breaks[number] if number < len(breaks) else None,
            int(count),
            float(told[end - count]) if count else None,
            float(told[end - 1]) if count else None,
        )
        for number, (count, end) in enumerate(zip(counts, past, strict=True))
    )
    fit = _fit(told, where) if told.size else None
    return Classification(scheme, breaks, ranges, told.size, asked, distinct, fit)


def _fit(told: NDArray[np.float64], where: NDArray[np.intp]) -> float:
    if told[0] == told[-1]:
        return 1.0
    scaled = (told - told[0]) / (told[-1] - told[0])
    counts = np.bincount(where)
    means = np.bincount(where, scaled) / np.maximum(counts, 1)
    within = float(np.square(scaled - means[where]).sum())
    return 1 - within / float(np.square(scaled - scaled.mean()).sum())


def _values(values: ArrayLike, k: int) -> NDArray[np.float64]:
    told = np.asarray(values, dtype=np.float64)
    if k < 1:
        raise ValueError("at least one class is needed")
    if told.ndim != 1:
        raise ValueError("values stand in one row")
    if not (np.abs(told) <= LARGEST).all():
        raise ValueError("a value is not finite or too large")
    return np.sort(told)


def _ascending(limits: Sequence[float]) -> NDArray[np.float64]:
    told = np.asarray(limits, dtype=np.float64)
    if told.ndim != 1 or not np.isfinite(told).all() or (np.diff(told) <= 0).any():
        raise ValueError("limits are finite and ascend")
    return told
