"""Class limits of choropleths against mapclassify, brute force and the legend of the maps in force."""

import csv
import gzip
import warnings
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.territory.rules.analysis.classification import (
    Classification,
    equal_interval,
    fisher_jenks,
    own_breaks,
    quantile,
    standard_deviation,
)
from services.territory.rules.classes import Classes, Figure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mapclassify

some = settings(max_examples=40)
SCHEMES = (equal_interval, quantile, fisher_jenks)
numbers = st.one_of(st.integers(-50, 50).map(float), st.floats(-1e6, 1e6))
many = st.lists(numbers, min_size=1, max_size=60)


def _every_scheme(values: list[float], k: int) -> list[Classification]:
    return [
        *(scheme(values, k) for scheme in SCHEMES),
        standard_deviation(values),
        own_breaks(values, [-3.0, 0.0, 4.5]),
    ]


def _exact_within(groups: list[list[Fraction]]) -> Fraction:
    return sum((sum((x - sum(group) / len(group)) ** 2 for x in group) for group in groups), Fraction(0))


def _groups(values: list[float], found: Classification) -> list[list[Fraction]]:
    groups: list[list[Fraction]] = [[] for _ in found.ranges]
    for value, number in zip(values, found.of(values), strict=True):
        groups[number].append(Fraction(value))
    return [group for group in groups if group]


def _least_within(values: list[float], k: int) -> Fraction:
    ordered = [Fraction(value) for value in sorted(values)]
    ends = [i for i in range(1, len(ordered)) if ordered[i - 1] < ordered[i]]
    return min(
        _exact_within([ordered[a:b] for a, b in pairwise((0, *cuts, len(ordered)))])
        for cuts in combinations(ends, min(k - 1, len(ends)))
    )


def _establishments(reference_data: Path) -> np.ndarray:
    """How many establishments each municipality of Honduras has."""
    counts: Counter[str] = Counter()
    with gzip.open(reference_data / "establishments_hn/hnd_dee_2024_counts_muni_ciiu4_size.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            counts[row["cod_muni_4"]] += int(row["n"])
    return np.array(list(counts.values()), dtype=float)


@some
@given(many, st.integers(1, 9))
def test_the_legend_and_the_fill_say_the_same_of_every_value(values: list[float], k: int) -> None:
    for found in _every_scheme(values, k):
        for value, number in zip(values, found.of(values), strict=True):
            one = found.ranges[number]
            assert one.above is None or value > one.above
            assert one.upto is None or value <= one.upto
            assert one.smallest is not None
            assert one.largest is not None
            assert one.smallest <= value <= one.largest
        assert found.counts == tuple(int(n) for n in np.bincount(found.of(values), minlength=len(found.ranges)))
        assert sum(found.counts) == found.n == len(values)


@some
@given(many, st.integers(1, 9))
def test_a_larger_value_never_has_a_lower_class_and_every_number_has_one(values: list[float], k: int) -> None:
    probes = np.concatenate((np.sort(np.array(values)), [-1e300, 1e300, np.inf, -np.inf]))
    for found in _every_scheme(values, k):
        where = found.of(np.sort(probes))
        assert (np.diff(where) >= 0).all()
        assert where[0] == 0
        assert where[-1] == len(found.ranges) - 1


@some
@given(many, st.integers(1, 9))
def test_the_order_of_the_units_does_not_matter(values: list[float], k: int) -> None:
    assert _every_scheme(values, k) == _every_scheme(values[::-1], k)


@some
@given(st.lists(numbers, min_size=1, max_size=11), st.integers(1, 5))
def test_no_partition_of_a_few_values_is_better_than_fisher_jenks(values: list[float], k: int) -> None:
    groups = _groups(values, fisher_jenks(values, k))
    spread = Fraction(max(values)) - Fraction(min(values))

    assert len(groups) == min(k, len(set(values)))
    assert _exact_within(groups) <= _least_within(values, k) + spread**2 * Fraction(1, 10**12)


@some
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 5))
def test_no_partition_is_better_where_many_values_are_equal(values: list[int], k: int) -> None:
    told = [float(value) for value in values]

    assert _exact_within(_groups(told, fisher_jenks(told, k))) <= _least_within(told, k) + Fraction(1, 10**9)


