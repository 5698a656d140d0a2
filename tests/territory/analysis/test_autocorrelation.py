import warnings

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control

from services.territory.reference import cells
from services.territory.rules.analysis.autocorrelation import (
    QUADRANTS,
    conditional_draws,
    false_discovery,
    getis_ord,
    local_moran,
    moran,
)
from services.territory.rules.analysis.neighbours import (
    Weights,
    queen,
    row_standardised,
    with_self,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import esda
    from libpysal.weights import W

EXACT = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module")
def salvador():
    """Queen contiguity of 262 municipalities, one of them an island."""
    drawn = {code: shape for code, shape in cells().items() if code.startswith("SV")}
    return queen(list(drawn), list(drawn.values()))


@pytest.fixture(scope="module")
def mainland(salvador):
    known = salvador.neighbours > 0
    matrix = salvador.matrix[known][:, known]
    return Weights(tuple(np.array(salvador.ids)[known]), matrix)


def counts(n, c=4, seed=5):
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(0.4, 15, (n, c))).astype(float)


def of_libpysal(weights):
    matrix = weights.matrix
    neighbours = {i: matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tolist() for i in range(weights.n)}
    return W(neighbours, silence_warnings=True)


def asked(call):
    """An oracle's answer without its remarks on islands and divisions."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return call()


def ring(n):
    steps = np.arange(n)
    matrix = csr_array((np.ones(2 * n), (np.r_[steps, steps], np.r_[(steps + 1) % n, (steps - 1) % n])), shape=(n, n))
    return Weights(tuple(map(str, steps)), matrix)


@pytest.mark.parametrize("kind", ["binary", "row"])
@pytest.mark.parametrize("islands", [False, True])
def test_morans_i_and_its_moments_are_those_of_esda(salvador, mainland, kind, islands):
    weights = salvador if islands else mainland
    x = counts(weights.n)
    found = moran(x, row_standardised(weights) if kind == "row" else weights, permutations=0)
    for subject in range(x.shape[1]):
        transformation = "r" if kind == "row" else "b"
        oracle = asked(
            lambda s=subject, t=transformation: esda.Moran(
                x[:, s], of_libpysal(weights), transformation=t, permutations=0
            )
        )
        assert np.isclose(found.statistic[subject], oracle.I, **EXACT)
        assert np.isclose(found.expected, oracle.EI, **EXACT)
        assert np.isclose(found.variance_normal, oracle.VI_norm, **EXACT)
        assert np.isclose(found.variance_random[subject], oracle.VI_rand, **EXACT)
        assert np.isclose(found.z_normal[subject], oracle.z_norm, **EXACT)
        assert np.isclose(found.z_random[subject], oracle.z_rand, **EXACT)
        assert np.isclose(found.p_normal[subject], oracle.p_norm, **EXACT)
        assert np.isclose(found.p_random[subject], oracle.p_rand, **EXACT)
    assert np.isnan(found.pseudo_p).all()
    assert (found.n, found.connected, found.small) == (weights.n, mainland.n, False)
    assert found.coverage == mainland.n / weights.n


def test_real_poverty_lies_together_as_esda_says(reference_data):
    table = pd.read_csv(reference_data / "municipal_gt" / "gt_poverty_headcount_sae_2023_by_municipality.csv")
    poverty = {f"GT{row.muncode:04d}": row.fh_mean for row in table[table.indicator == "fgt0"].itertuples()}
    drawn = {code: shape for code, shape in cells().items() if code in poverty}
    assert len(drawn) > 300
    weights = row_standardised(queen(list(drawn), list(drawn.values())))
    x = np.array([[poverty[code]] for code in drawn])
    whole, local = moran(x, weights), local_moran(x, weights)
    oracle = asked(lambda: esda.Moran(x[:, 0], of_libpysal(weights), permutations=0))
    assert np.isclose(whole.statistic[0], oracle.I, **EXACT)
    assert whole.statistic[0] > 0.4
    assert whole.pseudo_p[0] == 2 / 1000
    named = {code for code, quadrant in zip(drawn, local.significant()[:, 0], strict=True) if quadrant == 1}
    assert {code[:4] for code in named} >= {"GT13", "GT14", "GT16"}  # Huehuetenango, Quiché, Alta Verapaz
    low = {code for code, quadrant in zip(drawn, local.significant()[:, 0], strict=True) if quadrant == 3}
    assert {"GT0101", "GT0108"} <= low  # the capital and Mixco


def test_the_pseudo_p_of_the_whole_counts_permutations_one_by_one(mainland):
    x, weights = counts(mainland.n, 3), row_standardised(mainland)
    found = moran(x, weights, permutations=99, seed=8)
    order = np.random.default_rng(8).permuted(np.tile(np.arange(mainland.n), (99, 1)), axis=1)
    for subject in range(3):
        drawn = [moran(x[one][:, [subject]], weights, permutations=0).statistic[0] for one in order]
        above = sum(one >= found.statistic[subject] - 1e-12 for one in drawn)
        below = sum(one <= found.statistic[subject] + 1e-12 for one in drawn)
        assert found.pseudo_p[subject] == min(1, 2 * (min(above, below) + 1) / 100)


@pytest.mark.parametrize("kind", ["binary", "row"])
def test_local_morans_i_its_quadrants_and_moments_are_those_of_esda(mainland, kind):
    x = counts(mainland.n)
    found = local_moran(x, row_standardised(mainland) if kind == "row" else mainland, permutations=0)
    for subject in range(x.shape[1]):
        oracle = asked(
            lambda s=subject: esda.Moran_Local(
                x[:, s], of_libpysal(mainland), transformation="r" if kind == "row" else "b", permutations=0
            )
        )
        share = (mainland.n - 1) / mainland.n  # esda's moments are of n * z * lag / z'z, its statistic of n - 1
        assert np.allclose(found.statistic[:, subject], oracle.Is, **EXACT)
        assert np.array_equal(found.quadrant[:, subject], oracle.q)
        z = (oracle.Is / share - oracle.EIc) / np.sqrt(oracle.VIc)
        assert np.allclose(found.z[:, subject], z, **EXACT)
    assert QUADRANTS[1:] == ("high_high", "low_high", "low_low", "high_low")


def test_conditional_pseudo_p_counts_the_draws_one_by_one(salvador):
    x, weights = counts(salvador.n, 2), row_standardised(salvador)
    found = local_moran(x, weights, permutations=49, seed=3)
    draws = conditional_draws(salvador.n, int(salvador.neighbours.max()), 49, 3)
    dense, z = weights.matrix.toarray(), x - x.mean(axis=0)
    for unit in range(salvador.n):
        own = dense[unit][dense[unit] > 0]
        others = np.delete(z, unit, axis=0)
        for subject in range(2):
            if not len(own):
                assert np.isnan(found.pseudo_p[unit, subject])
                continue
            drawn = z[unit, subject] * (others[draws[:, : len(own)], subject] @ own)
            seen = z[unit, subject] * (dense[unit] @ z[:, subject])
            tail = min(np.sum(drawn >= seen - 1e-9), np.sum(drawn <= seen + 1e-9))
            assert found.pseudo_p[unit, subject] == min(1, 2 * (tail + 1) / 50)


def test_draws_are_beginnings_of_permutations_all_equally_likely():
    draws = conditional_draws(6, 3, 40_000, 1)
    assert draws.shape == (40_000, 3)
    assert all(len(set(row)) == 3 for row in draws[:500].tolist())
    seen = np.bincount(draws @ np.array([25, 5, 1]), minlength=125)
    assert np.count_nonzero(seen) == 5 * 4 * 3
    assert np.all(np.abs(seen[seen > 0] - 40_000 / 60) < 5 * np.sqrt(40_000 / 60))


def test_pseudo_p_agrees_with_that_of_esda_within_sampling_error(mainland):
    x = np.random.default_rng(2).normal(size=(mainland.n, 1))
    x += 2 * row_standardised(mainland).matrix @ x  # so that some lie together; no two values are the same
    found = local_moran(x, row_standardised(mainland), permutations=1999, seed=1)
    oracle = asked(
        lambda: esda.Moran_Local(
            x[:, 0], of_libpysal(mainland), permutations=1999, seed=4, n_jobs=1, keep_simulations=True
        )
    )
    above = np.mean(oracle.sim >= oracle.Is, axis=0)
    theirs = 2 * np.minimum(above, 1 - above)
    error = np.abs(np.minimum(found.pseudo_p[:, 0], 1) - theirs)
    sampling = 2 * np.sqrt(np.maximum(theirs, 0.01) / 2 * (1 - theirs / 2) / 1999 * 2)
    assert np.mean(error < 2.5 * sampling + 2 / 2000) > 0.97
    assert np.all(error < 5 * sampling + 2 / 2000)


def test_the_exact_moments_are_those_of_very_many_permutations(mainland):
    x = counts(mainland.n, 1)
    found = local_moran(x, mainland, permutations=0)
    z, rng = x[:, 0] - x.mean(), np.random.default_rng(0)
    for unit in (3, 77, 200):
        others, k = np.delete(z, unit), mainland.neighbours[unit]
        drawn = rng.permuted(np.tile(others, (20_000, 1)), axis=1)[:, :k].sum(axis=1) * z[unit]
        seen = z[unit] * (mainland.matrix @ z)[unit]
        assert found.z[unit, 0] == pytest.approx((seen - drawn.mean()) / drawn.std(), abs=0.05)


@pytest.mark.parametrize("star", [False, True])
def test_getis_and_ords_scores_are_those_of_esda(salvador, star):
    x = counts(salvador.n)
    weights = with_self(salvador) if star else salvador
    found = getis_ord(x, weights)
    land = salvador.neighbours > 0
    for subject in range(x.shape[1]):
        oracle = asked(
            lambda s=subject: esda.G_Local(x[:, s], of_libpysal(salvador), transform="B", star=star, permutations=0)
        )
        assert np.allclose(found.z[land, subject], oracle.Zs[land], **EXACT)
        assert np.allclose(found.p[land, subject], 2 * oracle.p_norm[land], **EXACT)
    assert np.isnan(found.z[~land]).all()
    assert (found.star, found.connected) == (star, int(land.sum()))
    assert np.allclose(getis_ord(x, row_standardised(weights)).z, found.z, **EXACT, equal_nan=True)


def test_gi_is_the_standard_score_of_the_conditional_permutations_of_local_moran(mainland):
    x = counts(mainland.n)
    local, spot = local_moran(x, mainland, permutations=0), getis_ord(x, mainland)
    assert np.allclose(np.abs(local.z), np.abs(spot.z), **EXACT)
    assert np.allclose(local.p_normal, spot.p, **EXACT)


def test_false_discoveries_are_held_as_scipy_and_esda_hold_them():
    rng = np.random.default_rng(0)
    p = np.round(rng.uniform(size=(200, 3)) ** 3, 3)
    adjusted = false_discovery(p)
    assert np.allclose(adjusted, false_discovery_control(p, axis=0), **EXACT)
    for subject in range(3):
        limit = esda.fdr(p[:, subject], 0.05)
        named = adjusted[:, subject] <= 0.05
        assert named.sum() == np.sum(p[:, subject] <= (limit if named.any() else -1))


@given(arrays(float, st.integers(1, 30), elements=st.one_of(st.floats(0, 1), st.just(np.nan))), st.floats(0.001, 0.5))
def test_what_is_named_is_the_longest_run_below_the_line_and_nan_is_no_test(p, q):
    adjusted = false_discovery(p)
    assert np.array_equal(np.isnan(adjusted), np.isnan(p))
    known = np.sort(p[~np.isnan(p)])
    m = len(known)
    below = [rank for rank in range(1, m + 1) if known[rank - 1] * m / rank <= q]
    assert np.sum(adjusted <= q) == max(below, default=0)
    assert np.all(adjusted[~np.isnan(p)] >= p[~np.isnan(p)] * (1 - 1e-12))


def test_a_made_pattern_is_found_and_named_and_noise_is_not():
    side = 15
    shapes = [shapely.box(x / 100, y / 100, (x + 1) / 100, (y + 1) / 100) for y in range(side) for x in range(side)]
    weights = row_standardised(queen([str(one) for one in range(side**2)], shapes))
    noise = np.random.default_rng(1).normal(size=(side**2, 2))
    hot = np.array([x < 4 and y < 4 for y in range(side) for x in range(side)])
    noise[:, 1] += 4 * hot
    found = local_moran(noise, weights, permutations=1999)
    named = found.significant(0.05)
    assert np.count_nonzero(named[:, 0]) == 0
    assert np.mean(named[hot, 1] == 1) > 0.7
    assert np.mean(named[~hot, 1] == 1) < 0.05
    whole = moran(noise, weights)
    assert whole.pseudo_p[1] == 2 / 1000
    assert whole.pseudo_p[0] > 0.05


values = arrays(float, (12, 2), elements=st.integers(-20, 20).map(float))


@settings(max_examples=40)
@given(values, st.floats(0.1, 50), st.floats(-100, 100), st.permutations(range(12)))
def test_units_of_measure_and_the_order_of_units_do_not_matter(x, scale, shift, order):
    weights, order = ring(12), np.array(order)
    turned = Weights(tuple(np.array(weights.ids)[order]), csr_array(weights.matrix[order][:, order]))
    for analyse in (
        lambda x, w: moran(x, w, permutations=0).statistic,
        lambda x, w: local_moran(x, w, permutations=0).z,
        lambda x, w: getis_ord(x, w).z,
    ):
        plain = analyse(x, weights)
        assert np.allclose(plain, analyse(x * scale + shift, weights), rtol=1e-6, atol=1e-6, equal_nan=True)
        again = plain if plain.ndim == 1 else plain[order]
        assert np.allclose(again, analyse(x[order], turned), **EXACT, equal_nan=True)


@settings(max_examples=40)
@given(values)
def test_local_statistics_add_up_to_the_whole_and_pseudo_p_stays_in_bounds(x):
    weights = row_standardised(ring(12))
    whole, local = moran(x, weights, permutations=9), local_moran(x, weights, permutations=9)
    varied = np.ptp(x, axis=0) > 0
    assert np.allclose(local.statistic[:, varied].sum(axis=0), 11 * whole.statistic[varied], **EXACT)
    assert np.array_equal(np.isnan(whole.pseudo_p), ~varied)
    p = local.pseudo_p[:, varied]
    assert np.all((p >= 0.2) & (p <= 1))
    assert np.isnan(local.pseudo_p[:, ~varied]).all()
    assert np.all(local.quadrant[:, varied] > 0)
    assert not local.quadrant[:, ~varied].any()


def test_the_same_seed_draws_the_same_and_another_another():
    x, weights = counts(40), ring(40)
    first, again, other = (local_moran(x, weights, permutations=99, seed=seed).pseudo_p for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    first, again, other = (moran(x, weights, permutations=999, seed=seed).pseudo_p for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_a_unit_at_the_mean_has_no_pattern_of_its_own():
    x = np.array([[3.0], [5.0], [4.0], [5.0], [3.0], [4.0]])
    found = local_moran(x, ring(6), permutations=99)
    assert found.statistic[2, 0] == 0
    assert found.pseudo_p[2, 0] == 1


def test_too_few_units_say_nothing():
    nobody = Weights((), csr_array((0, 0)))
    one = Weights(("a",), csr_array((1, 1)))
    everybody = Weights(tuple("abcdef"), csr_array(1.0 - np.eye(6)))
    assert np.isnan(moran(counts(6), everybody).z_random).all()
    assert np.isnan(getis_ord(counts(6), everybody).z).all()
    three = ring(3)
    for weights in (nobody, one):
        x = np.ones((weights.n, 2))
        assert np.isnan(moran(x, weights).statistic).all()
        assert np.isnan(local_moran(x, weights).pseudo_p).all()
        assert np.isnan(getis_ord(x, weights).z).all()
        assert moran(x, weights).coverage == 0
    found = moran(np.array([[1.0], [2.0], [4.0]]), three)
    assert (found.small, found.n) == (True, 3)
    assert found.statistic[0] == pytest.approx(-0.5)  # every other one is a neighbour
    assert np.isnan(found.z_random).all()
    assert np.isnan(getis_ord(np.array([[1.0], [2.0], [4.0]]), three).z).all()
    assert false_discovery(np.array([])).shape == (0,)


def test_where_the_others_are_all_the_same_gi_has_no_scale():
    x = np.zeros((8, 1))
    x[2] = 7
    found = getis_ord(x, ring(8)).z[:, 0]
    assert np.isnan(found[2])
    assert np.isfinite(np.delete(found, 2)).all()
    assert found[1] > 0 > found[6]


def test_what_makes_no_sense_is_refused():
    weights = ring(5)
    x = np.arange(5.0)[:, None]
    broken = x.copy()
    broken[2] = np.nan
    half = Weights(weights.ids, csr_array(weights.matrix + csr_array(np.diag([1.0, 0, 0, 0, 0]))))
    for analyse in (moran, local_moran, getis_ord):
        for table in (broken, x[:4], x[:, 0]):
            with pytest.raises(ValueError, match="figures"):
                analyse(table, weights)
        with pytest.raises(ValueError, match="its own neighbour"):
            analyse(x, half)
    with pytest.raises(ValueError, match="between 0 and 1"):
        false_discovery([0.2, 1.2])
