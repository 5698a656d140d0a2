"""Where market days or collection centres serve best: the p-median, with a proof of how good an answer is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

ROUNDS = 300
"""Steps of the subgradient method: enough for gaps of a few in a thousand; more narrow them."""
_EXACT = 1e-9
"""Costs nearer than this, as a share, are equal."""
_MOMENTUM = 0.3
"""How much of the last course the next one keeps."""
_PROMISING = 1.4
"""Choices that cost up to so many times the best are worth exchanging, each cheaper than those before it."""


@dataclass(frozen=True, slots=True)
class Sites:
    """The places chosen for `n` demands, `chosen`, ascending numbers of candidates, those that exist among them.

    `assigned`, `(n,)`: the nearest chosen place of each demand, of equally near ones the lowest; -1 where none lies
    within the limit. `cost` is the sum of weight times distance, `mean` the mean distance of the weight that is
    served (NaN where nothing is). `served` and `unserved` are weights. No choice of as many places costs less than
    `lower_bound`; `gap` is what might still be saved, as a share of the cost: 0 is a proven optimum.
    """

    n: int
    chosen: tuple[int, ...]
    assigned: Numbers
    cost: float
    lower_bound: float
    mean: float
    served: float
    unserved: float

    @property
    def coverage(self) -> float:
        """The share of the weight that is served; of no weight, 0."""
        whole = self.served + self.unserved
        return self.served / whole if whole else 0.0

    @property
    def gap(self) -> float:
        return max(0.0, 1 - self.lower_bound / self.cost) if self.cost > 0 else 0.0


def p_median(
    distances: ArrayLike,
    weights: ArrayLike,
    p: int,
    *,
    fixed: Sequence[int] = (),
    limit: float | None = None,
    unserved: float | None = None,
    rounds: int = ROUNDS,
) -> Sites:
    """The `p` of `k` candidates to which `n` demands have the least way in all: `sum_i w_i min_j d_ij` (Hakimi, Optimum
    locations of switching centers and the absolute centers and medians of a graph, 1964). `distances` is `(n, k)`, in
    any unit; `weights`, `(n,)`, count who goes (women, enterprises). The `fixed` candidates exist and stay among the
    `p`.

    With a `limit` nobody goes farther: whoever has no place within it is unserved and costs `unserved` per weight, the
    limit itself unless a greater value is named; the greater, the more it counts to reach somebody at all. Distances
    may be infinite where there is a limit.

    Greedy choice, then exchanges of one place for another as long as one saves anything (Teitz and Bart, Heuristic
    methods for estimating the generalized vertex median of a weighted graph, 1968), always the one that saves most, of
    equal ones the lowest numbers. The bound is Lagrange's relaxation of "everybody is assigned once", raised by
    subgradients (Cornuejols, Fisher and Nemhauser, Location of bank accounts to optimize float, 1977; Beasley,
    Lagrangean heuristics for location problems, 1993); choices it suggests are exchanged in turn, and the best of all
    is told. No chance is involved; the time goes with `n * k * rounds`, so gather enterprises by place first. Refused:
    `p` below 1, below the number of fixed or above that of candidates; what is negative, NaN, or of another shape.
    """
    given, weight = _checked(distances, weights, limit)
    stay = np.unique(np.asarray(fixed, np.int64))
    k = given.shape[1]
    if len(stay) != len(fixed) or np.any((stay < 0) | (stay >= k)) or not max(1, len(stay)) <= p <= k:
        raise ValueError("fixed candidates are different candidates, p at least as many and at most all")
    if unserved is not None and (limit is None or not limit <= unserved < np.inf):
        raise ValueError("being unserved costs at least as much as the limit, and there is one")
    penalty = unserved if unserved is not None else limit
    costs = given if limit is None or penalty is None else np.where(given <= limit, given, penalty)
    chosen = _exchanged(costs, weight, _greedy(costs, weight, p, stay), stay)
    chosen, bound = _bounded(costs, weight, chosen, stay, rounds)
    return _sites(given, costs, weight, chosen, limit, bound)


def _sites(given: Floats, costs: Floats, weight: Floats, chosen: Numbers, limit: float | None, bound: float) -> Sites:
    nearest = chosen[np.argmin(given[:, chosen], axis=1)]
    way = np.take_along_axis(given, nearest[:, None], axis=1)[:, 0]
    within = way <= (np.inf if limit is None else limit)
    served = float(weight[within].sum())
    cost = _cost(costs, weight, chosen)
    return Sites(
        n=len(weight),
        chosen=tuple(chosen.tolist()),
        assigned=np.where(within, nearest, -1),
        cost=cost,
        lower_bound=min(max(bound, 0.0), cost),
        mean=float(np.sum(weight[within] * way[within]) / served) if served else float("nan"),
        served=served,
        unserved=float(weight[~within].sum()),
    )


def _cost(costs: Floats, weight: Floats, chosen: Numbers) -> float:
    return float(weight @ costs[:, chosen].min(axis=1))


def _greedy(costs: Floats, weight: Floats, p: int, stay: Numbers) -> Numbers:
    """The fixed places and, one after the other, the one that saves most."""
    chosen = stay.tolist()
    # Before there is any place everybody goes to the one farthest away.
    least = costs[:, stay].min(axis=1) if chosen else costs.max(axis=1)
    while len(chosen) < p:
        saved = weight @ np.maximum(least[:, None] - costs, 0)
        saved[chosen] = -1
        best = int(np.argmax(saved))
        chosen.append(best)
        least = np.minimum(least, costs[:, best])
    return np.sort(np.array(chosen, np.int64))


def _exchanged(costs: Floats, weight: Floats, chosen: Numbers, stay: Numbers) -> Numbers:
    """The choice after every exchange of one place for another that saves anything."""
    free = ~np.isin(chosen, stay)
    if not free.any() or len(chosen) == costs.shape[1]:
        return chosen
    while True:
        saved = _savings(costs, weight, chosen)
        saved[~free] = -np.inf
        saved[:, chosen] = -np.inf
        leaving, coming = np.unravel_index(np.argmax(saved), saved.shape)
        if saved[leaving, coming] <= _EXACT * _cost(costs, weight, chosen):
            return np.sort(chosen)
        chosen = chosen.copy()
        chosen[leaving] = coming


def _savings(costs: Floats, weight: Floats, chosen: Numbers) -> Floats:
    """`(p, k)`: what is saved if this place leaves and that candidate comes. Whoever loses her place goes to the nearer
    of the newcomer and her second nearest (Whitaker, A fast algorithm for the greedy interchange of large-scale
    clustering and median location problems, 1983).
    """
    from scipy.sparse import csr_array

    n, p = len(weight), len(chosen)
    own = costs[:, chosen]
    first = np.argmin(own, axis=1)
    nearest = own[np.arange(n), first]
    second = np.partition(own, 1, axis=1)[:, 1] if p > 1 else np.full(n, costs.max(initial=0.0))
    nearer = np.minimum(costs, nearest[:, None])
    gained = weight @ (nearest[:, None] - nearer)
    whose = csr_array((weight, (first, np.arange(n))), shape=(p, n))
    # With her place gone she pays the least of newcomer and second; above, she paid the least of newcomer and first.
    lost = whose @ (np.minimum(costs, second[:, None]) - nearer)
    return np.asarray(gained - lost)


def _bounded(costs: Floats, weight: Floats, chosen: Numbers, stay: Numbers, rounds: int) -> tuple[Numbers, float]:
    """The best choice that turned up, and what none of as many places costs less than."""
    weighed = costs * weight[:, None]
    best, bound, step, stuck = _cost(costs, weight, chosen), -np.inf, 2.0, 0
    price = np.sort(weighed[:, chosen], axis=1)[:, min(1, len(chosen) - 1)]
    course, record = np.zeros(len(weight)), _PROMISING * best
    for _ in range(rounds):
        worth = np.minimum(weighed - price[:, None], 0).sum(axis=0)
        worth_chosen = worth.copy()
        worth_chosen[stay] = -np.inf
        opened = np.sort(np.argsort(worth_chosen, kind="stable")[: len(chosen)])
        # What rounding may have added to the sums is taken off.
        value = float(price.sum() + worth[opened].sum()) - 1e-12 * float(price.sum() + best)
        stuck = 0 if value > bound + _EXACT * best else stuck + 1
        bound = max(bound, value)
        if (plain := _cost(costs, weight, opened)) < record:
            other, record = _exchanged(costs, weight, opened, stay), plain
            if (cost := _cost(costs, weight, other)) < best * (1 - _EXACT):
                chosen, best = other, cost
        slope = 1.0 - np.sum(weighed[:, opened] < price[:, None], axis=1)
        # Prices are as large as their weights: steps are, too. A part of the last course damps the zigzag.
        course = slope + _MOMENTUM * (course - slope) if course.any() else slope
        length = float(weight @ course**2)
        if best - bound <= _EXACT * best or not length:
            break
        if stuck == 15:
            step, stuck = step / 2, 0
        price = np.maximum(price + step * (1.02 * best - value) / length * weight * course, 0)
    return chosen, bound


def _checked(distances: ArrayLike, weights: ArrayLike, limit: float | None) -> tuple[Floats, Floats]:
    given, weight = np.asarray(distances, float), np.asarray(weights, float)
    if given.ndim != 2 or weight.shape != (len(given),):
        raise ValueError("distances are a table with a row for each weight and a column for each candidate")
    if not np.all((weight >= 0) & (weight < np.inf)):
        raise ValueError("weights are finite numbers, not negative")
    if limit is not None and not 0 <= limit < np.inf:
        raise ValueError("a limit is a finite distance, not negative")
    if not np.all((given >= 0) & (given < np.inf) if limit is None else given >= 0):
        raise ValueError("distances are numbers, not negative, and finite unless there is a limit")
    return given, weight
