"""Concentration against the inequality package, pairwise sums and every way the unknown sales could have gone."""

import csv
import gzip
import warnings
from collections import Counter, defaultdict
from itertools import product
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from services.territory.rules.analysis.concentration import (
    UNKNOWN,
    BuyerPower,
    buyer_power,
    herfindahl,
    locational_gini,
    theil,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from inequality.gini import Gini
    from inequality.theil import Theil, TheilD

some = settings(max_examples=60)
shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)
tables = arrays(np.int64, shapes, elements=st.integers(0, 30))
sales = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 7), st.integers(UNKNOWN, 6), st.integers(0, 50)), max_size=25
)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[NDArray[np.int64], list[str]]:
    table = draw(tables)
    return table, draw(st.lists(st.sampled_from("ABC"), min_size=len(table), max_size=len(table)))


def _honduras(reference_data: Path) -> tuple[NDArray[np.float64], list[str]]:
    """Establishments by municipality and division of the CIIU, and the department of each municipality."""
    counts: Counter[tuple[str, str]] = Counter()
    with gzip.open(reference_data / "establishments_hn/hnd_dee_2024_counts_muni_ciiu4_size.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            counts[row["cod_muni_4"].zfill(4), row["ciiu4"].zfill(4)[:2]] += int(row["n"])
    units, unit = np.unique([key[0] for key in counts], return_inverse=True)
    chains, chain = np.unique([key[1] for key in counts], return_inverse=True)
    table = np.zeros((units.size, chains.size))
    table[unit, chain] = list(counts.values())
    return table, [str(one)[:2] for one in units]


def _power(rows: list[tuple[int, int, int, int]]) -> BuyerPower:
    chains, sellers, buyers, amounts = zip(*rows, strict=True) if rows else ((), (), (), ())
    return buyer_power(chains, sellers, buyers, amounts, n_chains=3)


@some
@given(tables)
def test_the_herfindahl_index_is_the_chance_that_two_meet_in_one_row(table: NDArray[np.int64]) -> None:
    found, n = herfindahl(table), len(table)

    for column, counts in enumerate(table.T):
        if not counts.sum():
            assert np.isnan([found.index[column], found.equivalent[column], found.normalised[column]]).all()
            continue
        index = sum((int(count) / int(counts.sum())) ** 2 for count in counts)
        assert found.index[column] == pytest.approx(index, abs=1e-9)
        assert found.equivalent[column] == pytest.approx(1 / index, abs=1e-9)
        assert found.normalised[column] == pytest.approx((n * index - 1) / (n - 1) if n > 1 else 1, abs=1e-9)
        assert -1e-12 <= found.normalised[column] <= 1 + 1e-12


def test_rows_of_one_size_are_equivalent_to_as_many_as_they_are() -> None:
    found = herfindahl([[4, 9], [4, 0], [4, 0], [4, 0]])

    assert found.equivalent == pytest.approx([4, 1])
    assert found.normalised == pytest.approx([0, 1])
    assert found.n == 4


@some
@given(tables)
def test_the_locational_gini_is_half_the_mean_difference_of_what_units_have_by_reference(
    table: NDArray[np.int64],
) -> None:
    found = locational_gini(table)
    weights = table.sum(axis=1) / max(table.sum(), 1)

    for column, counts in enumerate(table.T):
        if not counts.sum():
            assert np.isnan(found.gini[column])
            continue
        share = counts / counts.sum()
        differences = sum(
            abs(share[a] * weights[b] - share[b] * weights[a]) for a, b in product(range(len(table)), repeat=2)
        )
        assert found.gini[column] == pytest.approx(differences / 2, abs=1e-9)
        assert found.small[column] == (counts.sum() < np.count_nonzero(weights))


@some
@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 1000)).filter(lambda told: told.any()))
def test_by_equal_references_it_is_the_gini_of_the_inequality_package(counts: NDArray[np.int64]) -> None:
    found = locational_gini(counts[:, None], np.ones(counts.size))

    assert found.gini[0] == pytest.approx(Gini(counts.astype(float)).g, abs=1e-9)


def test_a_chain_spread_like_everything_has_no_gini_and_one_in_a_single_unit_nearly_one() -> None:
    found = locational_gini([[10, 0], [20, 0], [30, 5]], [1, 2, 3])

    assert found.gini == pytest.approx([0, 1 - 3 / 6])
    assert found.total.tolist() == [60, 5]
    assert found.n == 3


def test_a_unit_with_no_reference_stands_last_on_the_curve() -> None:
    assert locational_gini([[5.0], [5.0]], [0, 1]).gini == pytest.approx([0.5])


