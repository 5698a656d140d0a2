"""How much lies in few hands or few places: of a chain over units, of units over departments, of sales over buyers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.specialisation import FEW, table_of

UNKNOWN = -1
"""The buyer of a sale of which nobody said who bought."""
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Herfindahl:
    """Concentration of each column: `index` from 1 / n (even) to 1 (all in one row); `equivalent`, how many rows of one
    size would have this index; `normalised`, from 0 (even) to 1. `n`: how many rows there are.
    """

    index: Shares
    equivalent: Shares
    normalised: Shares
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class LocationalGini:
    """Gini coefficient of each column, 0 (spread like the reference) to 1; `total` is the sum of the column. `small`:
    there are fewer of it than units with a reference, so that even as evenly spread as can be it looks concentrated.
    """

    gini: Shares
    total: Shares
    small: NDArray[np.bool_]
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Theil:
    """Theil's index of each column, total = between + within, from 0 (shares like the weights). Of each of `groups`:
    how many units it has, its `share` of the column, its own index `inside` (NaN if it has nothing; 0 for one unit
    alone); within is the sum of share x inside. `n`: units.
    """

    total: Shares
    between: Shares
    within: Shares
    groups: tuple[str, ...]
    units: tuple[int, ...]
    share: Shares
    inside: Shares
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """A measure where a part is unknown: among what is `known`, and the `low` and `high` it can be in all of it: the
    unknown part sold to very many, or all of it to the largest buyer.
    """

    known: Shares
    low: Shares
    high: Shares


@dataclass(frozen=True, slots=True, eq=False)
class BuyerPower:
    """By chain: `sold` in all and its `coverage`, the part of which the buyer is known; how many `sellers` and known
    `buyers`; the `largest` buyer (UNKNOWN if none) and its share, the share of the four largest, the Herfindahl index.
    `small`: fewer than FEW sellers.
    """

    sold: Shares
    coverage: Shares
    sellers: NDArray[np.intp]
    buyers: NDArray[np.intp]
    largest: NDArray[np.intp]
    share: Bounded
    four: Bounded
    herfindahl: Bounded
    small: NDArray[np.bool_]


def herfindahl(table: ArrayLike) -> Herfindahl:
    """H, the sum of the squared shares of the rows in each column of a table (rows x columns); 1 / H;
    (H - 1 / n) / (1 - 1 / n) (Hirschman 1945, National power and the structure of foreign trade; Herfindahl 1950,
    Concentration in the steel industry; Adelman 1969, Comment on the H concentration measure as a numbers-equivalent).

    Every row counts in n, with a share or without. Of one row the normalised index is 1. NaN in a column of nothing.
    Refused: what `table_of` refuses.
    """
    told = table_of(table)
    n = len(told)
    index = np.square(_shares(told)).sum(axis=0) if n else np.full(told.shape[1], np.nan)
    normalised = (index - 1 / n) / (1 - 1 / n) if n > 1 else index
    return Herfindahl(index, 1 / index, normalised, n)


def locational_gini(table: ArrayLike, reference: ArrayLike | None = None) -> LocationalGini:
    """Twice the area between the Lorenz curve of each column of a table (units x chains) and the diagonal: units stand
    by rising column / reference; the curve adds up their shares of the column over their shares of the reference
    (Krugman 1991, Geography and trade). The reference is, unless told, what the units have of all columns; with ones
    it is the Gini coefficient as such. It is at most 1 less the smallest share of the reference.

    NaN in a column of nothing, 0 for one unit. Refused: a reference of another length, negative, missing or nothing at
    all where there are units; what `table_of` refuses.
    """
    told = table_of(table)
    base = told.sum(axis=1) if reference is None else _weights(reference, len(told))
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(np.nan_to_num(told / base[:, None], nan=0.0, posinf=np.inf), axis=0, kind="stable")
    width = _shares(base[:, None])[:, 0][order]
    share = _shares(np.take_along_axis(told, order, axis=0))
    gini = 1 - (width * (2 * np.cumsum(share, axis=0) - share)).sum(axis=0)
    total = told.sum(axis=0)
    gini = np.where(total > 0, np.clip(gini, 0, 1), np.nan)
    return LocationalGini(gini, total, total < np.count_nonzero(base), len(told))


def theil(table: ArrayLike, groups: Sequence[str], weights: ArrayLike | None = None) -> Theil:
    """T, the sum of s ln(s / w) with s the share of a unit in a column (units x columns) and w its share of the weights
    (unless told, all weigh the same), and its parts between and within groups, such as departments (Theil 1967,
    Economics and information theory): the sum of S ln(S / W) with the shares S and W of the groups, and the sum of S
    times the index inside the group.

    A unit without anything adds 0. NaN in a column of nothing. Refused: a group or weight missing for a unit, a weight
    that is not above 0; what `table_of` refuses.
    """
    told = table_of(table)
    weight = np.ones(len(told)) if weights is None else _weights(weights, len(told))
    if len(groups) != len(told) or (weight == 0).any():
        raise ValueError("every unit has a group and a weight above 0")
    labels, group = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    member = (group == np.arange(labels.size)[:, None]).astype(np.float64)
    share, part = _shares(told), (weight / max(weight.sum(), 1e-300))[:, None]
    of_group, part_of_group = member @ share, member @ part
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(of_group[group] > 0, share / of_group[group], 0)
    inside = np.where(of_group > 0, member @ _divergence(own, part / part_of_group[group]), np.nan)
    nothing = np.where(told.sum(axis=0) > 0, 0, np.nan)
    return Theil(
        _divergence(share, part).sum(axis=0) + nothing,
        _divergence(of_group, part_of_group).sum(axis=0) + nothing,
        np.where(of_group > 0, of_group * inside, 0).sum(axis=0) + nothing,
        tuple(labels.tolist()),
        tuple(np.bincount(group, minlength=labels.size).tolist()),
        of_group,
        inside,
        len(told),
    )


def buyer_power(
    chains: ArrayLike, sellers: ArrayLike, buyers: ArrayLike, amounts: ArrayLike, *, n_chains: int
) -> BuyerPower:
    """How much of what is sold in each chain (0 to n_chains - 1) goes to few buyers. A row is what one seller of a
    chain sells to one buyer, in money or as a share of what she sells; the buyer may be UNKNOWN, and a pair may have
    several rows; rows of amount 0 say nothing.

    With known amounts a, unknown U and T = sum a + U: the share of the largest is max a / (T - U), in all at least
    max a / T and at most (max a + U) / T; likewise of the four largest (CR4, Bain 1951) and of the sum of squares, of
    which at most ((max a + U)^2 + the other squares) / T^2. NaN where nothing is sold, `known` also where nothing is
    known. Of two largest buyers the lower number. Refused: rows of different length, numbers of chains, sellers or
    buyers that are not there (negative, other than UNKNOWN), amounts negative or not finite.
    """
    chain, seller, buyer, amount = _sales(chains, sellers, buyers, amounts, n_chains)
    n_sellers = np.bincount(_pairs(chain, seller)[0], minlength=n_chains)
    known = buyer != UNKNOWN
    of, who, pair = _pairs(chain[known], buyer[known])
    bought = np.bincount(pair, amount[known], minlength=of.size)
    order = np.lexsort((who, -bought, of))
    of, who, bought = of[order], who[order], bought[order]
    n_buyers = np.bincount(of, minlength=n_chains)
    place = np.arange(of.size) - np.repeat(np.cumsum(n_buyers) - n_buyers, n_buyers)
    told, top, four, squares = (
        np.bincount(of, part, minlength=n_chains)
        for part in (bought, bought * (place == 0), bought * (place < 4), bought**2)
    )
    largest = np.full(n_chains, UNKNOWN, dtype=np.intp)
    largest[of[place == 0]] = who[place == 0]
    unknown = np.bincount(chain[~known], amount[~known], minlength=n_chains)
    sold: Shares = np.asarray(told + unknown, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return BuyerPower(
            sold,
            told / sold,
            n_sellers,
            n_buyers,
            largest,
            Bounded(top / told, top / sold, (top + unknown) / sold),
            Bounded(four / told, four / sold, (four + unknown) / sold),
            Bounded(squares / told**2, squares / sold**2, (squares + unknown * (2 * top + unknown)) / sold**2),
            n_sellers < FEW,
        )


def _sales(
    chains: ArrayLike, sellers: ArrayLike, buyers: ArrayLike, amounts: ArrayLike, n_chains: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Shares]:
    """The rows that say something."""
    chain, seller, buyer = (np.asarray(codes, dtype=np.intp) for codes in (chains, sellers, buyers))
    amount = np.asarray(amounts, dtype=np.float64)
    if not chain.shape == seller.shape == buyer.shape == amount.shape == (amount.size,):
        raise ValueError("every sale has a chain, a seller, a buyer and an amount")
    if amount.size and (chain.min() < 0 or chain.max() >= n_chains or seller.min() < 0 or buyer.min() < UNKNOWN):
        raise ValueError("a chain, a seller or a buyer is not there")
    if amount.size and n_chains * (int(max(seller.max(), buyer.max())) + 1) > np.iinfo(np.intp).max:
        raise ValueError("the number of a seller or a buyer is too large")
    if not np.isfinite(amount).all() or (amount < 0).any():
        raise ValueError("an amount is negative or missing")
    says = amount > 0
    return chain[says], seller[says], buyer[says], amount[says]


def _pairs(
    chain: NDArray[np.intp], other: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The distinct pairs, ascending: chain and other; and which pair each row is."""
    size = int(other.max(initial=0)) + 1
    pairs, pair = np.unique(chain * size + other, return_inverse=True)
    return *np.divmod(pairs, size), pair


def _shares(table: Shares) -> Shares:
    """Of each column; NaN in a column of nothing."""
    total = table.sum(axis=0)
    return table / np.where(total > 0, total, np.nan)


def _divergence(share: Shares, part: Shares) -> Shares:
    """The terms of share x ln(share / part); 0 where there is no share."""
    terms: Shares = share * np.log(np.where(share > 0, share / part, 1.0))
    return terms


def _weights(weights: ArrayLike, n: int) -> Shares:
    told = np.asarray(weights, dtype=np.float64)
    if told.shape != (n,) or not np.isfinite(told).all() or (told < 0).any() or (n and not told.any()):
        raise ValueError("every unit has a weight, none is negative, and not all are nothing")
    return told
