"""Capacitated clustering finds, on few points, what trying everything finds."""

from itertools import combinations, product
from random import Random

import numpy as np
import pytest

from services.training.rules.placement.clustering import clustered
from services.training.rules.placement.clustering_points import Points
from services.training.rules.placement.clustering_prices import prices


def by_force(points: Points, medians: int) -> float:
    everybody = range(len(points.demand))
    best = float("inf")
    for some in combinations(everybody, medians):
        for goes in product(some, repeat=len(points.demand)):
            loads = {one: sum(points.demand[who] for who in everybody if goes[who] == one) for one in some}
            if all(load <= points.capacity[one] for one, load in loads.items()):
                best = min(best, points.total(np.array(goes)))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_few_points_go_to_their_medians_as_well_as_can_be(seed: int) -> None:
    chance = Random(seed)
    places = np.array([(chance.uniform(0, 9), chance.uniform(0, 9)) for _ in range(7)])
    distances = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    points = Points(distances, np.full(7, 12.0), np.array([chance.randint(1, 4) for _ in range(7)], dtype=float))
    *_, best = clustered(points, 2, seed=seed, budget=3)
    assert points.total(best) == pytest.approx(by_force(points, 2))
    assert all(points.demand[best == one].sum() <= 12 for one in best)


def test_what_does_not_fit_is_refused() -> None:
    points = Points(np.ones((3, 3)), np.full(3, 1.0), np.full(3, 2.0))
    with pytest.raises(ValueError, match="do not fit"):
        list(clustered(points, 2, seed=1, budget=1))


@pytest.mark.parametrize("seed", range(2))
def test_no_clustering_is_below_the_bound_and_none_with_a_pair_below_what_the_pair_costs_more(seed: int) -> None:
    chance = Random(seed)
    places = np.array([(chance.uniform(0, 9), chance.uniform(0, 9)) for _ in range(5)])
    distances = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    points = Points(distances, np.full(5, 15.0), np.array([chance.randint(0, 4) for _ in range(5)], dtype=float))
    best = by_force(points, 2)
    found = prices(points, 2, best)
    assert found.bound <= best + 1e-9
    for one, other in product(range(5), repeat=2):
        forced = distances.copy()
        forced[one, [at for at in range(5) if at != other]] = 1e6
        with_pair = by_force(Points(forced, points.capacity, points.demand), 2)
        assert with_pair >= 1e6 or found.bound + found.regret[one, other] <= with_pair + 1e-9
