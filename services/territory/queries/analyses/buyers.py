"""How much of what a chain sells goes to few buyers, as far as enterprises say to whom they sell."""

from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory.queries.analyses.analysis import Row, Table, Words, plain
from services.territory.queries.inventory import Known, known
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_levels
from services.territory.rules.analysis.cells import Bools, Ints, added
from services.territory.rules.analysis.concentration import UNKNOWN, Bounded, BuyerPower, buyer_power
from shared.events.vocabulary import CHAINS
from shared.identity import Caller

BUYERS = {
    "chain": "text", "sellers": "count", "tell": "count", "covered": "percent", "buyers": "count",
    "largest_low": "percent", "largest_high": "percent", "four_low": "percent",
    "four_high": "percent", "flag": "text",
}  # fmt: skip
_WHOLE = 100


def buyers(
    session: Session, caller: Caller, selection: Selection, chain: str | None, words: Words, *, few: int
) -> Table:
    """The chains in which somebody says to whom she sells; the surest hold of one buyer first. Of fewer than `few` who
    say so nothing is told, but to who may open records.
    """
    everything = known(session, selection.units)
    rows = everything.within(selection.units)
    found, tell = _power(everything, rows)
    wanted = [number for number in np.flatnonzero(tell).tolist() if chain in {None, CHAINS[number]}]
    open_ = sees_levels(caller.roles)
    table = [_row(found, tell, number, words, few=few, open_=open_) for number in wanted]
    return Table("buyers", BUYERS, sorted(table, key=lambda row: (-(row["largest_low"] or 0), row["code"])))


def _power(everything: Known, rows: Bools) -> tuple[BuyerPower, Ints]:
    """The power of buyers, each enterprise's sales for one whole whatever their money; and by chain how many of them
    say of whom in the inventory she sells how much to. What is not said is sold to nobody knows whom.
    """
    trades, told = everything.trades, everything.told
    of = rows[trades.row] & ~trades.supplies & (trades.share > 0) & (trades.partner != UNKNOWN)
    seller, share = trades.row[of], trades.share[of]
    who = np.flatnonzero(rows)
    rest = np.maximum(_WHOLE - added(seller, len(everything), share)[who], 0)
    sellers, buyer = np.r_[seller, who], np.r_[trades.partner[of], np.full(len(who), UNKNOWN)]
    found = buyer_power(told.chain[sellers], sellers, buyer, np.r_[share, rest] / _WHOLE, n_chains=len(CHAINS))
    return found, added(told.chain[np.unique(seller)], len(CHAINS))


def _row(found: BuyerPower, tell: Ints, chain: int, words: Words, *, few: int, open_: bool) -> Row:
    shown = open_ or int(tell[chain]) >= few
    return {
        "chain": words.chain(CHAINS[chain]),
        "code": CHAINS[chain],
        "sellers": int(found.sellers[chain]),
        "tell": int(tell[chain]),
        "covered": plain(found.coverage[chain], 3),
        "buyers": int(found.buyers[chain]) if shown else None,
        **_limits("largest", found.share, chain, shown=shown),
        **_limits("four", found.four, chain, shown=shown),
        "flag": words("flag.few") if tell[chain] < few else "",
    }


def _limits(name: str, bounded: Bounded, chain: int, *, shown: bool) -> dict[str, Any]:
    told = {f"{name}_low": bounded.low, f"{name}_high": bounded.high}
    return {key: plain(values[chain], 3) if shown else None for key, values in told.items()}
