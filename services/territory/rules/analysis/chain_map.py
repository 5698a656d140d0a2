"""The territorial value chain: who stands at each link of each chain in each unit, and which link holds it back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Floats, Ints, added, flags, ratio, whole
from services.territory.rules.analysis.levels import Means, mean_levels, wilson
from services.territory.rules.chains import ChainTemplate
from services.territory.rules.doubles import Key
from services.territory.rules.figures import Count

BOTTLENECK, BALANCED, TOO_FEW, NO_REFERENCE, ONE_LINK = "bottleneck", "balanced", "too_few", "no_reference", "one_link"


@dataclass(frozen=True, slots=True)
class Inventory:
    """n enterprises as arrays; U units, C chains, L links, K currencies and D dimensions are numbered from 0.

    `sales_low` and `sales_high` are the limits of a year's sales in minor units of `currency`: both -1 where nobody
    knows, `sales_high` alone -1 where the band is open above. `levels` are 0 … 4, -1 where nobody knows.
    """

    unit: Ints
    chain: Ints
    at: Bools
    """[n, L]: the links at which it stands."""
    jobs_women: Ints
    jobs_men: Ints
    sales_low: Ints
    sales_high: Ints
    currency: Ints
    levels: Ints
    """[n, D]"""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a link holds a chain back, by the edition in force. Fewer enterprises than `few` are not judged; a link is a
    bottleneck below `tight` of the country's proportion; few sellers stand between many where every neighbouring link
    has `crowd` enterprises or more for each one at it.
    """

    few: int
    tight: float
    crowd: float


@dataclass(frozen=True, slots=True)
class Sales:
    """Sales of a year by cell and currency, minor units: [..., K]. `middle` adds up the middles of the bands; an open
    band has none and counts with its lower limit, so with `open` > 0 `middle` is too low and `high` is not known (-1).
    `known` says of how many enterprises.
    """

    low: Ints
    middle: Floats
    high: Ints
    known: Ints
    open: Ints


@dataclass(frozen=True, slots=True)
class Presence:
    """Enterprises, jobs by sex, women's share of the jobs (NaN without any), and sales."""

    firms: Ints
    jobs_women: Ints
    jobs_men: Ints
    women_share: Floats
    sales: Sales


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """`link` [U, C] is the link that holds the chain back, -1 where `why` is not `bottleneck`; `balance` [U, C, L] the
    capacity of each needed link against the country's proportions (NaN where there is none); `sure` that chance hardly
    makes it look so; `narrow` [U, C, L] few sellers between many.
    """

    link: Ints
    why: NDArray[np.str_]
    balance: Floats
    sure: Bools
    narrow: Bools


@dataclass(frozen=True, slots=True)
class ChainMap:
    """`totals` [U, C] count every enterprise once, `links` [U, C, L] at each link where it stands; `unlinked` [U, C]
    stand at none. `missing` [U, C, L]: needed, nobody there, though the chain is in the unit. `completeness` [U, C] is
    the share of the needed links that are present, `weighted` the same with each link counting by its share of the
    country's jobs in the chain; both NaN where the chain is not there, or needs nothing. `levels` by link and dimension
    [U, C, L, D].
    """

    totals: Presence
    links: Presence
    unlinked: Ints
    missing: Bools
    completeness: Floats
    weighted: Floats
    bottlenecks: Bottlenecks
    levels: Means


def needed(templates: Mapping[str, ChainTemplate], chains: Sequence[str], links: Sequence[str]) -> Bools:
    """[C, L]: the links that each chain cannot do without."""
    return np.array([[link in templates[chain].needs for link in links] for chain in chains], dtype=bool)


