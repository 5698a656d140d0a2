"""Introductions between who lacks an input and who sells it, against networkx on cases small enough for it."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.analysis import linkages
from services.territory.rules.analysis.linkages import ALL_TAKEN, NOBODY_NEAR, NOBODY_SELLS, Offers, link
from services.territory.rules.analysis.metres import EARTH_M

REACH = 20_000
DEGREE_M = EARTH_M * np.pi / 180


def offers(rows):
    """Rows of (enterprise, item, value, lon, lat)."""
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return Offers(
        *(np.array(column, dtype=int) for column in columns[:3]), *(np.array(c, dtype=float) for c in columns[3:])
    )


def drawn(generator, n, first, items=2, spread=0.3, most=60):
    return [
        (
            first + row,
            int(generator.integers(0, items)),
            int(generator.integers(1, most)),
            -87 + round(float(generator.random()) * spread, 3),
            13.5 + round(float(generator.random()) * spread, 3),
        )
        for row in range(n)
    ]


def metres(one, other):
    lon, lat, lon2, lat2 = (np.radians(value) for value in (*one[3:], *other[3:]))
    a = np.sin((lat2 - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin((lon2 - lon) / 2) ** 2
    return round(float(2 * np.arcsin(np.sqrt(a)) * EARTH_M))


def best(demands, supplies, reach=REACH):
    """The value and the cost that networkx finds."""
    graph = nx.DiGraph()
    for i, demand in enumerate(demands):
        graph.add_edge("source", ("d", i), capacity=demand[2], weight=0)
        for j, supply in enumerate(supplies):
            if demand[1] == supply[1] and demand[0] != supply[0] and (far := metres(demand, supply)) <= reach:
                graph.add_edge(("d", i), ("s", j), weight=far)
    for j, supply in enumerate(supplies):
        graph.add_edge(("s", j), "sink", capacity=supply[2], weight=0)
    if "source" not in graph or "sink" not in graph:
        return 0, 0
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    return sum(flow["source"].values()), nx.cost_of_flow(graph, flow)


def cost(found):
    return int((found.introductions.value * found.introductions.metres).sum())


@pytest.mark.parametrize("seed", range(25))
def test_as_much_is_matched_over_as_short_a_way_as_networkx_finds(seed):
    generator = np.random.default_rng(seed)
    demands, supplies = drawn(generator, 18, 0), drawn(generator, 12, 10)
    found = link(offers(demands), offers(supplies), reach_m=REACH, nearest=12)
    assert found.truncated == 0
    assert (found.matched, cost(found)) == best(demands, supplies)


@pytest.mark.parametrize("seed", range(5))
def test_a_large_group_is_solved_as_networkx_solves_it(seed):
    generator = np.random.default_rng(seed)
    demands = drawn(generator, 120, 0, items=1, spread=0.6, most=10**6)
    supplies = drawn(generator, 60, 1000, items=1, spread=0.6, most=10**6)
    found = link(offers(demands), offers(supplies), reach_m=REACH, nearest=60)
    assert (found.matched, cost(found)) == best(demands, supplies)


def test_a_long_chain_of_detours_is_taken_if_it_meets_more():
    """Each supplier is nearest to two; only if everybody moves on by one the last one finds something."""
    step = 19_000 / DEGREE_M
    supplies = [(100 + i, 0, 1, i * step, 0) for i in range(12)]
    demands = [(i, 0, 1, i * step + 5_000 / DEGREE_M, 0) for i in range(11)] + [(50, 0, 1, -1_000 / DEGREE_M, 0)]
    found = link(offers(demands), offers(supplies), reach_m=REACH, nearest=12)
    assert found.matched == 12
    assert (found.matched, cost(found)) == best(demands, supplies)


@given(st.integers(0, 25), st.integers(0, 15), st.integers(1, 4), st.integers(0, 30_000), st.integers(0, 10**6))
def test_nobody_gives_more_than_she_has_gets_more_than_she_wants_or_goes_too_far(wants, sells, nearest, reach, seed):
    generator = np.random.default_rng(seed)
    demands, supplies = drawn(generator, wants, 0), drawn(generator, sells, 5)
    found = link(offers(demands), offers(supplies), reach_m=reach, nearest=nearest)
    made = found.introductions
    assert (made.value > 0).all()
    for i, demand in enumerate(demands):
        assert made.value[made.demand == i].sum() + found.unmet[i] == demand[2]
        assert (made.demand == i).sum() <= nearest
        assert (found.why[i] == "") == (found.unmet[i] == 0)
    for j, supply in enumerate(supplies):
        assert made.value[made.supply == j].sum() + found.spare[j] == supply[2]
    for i, j, far in zip(made.demand, made.supply, made.metres, strict=True):
        assert demands[i][1] == supplies[j][1]
        assert demands[i][0] != supplies[j][0]
        assert metres(demands[i], supplies[j]) == far <= reach
    assert (found.unmet >= 0).all()
    assert (found.spare >= 0).all()


@given(st.integers(0, 10**6))
def test_the_order_of_the_rows_decides_nothing(seed):
    generator = np.random.default_rng(seed)
    demands, supplies = drawn(generator, 20, 0, spread=0.05), drawn(generator, 10, 100, spread=0.05)
    found = link(offers(demands), offers(supplies), reach_m=REACH, nearest=5)
    shuffled, turned = generator.permutation(20), generator.permutation(10)
    again = link(
        offers([demands[i] for i in shuffled]), offers([supplies[j] for j in turned]), reach_m=REACH, nearest=5
    )

    def told(made, rows, columns):
        return sorted(
            (rows[i], columns[j], int(v)) for i, j, v in zip(made.demand, made.supply, made.value, strict=True)
        )

    assert told(found.introductions, range(20), range(10)) == told(again.introductions, shuffled, turned)
    assert np.array_equal(found.unmet[shuffled], again.unmet)
    assert np.array_equal(found.spare[turned], again.spare)


def test_each_who_lacks_something_hears_the_one_reason():
    demands = [
        (1, 0, 100, -87.0, 13.5),
        (2, 1, 100, -87.0, 13.5),
        (3, 2, 100, -87.0, 13.5),
        (4, 3, 100, -87.0, 13.5),
        (5, 0, 100, -87.001, 13.5),
    ]
    supplies = [(10, 0, 150, -87.0, 13.501), (11, 1, 100, -89.0, 13.5), (3, 2, 500, -87.0, 13.5)]
    found = link(offers(demands), offers(supplies), reach_m=REACH, nearest=3)
    assert found.why.tolist() == ["", NOBODY_NEAR, NOBODY_SELLS, NOBODY_SELLS, ALL_TAKEN]
    assert found.unmet.tolist() == [0, 100, 100, 100, 50]
    assert found.spare.tolist() == [0, 100, 500]


def test_who_has_more_suppliers_within_reach_than_were_weighed_is_counted():
    supplies = [(10 + i, 0, 1, -87.0, 13.5 + i / 1000) for i in range(4)]
    found = link(offers([(1, 0, 9, -87.0, 13.5)]), offers(supplies), reach_m=REACH, nearest=3)
    assert (found.truncated, found.matched) == (1, 3)
    assert link(offers([(1, 0, 9, -87.0, 13.5)]), offers(supplies), reach_m=REACH, nearest=4).truncated == 0


def test_an_own_supply_takes_no_place_among_the_nearest():
    supplies = [(1, 0, 5, -87.0, 13.5), (2, 0, 5, -87.0, 13.501)]
    found = link(offers([(1, 0, 5, -87.0, 13.5)]), offers(supplies), reach_m=REACH, nearest=1)
    assert (found.introductions.supply.tolist(), found.truncated) == ([1], 0)


def test_a_supplier_exactly_at_the_limit_is_within_reach():
    demands, supplies = [(1, 0, 5, -87.0, 13.5)], [(2, 0, 5, -87.0, 13.6)]
    far = metres(demands[0], supplies[0])
    assert link(offers(demands), offers(supplies), reach_m=far, nearest=1).matched == 5
    assert link(offers(demands), offers(supplies), reach_m=far - 1, nearest=1).why.tolist() == [NOBODY_NEAR]


def test_nobody_wants_and_nobody_sells():
    found = link(offers([]), offers([]), reach_m=REACH, nearest=1)
    assert (found.matched, found.truncated, len(found.unmet)) == (0, 0, 0)


def test_a_matching_that_its_dual_does_not_prove_is_not_told(monkeypatch):
    monkeypatch.setattr(linkages, "_proven", lambda *_: False)
    demands = [(1, 0, 5, -87.0, 13.5), (2, 0, 5, -87.0, 13.5)]
    with pytest.raises(ArithmeticError):
        link(offers(demands), offers([(3, 0, 5, -87.0, 13.5)]), reach_m=REACH, nearest=1)


def test_the_proof_fails_for_a_flow_that_is_not_the_best():
    arcs = linkages._Arcs(np.array([0, 0]), np.array([0, 1]), np.array([10, 20]))
    want, have, dual = np.array([1]), np.array([1, 1]), np.array([-90, 0, 0])
    assert linkages._proven(want, have, arcs, 100, np.array([1, 0]), dual)
    assert not linkages._proven(want, have, arcs, 100, np.array([0, 1]), dual)
    assert not linkages._proven(want, have, arcs, 100, np.array([2, 0]), dual)
    assert not linkages._proven(want, have, arcs, 100, np.array([1, 0]), np.array([-80, 0, 0]))


@pytest.mark.parametrize(
    "row",
    [
        (1, 0, 0, -87.0, 13.5),
        (1, 0, 10**13, -87.0, 13.5),
        (1, 0, 5, float("nan"), 13.5),
        (1, 0, 5, -87.0, 91.0),
        (-1, 0, 5, -87.0, 13.5),
    ],
)
def test_an_offer_that_is_none_is_refused(row):
    with pytest.raises(ValueError):
        link(offers([row]), offers([]), reach_m=REACH, nearest=1)


def test_an_enterprise_stands_once_for_each_item():
    row = (1, 0, 5, -87.0, 13.5)
    with pytest.raises(ValueError, match="twice"):
        link(offers([row, row]), offers([]), reach_m=REACH, nearest=1)
    with pytest.raises(ValueError, match="nearest"):
        link(offers([row]), offers([]), reach_m=REACH, nearest=0)


def test_a_barred_pair_is_never_brought_together_and_the_next_one_is_found():
    demands = offers([(1, 0, 10, -87.0, 13.5)])
    supplies = offers([(2, 0, 10, -87.001, 13.5), (3, 0, 10, -87.01, 13.5)])

    free = link(demands, supplies, reach_m=REACH, nearest=1)
    barred = link(demands, supplies, reach_m=REACH, nearest=1, barred={(1, 2, 0), (1, 2, 1)})

    assert free.introductions.supply.tolist() == [0]
    assert barred.introductions.supply.tolist() == [1]
    assert link(demands, supplies, reach_m=REACH, nearest=2, barred={(1, 2, 0), (1, 3, 0)}).matched == 0
