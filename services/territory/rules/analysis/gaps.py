"""What credit and training reach of those who could use them, and what is left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import UNKNOWN, Bools, Floats, Ints, added, flags, ratio, whole
from services.territory.rules.analysis.levels import wilson


@dataclass(frozen=True, slots=True)
class Reach:
    """By cell, and by topic or currency where there are several. Of `enterprises`, `known` were asked what they need or
    were profiled; `potential` need it or are weak in it; `reached` of these were served, `beyond` were served although
    nobody knows of a need. `penetration` is reached / potential with Wilson's 95 % limits (NaN without potential),
    `gap` = potential - reached, `few` marks a potential too small to say, `coverage` is known / enterprises.

    The limits treat the potential as drawn from all who will ever have it (a superpopulation): where it is known whole,
    `penetration` itself is exact.
    """

    enterprises: Ints
    known: Ints
    potential: Ints
    reached: Ints
    beyond: Ints
    gap: Ints
    penetration: Floats
    low: Floats
    high: Floats
    coverage: Floats
    few: Bools


@dataclass(frozen=True, slots=True)
class Money:
    """By cell and currency [G, K], minor units. `wanted` adds up what `told` of the potential say they want;
    `estimate` puts for those who do not say the mean of the rest (of the cell, or where fewer than `few` of it say, of
    all cells of its `pool`; -1 where these are too few as well), `from_pool` where that was so. `approved` and
    `disbursed` go to the potential; `gap` is what the estimate has more than was disbursed to them, never below 0.
    """

    potential: Ints
    told: Ints
    wanted: Ints
    estimate: Ints
    from_pool: Bools
    approved: Ints
    disbursed: Ints
    gap: Ints
    coverage: Floats


@dataclass(frozen=True, slots=True)
class CreditGap:
    """`approved` and `disbursed` are [G], `money` [G, K]."""

    approved: Reach
    disbursed: Reach
    money: Money


def training_gap(
    cell: ArrayLike, cells: int, known: ArrayLike, needing: ArrayLike, trained: ArrayLike, *, few: int
) -> Reach:
    """Potential demand of n enterprises for each of T topics against who was trained in it: all arrays of the result
    are [cells, T]. `known`, `needing` and `trained` are booleans [n, T]; a need or a weakness counts once. Refused: a
    need of somebody of whom nothing is known, shapes that differ.
    """
    where = whole("cell", cell, below=cells)
    told = np.asarray(needing)
    if told.ndim != 2:
        raise ValueError("needing: a row for each enterprise and a column for each topic are expected")
    shape = (len(where), told.shape[1])
    asked, need, served = (
        flags(name, values, shape) for name, values in (("known", known), ("needing", needing), ("trained", trained))
    )
    return _reach(where, cells, asked, need, served, few)


def credit_gap(
    cell: ArrayLike,
    cells: int,
    known: ArrayLike,
    needing: ArrayLike,
    wanted: ArrayLike,
    approved: ArrayLike,
    disbursed: ArrayLike,
    currency: ArrayLike,
    *,
    currencies: int,
    pool: ArrayLike,
    few: int,
) -> CreditGap:
    """Potential demand of n enterprises for credit against what was approved and disbursed.

    `known`, `needing`: booleans [n]; `wanted`, `approved`, `disbursed`: minor units [n] of the enterprise's `currency`
    (`wanted` -1 where she does not say; 0 for nothing approved or disbursed); `pool` [cells]: the larger whole whose
    mean may stand for a cell's, such as the chain in the country. An amount that is not told is estimated by the mean
    of its class (Kalton & Kasprzyk 1986, The treatment of missing survey data), rounded to whole minor units. Refused:
    negative amounts, a need of somebody of whom nothing is known.
    """
    where = whole("cell", cell, below=cells)
    rows = (len(where), 1)
    asked, need = (flags(name, values, rows[:1]) for name, values in (("known", known), ("needing", needing)))
    sums = {
        "approved": whole("approved", approved, rows=rows[0]),
        "disbursed": whole("disbursed", disbursed, rows=rows[0]),
    }
    says = whole("wanted", wanted, least=UNKNOWN, rows=rows[0])
    at = where * currencies + whole("currency", currency, below=currencies, rows=rows[0])
    approvals, payments = (
        _column(_reach(where, cells, asked[:, None], need[:, None], (amount > 0)[:, None], few))
        for amount in sums.values()
    )
    money = _money(at, need, says, sums, (cells, currencies), whole("pool", pool, rows=cells), few)
    return CreditGap(approvals, payments, money)


def _reach(cell: Ints, cells: int, known: Bools, needing: Bools, served: Bools, few: int) -> Reach:
    if (needing & ~known).any():
        raise ValueError("needing: a need of somebody of whom nothing is known")
    asked, potential, reached, beyond = (
        _by_column(cell, cells, which) for which in (known, needing, needing & served, served & ~needing)
    )
    of = np.broadcast_to(added(cell, cells)[:, None], potential.shape)
    share = ratio(reached, potential)
    low, high = wilson(share, potential)
    return Reach(
        of, asked, potential, reached, beyond, potential - reached, share, low, high, ratio(asked, of), potential < few
    )


def _by_column(cell: Ints, cells: int, which: Bools) -> Ints:
    topics = which.shape[1]
    row, topic = np.nonzero(which)
    return added(cell[row] * topics + topic, cells * topics).reshape(cells, topics)


def _column(reach: Reach) -> Reach:
    return Reach(*(getattr(reach, name)[:, 0] for name in Reach.__slots__))


def _money(
    at: Ints, need: Bools, says: Ints, sums: dict[str, Ints], shape: tuple[int, int], pool: Ints, few: int
) -> Money:
    size = shape[0] * shape[1]
    tells = need & (says != UNKNOWN)
    potential, told = added(at[need], size), added(at[tells], size)
    wanted = added(at[tells], size, says[tells])
    larger = (pool[:, None] * shape[1] + np.arange(shape[1])).ravel()
    pools = int(larger.max(initial=-1)) + 1
    told_there, wanted_there = (added(larger, pools, values)[larger] for values in (told, wanted))
    own = (told >= few) | (told == potential)
    mean = np.where(own, ratio(wanted, told), np.where(told_there >= few, ratio(wanted_there, told_there), np.nan))
    rest = np.where(potential > told, (potential - told) * mean, 0)
    estimate = np.where(np.isnan(rest), UNKNOWN, wanted + np.rint(np.nan_to_num(rest))).astype(np.int64)
    approved, disbursed = (added(at[need], size, amount[need]) for amount in sums.values())
    gap = np.where(estimate == UNKNOWN, UNKNOWN, np.maximum(estimate - disbursed, 0))
    numbers = (potential, told, wanted, estimate, approved, disbursed, gap)
    many, tell, want, guess, granted, paid, left = (np.asarray(one).reshape(shape) for one in numbers)
    from_pool = (~own & (estimate != UNKNOWN)).reshape(shape)
    return Money(many, tell, want, guess, from_pool, granted, paid, left, ratio(tell, many))