@pytest.mark.parametrize("sign", [1, -1])
def test_small_values_beside_a_huge_one_are_parted_at_their_gap(sign: int) -> None:
    values = [sign * value for value in (0.0, 1.0, 2.0, 100.0, 101.0, 1e12)]

    found = fisher_jenks(values, 3)

    assert sorted(found.counts) == [1, 2, 3]
    assert [sorted(map(float, group)) for group in _groups(sorted(values), found)] == (
        [[0, 1, 2], [100, 101], [1e12]] if sign > 0 else [[-1e12], [-101, -100], [-2, -1, 0]]
    )


def test_thousands_of_values_reach_the_optimum_that_a_plain_recursion_finds() -> None:
    values = np.random.default_rng(3).lognormal(3, 2, 700)
    ordered, k = np.sort(values), 7
    ones, sums, squares = (np.concatenate(([0.0], np.cumsum(ordered**power))) for power in (0, 1, 2))
    start, end = np.meshgrid(np.arange(701), np.arange(701), indexing="ij")
    with np.errstate(invalid="ignore", divide="ignore"):
        within = squares[end] - squares[start] - (sums[end] - sums[start]) ** 2 / (ones[end] - ones[start])
    within[start >= end] = np.inf
    least = within[0].copy()
    for _ in range(k - 1):
        least = (least[:, None] + within).min(axis=0)

    found = fisher_jenks(values, k)

    about_mean = np.square(ordered - ordered.mean()).sum()
    assert found.fit == pytest.approx(1 - least[-1] / about_mean, abs=1e-9)


@pytest.mark.parametrize("k", [2, 5, 9])
def test_limits_of_real_municipalities_are_those_of_mapclassify(reference_data: Path, k: int) -> None:
    values = _establishments(reference_data)
    assert values.size == 298
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba is absent, it says
        oracles = (
            mapclassify.EqualInterval(values, k=k),
            mapclassify.Quantiles(values, k=k),
            mapclassify.FisherJenks(values, k=k),
        )

    for scheme, oracle in zip(SCHEMES, oracles, strict=True):
        found = scheme(values, k)
        assert found.breaks == pytest.approx(oracle.bins[:-1], abs=1e-9)
        at_a_limit = np.isclose(values[:, None], oracle.bins, rtol=0, atol=1e-9).any(axis=1)
        assert (found.of(values) == oracle.yb)[~at_a_limit].all()
    assert (fisher_jenks(values, k).of(values) == oracles[-1].yb).all()


@some
@given(st.lists(st.floats(-1e4, 1e4), min_size=12, max_size=80, unique=True), st.integers(2, 9))
def test_intervals_and_quantiles_are_those_of_mapclassify(values: list[float], k: int) -> None:
    told = np.array(values)

    assert equal_interval(told, k).breaks == pytest.approx(mapclassify.EqualInterval(told, k=k).bins[:-1], abs=1e-9)
    assert quantile(told, k).breaks == pytest.approx(mapclassify.Quantiles(told, k=k).bins[:-1], abs=1e-9)


@some
@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=80, unique=True))
def test_standard_deviations_are_those_of_mapclassify(values: list[float]) -> None:
    told = np.array(values)
    found, oracle = standard_deviation(told), mapclassify.StdMean(told)

    assert found.breaks == pytest.approx(oracle.bins[:4], abs=1e-9)
    assert (found.of(told) == oracle.yb).all()


def test_a_real_map_of_counts_could_take_its_ranges_from_here(reference_data: Path) -> None:
    values = _establishments(reference_data)
    for scheme in SCHEMES:
        found = scheme(values, 5)
        filled = [number for number, count in enumerate(found.counts) if count]
        classes = Classes(tuple(int(start) for start in found.starts), top=int(values.max()))
        lows = [one.low for one in classes.legend()]

        for value, number in zip(values, found.of(values), strict=True):
            assert lows.index(classes.of(Figure(int(value))).low) == filled.index(number)


@some
@given(many, st.integers(1, 9))
def test_the_fit_is_what_the_classes_leave_unexplained(values: list[float], k: int) -> None:
    for found in _every_scheme(values, k):
        about_mean = _exact_within([[Fraction(value) for value in values]])
        expected = 1 - _exact_within(_groups(values, found)) / about_mean if about_mean else 1
        assert found.fit == pytest.approx(float(expected), abs=1e-9)