def map_chains(
    told: Inventory, needs: Bools, country: ArrayLike, *, currencies: int, flow: Sequence[int], limits: Limits
) -> ChainMap:
    """The chains of all units. `needs` [C, L]; `country` [U]: which whole each unit is compared with; `flow`: the links
    that goods pass, in order.

    An enterprise at several links counts wholly at each of them, in numbers, jobs, sales and levels, and once in the
    totals; only the capacity by which bottlenecks are found divides its jobs equally among its links. Refused: numbers
    out of range, NaN, arrays of different length, a band whose upper limit is below the lower.
    """
    shape = (len(np.asarray(country)), *needs.shape)
    told = _checked(told, shape, currencies)
    once = told.unit * shape[1] + told.chain
    row, link = np.nonzero(told.at)
    each = once[row] * shape[2] + link
    totals = _presence(told, once, np.arange(len(once)), shape[:2], currencies)
    links = _presence(told, each, row, shape, currencies)
    there = totals.firms[..., None] > 0
    needing = needs & there
    share = _share_of_country(_capacity(told, each, row, shape, jobs=True), whole("country", country), needs)
    return ChainMap(
        totals,
        links,
        added(once[~told.at.any(axis=1)], shape[0] * shape[1]).reshape(shape[:2]),
        needing & (links.firms == 0),
        ratio((needing & (links.firms > 0)).sum(axis=2), needing.sum(axis=2)),
        ratio((share * (needing & (links.firms > 0))).sum(axis=2), (share * needing).sum(axis=2)),
        _bottlenecks(told, each, row, links.firms, needs, whole("country", country), flow, limits),
        mean_levels(each, int(np.prod(shape)), told.levels[row], few=limits.few).shaped(*shape),
    )


def counted(
    found: ChainMap, units: Sequence[str], chains: Sequence[str], links: Sequence[str]
) -> Iterator[tuple[Key, Count]]:
    """The counts of the map as figures have them (`all`, `chain`, `link`): what `figures.added_up` takes, so that
    `chains.chain_table` tells the map after disclosure control. Cells that count nobody are left out.
    """
    for grid, keys in (
        (found.totals, lambda chain: [("all",), ("chain", chains[chain])]),
        (found.links, lambda chain, link: [("link", links[link]), ("chain", chains[chain], links[link])]),
    ):
        for unit, *cell in np.argwhere(grid.firms > 0).tolist():
            count = Count(int(grid.firms[unit, *cell]), int(grid.jobs_women[unit, *cell]))
            yield from (((units[unit], *key), count) for key in keys(*cell))


def _checked(told: Inventory, shape: tuple[int, int, int], currencies: int) -> Inventory:
    rows = len(np.asarray(told.unit))
    low = whole("sales_low", told.sales_low, least=UNKNOWN, rows=rows)
    high = whole("sales_high", told.sales_high, least=UNKNOWN, rows=rows)
    if ((high != UNKNOWN) & ((low == UNKNOWN) | (high < low))).any():
        raise ValueError("sales_high: a band ends below where it begins")
    return Inventory(
        whole("unit", told.unit, below=shape[0], rows=rows),
        whole("chain", told.chain, below=shape[1], rows=rows),
        flags("at", told.at, (rows, shape[2])),
        whole("jobs_women", told.jobs_women, rows=rows),
        whole("jobs_men", told.jobs_men, rows=rows),
        low,
        high,
        whole("currency", told.currency, below=currencies, rows=rows),
        whole("levels", told.levels, least=UNKNOWN, rows=rows),
    )


def _presence(told: Inventory, cell: Ints, row: Ints, shape: tuple[int, ...], currencies: int) -> Presence:
    cells = int(np.prod(shape))
    women = added(cell, cells, told.jobs_women[row]).reshape(shape)
    men = added(cell, cells, told.jobs_men[row]).reshape(shape)
    money = _sales(told, cell, row, (*shape, currencies))
    return Presence(added(cell, cells).reshape(shape), women, men, ratio(women, women + men), money)


def _sales(told: Inventory, cell: Ints, row: Ints, shape: tuple[int, ...]) -> Sales:
    row, cell = row[told.sales_low[row] != UNKNOWN], cell[told.sales_low[row] != UNKNOWN]
    at, cells = cell * shape[-1] + told.currency[row], int(np.prod(shape))
    unbounded = told.sales_high[row] == UNKNOWN
    low = added(at, cells, told.sales_low[row]).reshape(shape)
    high = added(at, cells, np.where(unbounded, told.sales_low[row], told.sales_high[row])).reshape(shape)
    known, open_above = added(at, cells).reshape(shape), added(at[unbounded], cells).reshape(shape)
    return Sales(low, (low + high) / 2, np.where(open_above > 0, UNKNOWN, high), known, open_above)


