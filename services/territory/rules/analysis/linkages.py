"""Enlaces: who could buy an input that she lacks from a registered enterprise nearby."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.territory.rules.analysis.cells import Bools, Floats, Ints, added, whole
from services.territory.rules.analysis.metres import arc_m, chord_m, on_sphere

if TYPE_CHECKING:
    import highspy

LARGEST = 10**12
"""Minor units; the sums of larger values would no longer be exact."""
BATCH = 4000
"""So many arcs are solved together where they fall into small groups; larger groups stay whole."""
PRIMAL = 4
"""HiGHS' number for the primal simplex method, which goes on where only costs changed."""
NOBODY_SELLS, NOBODY_NEAR, ALL_TAKEN = "nobody_sells", "nobody_near", "all_taken"


@dataclass(frozen=True, slots=True)
class Offers:
    """Rows of who wants (or sells) an item: enterprise and item as whole numbers, `value` in minor units from 1 on, and
    the point in degrees (WGS 84). An enterprise stands once for each item. Two currencies are two items.
    """

    enterprise: Ints
    item: Ints
    value: Ints
    lon: Floats
    lat: Floats


@dataclass(frozen=True, slots=True)
class Introductions:
    """Whom to bring together: row of the demand, row of the supply, minor units, metres; by demand, then distance."""

    demand: Ints
    supply: Ints
    value: Ints
    metres: Ints


@dataclass(frozen=True, slots=True)
class Linkages:
    """`unmet` is what each demand lacks in the end, `why` the one reason (empty where it lacks nothing), `spare` what
    each supply has left. `truncated` demands have more suppliers within reach than were weighed: with none the result
    is the best there is, else the best among the nearest ones.
    """

    introductions: Introductions
    unmet: Ints
    why: NDArray[np.str_]
    spare: Ints
    truncated: int

    @property
    def matched(self) -> int:
        """Minor units brought together."""
        return int(self.introductions.value.sum())


@dataclass(frozen=True, slots=True)
class _Arcs:
    demand: Ints
    supply: Ints
    metres: Ints


Pair = tuple[int, int, int]
"""Who wants, who sells, and what."""


def link(
    demands: Offers, supplies: Offers, *, reach_m: int, nearest: int, barred: Collection[Pair] = frozenset()
) -> Linkages:
    """Demands matched with supplies of the same item not farther than `reach_m` (great circle, whole metres), so that
    the most value is brought together and, of all ways to do that, it travels the shortest: a maximal flow of minimal
    cost (Hitchcock 1941, The distribution of a product from several sources to numerous localities; Ford & Fulkerson
    1962, Flows in Networks), solved as a linear programme whose vertices are whole (its matrix is totally unimodular)
    and proven in whole numbers: no augmenting path is left, and the dual solution has the same value.

    Each demand weighs its `nearest` suppliers; nobody is her own, and `barred` pairs are never brought together. What
    is equally good is decided by the number of the enterprise, never by the order of the rows. Reasons: nobody else
    sells the item; nobody within reach does (barred ones are as if not there); all that the weighed ones have is taken.
    Refused: values below 1 or above 10^12, points that are none, doubles.
    """
    if reach_m < 0 or nearest < 1:
        raise ValueError("reach_m, nearest: a distance and at least one supplier are expected")
    wanted, order = _in_order("demands", demands)
    offered, back = _in_order("supplies", supplies)
    arcs, truncated = _within_reach(wanted, offered, reach_m, nearest, frozenset(barred))
    flow = _matched(wanted, offered, arcs)
    why = _reasons(wanted, offered, arcs)
    unmet = wanted.value - added(arcs.demand, len(order), flow)
    spare = offered.value - added(arcs.supply, len(back), flow)
    used = flow > 0
    made = Introductions(order[arcs.demand[used]], back[arcs.supply[used]], flow[used], arcs.metres[used])
    ranked = np.lexsort((made.supply, made.metres, made.demand))
    made = Introductions(*(getattr(made, name)[ranked] for name in Introductions.__slots__))
    rows, columns = np.argsort(order), np.argsort(back)
    return Linkages(made, unmet[rows], np.where(unmet > 0, why, "")[rows], spare[columns], truncated)


def _in_order(name: str, told: Offers) -> tuple[Offers, Ints]:
    """The offers by item and enterprise, and the row that each had."""
    rows = len(np.asarray(told.enterprise))
    lon, lat = np.asarray(told.lon, dtype=float), np.asarray(told.lat, dtype=float)
    if lon.shape != (rows,) or lat.shape != (rows,) or not (np.abs(lon) <= 180).all() or not (np.abs(lat) <= 90).all():
        raise ValueError(f"{name}: a point on earth is expected for each")
    who, item = whole(name, told.enterprise, rows=rows), whole(name, told.item, rows=rows)
    value = whole(name, told.value, least=1, below=LARGEST + 1, rows=rows)
    order = np.lexsort((who, item))
    if ((np.diff(who[order]) == 0) & (np.diff(item[order]) == 0)).any():
        raise ValueError(f"{name}: an enterprise stands twice for the same item")
    return Offers(who[order], item[order], value[order], lon[order], lat[order]), order.astype(np.int64)


