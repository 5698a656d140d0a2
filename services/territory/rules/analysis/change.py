"""Why a unit grew: with the whole, with the chains it has, or more than they did elsewhere."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.territory.rules.analysis.specialisation import FEW, table_of


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A change and its parts, which add up to it, in enterprises or jobs: `national`, what there would be more had all
    grown like the whole; `mix`, what comes from having chains that grew otherwise than the whole; `competitive`, what
    comes from growing otherwise than these chains did.

    The competitive part in turn is `homothetic`, which it would be if the unit had the chains as the whole has them,
    and `allocation`, what it owes to having more or less of those in which it did better.
    """

    change: NDArray[np.float64]
    national: NDArray[np.float64]
    mix: NDArray[np.float64]
    competitive: NDArray[np.float64]
    homothetic: NDArray[np.float64]
    allocation: NDArray[np.float64]

    def summed(self, axis: int | None = None) -> "Parts":
        """The parts of every unit (axis 1), of every chain (axis 0), or of the whole (None: arrays of no dimension)."""
        return Parts(
            *(
                np.asarray(part.sum(axis=axis))
                for part in (
                    self.change,
                    self.national,
                    self.mix,
                    self.competitive,
                    self.homothetic,
                    self.allocation,
                )
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class ShiftShare:
    """The parts of the change of every cell (units x chains).

    `growth` of the whole, (after - before) / before, is None where nothing was before; `chain_growth` is NaN for `new`
    chains (nowhere before, somewhere after) and for such as were never there, -1 for `vanished` ones (somewhere
    before, nowhere after). `small`: cells with fewer than FEW before, of whose own growth little can be said.
    """

    cells: Parts
    growth: float | None
    chain_growth: NDArray[np.float64]
    new: tuple[int, ...]
    vanished: tuple[int, ...]
    small: NDArray[np.bool_]
    n_before: float
    n_after: float


def shift_share(before: ArrayLike, after: ArrayLike) -> ShiftShare:
    """What a change between two tables of the same units x chains is made of: E g, E (g_c - g), E (g_uc - g_c), with E
    the count before and g the growth of the whole, of the chain in the whole, of the chain in the unit (Dunn 1960, A
    statistical and analytical technique for regional analysis). The competitive part is E* (g_uc - g_c) and
    (E - E*) (g_uc - g_c), with E* = E_u E_c / E_all (Esteban-Marquillas 1972, A reinterpretation of shift-share
    analysis).

    Of the whole, the mix adds up to nothing; of every chain, the competitive part does. So that this holds with chains
    that come and go, they have no competitive part: what there is of a new chain is mix, for it grew otherwise than
    the whole but nowhere more than elsewhere; a vanished one has grown by -1 in every unit alike. A chain that is new
    to a unit only is competitive, all of it homothetic, for the unit has no growth of its own to multiply. Where
    nothing at all was before, every chain is new and the mix is the whole change. Refused: tables of different shape,
    and what `table_of` refuses.
    """
    old, now = table_of(before), table_of(after)
    if old.shape != now.shape:
        raise ValueError("the tables are not of the same units and chains")
    of_chain, of_chain_now, n = old.sum(axis=0), now.sum(axis=0), float(old.sum())
    ratio = float(now.sum()) / n if n else 1.0
    new = (of_chain == 0) & (of_chain_now > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chain_ratio = np.where(of_chain > 0, of_chain_now / of_chain, np.nan)
        own_ratio = np.where(old > 0, now / old, np.nan)
    known = np.where(of_chain > 0, chain_ratio, ratio)
    mix = np.where(new, now, old * (known - ratio))
    competitive = np.where(new, 0.0, now - old * known)
    even = old.sum(axis=1, keepdims=True) * of_chain / n if n else old
    homothetic = np.where(old > 0, even * (own_ratio - known), competitive)
    cells = Parts(now - old, old * (ratio - 1), mix, competitive, homothetic, competitive - homothetic)
    return ShiftShare(
        cells,
        ratio - 1 if n else None,
        chain_ratio - 1,
        tuple(np.flatnonzero(new).tolist()),
        tuple(np.flatnonzero((of_chain > 0) & (of_chain_now == 0)).tolist()),
        old < FEW,
        n,
        float(now.sum()),
    )
