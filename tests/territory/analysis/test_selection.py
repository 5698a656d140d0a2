"""The selection matrix: scores, what they are made of, what is missing, and how sure the first place is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.analysis.selection import GROUPS, Criterion, select

CRITERIA = (
    Criterion("demand", "economic", 3),
    Criterion("water", "environmental", 2),
    Criterion("women", "social", 4),
    Criterion("plans", "institutional", 1),
)


def chosen(scores, evidence=None, doubt=None, criteria=CRITERIA, **more):
    told = np.asarray(scores, dtype=float)
    evidence = np.isfinite(told) if evidence is None else evidence
    doubt = np.zeros(told.shape) if doubt is None else doubt
    settings = {"scale": (1, 5), "concentration": 50, "draws": 500, "seed": 3} | more
    return select(criteria, told, evidence, doubt, **settings)


def test_a_score_is_the_weighted_mean_and_its_contributions_add_up_to_it():
    found = chosen([[5, 1, 3, 4], [2, 2, 2, 2]])
    assert found.score == pytest.approx([3.3, 2.0], abs=1e-12)
    assert found.contributions[0] == pytest.approx([1.5, 0.2, 1.2, 0.4], abs=1e-12)
    assert found.by_group[0] == pytest.approx([1.5, 0.2, 1.2, 0.4], abs=1e-12)
    assert (found.least == found.score).all()
    assert (found.most == found.score).all()


def test_missing_evidence_is_flagged_and_never_guessed():
    found = chosen([[5, np.nan, 3, 4], [2, 2, 2, 2]])
    assert np.isnan(found.score).tolist() == [True, False]
    assert found.missing.tolist() == [[False, True, False, False], [False] * 4]
    assert (found.least[0], found.most[0], found.coverage[0]) == pytest.approx((3.3, 4.1, 0.8))
    assert found.odds.median.tolist() == [[0, 1]]
    assert np.isnan(found.odds.chance[0, 0]).all()


def test_a_score_without_evidence_is_not_read():
    evidence = np.array([[True, False, True, True]])
    assert np.isnan(chosen([[5, 5, 3, 4]], evidence).score[0])
    assert chosen([[5, 5, 3, 4]], evidence).most == chosen([[5, 1, 3, 4]], evidence).most


def test_a_criterion_without_weight_needs_no_evidence():
    criteria = (*CRITERIA[:3], Criterion("plans", "institutional", 0))
    found = chosen([[5, 1, 3, np.nan]], criteria=criteria)
    assert found.score[0] == pytest.approx((15 + 2 + 12) / 9)
    assert found.odds.median[0, 0] == 1


def test_a_chain_dominates_another_only_if_no_missing_score_could_change_it():
    found = chosen([[5, 5, 4, 5], [4, 5, 4, 5], [4, 4, 4, np.nan], [5, 5, 4, 5]])
    assert np.argwhere(found.dominates).tolist() == [[0, 1], [0, 2], [1, 2], [3, 1], [3, 2]]


def test_a_criterion_without_weight_neither_makes_nor_prevents_that_a_chain_dominates():
    criteria = (*CRITERIA[:3], Criterion("plans", "institutional", 0))
    found = chosen([[5, 5, 5, 1], [4, 5, 5, 5], [4, 5, 5, np.nan]], criteria=criteria)
    assert np.argwhere(found.dominates).tolist() == [[0, 1], [0, 2]]


def test_a_dominating_chain_is_never_ranked_behind_whatever_the_weights():
    found = chosen([[2, 2, 2, 3], [2, 2, 2, 2]], concentration=1)
    assert found.odds.chance[0, 0].tolist() == [1, 0]
    assert chosen([[2, 2, 2, 3], [2, 2, 2, 2]]).odds.chance[0, 1].tolist() == [0, 1]


def test_doubt_in_the_scores_spreads_the_ranks():
    sure = chosen([[3.2] * 4, [3] * 4]).odds.chance[0, 0, 0]
    unsure = chosen([[3.2] * 4, [3] * 4], doubt=np.full((2, 4), 1.0)).odds.chance[0, 0, 0]
    assert sure == 1
    assert 0.5 < unsure < 0.9


def test_one_doubtful_score_beats_another_as_often_as_two_even_distributions_say():
    criteria = (Criterion("women", "social", 1),)
    found = chosen([[3], [3.5]], doubt=[[1], [1]], criteria=criteria, draws=20_000)
    assert found.odds.chance[0, 0, 0] == pytest.approx((1.5 / 2) ** 2 / 2, abs=0.01)


def test_a_doubtful_score_never_leaves_the_scale():
    criteria = (Criterion("women", "social", 1),)
    found = chosen([[5], [4.8]], doubt=[[1], [0]], criteria=criteria, draws=20_000)
    assert found.odds.chance[0, 0, 0] == pytest.approx(0.2, abs=0.01)
    found = chosen([[1], [1.2]], doubt=[[1], [0]], criteria=criteria, draws=20_000)
    assert found.odds.chance[0, 0, 0] == pytest.approx(0.8, abs=0.01)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10**6), st.floats(0.1, 50))
def test_scores_stay_on_the_scale_and_the_size_of_the_weights_does_not_matter(chains, size, seed, times):
    generator = np.random.default_rng(seed)
    weights = generator.random(size) + 0.1
    first, again = (
        chosen(
            np.where(known := np.random.default_rng(seed).random((chains, size)) < 0.8, 1 + 4 * known, np.nan),
            criteria=[Criterion(str(i), GROUPS[i % 4], w * by) for i, w in enumerate(weights)],
            draws=20,
        )
        for by in (1, times)
    )
    assert np.allclose(first.score, again.score, equal_nan=True, atol=1e-9)
    assert ((first.least >= 1 - 1e-9) & (first.most <= 5 + 1e-9) & (first.least <= first.most + 1e-12)).all()
    told = ~np.isnan(first.score)
    assert np.allclose(first.by_group[told].sum(axis=1), first.score[told])
    assert told.tolist() == (~first.missing).all(axis=1).tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"scores": [[6, 1, 1, 1]]},
        {"scores": [[1, 1, 1]]},
        {"scores": [[np.nan, 1, 1, 1]], "evidence": np.ones((1, 4), dtype=bool)},
        {"scores": [[1, 1, 1, 1]], "doubt": [[-1, 0, 0, 0]]},
        {"scores": [[1]], "criteria": [Criterion("luck", "other", 1)]},
        {"scores": [[1]], "criteria": [Criterion("women", "social", 0)]},
    ],
)
def test_a_matrix_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        chosen(**wrong)


def test_of_no_chain_at_all_there_is_nothing_to_rank():
    found = chosen(np.zeros((0, 4)))
    assert found.score.shape == (0,)
    assert found.odds.median.shape == (1, 0)
