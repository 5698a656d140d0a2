"""Location quotients and relatedness against brute force, simulation and the establishments of Honduras."""

import csv
import gzip
from collections import Counter
from pathlib import Path
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from services.territory.rules.analysis.specialisation import (
    FEW,
    comparative_advantage,
    location_quotients,
    next_door,
    proximity,
    relatedness,
    relatedness_density,
)

some = settings(max_examples=60)
shapes = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8)
tables = arrays(np.int64, shapes, elements=st.integers(0, 30))
advantages = arrays(np.bool_, shapes)


def _directory(reference_data: Path, digits: int) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Establishments of Honduras: municipalities x classes (4 digits of the CIIU) or divisions (2)."""
    counts: Counter[tuple[str, str]] = Counter()
    with gzip.open(reference_data / "establishments_hn/hnd_dee_2024_counts_muni_ciiu4_size.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            counts[row["cod_muni_4"].zfill(4), row["ciiu4"].zfill(4)[:digits]] += int(row["n"])
    units, unit = np.unique([key[0] for key in counts], return_inverse=True)
    chains, chain = np.unique([key[1] for key in counts], return_inverse=True)
    table = np.zeros((units.size, chains.size))
    table[unit, chain] = list(counts.values())
    return table, chains


def _chance_to_rank_higher(scores: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """How often something chosen scores above something that is not (area under the ROC curve)."""
    yes, no = chosen.sum(), (~chosen).sum()
    return (rankdata(scores)[chosen].sum() - yes * (yes + 1) / 2) / (yes * no)


@some
@given(tables)
def test_a_quotient_compares_a_share_with_the_share_in_the_whole(table: NDArray[np.int64]) -> None:
    found = location_quotients(table)

    assert found.n == table.sum()
    for (unit, chain), count in np.ndenumerate(table):
        of_unit, of_chain = table[unit].sum(), table[:, chain].sum()
        if of_unit and of_chain:
            expected = (count / of_unit) / (of_chain / table.sum())
            assert found.quotient[unit, chain] == pytest.approx(expected, abs=1e-9)
            even = of_unit * of_chain / table.sum()
            assert found.expected[unit, chain] == pytest.approx(even, abs=1e-9)
            assert found.small[unit, chain] == (even < FEW or of_unit - even < FEW)
        else:
            assert np.isnan(found.quotient[unit, chain])
            assert found.small[unit, chain]


@some
@given(tables)
def test_quotients_weighted_with_the_size_of_the_units_have_a_mean_of_one(table: NDArray[np.int64]) -> None:
    quotient = location_quotients(table).quotient
    weights = table.sum(axis=1) / max(table.sum(), 1)

    for chain in np.flatnonzero(table.sum(axis=0)):
        assert np.nansum(quotient[:, chain] * weights) == pytest.approx(1, abs=1e-9)


@some
@given(tables, st.integers(2, 9))
def test_many_times_as_many_of_everything_have_the_same_quotients_and_narrower_limits(
    table: NDArray[np.int64], times: int
) -> None:
    once, often = location_quotients(table), location_quotients(table * times)
    known = ~np.isnan(once.quotient)

    assert often.quotient[known] == pytest.approx(once.quotient[known], abs=1e-9)
    assert (often.high - often.low <= once.high - once.low + 1e-9)[known].all()


@some
@given(tables, st.floats(0.5, 0.99))
def test_the_interval_holds_the_quotient_and_widens_with_confidence(
    table: NDArray[np.int64], confidence: float
) -> None:
    found, sure = location_quotients(table, confidence=confidence), location_quotients(table, confidence=0.995)
    known = ~np.isnan(found.quotient)

    assert (found.low[known] >= 0).all()
    assert (found.low <= found.quotient + 1e-12)[known].all()
    assert (found.quotient <= found.high + 1e-12)[known].all()
    assert (sure.low <= found.low + 1e-12)[known].all()
    assert (found.high <= sure.high + 1e-12)[known].all()


def test_the_limits_are_those_of_a_numerical_delta_method() -> None:
    rng = np.random.default_rng(5)
    sizes, counts = rng.integers(40, 400, 6), np.zeros((6, 2))
    counts[:, 0] = rng.binomial(sizes, rng.uniform(0.1, 0.6, 6))
    counts[:, 1] = sizes - counts[:, 0]
    shares = counts[:, 0] / sizes

    def quotients(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return p / (p @ sizes / sizes.sum())

    step = 1e-6
    gradient = np.array([(quotients(shares + step * e) - quotients(shares - step * e)) / (2 * step) for e in np.eye(6)])
    deviation = np.sqrt((gradient**2 * (shares * (1 - shares) / sizes)[:, None]).sum(axis=0))
    found = location_quotients(counts, confidence=0.9)

    reach = NormalDist().inv_cdf(0.95) * deviation
    assert found.high[:, 0] == pytest.approx(quotients(shares) + reach, abs=1e-8)
    assert found.low[:, 0] == pytest.approx(quotients(shares) - reach, abs=1e-8)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    sizes = np.array([80, 150, 300, 60, 500])
    chances = np.array([0.3, 0.1, 0.2, 0.4, 0.15])
    truth = chances / (chances @ sizes / sizes.sum())
    covered = np.zeros(5)
    for _ in range(3000):
        chain = rng.binomial(sizes, chances)
        found = location_quotients(np.column_stack((chain, sizes - chain)))
        covered += (found.low[:, 0] <= truth) & (truth <= found.high[:, 0])

    assert covered / 3000 == pytest.approx(np.full(5, 0.95), abs=0.02)


def test_where_a_unit_has_none_or_nothing_else_the_limit_is_the_exact_binomial_one() -> None:
    table = np.array([[0, 12], [7, 0], [20, 30]])
    found, share = location_quotients(table), 27 / 69

    none = binomtest(0, 12).proportion_ci(0.95, method="exact")
    everything = binomtest(7, 7).proportion_ci(0.95, method="exact")
    assert found.low[0, 0] == 0
    assert found.high[0, 0] == pytest.approx(none.high / share, abs=1e-9)
    assert found.low[1, 0] == pytest.approx(everything.low / share, abs=1e-9)


def test_a_unit_that_is_the_whole_has_a_quotient_of_one_and_no_doubt() -> None:
    found = location_quotients([[3, 9], [0, 0]])

    assert found.quotient[0].tolist() == found.low[0].tolist() == found.high[0].tolist() == [1, 1]
    assert np.isnan(found.quotient[1]).all()
    found = location_quotients([[4]])
    assert (found.quotient[0, 0], found.low[0, 0], found.high[0, 0]) == (1, 1, 1)


@pytest.mark.parametrize("nothing", [np.zeros((0, 3)), np.zeros((2, 3)), np.zeros((3, 0))])
def test_of_nothing_nothing_is_known(nothing: NDArray[np.float64]) -> None:
    found = location_quotients(nothing)
    related = relatedness(comparative_advantage(nothing))

    assert np.isnan(found.quotient).all()
    assert found.small.all()
    assert found.n == 0
    assert related.n == 0
    assert not related.proximity.any()
    assert all(next_door(related, unit) == () for unit in range(len(nothing)))


@pytest.mark.parametrize("wrong", [[[1.0, -1.0]], [[float("nan")]], [[float("inf")]], [1.0, 2.0]])
def test_what_is_no_table_of_counts_is_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError):
        location_quotients(wrong)
    with pytest.raises(ValueError):
        comparative_advantage(wrong)


def test_a_confidence_and_a_specialisation_must_be_what_they_say() -> None:
    for confidence in (0.0, 1.0):
        with pytest.raises(ValueError, match="confidence"):
            location_quotients([[1.0]], confidence=confidence)
    with pytest.raises(ValueError, match="true or false"):
        relatedness([[2, 0], [1, 1]])


@some
@given(tables)
def test_a_unit_is_specialised_where_its_quotient_is_one_or_more(table: NDArray[np.int64]) -> None:
    quotient = location_quotients(table).quotient
    clear = np.abs(quotient - 1) > 1e-9

    assert (comparative_advantage(table) == (quotient > 1))[clear].all()
    assert comparative_advantage(np.full((2, 3), 4)).all()


def test_one_enterprise_in_a_small_unit_need_not_make_a_specialisation() -> None:
    table = [[1, 2], [10, 40]]

    assert comparative_advantage(table).tolist() == [[True, False], [False, True]]
    assert comparative_advantage(table, at_least=3).tolist() == [[False, False], [False, True]]
    assert comparative_advantage(table, threshold=2).tolist() == [[False, False], [False, False]]
    assert not comparative_advantage([[0, 0], *table], at_least=0)[0].any()


@some
@given(advantages)
def test_proximity_and_density_are_what_their_definitions_count(has: NDArray[np.bool_]) -> None:
    related = relatedness(has)
    units, chains = range(has.shape[0]), range(has.shape[1])

    assert related.n == sum(any(row) for row in has)
    assert related.diversity.tolist() == [sum(row) for row in has]
    assert related.ubiquity.tolist() == [sum(column) for column in has.T]
    for a in chains:
        for b in chains:
            both = sum(has[u, a] and has[u, b] for u in units)
            assert related.shared[a, b] == both
            ways = [both / n if n else 0.0 for n in (related.ubiquity[a], related.ubiquity[b])]
            assert related.proximity[a, b] == pytest.approx(min(ways), abs=1e-12)
    for u in units:
        for c in chains:
            others = [related.proximity[c, d] for d in chains if d != c]
            own = [related.proximity[c, d] for d in chains if d != c and has[u, d]]
            expected = sum(own) / sum(others) if sum(others) else float("nan")
            assert related.density[u, c] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@some
@given(advantages, st.randoms(use_true_random=False))
def test_the_order_of_units_and_chains_does_not_matter(has: NDArray[np.bool_], random: Random) -> None:
    units, chains = list(range(has.shape[0])), list(range(has.shape[1]))
    random.shuffle(units)
    random.shuffle(chains)
    once, again = relatedness(has), relatedness(has[np.ix_(units, chains)])

    assert again.proximity == pytest.approx(once.proximity[np.ix_(chains, chains)], abs=1e-12)
    assert again.density == pytest.approx(once.density[np.ix_(units, chains)], abs=1e-12, nan_ok=True)


@some
@given(advantages)
def test_every_chain_next_door_is_one_that_the_unit_lacks_and_its_neighbours_are_its_own(
    has: NDArray[np.bool_],
) -> None:
    related = relatedness(has)
    for unit in range(has.shape[0]):
        found = next_door(related, unit)
        spoken_for = {c for c in range(has.shape[1]) if not has[unit, c] and (related.density[unit, c] > 0)}

        assert {one.chain for one in found} == spoken_for
        assert [(-one.density, one.chain) for one in found] == sorted((-one.density, one.chain) for one in found)
        for one in found:
            own = {c for c in np.flatnonzero(has[unit]) if related.proximity[one.chain, c] > 0}
            near = [neighbour.proximity for neighbour in one.neighbours]
            assert {neighbour.chain for neighbour in one.neighbours} == own
            assert near == sorted(near, reverse=True)
            assert all(n.shared == related.shared[one.chain, n.chain] for n in one.neighbours)
            everything = sum(related.proximity[one.chain]) - related.proximity[one.chain, one.chain]
            assert one.density == pytest.approx(sum(near) / everything, abs=1e-12)
            assert one.small == (related.ubiquity[one.chain] < FEW)


def test_a_chain_found_with_what_a_unit_does_comes_before_one_that_is_not() -> None:
    honey, coffee, fishing, retail = range(4)
    has = np.zeros((20, 4), dtype=bool)
    has[:10, [honey, coffee]] = True
    has[10:19, [fishing, retail]] = True
    has[9, retail] = True
    has[19, honey] = True

    first, second = next_door(relatedness(has), 19)

    assert (first.chain, second.chain) == (coffee, retail)
    assert [one.chain for one in first.neighbours] == [honey]
    assert (first.neighbours[0].shared, first.neighbours[0].proximity) == (10, pytest.approx(10 / 11))
    assert first.density > 0.8 > 0.2 > second.density
    assert not first.small


def test_proximities_of_half_of_honduras_tell_what_the_other_half_does(reference_data: Path) -> None:
    table, _ = _directory(reference_data, 2)
    assert table.shape == (298, 75)
    assert table.sum() == 288_724
    has = comparative_advantage(table)
    order = np.random.default_rng(2).permutation(len(has))
    near = proximity(has[order[::2]])
    held_out = has[order[1::2]]
    density = relatedness_density(held_out, near)

    known = ~np.isnan(density[0])
    in_a_unit = [_chance_to_rank_higher(d[known], h[known]) for d, h in zip(density, held_out, strict=True)]
    spread = known & (held_out.sum(axis=0) >= 5) & (held_out.sum(axis=0) <= 140)
    of_a_chain = [_chance_to_rank_higher(density[:, c], held_out[:, c]) for c in np.flatnonzero(spread)]

    assert np.mean(in_a_unit) > 0.75
    assert np.mean(of_a_chain) > 0.6


def test_every_municipality_of_honduras_learns_what_is_next_door_and_why(reference_data: Path) -> None:
    table, _ = _directory(reference_data, 2)
    related = relatedness(comparative_advantage(table, at_least=3))

    lists = [next_door(related, unit) for unit in range(298)]

    assert all((related.diversity[unit] > 0) == bool(found) for unit, found in enumerate(lists))
    assert all(one.neighbours and 0 < one.density <= 1 for found in lists for one in found)