def _within_reach(
    wanted: Offers, offered: Offers, reach_m: int, nearest: int, barred: frozenset[Pair]
) -> tuple[_Arcs, int]:
    """The nearest suppliers of each demand, and how many demands have more of them within reach."""
    found: list[_Arcs] = []
    truncated = 0
    passed_over = max(Counter((who, item) for who, _, item in barred).values(), default=0)
    places, markets = (on_sphere(told.lon, told.lat) for told in (wanted, offered))
    for item in np.intersect1d(wanted.item, offered.item):
        first, last = (np.searchsorted(wanted.item, item, side=side) for side in ("left", "right"))
        start, end = (np.searchsorted(offered.item, item, side=side) for side in ("left", "right"))
        row, column, metres = _near(places[first:last], markets[start:end], reach_m, nearest + 2 + passed_over)
        row, column = row + first, column + start
        other = _allowed(wanted.enterprise[row], offered.enterprise[column], int(item), barred)
        row, column, metres = row[other], column[other], metres[other]
        place = np.arange(len(row)) - np.searchsorted(row, row)
        truncated += int((place == nearest).sum())
        kept = place < nearest
        found.append(_Arcs(row[kept], column[kept], metres[kept]))
    none = np.zeros(0, dtype=np.int64)
    columns = (np.concatenate([none, *(getattr(arcs, name) for arcs in found)]) for name in _Arcs.__slots__)
    return _Arcs(*columns), truncated


def _allowed(who: Ints, whom: Ints, item: int, barred: frozenset[Pair]) -> Bools:
    other: Bools = np.asarray(who != whom)
    if any(of == item for _, _, of in barred):
        pairs = zip(who.tolist(), whom.tolist(), strict=True)
        other &= np.array([(one, two, item) not in barred for one, two in pairs], dtype=bool)
    return other


def _near(places: Floats, markets: Floats, reach_m: int, most: int) -> tuple[Ints, Ints, Ints]:
    """Pairs within reach, up to `most` for each place: by place, then distance, then market."""
    from scipy.spatial import cKDTree

    count = min(most, len(markets))
    limit = float(chord_m(reach_m + 1)) + 1e-5
    found = cKDTree(markets).query(places, k=list(range(1, count + 1)), distance_upper_bound=limit)
    apart, column = np.asarray(found[0], dtype=float), np.asarray(found[1])
    row = np.repeat(np.arange(len(places)), count)
    near, apart = np.isfinite(apart).ravel(), apart.ravel()
    metres = np.rint(arc_m(apart[near])).astype(np.int64)
    row, column = row[near], column.ravel()[near].astype(np.int64)
    order = np.lexsort((column, metres, row))
    order = order[metres[order] <= reach_m]
    return row[order], column[order], metres[order]


def _matched(wanted: Offers, offered: Offers, arcs: _Arcs) -> Ints:
    """How much goes over each arc. Where everybody's nearest supplier has enough for all who are nearest to it, that is
    the answer; the other groups of connected enterprises are solved, the small ones several at a time.
    """
    flow = np.zeros(len(arcs.demand), dtype=np.int64)
    if not len(flow):
        return flow
    group = _groups(arcs, len(wanted.value), len(offered.value))
    first = np.flatnonzero(np.diff(arcs.demand, prepend=-1))
    flow[first] = wanted.value[arcs.demand[first]]
    over = added(arcs.supply, len(offered.value), flow) > offered.value
    contended = np.isin(group, group[over[arcs.supply]])
    order = np.argsort(group, kind="stable")
    order = order[contended[order]]
    batch = np.searchsorted(group[order], group[order]) // BATCH
    for mine in np.split(order, np.flatnonzero(np.diff(batch)) + 1) if len(order) else []:
        rows, row = np.unique(arcs.demand[mine], return_inverse=True)
        columns, column = np.unique(arcs.supply[mine], return_inverse=True)
        flow[mine] = _cheapest(wanted.value[rows], offered.value[columns], _Arcs(row, column, arcs.metres[mine]))
    return flow