@some
@given(many, st.integers(1, 9))
def test_no_scheme_with_as_many_classes_fits_better_than_fisher_jenks(values: list[float], k: int) -> None:
    best = fisher_jenks(values, k).fit
    assert best is not None
    for scheme in (equal_interval, quantile):
        fit = scheme(values, k).fit
        assert fit is not None
        assert fit <= best + 1e-9


@some
@given(many, st.integers(1, 9), st.floats(0.5, 100), st.floats(-100, 100))
def test_other_units_of_measure_leave_the_fit_as_it_is(values: list[float], k: int, scale: float, shift: float) -> None:
    told = np.round(np.array(values), 3)
    assert fisher_jenks(told * scale + shift, k).fit == pytest.approx(fisher_jenks(told, k).fit, abs=1e-6)


@pytest.mark.parametrize("scheme", [quantile, fisher_jenks])
def test_with_fewer_distinct_values_than_classes_each_has_its_own(scheme: type) -> None:
    found = scheme([7.0, 2.0, 7.0, 2.0, 5.0], 5)

    assert (found.asked, found.distinct, found.n) == (5, 3, 5)
    assert found.breaks == (2.0, 5.0)
    assert found.counts == (2, 1, 2)
    assert found.fit == 1.0


def test_a_quantile_that_is_a_value_holds_it() -> None:
    values = np.arange(298) * 0.1  # the ninths of 297 steps are whole

    assert quantile(values, 9).counts == (34, *[33] * 8)


def test_a_quantile_class_in_which_nothing_would_lie_is_left_out() -> None:
    values = [0.0] * 5 + [1.0, 2.0, 3.0]  # thirds end at 0 and at 2/3
    found = quantile(values, 3)

    assert found.asked == 3
    assert found.breaks == (0.0,)
    assert found.counts == (5, 3)


@some
@given(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=40), st.integers(1, 6))
def test_ties_leave_no_quantile_class_empty(values: list[float], k: int) -> None:
    found = quantile(values, k)

    assert min(found.counts) > 0
    assert len(found.counts) <= k


def test_intervals_in_which_nothing_lies_stay() -> None:
    assert equal_interval([0.0, 1.0, 10.0], 5).counts == (2, 0, 0, 0, 1)
    assert own_breaks([0.0, 1.0, 10.0], [2.0, 4.0]).counts == (2, 0, 1)
    assert standard_deviation([0.0, 1.0]).counts == (0, 0, 2, 0, 0)


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0, 4.0], [0.1, 0.1, 0.1]])
def test_values_that_are_all_equal_are_one_class(values: list[float]) -> None:
    for found in (*(scheme(values, 5) for scheme in SCHEMES), standard_deviation(values)):
        assert found.counts == (len(values),)
        assert found.breaks == ()
        assert found.fit == 1.0


def test_no_values_make_no_classes_but_own_breaks_stay() -> None:
    for found in (*(scheme([], 5) for scheme in SCHEMES), standard_deviation([])):
        assert (found.n, found.ranges, found.breaks, found.fit) == (0, (), (), None)
        assert found.of([]).size == 0
        with pytest.raises(ValueError, match="no classes"):
            found.of([1.0])
    kept = own_breaks([], [10.0])
    assert (kept.counts, kept.fit, kept.starts) == ((0, 0), None, ())
    assert kept.of([10.0, 11.0]).tolist() == [0, 1]


@pytest.mark.parametrize("wrong", [[1.0, float("nan")], [float("inf")], [1e200], [[1.0, 2.0]]])
def test_what_is_no_value_is_refused(wrong: list[float]) -> None:
    for scheme in SCHEMES:
        with pytest.raises(ValueError):
            scheme(wrong, 3)
    with pytest.raises(ValueError):
        standard_deviation(wrong)


def test_classes_below_one_and_limits_that_do_not_ascend_are_refused() -> None:
    for scheme in SCHEMES:
        with pytest.raises(ValueError, match="at least one class"):
            scheme([1.0], 0)
    for limits in ([2.0, 2.0], [3.0, 1.0], [float("nan")]):
        with pytest.raises(ValueError, match="ascend"):
            own_breaks([1.0], limits)
        with pytest.raises(ValueError, match="ascend"):
            standard_deviation([1.0], limits)
    with pytest.raises(ValueError, match="not a number"):
        own_breaks([1.0], [2.0]).of([float("nan")])