@some
@given(grouped())
def test_theil_and_its_parts_are_those_of_the_inequality_package(told: tuple[NDArray[np.int64], list[str]]) -> None:
    table, groups = told
    table = table[:, table.sum(axis=0) > 0].astype(float)
    found = theil(table, groups)

    for column in range(table.shape[1]):
        counts = table[:, column]
        assert found.total[column] == pytest.approx(float(Theil(counts).T), abs=1e-9)
        oracle = TheilD(counts, np.array(groups))
        assert found.between[column] == pytest.approx(float(oracle.bg[0]), abs=1e-9)
        assert found.within[column] == pytest.approx(float(oracle.wg[0]), abs=1e-9)


@some
@given(grouped(), st.data())
def test_between_and_within_add_up_to_the_whole_with_any_weights(
    told: tuple[NDArray[np.int64], list[str]], data: st.DataObject
) -> None:
    table, groups = told
    weights = data.draw(st.lists(st.floats(0.1, 100), min_size=len(table), max_size=len(table)))
    found, something = theil(table, groups, weights), table.sum(axis=0) > 0

    assert found.between + found.within == pytest.approx(found.total, abs=1e-9, nan_ok=True)
    assert np.isnan(found.total).tolist() == (~something).tolist()
    assert (found.between[something] >= -1e-12).all()
    assert (found.within[something] >= -1e-12).all()
    assert found.share.sum(axis=0)[something] == pytest.approx(1, abs=1e-12)
    assert (found.n, sum(found.units)) == (len(table), len(table))
    for column in np.flatnonzero(something):
        by_hand = sum(
            share * log(share / part)
            for share, part in zip(
                table[:, column] / table[:, column].sum(), np.array(weights) / sum(weights), strict=True
            )
            if share
        )
        assert found.total[column] == pytest.approx(by_hand, abs=1e-9)


@some
@given(grouped())
def test_the_index_inside_a_group_is_that_of_the_group_by_itself(told: tuple[NDArray[np.int64], list[str]]) -> None:
    table, groups = told
    found = theil(table, groups)

    for row, group in enumerate(found.groups):
        own = table[[one == group for one in groups]]
        assert found.units[row] == len(own)
        assert found.inside[row] == pytest.approx(theil(own, [group] * len(own)).total, abs=1e-9, nan_ok=True)


def test_units_with_what_their_weights_let_expect_are_not_unequal() -> None:
    assert theil([[2], [4], [6]], ["A", "A", "B"], [1, 2, 3]).total == pytest.approx([0], abs=1e-12)
    assert theil([[0], [0], [9]], ["A", "A", "B"]).total == pytest.approx([log(3)])


def test_honduras_closes_and_agrees_with_the_inequality_package(reference_data: Path) -> None:
    table, departments = _honduras(reference_data)
    assert table.shape == (298, 75)
    found = theil(table, departments)
    oracle = TheilD(table, np.array(departments))

    assert len(found.groups) == 18
    assert found.total == pytest.approx(oracle.T, abs=1e-9)
    assert found.between == pytest.approx(oracle.bg, abs=1e-9)
    assert found.between + found.within == pytest.approx(found.total, abs=1e-9)
    even = locational_gini(table, np.ones(298)).gini
    assert even == pytest.approx([Gini(column).g for column in table.T], abs=1e-9)
    assert (locational_gini(table).gini <= 1).all()


