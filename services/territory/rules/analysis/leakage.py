"""What the enterprises of a unit buy outside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import UNKNOWN, Floats, Ints, added, ratio, whole

ELSEWHERE = -2
"""The unit of a supplier who is known to be in none of the units."""
WHOLE = 100
"""All that an enterprise buys, in per cent."""


@dataclass(frozen=True, slots=True)
class Leakage:
    """By cell. `inside` and `outside` are per cent of purchases added up over enterprises, `unplaced` those from
    suppliers nobody placed. `share` is outside / (inside + outside), NaN where nothing is placed; `coverage` is
    (inside + outside) / 100·`of`; `least` and `most` are the share whatever the rest may be.
    """

    of: Ints
    n: Ints
    """Enterprises with at least one placed purchase."""
    inside: Ints
    outside: Ints
    unplaced: Ints
    share: Floats
    coverage: Floats
    least: Floats
    most: Floats


def leaking(
    cell: ArrayLike, cells: int, unit: ArrayLike, buyer: ArrayLike, supplier_unit: ArrayLike, share: ArrayLike
) -> Leakage:
    """Purchases that leave the territory, as a share of those known (the leakage of local multipliers: Domański &
    Gwosdz 2010, Multiplier effects in local and regional development; measured as LM3 does, Sacks 2002, The Money
    Trail).

    `cell` and `unit` of n enterprises; for each purchase the row of its `buyer`, the unit of the supplier (-1: nobody
    knows, -2: in none of the units) and its `share` of all the buyer buys (0 … 100 per cent, -1: nobody knows, and then
    it is not counted). Every enterprise weighs the same, as what it spends is not known. Refused: numbers out of range,
    and shares of a buyer that add up to more than 100.
    """
    where = whole("cell", cell, below=cells)
    home = whole("unit", unit, rows=len(where))
    who = whole("buyer", buyer, below=len(where))
    seller = whole("supplier_unit", supplier_unit, least=ELSEWHERE, rows=len(who))
    part = whole("share", share, least=UNKNOWN, below=WHOLE + 1, rows=len(who))
    told = part != UNKNOWN
    who, seller, part = who[told], seller[told], part[told]
    if (added(who, len(where), part) > WHOLE).any():
        raise ValueError("share: somebody buys more than all she buys")
    near, unplaced = seller == home[who], seller == UNKNOWN
    far = ~near & ~unplaced
    inside, outside, unknown = (added(where[who[of]], cells, part[of]) for of in (near, far, unplaced))
    of = added(where, cells)
    placed = np.unique(who[(near | far) & (part > 0)])
    return Leakage(
        of,
        added(where[placed], cells),
        inside,
        outside,
        unknown,
        ratio(outside, inside + outside),
        ratio(inside + outside, WHOLE * of),
        ratio(outside, WHOLE * of),
        ratio(WHOLE * of - inside, WHOLE * of),
    )