def _groups(arcs: _Arcs, demands: int, supplies: int) -> Ints:
    """Which of the connected groups each arc is in."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes = demands + supplies
    graph = coo_array((np.ones(len(arcs.demand)), (arcs.demand, arcs.supply + demands)), shape=(nodes, nodes))
    group: Ints = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
    return group[arcs.demand]


def _cheapest(want: Ints, have: Ints, arcs: _Arcs) -> Ints:
    """The maximal flow of minimal cost, proven. Leaving a demand unmet costs `penalty` metres; while a longer detour
    would meet more, it is raised.
    """
    penalty = 4 * int(arcs.metres.max()) + 1
    solver = _solver(want, have, arcs, penalty)
    while True:
        solver.run()
        solution = solver.getSolution()
        flow: Ints = np.rint(np.array(solution.col_value, dtype=float)).astype(np.int64)
        dual: Ints = np.rint(np.array(solution.row_dual, dtype=float)).astype(np.int64)
        if not _proven(want, have, arcs, penalty, flow, dual):
            raise ArithmeticError("the matching could not be proven")
        if not _augmentable(want, have, arcs, flow):
            return flow
        penalty *= 8
        columns = np.arange(len(arcs.metres), dtype=np.int32)
        solver.changeColsCost(len(columns), columns, (arcs.metres - penalty).astype(float))
        solver.setOptionValue("simplex_strategy", PRIMAL)


def _solver(want: Ints, have: Ints, arcs: _Arcs, penalty: int) -> "highspy.Highs":
    """The linear programme: each unit met costs its metres and saves `penalty`."""
    import highspy

    size, limits = len(arcs.demand), np.concatenate([want, have])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = size, len(limits)
    model.col_cost_ = (arcs.metres - penalty).astype(float)
    model.col_lower_, model.col_upper_ = np.zeros(size), np.full(size, np.inf)
    model.row_lower_, model.row_upper_ = np.full(len(limits), -np.inf), limits.astype(float)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_ = np.arange(0, 2 * size + 1, 2)
    matrix.index_ = np.column_stack([arcs.demand, arcs.supply + len(want)]).ravel()
    matrix.value_ = np.ones(2 * size)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.setBasis(_start(want, have, arcs))
    return solver


def _start(want: Ints, have: Ints, arcs: _Arcs) -> "highspy.HighsBasis":
    """Where the dual simplex method begins: all of what is scarcer goes to its nearest, whether there is room or not.
    No price is wrong then, and only what is overfull has to move.
    """
    import highspy

    kinds = highspy.HighsBasisStatus
    scarce = arcs.demand if want.sum() <= have.sum() else arcs.supply + len(want)
    order = np.lexsort((arcs.metres, scarce))
    nearest = order[np.flatnonzero(np.diff(scarce[order], prepend=-1))]
    columns, rows = np.full(len(arcs.demand), kinds.kLower), np.full(len(want) + len(have), kinds.kBasic)
    columns[nearest], rows[scarce[nearest]] = kinds.kBasic, kinds.kUpper
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = columns.tolist(), rows.tolist()
    return basis


def _proven(want: Ints, have: Ints, arcs: _Arcs, penalty: int, flow: Ints, dual: Ints) -> bool:
    """Whether flow and dual are feasible and of the same value: then both are optimal (weak duality)."""
    limits, cost = np.concatenate([want, have]), arcs.metres - penalty
    left = limits - np.concatenate([added(arcs.demand, len(want), flow), added(arcs.supply, len(have), flow)])
    reduced = cost - dual[arcs.demand] - dual[len(want) + arcs.supply]
    feasible = min(flow.min(), left.min(), reduced.min(), -dual.max()) >= 0
    return bool(feasible) and sum(_products(cost, flow)) == sum(_products(dual, limits))


def _augmentable(want: Ints, have: Ints, arcs: _Arcs, flow: Ints) -> bool:
    """Whether more could be met by a detour: a way from an unmet demand to a spare supply in the residual graph."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    start = len(want) + len(have)
    unmet = np.flatnonzero(want - added(arcs.demand, len(want), flow))
    spare = have - added(arcs.supply, len(have), flow) > 0
    used = flow > 0
    sources = np.concatenate([np.full(len(unmet), start), arcs.demand, arcs.supply[used] + len(want)])
    targets = np.concatenate([unmet, arcs.supply + len(want), arcs.demand[used]])
    graph = coo_array((np.ones(len(sources)), (sources, targets)), shape=(start + 1, start + 1)).tocsr()
    reached = breadth_first_order(graph, start, return_predecessors=False)
    suppliers = reached[(reached >= len(want)) & (reached < start)] - len(want)
    return bool(spare[suppliers].any())


def _reasons(wanted: Offers, offered: Offers, arcs: _Arcs) -> NDArray[np.str_]:
    """Why each demand would lack something."""
    sold = set(zip(offered.item.tolist(), offered.enterprise.tolist(), strict=True))
    own = np.array([pair in sold for pair in zip(wanted.item.tolist(), wanted.enterprise.tolist(), strict=True)], int)
    sellers = np.searchsorted(offered.item, wanted.item, side="right") - np.searchsorted(offered.item, wanted.item)
    near = added(arcs.demand, len(wanted.item)) > 0
    return np.select([sellers - own <= 0, ~near], [NOBODY_SELLS, NOBODY_NEAR], ALL_TAKEN)


def _products(one: Ints, other: Ints) -> list[int]:
    """One by one in Python's whole numbers, which do not overflow; those that are zero left out."""
    kept = (one != 0) & (other != 0)
    return [a * b for a, b in zip(one[kept].tolist(), other[kept].tolist(), strict=True)]