@some
@given(tables, st.integers(2, 50))
def test_concentration_is_the_same_in_any_unit_of_measure_and_order(table: NDArray[np.int64], times: int) -> None:
    groups = ["A"] * len(table)
    for once, often in (
        (herfindahl(table).index, herfindahl(table[::-1] * times).index),
        (locational_gini(table).gini, locational_gini(table[::-1] * times).gini),
        (theil(table, groups).total, theil(table[::-1] * times, groups).total),
    ):
        assert often == pytest.approx(once, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("nothing", [np.zeros((0, 2)), np.zeros((3, 2))])
def test_of_nothing_there_is_no_concentration(nothing: NDArray[np.float64]) -> None:
    found = theil(nothing, ["A"] * len(nothing))

    assert np.isnan(herfindahl(nothing).index).all()
    assert np.isnan(locational_gini(nothing).gini).all()
    assert np.isnan([found.total, found.between, found.within]).all()


def test_one_unit_is_neither_unequal_nor_spread_otherwise() -> None:
    assert locational_gini([[5, 1]]).gini.tolist() == [0, 0]
    assert theil([[5]], ["A"]).total.tolist() == [0]
    assert herfindahl([[5]]).normalised.tolist() == [1]


def test_tables_groups_and_weights_that_do_not_fit_are_refused() -> None:
    for wrong in ([[-1.0]], [[float("nan")]], [1.0]):
        for measure in (herfindahl, locational_gini):
            with pytest.raises(ValueError):
                measure(wrong)
        with pytest.raises(ValueError):
            theil(wrong, ["A"])
    for groups, weights in ((["A"], None), (["A", "B"], [1]), (["A", "B"], [1, 0]), (["A", "B"], [1, -1])):
        with pytest.raises(ValueError):
            theil([[1], [2]], groups, weights)
    for reference in ([1], [0, 0], [1, float("nan")]):
        with pytest.raises(ValueError):
            locational_gini([[1], [2]], reference)


@some
@given(sales)
def test_buyer_power_is_what_adding_up_by_buyer_gives(rows: list[tuple[int, int, int, int]]) -> None:
    found = _power(rows)

    for chain in range(3):
        by_buyer: dict[int, int] = defaultdict(int)
        sellers = {seller for of, seller, _, amount in rows if of == chain and amount}
        for of, _, buyer, amount in rows:
            if of == chain and amount:
                by_buyer[buyer] += amount
        total, unknown = sum(by_buyer.values()), by_buyer.pop(UNKNOWN, 0)
        bought = sorted(by_buyer.values(), reverse=True)
        assert (found.sold[chain], found.sellers[chain], found.buyers[chain]) == (total, len(sellers), len(by_buyer))
        assert found.small[chain] == (len(sellers) < 5)
        assert found.largest[chain] == min(by_buyer, key=lambda one: (-by_buyer[one], one), default=UNKNOWN)
        if not total:
            assert np.isnan([found.coverage[chain], found.share.low[chain], found.herfindahl.high[chain]]).all()
            continue
        assert found.coverage[chain] == pytest.approx((total - unknown) / total, abs=1e-12)
        told = total - unknown or float("nan")
        measures = ((found.share, sum(bought[:1]), 1), (found.four, sum(bought[:4]), 1))
        for measure, part, power in (*measures, (found.herfindahl, sum(one**2 for one in bought), 2)):
            assert measure.known[chain] == pytest.approx(part / told**power, abs=1e-9, nan_ok=True)
            assert measure.low[chain] == pytest.approx(part / total**power, abs=1e-9)


@some
@given(sales, st.data())
def test_wherever_the_unknown_sales_went_the_measures_lie_within_their_limits(
    rows: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    found = _power(rows)
    told = [
        (*row[:2], data.draw(st.integers(0, 12)) if row[2] == UNKNOWN else row[2], row[3]) for row in rows
    ]  # buyers 7 to 12 were not heard of
    truth = _power(told)

    for measure in ("share", "four", "herfindahl"):
        limits, true = getattr(found, measure), getattr(truth, measure).known
        some_sold = found.sold > 0
        assert (limits.low <= true + 1e-12)[some_sold].all()
        assert (true <= limits.high + 1e-12)[some_sold].all()
        assert (limits.high <= 1 + 1e-12)[some_sold].all()


@some
@given(sales)
def test_the_upper_limits_are_reached_if_all_that_is_unknown_went_to_the_largest(
    rows: list[tuple[int, int, int, int]],
) -> None:
    found = _power(rows)
    truth = _power([(c, s, max(found.largest[c], 0) if b == UNKNOWN else b, a) for c, s, b, a in rows])

    for measure in ("share", "four", "herfindahl"):
        assert getattr(found, measure).high == pytest.approx(getattr(truth, measure).known, abs=1e-9, nan_ok=True)


def test_the_lower_limits_are_neared_if_it_went_to_very_many() -> None:
    known = [(0, 0, 0, 60.0), (0, 1, 1, 20.0)]
    found = buyer_power(*zip(*known, (0, 2, UNKNOWN, 20.0), strict=True), n_chains=1)
    many = [(0, 2, 2 + one, 20 / 5000) for one in range(5000)]
    truth = buyer_power(*zip(*known, *many, strict=True), n_chains=1)

    assert found.coverage[0] == 0.8
    assert truth.share.known[0] == pytest.approx(found.share.low[0], abs=1e-12)
    assert truth.herfindahl.known[0] == pytest.approx(found.herfindahl.low[0], abs=1e-4)
    assert truth.four.known[0] == pytest.approx(found.four.low[0], abs=1e-2)


def test_shares_of_sales_may_stand_in_place_of_money() -> None:
    found = buyer_power([0, 0, 0], [1, 1, 2], [7, UNKNOWN, 7], [0.6, 0.4, 1.0], n_chains=2)

    assert found.largest.tolist() == [7, UNKNOWN]
    assert found.share.low[0] == pytest.approx(0.8)
    assert found.share.high[0] == pytest.approx(1.0)
    assert found.sellers.tolist() == [2, 0]
    assert found.small.all()


def test_sales_of_nobody_or_of_no_amount_are_refused() -> None:
    for wrong in (
        ([3], [0], [0], [1.0]),
        ([-1], [0], [0], [1.0]),
        ([0], [-1], [0], [1.0]),
        ([0], [0], [-2], [1.0]),
        ([0], [0], [0], [-1.0]),
        ([0], [0], [0], [float("nan")]),
        ([0], [0], [0, 1], [1.0]),
        ([0], [2**62], [0], [1.0]),
    ):
        with pytest.raises(ValueError):
            buyer_power(*wrong, n_chains=3)