def _capacity(told: Inventory, each: Ints, row: Ints, shape: tuple[int, ...], *, jobs: bool) -> Floats:
    """Jobs (or enterprises) at each link, those of an enterprise divided equally among its links: [U, C, L]."""
    weight = (told.jobs_women + told.jobs_men)[row] if jobs else np.ones(len(row))
    split = weight / told.at.sum(axis=1)[row]
    return np.bincount(each, weights=split, minlength=int(np.prod(shape))).reshape(shape).astype(float)


def _share_of_country(capacity: Floats, country: Ints, needs: Bools) -> Floats:
    """What part of the capacity at the needed links of a chain its country has at each: [U, C, L], 0 where none."""
    whole_country = np.zeros((int(country.max(initial=-1)) + 1, *needs.shape))
    np.add.at(whole_country, country, capacity * needs)
    return np.nan_to_num(ratio(whole_country, whole_country.sum(axis=2, keepdims=True)))[country]


def _bottlenecks(
    told: Inventory,
    each: Ints,
    row: Ints,
    firms: Ints,
    needs: Bools,
    country: Ints,
    flow: Sequence[int],
    limits: Limits,
) -> Bottlenecks:
    """The present needed link whose capacity is smallest against what the chain needs.

    What it needs are the country's proportions between the jobs at its needed links, taken as fixed coefficients: with
    fixed proportions the scarcest factor limits the whole (Leontief 1941, The Structure of American Economy). The
    balance of a link is the location quotient (Isard 1960, Methods of Regional Analysis, 7) of its jobs among those of
    the needed links; the smallest below `tight` is the bottleneck, the earlier link if two are equal. `sure`: Wilson's
    upper limit (95 %) of its share of the unit's enterprises is below the country's share. A link where nobody stands
    is not a bottleneck but missing. Not judged: fewer than `few` enterprises at the needed links of the unit, or at one
    of them in the country; fewer than two needed links present.
    """
    shape = firms.shape
    jobs, heads = (_capacity(told, each, row, shape, jobs=by) * needs for by in (True, False))
    usual = _share_of_country(jobs, country, needs)
    balance = ratio(ratio(jobs, jobs.sum(axis=2, keepdims=True)), np.where(needs, usual, 0))
    present = needs & (firms > 0) & ~np.isnan(balance)
    score = np.where(present, balance, np.inf)
    link = score.argmin(axis=2).astype(np.int64)
    everywhere = np.zeros((int(country.max(initial=-1)) + 1, *needs.shape), dtype=np.int64)
    np.add.at(everywhere, country, firms)
    known = np.all(~needs | (everywhere >= limits.few), axis=2)[country]
    told_apart = [heads.sum(axis=2) < limits.few, ~known, present.sum(axis=2) < 2, score.min(axis=2) >= limits.tight]
    why = np.select(told_apart, [TOO_FEW, NO_REFERENCE, ONE_LINK, BALANCED], BOTTLENECK)
    share = np.take_along_axis(ratio(heads, heads.sum(axis=2, keepdims=True)), link[..., None], axis=2)[..., 0]
    theirs = np.take_along_axis(_share_of_country(heads, country, needs), link[..., None], axis=2)[..., 0]
    _, upper = wilson(share, heads.sum(axis=2))
    judged = why == BOTTLENECK
    narrow = _narrow(firms, needs, flow, limits)
    return Bottlenecks(np.where(judged, link, UNKNOWN), why, balance, judged & (upper < theirs), narrow)


def _narrow(firms: Ints, needs: Bools, flow: Sequence[int], limits: Limits) -> Bools:
    """Where somebody stands at a needed link, and the needed links before and after it are `crowd` times as full (at
    an end of the flow its one neighbour), and not too small to say.
    """
    narrow = np.zeros(firms.shape, dtype=bool)
    for chain in range(needs.shape[0]):
        path = [link for link in flow if needs[chain, link]]
        for place, link in enumerate(path):
            beside = firms[:, chain, path[max(place - 1, 0) : place] + path[place + 1 : place + 2]]
            here = firms[:, chain, link]
            crowded = (beside >= np.maximum(limits.crowd * here, limits.few)[:, None]).all(axis=1)
            narrow[:, chain, link] = (here > 0) & crowded & (beside.shape[1] > 0)
    return narrow
