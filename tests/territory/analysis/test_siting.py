from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, vstack

from services.territory.reference import municipalities
from services.territory.rules.analysis.metres import arc_m, on_sphere
from services.territory.rules.analysis.siting import _savings, p_median


def places(n, k, seed):
    """Distances of `n` demands to `k` candidates in a square of 100, and weights."""
    rng = np.random.default_rng(seed)
    apart = rng.uniform(0, 100, (n, 1, 2)) - rng.uniform(0, 100, (1, k, 2))
    return np.hypot(apart[..., 0], apart[..., 1]), rng.integers(1, 40, n).astype(float)


def best_of_all(costs, weights, p, fixed=()):
    choices = [one for one in combinations(range(costs.shape[1]), p) if set(fixed) <= set(one)]
    return min(float(weights @ costs[:, list(one)].min(axis=1)) for one in choices)


def programme(costs, weights, p, fixed=()):
    """The p-median as a linear programme: shares `x_ij` of each demand, then `y_j`, whether a place is there."""
    n, k = costs.shape
    row, shares = np.arange(n * k), np.ones(n * k)
    once = coo_array((shares, (row // k, row)), shape=(n, n * k + k))
    there = coo_array(
        (np.r_[shares, -shares], (np.r_[row, row], np.r_[row, n * k + row % k])), shape=(n * k, n * k + k)
    )
    many = coo_array((np.ones(k), (np.zeros(k, int), n * k + np.arange(k))), shape=(1, n * k + k))
    low = np.zeros(n * k + k)
    low[n * k + np.array(fixed, int)] = 1
    return np.r_[(costs * weights[:, None]).ravel(), np.zeros(k)], once, there, many, Bounds(low, 1)


def test_the_answers_to_small_questions_are_the_best_of_all():
    proven = 0
    for seed in range(60):
        distances, weights = places(12, 9, seed)
        p = 1 + seed % 5
        fixed = (4,) if seed % 2 else ()
        found = p_median(distances, weights, p, fixed=fixed)
        best = best_of_all(distances, weights, p, fixed)
        assert found.cost == pytest.approx(best, rel=1e-9)
        assert found.lower_bound <= best * (1 + 1e-12)
        proven += found.gap < 1e-6
    assert proven > 45


@settings(max_examples=80)
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(
            st.lists(st.lists(st.integers(0, 12), min_size=6, max_size=6), min_size=n, max_size=n),
            st.lists(st.integers(0, 5), min_size=n, max_size=n),
        )
    ),
    st.integers(1, 6),
    st.sampled_from([None, 0, 4, 9]),
    st.sampled_from([(), (2,), (0, 5)]),
)
def test_the_bound_holds_no_exchange_saves_anything_and_the_figures_close(table, p, limit, fixed):
    distances, weights = np.array(table[0], float), np.array(table[1], float)
    p = max(p, len(fixed), 1)
    found = p_median(distances, weights, p, fixed=fixed, limit=limit)
    costs = distances if limit is None else np.minimum(distances, limit)
    best = best_of_all(costs, weights, p, fixed)
    assert found.lower_bound <= best + 1e-9
    assert best <= found.cost + 1e-9
    if found.gap == 0:
        assert found.cost == pytest.approx(best)
    assert len(found.chosen) == len(set(found.chosen)) == p
    assert list(found.chosen) == sorted(found.chosen)
    assert set(fixed) <= set(found.chosen)
    for leaving in set(found.chosen) - set(fixed):
        for coming in set(range(6)) - set(found.chosen):
            other = [*(set(found.chosen) - {leaving}), coming]
            assert weights @ costs[:, other].min(axis=1) >= found.cost - 1e-6
    own = distances[:, list(found.chosen)]
    within = own.min(axis=1) <= (np.inf if limit is None else limit)
    assert np.array_equal(found.assigned, np.where(within, np.array(found.chosen)[own.argmin(axis=1)], -1))
    assert found.cost == pytest.approx(weights @ costs[:, list(found.chosen)].min(axis=1))
    assert (found.served, found.unserved) == (weights[within].sum(), weights[~within].sum())
    if found.served:
        assert found.mean * found.served + found.unserved * (limit or 0) == pytest.approx(found.cost)
    assert 0 <= found.gap <= 1


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_what_an_exchange_saves_is_what_counting_again_gives(seed, p):
    distances, weights = places(15, 8, seed)
    distances = np.round(distances / 20)  # ties
    chosen = np.sort(np.random.default_rng(seed).choice(8, p, replace=False))
    saved = _savings(distances, weights, chosen)
    before = weights @ distances[:, chosen].min(axis=1)
    for leaving in range(p):
        for coming in range(8):
            after = weights @ distances[:, [*np.delete(chosen, leaving), coming]].min(axis=1)
            assert saved[leaving, coming] == pytest.approx(before - after, abs=1e-9)


@pytest.mark.parametrize(("p", "fixed", "limit"), [(3, (), None), (6, (1, 7), None), (5, (2,), 25.0), (10, (), None)])
def test_the_answers_to_middling_questions_are_those_of_highs(p, fixed, limit):
    distances, weights = places(60, 35, p)
    costs = distances if limit is None else np.where(distances <= limit, distances, 2 * limit)
    price, once, there, many, bounds = programme(costs, weights, p, fixed)
    whole = np.r_[np.zeros(60 * 35), np.ones(35)]
    exact = milp(
        price,
        integrality=whole,
        bounds=bounds,
        constraints=[LinearConstraint(once, 1, 1), LinearConstraint(there, -np.inf, 0), LinearConstraint(many, p, p)],
        options={"mip_rel_gap": 1e-9},
    )
    relaxed = linprog(
        price,
        there,
        np.zeros(60 * 35),
        vstack([once, many]),
        np.r_[np.ones(60), p],
        list(zip(bounds.lb, np.ones(60 * 35 + 35), strict=True)),
    )
    assert exact.status == relaxed.status == 0
    found = p_median(distances, weights, p, fixed=fixed, limit=limit, unserved=None if limit is None else 2 * limit)
    assert exact.fun * (1 - 1e-7) <= found.cost <= exact.fun * 1.002
    assert relaxed.fun * 0.995 <= found.lower_bound <= relaxed.fun * (1 + 1e-9)  # it is never above the relaxed one


def test_a_country_is_sited_with_a_gap_of_a_few_in_a_thousand():
    facts = [one for one in municipalities().values() if one.country == "HN"]
    xyz = on_sphere([one.lon for one in facts], [one.lat for one in facts])
    distances = arc_m(np.linalg.norm(xyz[:, None] - xyz[None], axis=2)) / 1000
    weights = np.random.default_rng(0).pareto(1.2, len(facts)) * 50
    assert p_median(distances, np.ones(len(facts)), 12).gap < 0.003
    found = p_median(distances, weights, 12, fixed=(0, 107))
    assert found.gap < 0.003
    assert {0, 107} <= set(found.chosen)
    assert (found.n, found.coverage, found.unserved) == (298, 1.0, 0.0)
    again = p_median(distances, weights, 12, fixed=(0, 107))
    assert (again.chosen, again.cost, again.lower_bound) == (found.chosen, found.cost, found.lower_bound)
    assert again.assigned.tobytes() == found.assigned.tobytes()
    more = p_median(distances, weights, 13, fixed=(0, 107))
    assert more.lower_bound <= found.cost
    assert more.cost < found.cost


@settings(max_examples=25)
@given(st.integers(0, 1_000), st.floats(0.01, 1_000), st.floats(0.01, 1_000), st.randoms())
def test_units_of_measure_and_the_order_of_demands_do_not_matter(seed, far, heavy, random):
    distances, weights = places(20, 10, seed)
    found = p_median(distances, weights, 3)
    scaled = p_median(distances * far, weights * heavy, 3)
    assert scaled.cost == pytest.approx(found.cost * far * heavy, rel=1e-6)
    order = random.sample(range(20), 20)
    turned = p_median(distances[order], weights[order], 3)
    assert turned.cost == pytest.approx(found.cost, rel=1e-6)


def test_a_limit_leaves_some_unserved_and_a_greater_cost_of_that_leaves_fewer():
    distances = np.array([[1.0, 9, 7], [1, 9, 7], [9, 9, 7], [9, 2, np.inf]])
    near = p_median(distances, [5, 5, 1, 1], 1, limit=3)
    assert near.chosen == (0,)
    assert near.assigned.tolist() == [0, 0, -1, -1]
    assert (near.served, near.unserved, near.coverage, near.mean) == (10, 2, 10 / 12, 1)
    assert near.cost == 10 + 2 * 3
    wide = p_median(distances, [1, 1, 9, 1], 1, limit=7, unserved=30)
    assert wide.chosen == (2,)
    assert wide.assigned.tolist() == [2, 2, 2, -1]
    assert wide.cost == 11 * 7 + 30
    assert p_median(distances, [9, 9, 4, 1], 1, limit=7).chosen == (0,)
    assert p_median(distances, [9, 9, 4, 1], 1, limit=7, unserved=500).chosen == (2,)


def test_all_candidates_all_fixed_and_equal_ones_are_settled():
    distances, weights = places(10, 4, 1)
    every = p_median(distances, weights, 4)
    assert every.chosen == (0, 1, 2, 3)
    assert every.gap < 1e-9
    stay = p_median(distances, weights, 2, fixed=(3, 1))
    assert stay.chosen == (1, 3)
    assert stay.lower_bound == pytest.approx(stay.cost, rel=1e-6)
    assert p_median(np.ones((5, 4)), np.ones(5), 2).chosen == (0, 1)
    assert p_median(np.ones((5, 4)), np.ones(5), 2).assigned.tolist() == [0] * 5


def test_nobody_and_no_weight_cost_nothing():
    nobody = p_median(np.empty((0, 3)), [], 2)
    assert (nobody.n, nobody.cost, nobody.gap, nobody.coverage) == (0, 0.0, 0.0, 0.0)
    assert len(nobody.chosen) == 2
    idle = p_median([[1.0, 2.0], [3.0, 1.0]], [0, 0], 1)
    assert (idle.cost, idle.gap, idle.coverage) == (0.0, 0.0, 0.0)
    assert np.isnan(idle.mean)
    one = p_median([[4.0]], [2], 1)
    assert (one.chosen, one.cost) == ((0,), 8.0)
    assert one.gap < 1e-9


def test_what_makes_no_sense_is_refused():
    distances, weights = places(5, 4, 0)
    broken = distances.copy()
    broken[0, 0] = np.nan
    endless = distances.copy()
    endless[0, 0] = np.inf
    for refused in (
        lambda: p_median(distances, weights, 0),
        lambda: p_median(distances, weights, 5),
        lambda: p_median(distances, weights, 1, fixed=(0, 1)),
        lambda: p_median(distances, weights, 3, fixed=(1, 1)),
        lambda: p_median(distances, weights, 3, fixed=(4,)),
        lambda: p_median(distances, weights, 3, fixed=(-1,)),
        lambda: p_median(distances, weights[:4], 3),
        lambda: p_median(distances, -weights, 3),
        lambda: p_median(-distances, weights, 3),
        lambda: p_median(broken, weights, 3),
        lambda: p_median(broken, weights, 3, limit=5),
        lambda: p_median(endless, weights, 3),
        lambda: p_median(distances, weights, 3, limit=-1),
        lambda: p_median(distances, weights, 3, limit=np.inf),
        lambda: p_median(distances, weights, 3, limit=5, unserved=4),
        lambda: p_median(distances, weights, 3, unserved=4),
        lambda: p_median(distances[0], weights, 3),
    ):
        with pytest.raises(ValueError):
            refused()
