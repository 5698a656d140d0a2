"""What it costs at least to serve each point, and what it costs more at least to serve it from a certain median.

Lagrangian relaxation of the capacitated p-median: that each point is served once is priced instead of asked; every
possible median then packs the points that pay, as far as its capacity goes (a knapsack, filled to fractions). Prices
move by subgradients. Any prices prove a bound; the best ones found are told.
"""

from dataclasses import dataclass

import numpy as np

from services.training.rules.placement.clustering_points import Array, Numbers, Points

_STEPS, _IDLE = 300, 15
"""So often prices are moved; half as far once nothing was gained so many times."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """No clustering sums to less than `bound`, and none in which point `i` goes to `j` to less than
    `bound + regret[i, j]`. `medians` are those that pay most at these prices.
    """

    bound: float
    regret: Array
    medians: Numbers


def prices(points: Points, medians: int, known: float) -> Prices:
    """The best prices found on the way down from `known`, the sum of a clustering."""
    price = 2 * np.sort(points.distances, axis=1)[:, 1:6].mean(axis=1)
    best = Prices(-np.inf, np.zeros_like(points.distances), np.arange(medians))
    length, idle = 2.0, 0
    for _ in range(_STEPS):
        worth, served = _packed(points, price)
        rank = np.argsort(worth, kind="stable")
        bound = float(price.sum() + worth[rank[:medians]].sum())
        idle += 1
        if bound > best.bound + 1e-6:
            late = np.maximum(worth - worth[rank[medians - 1]], 0)
            regret = np.maximum(points.distances - price[:, None], 0) + late[None, :]
            best = Prices(bound, regret, rank[:medians])
            idle = 0
        elif idle > _IDLE:
            length, idle = length / 2, 0
        lacking = 1 - served[:, rank[:medians]].sum(axis=1)
        if not lacking.any():
            break
        price = price + length * (known - bound) / float(lacking @ lacking) * lacking
    return best


def _packed(points: Points, price: Array) -> tuple[Array, Array]:
    """For each possible median the sum of what its points cost beyond their prices, and how much of each it serves."""
    pays = np.minimum(points.distances - price[:, None], 0)
    demand = np.maximum(points.demand, 1e-9)
    order = np.argsort(pays / demand[:, None], axis=0, kind="stable")
    asked = demand[order]
    room = np.clip(points.capacity[None, :] - (np.cumsum(asked, axis=0) - asked), 0, asked) / asked
    gain = np.take_along_axis(pays, order, axis=0)
    taken = np.where(gain < 0, room, 0.0)
    served = np.empty_like(taken)
    np.put_along_axis(served, order, taken, axis=0)
    return (gain * taken).sum(axis=0), served
