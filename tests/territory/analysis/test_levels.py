"""Mean levels and their limits, against Student's interval as scipy tells it and against all that is possible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.territory.rules.analysis.levels import mean_levels, wilson


def test_an_interval_is_students_with_the_correction_for_a_finite_population():
    levels = np.array([0, 1, 1, 3, 4, 2, 2] + [-1] * 13)
    found = mean_levels(np.zeros(20, dtype=int), 1, levels[:, None], few=5)
    seen = levels[levels >= 0]
    half = stats.t.ppf(0.975, 6) * seen.std(ddof=1) / np.sqrt(7) * np.sqrt(1 - 7 / 20)
    assert found.mean[0, 0] == pytest.approx(seen.mean(), abs=1e-12)
    assert [found.low[0, 0], found.high[0, 0]] == pytest.approx([seen.mean() - half, seen.mean() + half], abs=1e-9)
    assert (found.n[0, 0], found.of[0], found.coverage[0, 0], found.few[0, 0]) == (7, 20, 7 / 20, False)


def test_wilsons_limits_are_those_of_scipy():
    for seen, n in [(0, 3), (2, 5), (7, 7), (40, 1000)]:
        told = stats.binomtest(seen, n).proportion_ci(method="wilson")
        assert [float(limit) for limit in wilson(seen / n, n)] == pytest.approx([told.low, told.high], abs=1e-9)


def test_levels_all_alike_still_leave_doubt_while_somebody_is_unknown():
    found = mean_levels([0, 0, 0, 0], 1, [[2], [2], [-1], [-1]], few=5)
    assert found.low[0, 0] < 2 < found.high[0, 0]
    assert found.few[0, 0]


def test_a_cell_without_anybody_known_has_no_mean():
    found = mean_levels([1, 1], 3, [[-1], [4]], few=1)
    assert np.isnan(found.mean[:, 0]).tolist() == [True, False, True]
    assert np.isnan(found.low[:, 0]).tolist() == [True, False, True]
    assert found.of.tolist() == [0, 2, 0]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 4), st.integers(-1, 4)), max_size=40),
    st.sampled_from([0.8, 0.95, 0.99]),
)
def test_limits_enclose_the_mean_and_stay_within_what_is_possible(rows, confidence):
    cell = np.array([row[0] for row in rows], dtype=int)
    levels = np.array([row[1:] for row in rows], dtype=int).reshape(-1, 2)
    found = mean_levels(cell, 4, levels, few=5, confidence=confidence)
    for one in range(4):
        for subject in range(2):
            mine = levels[cell == one, subject]
            seen = mine[mine >= 0]
            if not len(seen):
                assert np.isnan(found.high[one, subject])
                continue
            least, most = seen.sum() / len(mine), (seen.sum() + 4 * (len(mine) - len(seen))) / len(mine)
            assert found.mean[one, subject] == pytest.approx(seen.mean())
            assert least - 1e-9 <= found.low[one, subject] <= seen.mean() + 1e-9
            assert seen.mean() - 1e-9 <= found.high[one, subject] <= most + 1e-9
            if len(seen) == len(mine):
                assert found.low[one, subject] == found.high[one, subject] == found.mean[one, subject]


def test_the_interval_holds_the_mean_of_the_whole_as_often_as_it_says():
    generator = np.random.default_rng(4)
    everyone = generator.choice(5, p=[0.2, 0.3, 0.25, 0.15, 0.1], size=(2000, 60))
    seen = np.where(generator.permuted(np.tile(np.arange(60) < 20, (2000, 1)), axis=1), everyone, -1)
    found = mean_levels(np.repeat(np.arange(2000), 60), 2000, seen.reshape(-1, 1), few=5)
    held = (found.low[:, 0] <= everyone.mean(axis=1)) & (everyone.mean(axis=1) <= found.high[:, 0])
    assert 0.935 <= held.mean() <= 0.965


@pytest.mark.parametrize(
    ("cell", "levels"),
    [([0], [[5]]), ([0], [[-2]]), ([1], [[1]]), ([0], [[float("nan")]]), ([0, 0], [[1]]), ([0], [1])],
)
def test_what_is_no_level_is_refused(cell, levels):
    with pytest.raises(ValueError):
        mean_levels(cell, 1, levels, few=5)
