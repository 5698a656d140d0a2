"""What may be told of small numbers: counts under five are withheld, and with them whatever would give them away.

Published tables are seen as cells and what holds between them (`total = part + part`), over every level and table that
is published together. Every small cell is withheld. Then, for each of them, other departments are looked for that would
have published the same and in which it is another number. Where there are none yet, the cells that would have to move
are withheld too: those that cost the reader least. A cell is the dearer the more sums it is the total of, then the
more it counts.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from services.territory.rules.doubles import AtLeast, Key, Measures, Sum, Tables

THRESHOLD = 5
"""Law of the house and no criterion, so that nobody adopts a lower one (docs/decisions/0009)."""
OTHER_VALUES = 2
"""How many values besides the true one each small count may have, for a reader who works on everything published."""
_A_CELL = 1000.0
"""The price of withholding one cell more, beside which a chain of moves among withheld cells weighs nothing."""


def is_small(count: int) -> bool:
    """Whether a count points at few enough to know who they are. Zero points at nobody."""
    return 0 < count < THRESHOLD


def withheld(measures: Measures, relations: Sequence[Sum | AtLeast], dominated: Collection[Key] = ()) -> frozenset[Key]:
    """The cells not to be shown. `measures` are the counts published for the same cells (enterprises first, then
    women, where they are counted): a cell that must be withheld in one is withheld in all. The reader is taken to know
    all that is shown, `relations`, and that a withheld cell counts somebody; for each small cell, and each of the
    `dominated` that counts anybody, two other values are then proven by counts that agree with all of it, in every
    measure at once.
    """
    small = {key for cells in measures for key, count in cells.items() if is_small(count)}
    small |= {key for key in dominated if any(cells.get(key) for cells in measures)}
    if not small:
        return frozenset()
    hidden = set(small)
    doubt: dict[Key, set[int]] = {key: set() for key in small}
    tables = Tables(measures, relations)
    _set_prices(tables, measures, relations, hidden)
    for key in sorted(small, key=lambda key: (measures[0][key], key)):
        while len(doubt[key]) < OTHER_VALUES:
            change = tables.change(key, besides=doubt[key])
            for moved in sorted(change.keys() - hidden):
                hidden.add(moved)
                tables.price(moved)
            for one in tables.multiples(change):
                for moved in one.keys() & doubt.keys():
                    doubt[moved].add(one[moved])
    return frozenset(hidden)


def _set_prices(tables: Tables, measures: Measures, relations: Sequence[Sum | AtLeast], hidden: set[Key]) -> None:
    weight = Counter(one.total for one in relations if isinstance(one, Sum))
    for key in tables.keys:
        if key in hidden:
            tables.price(key)
        else:
            tables.price(key, _A_CELL * (1 + weight[key]) + min(measures[0][key], _A_CELL - 1))
