"""What publications tell beside counts, of those who agreed: levels by place and chain, and of chains sales, purchases
that leave the department, and introductions.
"""

from collections.abc import Iterator

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise, CopyMerged, Introduction
from services.territory.queries.figures import inside
from services.territory.queries.inventory import Known, known
from services.territory.queries.placing import chain_of
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints, added
from services.territory.rules.doubles import Key
from services.territory.rules.figures import Count
from services.territory.rules.told_of_enough import HIGH
from shared.events.vocabulary import CHAINS, SUBJECTS
from shared.kernel import CURRENCIES
from shared.merged import standing_for

_E = CopyEnterprise
POINTS = "points"
"""Under this name levels stand among amounts, added up."""
INSIDE, OUTSIDE = "inside", "outside"


def counts(session: Session, department: str) -> Iterator[tuple[Key, Count]]:
    """By municipality, as `figures.added_up` takes them."""
    told = known(session, (department,))
    agreed = select(_E.id).where(_E.consent_map, inside(_E.municipality, (department,)))
    ids = {row[0] for row in session.connection().execute(agreed).cursor.fetchall()}
    rows = told.within((department,)) & np.array([one in ids for one in told.raw_ids], dtype=bool)
    yield from _levels(told, rows)
    yield from _sales(told, rows)
    yield from _leakage(told, rows, told.inside((department,)))
    yield from _introductions(session, department)


def _levels(told: Known, rows: Bools) -> Iterator[tuple[Key, Count]]:
    """Of the whole place, and of each chain, how many say their level of a subject, and their points together."""
    cells = len(told.units) * len(CHAINS)
    cell = told.told.unit * len(CHAINS) + told.told.chain
    for subject, name in enumerate(SUBJECTS):
        level = told.told.levels[:, subject]
        known_here = rows & (level != UNKNOWN)
        numbers = added(cell[known_here], cells).reshape(-1, len(CHAINS))
        points = added(cell[known_here], cells, level[known_here]).reshape(-1, len(CHAINS))
        for unit, chain in np.argwhere(numbers > 0).tolist():
            count = Count(int(numbers[unit, chain]), 0, {POINTS: int(points[unit, chain])})
            yield (told.units[unit], "level", name), count
            yield (told.units[unit], "chain_level", name, CHAINS[chain]), count


def _sales(told: Known, rows: Bools) -> Iterator[tuple[Key, Count]]:
    """The limits of a year's sales, of each enterprise that tells them; the upper one where its band has one."""
    own = told.told
    for row in np.flatnonzero(rows & (own.sales_low != UNKNOWN)).tolist():
        unit, chain, currency = told.units[own.unit[row]], CHAINS[own.chain[row]], CURRENCIES[own.currency[row]]
        low, high = int(own.sales_low[row]), int(own.sales_high[row])
        yield (unit, "sales", chain, currency), _amount(currency, low)
        if high != UNKNOWN:
            yield (unit, "sales", chain, currency, HIGH), _amount(currency, high)


def _amount(currency: str, minor: int) -> Count:
    return Count(1, 0, {currency: minor}, (), {currency: (minor,)})


def _leakage(told: Known, rows: Bools, inner: Bools) -> Iterator[tuple[Key, Count]]:
    """Of each enterprise that says of whom it buys, how many percent it buys inside of the department and outside."""
    trades = told.trades
    placed = trades.supplies & rows[trades.row] & (trades.share > 0) & (trades.unit != UNKNOWN)
    row, share = trades.row[placed], trades.share[placed]
    near = inner[np.maximum(trades.unit[placed], 0)] & (trades.unit[placed] >= 0)
    parts: list[Ints] = [added(row[of], len(told), share[of]) for of in (near, ~near)]
    for one in np.unique(row).tolist():
        key = (told.units[told.told.unit[one]], "leakage", CHAINS[told.told.chain[one]])
        yield key, Count(1, 0, {INSIDE: int(parts[0][one]), OUTSIDE: int(parts[1][one])})


def _introductions(session: Session, department: str) -> Iterator[tuple[Key, Count]]:
    """Introductions that were followed up, by the chain of who buys and what became of them."""
    hers = standing_for(CopyMerged, Introduction.buyer_id) == _E.id
    which = (inside(Introduction.unit, (department,)), _E.counted, _E.consent_map)
    each = select(Introduction.unit, chain_of().label("chain"), Introduction.mark).join(_E, hers).where(*which)
    rows = each.subquery()
    by = (rows.c.unit, rows.c.chain, rows.c.mark)
    for unit, chain, mark, number in session.execute(select(*by, func.count()).group_by(*by)):
        yield (unit, "introductions", chain, mark), Count(number)
        yield (unit, "introductions", chain), Count(number)
