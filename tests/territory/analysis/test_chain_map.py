"""The territorial value chain of every unit at once, against the same counted one enterprise at a time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.reference import chain_templates
from services.territory.rules.analysis.chain_map import (
    BALANCED,
    BOTTLENECK,
    NO_REFERENCE,
    ONE_LINK,
    TOO_FEW,
    Inventory,
    Limits,
    counted,
    map_chains,
    needed,
)
from services.territory.rules.analysis.leakage import ELSEWHERE, leaking
from services.territory.rules.chains import ABSENT, MISSING, chain_table, link_totals
from services.territory.rules.figures import added_up
from shared.events.vocabulary import CHAINS, LINKS

LIMITS = Limits(few=5, tight=0.5, crowd=4)
FLOW = (0, 1, 2, 3)
NEEDS = needed(chain_templates(), CHAINS, LINKS)
UNITS = ("HN1701", "HN1702", "HN1709", "HN0801")


def inventory(n, seed=1, units=4):
    generator = np.random.default_rng(seed)
    low = generator.choice([-1, 0, 100_000, 300_001], size=n)
    high = np.where(low < 0, -1, np.where(generator.random(n) < 0.2, -1, low + 199_999))
    return Inventory(
        unit=generator.integers(0, units, n),
        chain=generator.integers(0, len(CHAINS), n),
        at=generator.random((n, len(LINKS))) < 0.3,
        jobs_women=generator.integers(0, 6, n),
        jobs_men=generator.integers(0, 3, n),
        sales_low=low,
        sales_high=high,
        currency=generator.integers(0, 2, n),
        levels=generator.integers(-1, 5, (n, 5)),
    )


def mapped(told, units=4, country=None, needs=NEEDS, limits=LIMITS):
    country = np.zeros(units, dtype=int) if country is None else country
    return map_chains(told, needs, country, currencies=2, flow=FLOW, limits=limits)


def one_chain(at, unit=None, jobs=None):
    """An inventory of one chain of the four links of the flow, each enterprise standing where `at` says."""
    n = len(at)
    return Inventory(
        unit=np.zeros(n, dtype=int) if unit is None else np.array(unit),
        chain=np.zeros(n, dtype=int),
        at=np.array([[link in links for link in range(4)] for links in at], dtype=bool).reshape(n, 4),
        jobs_women=np.ones(n, dtype=int) if jobs is None else np.array(jobs),
        jobs_men=np.zeros(n, dtype=int),
        sales_low=np.full(n, -1),
        sales_high=np.full(n, -1),
        currency=np.zeros(n, dtype=int),
        levels=np.full((n, 5), -1),
    )


def simple(told, units=1, needs=(True, True, True, True), **limits):
    return mapped(told, units, needs=np.array([needs]), limits=replace(LIMITS, **limits))


def test_every_cell_is_what_counting_one_enterprise_at_a_time_gives():
    told = inventory(600)
    found = mapped(told)
    for unit, chain, link in np.ndindex(4, len(CHAINS), len(LINKS)):
        there = (told.unit == unit) & (told.chain == chain)
        mine = there & told.at[:, link]
        women, men = told.jobs_women[mine].sum(), told.jobs_men[mine].sum()
        assert found.links.firms[unit, chain, link] == mine.sum()
        assert (found.links.jobs_women[unit, chain, link], found.links.jobs_men[unit, chain, link]) == (women, men)
        if women + men:
            assert found.links.women_share[unit, chain, link] == pytest.approx(women / (women + men), abs=1e-12)
        assert found.missing[unit, chain, link] == (NEEDS[chain, link] and there.any() and not mine.any())
        assert found.levels.of[unit, chain, link] == mine.sum()
        for dimension in range(5):
            seen = told.levels[mine, dimension]
            seen = seen[seen >= 0]
            assert found.levels.n[unit, chain, link, dimension] == len(seen)
            if len(seen):
                assert found.levels.mean[unit, chain, link, dimension] == pytest.approx(seen.mean(), abs=1e-12)


def test_sales_are_added_up_by_currency_between_their_limits_and_an_open_band_leaves_the_upper_one_unknown():
    told = inventory(600)
    sales = mapped(told).totals.sales
    for unit, chain, currency in np.ndindex(4, len(CHAINS), 2):
        mine = (told.unit == unit) & (told.chain == chain) & (told.currency == currency) & (told.sales_low >= 0)
        low, high = told.sales_low[mine], told.sales_high[mine]
        cell = unit, chain, currency
        assert (sales.low[cell], sales.known[cell], sales.open[cell]) == (low.sum(), mine.sum(), (high < 0).sum())
        assert sales.high[cell] == (-1 if (high < 0).any() else high.sum())
        assert sales.middle[cell] == sum((a + (a if b < 0 else b)) / 2 for a, b in zip(low, high, strict=True))


def test_an_enterprise_at_two_links_counts_at_both_and_once_in_the_total():
    found = simple(one_chain([{0, 1}, {1}, set()], jobs=[4, 2, 1]))
    assert found.links.firms[0, 0].tolist() == [1, 2, 0, 0]
    assert found.links.jobs_women[0, 0].tolist() == [4, 6, 0, 0]
    assert (found.totals.firms[0, 0], found.totals.jobs_women[0, 0], found.unlinked[0, 0]) == (3, 7, 1)


def test_the_map_tells_the_same_table_of_chains_as_the_figures_of_the_territory():
    told = inventory(120, seed=3)
    found = mapped(told)
    figures = added_up(counted(found, UNITS, CHAINS, LINKS))
    templates = chain_templates()
    for unit, code in enumerate(UNITS):
        rows = {row.chain: row for row in chain_table(figures, code, templates, LINKS, language="en")}
        assert set(rows) == {CHAINS[chain] for chain in np.flatnonzero(found.totals.firms[unit])}
        for chain, name in enumerate(CHAINS):
            if name in rows:
                row = rows[name]
                assert (row.enterprises, row.women) == (
                    found.totals.firms[unit, chain],
                    found.totals.jobs_women[unit, chain],
                )
                assert [one.enterprises for one in row.links] == found.links.firms[unit, chain].tolist()
                assert [one.state == MISSING for one in row.links] == found.missing[unit, chain].tolist()
        totals = link_totals(figures, code, LINKS)
        assert [one.enterprises for one in totals] == found.links.firms[unit].sum(axis=0).tolist()
        assert figures.get(code, "all").number == found.totals.firms[unit].sum()
    assert any(one.state == ABSENT for code in UNITS for one in link_totals(added_up([]), code, LINKS))


def test_completeness_is_the_share_of_needed_links_and_weighs_each_by_its_jobs_in_the_country():
    told = one_chain([{0}, {1}, {0}, {1}, {2}, {3}], unit=[0, 0, 1, 1, 1, 1], jobs=[2, 3, 2, 3, 4, 1])
    found = simple(told, 3, needs=(True, True, True, False))
    assert found.completeness[:2, 0] == pytest.approx([2 / 3, 1])
    assert found.weighted[:2, 0] == pytest.approx([10 / 14, 1])
    assert np.isnan(found.completeness[2, 0])
    assert np.isnan(found.weighted[2, 0])
    assert np.argwhere(found.missing).tolist() == [[0, 0, 2]]


def test_a_chain_that_needs_nothing_is_neither_complete_nor_incomplete():
    found = simple(one_chain([{0}, {1}]), needs=(False,) * 4)
    assert np.isnan(found.completeness[0, 0])
    assert not found.missing.any()


def test_the_bottleneck_is_the_link_that_lags_most_behind_the_countrys_proportions():
    balanced = [{0}] * 10 + [{1}] * 20 + [{2}] * 10 + [{3}] * 10
    lacking = [{0}] * 10 + [{1}] * 20 + [{2}] * 1 + [{3}] * 10
    told = one_chain(balanced * 9 + lacking, unit=[0] * 450 + [1] * 41)
    found = simple(told, 2).bottlenecks
    assert found.why[:, 0].tolist() == [BALANCED, BOTTLENECK]
    assert found.link[:, 0].tolist() == [-1, 2]
    assert found.balance[1, 0, 2] == pytest.approx((1 / 41) / (91 / 491), abs=1e-12)
    assert found.sure[:, 0].tolist() == [False, True]


def test_a_bottleneck_among_few_is_named_but_not_sure():
    balanced = [{0}] * 10 + [{1}] * 40
    told = one_chain(balanced * 4 + [{0}] + [{1}] * 9, unit=[0] * 200 + [1] * 10, jobs=[1] * 200 + [1] + [3] * 9)
    found = simple(told, 2, needs=(True, True, False, False)).bottlenecks
    assert (found.why[1, 0], found.link[1, 0], found.sure[1, 0]) == (BOTTLENECK, 0, False)


def test_jobs_of_an_enterprise_at_several_links_are_divided_among_them_when_capacity_is_compared():
    told = one_chain([{0, 1}] * 5 + [{0}] * 5 + [{1}] * 5, unit=[0] * 5 + [1] * 10)
    balance = simple(told, 2, needs=(True, True, False, False)).bottlenecks.balance
    assert balance[:, 0, :2] == pytest.approx(np.ones((2, 2)), abs=1e-12)
    assert np.isnan(balance[:, 0, 2:]).all()
    uneven = one_chain([{0, 1}] * 5 + [{0}] * 5, jobs=[4] * 5 + [1] * 5, unit=[0] * 5 + [1] * 5)
    balance = simple(uneven, 2, needs=(True, True, False, False)).bottlenecks.balance
    assert balance[0, 0, :2] == pytest.approx([(10 / 20) / (15 / 25), (10 / 20) / (10 / 25)], abs=1e-12)


@pytest.mark.parametrize(
    ("at", "unit", "why"),
    [
        ([{0}] * 2 + [{1}] * 2 + [{0}, {1}] * 9, [0] * 4 + [1] * 18, TOO_FEW),
        ([{0}] * 2 + [{1}] * 20 + [{1}] * 9, [0] * 22 + [1] * 9, NO_REFERENCE),
        ([{1}] * 20 + [{0}, {1}] * 9, [0] * 20 + [1] * 18, ONE_LINK),
        ([{0}, {1}] * 9, [0] * 18, BALANCED),
    ],
)
def test_where_a_bottleneck_cannot_be_judged_the_reason_is_said(at, unit, why):
    found = simple(one_chain(at, unit=unit), 2, needs=(True, True, False, False)).bottlenecks
    assert (found.why[0, 0], found.link[0, 0]) == (why, -1)


def test_few_sellers_between_many_are_seen_on_both_sides():
    told = one_chain([{0}] * 8 + [{1}] * 2 + [{3}] * 9)
    narrow = simple(told, needs=(True, True, False, True)).bottlenecks.narrow
    assert narrow[0, 0].tolist() == [False, True, False, False]
    alone = one_chain([{0}] * 8 + [{1}] * 2 + [{3}] * 7)
    assert not simple(alone, needs=(True, True, False, True)).bottlenecks.narrow.any()


def test_each_unit_is_compared_with_its_own_country():
    told = inventory(400, seed=5)
    both = mapped(told, country=np.array([0, 0, 1, 1])).bottlenecks
    only = told.unit < 2
    alone = mapped(Inventory(*(getattr(told, name)[only] for name in Inventory.__slots__)), 2).bottlenecks
    assert np.array_equal(both.balance[:2], alone.balance, equal_nan=True)
    assert both.why[:2].tolist() == alone.why.tolist()


@given(st.integers(0, 60), st.integers(0, 10_000))
def test_the_order_of_the_enterprises_changes_nothing_and_the_parts_close(n, seed):
    told = inventory(n, seed)
    found = mapped(told)
    order = np.random.default_rng(seed).permutation(n)
    again = mapped(Inventory(*(getattr(told, name)[order] for name in Inventory.__slots__)))
    assert np.array_equal(found.links.firms, again.links.firms)
    assert np.array_equal(found.bottlenecks.link, again.bottlenecks.link)
    assert found.totals.firms.sum() == n
    assert (found.links.firms.max(axis=2, initial=0) + found.unlinked <= found.totals.firms).all()
    assert (found.links.firms.sum(axis=2) + found.unlinked >= found.totals.firms).all()
    shares = found.completeness[~np.isnan(found.completeness)]
    assert ((shares >= 0) & (shares <= 1)).all()


def test_an_inventory_without_anybody_maps_to_nothing():
    found = mapped(inventory(0))
    assert found.totals.firms.sum() == 0
    assert not found.missing.any()
    assert set(found.bottlenecks.why.flat) == {TOO_FEW}
    assert list(counted(found, UNITS, CHAINS, LINKS)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": np.full(5, 4)},
        {"chain": np.full(5, -1)},
        {"sales_low": np.full(5, np.nan)},
        {"sales_low": np.full(5, 9), "sales_high": np.full(5, 8)},
        {"sales_low": np.full(5, -1), "sales_high": np.full(5, 8)},
        {"at": np.ones((5, 4), dtype=bool)},
        {"at": np.ones((5, 5))},
        {"jobs_women": np.ones(4, dtype=int)},
    ],
)
def test_an_inventory_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError):
        mapped(replace(inventory(5), **wrong))


def test_purchases_from_outside_are_told_with_what_is_not_known():
    found = leaking([0, 0, 1], 3, [0, 0, 1], [0, 0, 1, 1, 2], [0, 1, ELSEWHERE, -1, 1], [30, 30, 20, 50, -1])
    assert (found.inside[0], found.outside[0], found.unplaced[0]) == (30, 50, 50)
    assert found.share[0] == 50 / 80
    assert (found.coverage[0], found.least[0], found.most[0]) == (0.4, 0.25, 0.85)
    assert np.isnan(found.share[1:]).all()
    assert (found.least[1], found.most[1], found.n.tolist()) == (0, 1, [2, 0, 0])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-2, 3), st.integers(-1, 20)), max_size=5))
def test_the_leaking_share_lies_between_its_bounds(bought):
    unit = np.array([0, 0, 1, 2, 3, 3])
    buyer, seller, share = (np.array([row[i] for row in bought], dtype=int) for i in range(3))
    found = leaking(unit, 4, unit, buyer, seller, share)
    told = ~np.isnan(found.share)
    assert (found.least[told] <= found.share[told] + 1e-12).all()
    assert (found.share[told] <= found.most[told] + 1e-12).all()
    assert (found.inside + found.outside + found.unplaced <= 100 * found.of).all()


def test_nobody_buys_more_than_all_she_buys():
    with pytest.raises(ValueError, match="share"):
        leaking([0], 1, [0], [0, 0], [0, 0], [60, 41])
