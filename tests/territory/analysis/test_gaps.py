"""What credit and training reach of those who could use them, against counting one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from services.territory.rules.analysis.gaps import credit_gap, training_gap


def asked(n, seed, topics=3):
    generator = np.random.default_rng(seed)
    known = generator.random((n, topics)) < 0.8
    return (
        generator.integers(0, 4, n),
        known,
        known & (generator.random((n, topics)) < 0.5),
        generator.random((n, topics)) < 0.4,
    )


def credit(rows, **more):
    """Rows of (cell, known, needing, wanted, approved, disbursed, currency)."""
    columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.zeros(0, dtype=int)] * 7
    settings = {"currencies": 2, "pool": [0, 0, 1], "few": 2} | more
    known, needing = columns[1].astype(bool), columns[2].astype(bool)
    return credit_gap(columns[0], 3, known, needing, *columns[3:], **settings)


@given(st.integers(0, 60), st.integers(0, 10**6))
def test_training_reaches_what_counting_one_by_one_finds(n, seed):
    cell, known, needing, trained = asked(n, seed)
    found = training_gap(cell, 4, known, needing, trained, few=3)
    for one, topic in np.ndindex(4, 3):
        mine = cell == one
        need, served = needing[mine, topic], trained[mine, topic]
        assert found.enterprises[one, topic] == mine.sum()
        assert found.known[one, topic] == known[mine, topic].sum()
        assert (found.potential[one, topic], found.reached[one, topic]) == (need.sum(), (need & served).sum())
        assert found.gap[one, topic] == (need & ~served).sum()
        assert found.beyond[one, topic] + found.reached[one, topic] == served.sum()
        assert found.few[one, topic] == (need.sum() < 3)
        if need.sum():
            told = stats.binomtest(int((need & served).sum()), int(need.sum())).proportion_ci(method="wilson")
            assert found.penetration[one, topic] == pytest.approx((need & served).sum() / need.sum())
            assert [found.low[one, topic], found.high[one, topic]] == pytest.approx([told.low, told.high], abs=1e-9)
        else:
            assert np.isnan(found.penetration[one, topic])


def test_credit_goes_down_from_the_potential_to_what_was_disbursed():
    found = credit(
        [
            (0, 1, 1, 100, 80, 80, 0),
            (0, 1, 1, 300, 200, 0, 0),
            (0, 1, 1, -1, 0, 0, 0),
            (0, 0, 0, -1, 50, 50, 0),
        ]
    )
    assert (found.approved.potential[0], found.approved.reached[0], found.disbursed.reached[0]) == (3, 2, 1)
    assert (found.disbursed.gap[0], found.disbursed.beyond[0], found.disbursed.coverage[0]) == (2, 1, 0.75)
    money = found.money
    assert (money.wanted[0, 0], money.told[0, 0], money.estimate[0, 0]) == (400, 2, 600)
    assert (money.approved[0, 0], money.disbursed[0, 0], money.gap[0, 0]) == (280, 80, 520)
    assert (money.coverage[0, 0], money.from_pool[0, 0]) == (2 / 3, False)


def test_where_too_few_say_what_they_want_the_larger_whole_speaks_for_the_rest():
    rows = [(0, 1, 1, 100, 0, 0, 0), (0, 1, 1, 200, 0, 0, 0), (1, 1, 1, 600, 0, 0, 0), (1, 1, 1, -1, 0, 0, 0)]
    money = credit(rows).money
    assert (money.estimate[1, 0], money.from_pool[1, 0]) == (900, True)


def test_where_the_larger_whole_says_too_little_as_well_no_amount_is_told():
    money = credit([(2, 1, 1, 500, 0, 0, 0), (2, 1, 1, -1, 0, 0, 0)]).money
    assert (money.estimate[2, 0], money.gap[2, 0], money.from_pool[2, 0]) == (-1, -1, False)


def test_amounts_of_two_currencies_are_never_mixed():
    rows = [(0, 1, 1, 100, 0, 30, 0), (0, 1, 1, 900, 0, 0, 1)]
    money = credit(rows).money
    assert money.wanted[0].tolist() == [100, 900]
    assert money.gap[0].tolist() == [70, 900]


def test_who_received_more_than_she_wanted_leaves_no_negative_gap():
    assert credit([(0, 1, 1, 100, 150, 150, 0)]).money.gap[0, 0] == 0


@given(st.integers(0, 40), st.integers(0, 10**6))
def test_amounts_close_whatever_the_cells(n, seed):
    generator = np.random.default_rng(seed)
    known = generator.random(n) < 0.8
    needing = known & (generator.random(n) < 0.6)
    wanted, amounts, money = (
        generator.integers(-1, 1000, n),
        generator.integers(0, 500, (2, n)),
        generator.integers(0, 2, n),
    )
    found = credit_gap(
        generator.integers(0, 5, n),
        5,
        known,
        needing,
        wanted,
        *amounts,
        money,
        currencies=2,
        pool=[0, 0, 1, 1, 1],
        few=3,
    )
    assert found.money.potential.sum() == found.approved.potential.sum() == needing.sum()
    assert found.money.wanted.sum() == wanted[needing & (wanted >= 0)].sum()
    assert found.money.disbursed.sum() == amounts[1][needing].sum()
    estimated = found.money.estimate >= 0
    assert (found.money.estimate[estimated] >= found.money.wanted[estimated]).all()
    assert (found.money.gap[estimated] >= 0).all()


def test_nobody_has_no_gap():
    found = credit([])
    assert found.disbursed.gap.tolist() == [0, 0, 0]
    assert np.isnan(found.disbursed.penetration).all()
    assert found.money.estimate.tolist() == [[0, 0]] * 3


def test_a_need_of_somebody_unknown_or_a_negative_amount_is_refused():
    with pytest.raises(ValueError, match="needing"):
        credit([(0, 0, 1, 100, 0, 0, 0)])
    with pytest.raises(ValueError, match="disbursed"):
        credit([(0, 1, 1, 100, 0, -1, 0)])
    with pytest.raises(ValueError, match="trained"):
        training_gap([0], 1, [[True]], [[True]], [[1]], few=1)
    with pytest.raises(ValueError, match="needing"):
        training_gap([0], 1, [True], [True], [True], few=1)
