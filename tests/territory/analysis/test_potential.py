"""Potential by chain and unit, its gaps, and how sure the ranking of the chains is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.territory.rules.analysis.potential import gap_list, potential
from services.territory.rules.analysis.ranks import drawn_weights, rank_odds

WEIGHTS = np.array([3, 2, 4, 4, 3, 4, 5])


def told(unit, chain, levels, shape, **more):
    settings = {"weights": WEIGHTS, "few": 5, "concentration": 50, "draws": 400, "seed": 7} | more
    return potential(unit, chain, levels, shape=shape, **settings)


def population(n, seed=1, known=0.7):
    generator = np.random.default_rng(seed)
    levels = generator.integers(0, 5, (n, 7))
    levels[generator.random(n) > known] = -1
    return generator.integers(0, 3, n), generator.integers(0, 4, n), levels


def test_the_index_is_the_mean_score_of_the_profiled_and_its_error_that_of_a_finite_population():
    unit, chain, levels = population(300)
    found = told(unit, chain, levels, (3, 4))
    for one, other in np.ndindex(3, 4):
        mine = levels[(unit == one) & (chain == other)]
        seen = mine[(mine >= 0).all(axis=1)]
        score = 100 * seen @ WEIGHTS / (4 * WEIGHTS.sum())
        error = stats.sem(score) * np.sqrt(1 - len(seen) / len(mine))
        assert found.index[one, other] == pytest.approx(score.mean(), abs=1e-9)
        assert found.error[one, other] == pytest.approx(error, abs=1e-9)
        assert (found.profiled[one, other], found.coverage[one, other]) == (len(seen), len(seen) / len(mine))
        assert found.levels.mean[one, other] == pytest.approx(seen.mean(axis=0), abs=1e-12)


def test_a_chain_without_a_whole_profile_has_no_index_and_no_rank():
    found = told([0, 0], [0, 1], [[-1, *[3] * 6], [2] * 7], (1, 3))
    assert np.isnan(found.index[0]).tolist() == [True, False, True]
    assert found.odds.median[0].tolist() == [0, 1, 0]
    assert np.isnan(found.odds.chance[0, 0]).all()
    assert found.odds.chance[0, 1].tolist() == [1, 0, 0]


def test_a_subject_without_weight_need_not_be_known():
    found = told([0], [0], [[-1, *[4] * 6]], (1, 1), weights=[0, 1, 1, 1, 1, 1, 1])
    assert found.index[0, 0] == pytest.approx(100, abs=1e-9)
    assert found.few[0, 0]


def test_one_profile_among_many_leaves_the_index_wide_open():
    found = told([0] * 9, [0] * 9, [[2] * 7] + [[-1] * 7] * 8, (1, 1))
    assert found.error[0, 0] == pytest.approx(50 * np.sqrt(8 / 9))


def test_sure_weights_and_whole_knowledge_rank_for_certain():
    levels = [[4] * 7, [3] * 7, [3] * 7, [1] * 7]
    found = told([0] * 4, [0, 1, 2, 3], levels, (1, 4)).odds
    assert found.median[0].tolist() == [1, 2, 2, 4]
    assert found.chance[0, 1].tolist() == [0, 1, 0, 0]


def test_chances_of_ranks_are_those_of_the_normal_distribution():
    """Two chains with a single subject: the first is better with the probability of a difference of two means."""
    generator = np.random.default_rng(3)
    levels = np.concatenate([generator.integers(0, 5, 40), generator.integers(1, 5, 40), np.full(120, -1)])
    chain = np.concatenate([np.repeat([0, 1], 40), np.tile([0, 1], 60)])
    found = told(np.zeros(200, dtype=int), chain, levels[:, None], (1, 2), weights=[1], draws=20_000)
    gap, error = found.index[0, 0] - found.index[0, 1], np.hypot(*found.error[0])
    assert found.odds.chance[0, 0, 0] == pytest.approx(stats.norm.cdf(gap / error), abs=0.015)


def test_weights_that_are_less_sure_mix_the_ranks_more():
    levels = np.array([[4, 0], [0, 4]])
    sure, unsure = (
        told([0, 0], [0, 1], levels, (1, 2), weights=[6, 4], concentration=c, draws=4000).odds.chance[0, 0, 0]
        for c in (1000, 5)
    )
    assert sure > 0.99
    assert unsure == pytest.approx(stats.beta.sf(0.5, 3, 2), abs=0.03)


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    unit, chain, levels = population(200)
    first, again, other = (told(unit, chain, levels, (3, 4), seed=seed).odds.chance for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_drawn_weights_have_the_given_ones_as_their_mean():
    drawn = drawn_weights([2, 0, 6], 20, 20_000, np.random.default_rng(1))
    assert drawn.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert drawn.mean(axis=0) == pytest.approx([0.25, 0, 0.75], abs=0.005)
    assert drawn[:, 0].var() == pytest.approx(stats.beta(5, 15).var(), rel=0.05)


@given(st.integers(1, 30), st.integers(1, 3), st.integers(1, 6), st.integers(0, 10**6))
def test_ranks_are_those_of_scipy_draw_by_draw(draws, groups, items, seed):
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 4, (draws, groups, items)).astype(float)
    ranked = generator.random((groups, items)) < 0.8
    found = rank_odds(values, ranked)
    for group in range(groups):
        mine = np.flatnonzero(ranked[group])
        ranks = stats.rankdata(-values[:, group, mine], method="min", axis=1).astype(int) if len(mine) else None
        for place, item in enumerate(mine):
            tally = np.bincount(ranks[:, place] - 1, minlength=items) / draws
            assert found.chance[group, item] == pytest.approx(tally, abs=1e-12)
            ordered = np.sort(ranks[:, place])
            assert found.median[group, item] == ordered[int(np.ceil(0.5 * draws)) - 1]
            assert found.low[group, item] <= found.median[group, item] <= found.high[group, item]
        assert (found.median[group][~ranked[group]] == 0).all()


def test_gaps_come_with_the_most_women_first():
    levels = [[1, 3], [0, 0], [1, -1], [2, 1]]
    found = gap_list([0, 0, 1, 1], [0, 0, 1, 1], levels, [2, 3, 9, 1], shape=(2, 2), weakness_to=1)
    assert [(gap.unit, gap.chain, gap.subject, gap.weak, gap.women) for gap in found] == [
        (1, 1, 0, 1, 9),
        (0, 0, 0, 2, 5),
        (0, 0, 1, 1, 3),
        (1, 1, 1, 1, 1),
    ]
    assert [(gap.known, gap.enterprises, gap.share) for gap in found[-1:]] == [(1, 2, 1.0)]


@given(st.integers(0, 40), st.integers(0, 1000), st.integers(0, 4))
def test_gaps_add_up_to_all_who_are_weak(n, seed, weakness_to):
    unit, chain, levels = population(n, seed)
    found = gap_list(unit, chain, levels, np.ones(n, dtype=int), shape=(3, 4), weakness_to=weakness_to)
    assert sum(gap.weak for gap in found) == ((levels >= 0) & (levels <= weakness_to)).sum()
    assert all(gap.women == gap.weak <= gap.known <= gap.enterprises for gap in found)


def test_nobody_at_all_has_no_potential():
    found = told([], [], np.zeros((0, 7), dtype=int), (2, 2))
    assert np.isnan(found.index).all()
    assert found.few.all()


@pytest.mark.parametrize(
    "wrong",
    [{"weights": [1, 1]}, {"weights": [0] * 7}, {"weights": [-1] + [1] * 6}, {"concentration": 0}, {"draws": 0}],
)
def test_weights_and_draws_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError):
        told([0], [0], [[1] * 7], (1, 1), **wrong)
