"""A large table as it may leave the house: establishments by place, class and size, with all totals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.dominance import Band, Dominance, dominated_by_bands, top
from services.territory.rules.margins import EVERYTHING, Cell, Dimension, Flags, Margins, whole_of, with_totals
from services.territory.rules.suppression import Progress, Suppression, suppressed

Told: TypeAlias = float | tuple[float, float] | None
Largest: TypeAlias = Mapping[Cell, Sequence[Sequence[float]]]
"""Of each leaf and each magnitude what the largest in it have, in falling order."""


@dataclass(frozen=True)
class Protection:
    """What a table is protected by: counts below `threshold` (but zero) and dominated cells are withheld, and nobody
    works one out to within `interval` percent.
    """

    threshold: int
    interval: float
    dominance: Dominance
    bands: Mapping[str, Band]

    @classmethod
    def from_criteria(cls, values: Mapping[str, Any]) -> "Protection":
        """As the criteria of disclosure have it, with the threshold of the house."""
        return cls(THRESHOLD, float(values["interval"]), Dominance.from_criteria(values), Band.from_criteria(values))


@dataclass(frozen=True)
class ProtectedTable:
    """A table and what is withheld of it."""

    table: Margins
    suppression: Suppression

    def shown(self) -> dict[Cell, tuple[Told, ...]]:
        """What is told of every cell that counts somebody, the count first: the value; None where it is withheld; the
        range (least, most) that anybody works out of the rest, where a withheld value lies in it within the interval
        anyway.
        """
        hidden, ranged = self.suppression.withheld, self.suppression.ranged
        told: dict[Cell, tuple[Told, ...]] = {}
        for number, cell in enumerate(self.table.cells):
            if not hidden[number]:
                told[cell] = tuple(self.table.values[:, number].tolist())
            else:
                told[cell] = tuple(
                    self._range(measure, number) if ranged[measure, number] else None for measure in range(len(ranged))
                )
        return told

    def _range(self, measure: int, number: int) -> tuple[float, float]:
        return float(self.suppression.low[measure, number]), float(self.suppression.high[measure, number])


def protected_table(
    dimensions: Sequence[Dimension],
    leaves: Mapping[Cell, Sequence[float]],
    protection: Protection,
    *,
    sizes: int | None = None,
    largest: Largest | None = None,
    progress: Progress | None = None,
) -> ProtectedTable:
    """The table of these leaves with all totals, protected. Each leaf has its count, then its magnitudes. Dominated are
    cells by the `largest` of each magnitude, and, where the dimension number `sizes` says how large establishments are,
    by the persons that they employ. Small tables take a moment, a country by municipality and class minutes, of
    which `progress` is told.
    """
    table = with_totals(dimensions, leaves)
    counts = table.values[0]
    primary: Flags = (counts > 0) & (counts < protection.threshold)
    if sizes is not None:
        primary |= _dominated_by_size(table, sizes, protection)
    if largest is not None:
        primary |= _dominated_by_largest(table, dimensions, largest, protection.dominance)
    return ProtectedTable(table, suppressed(table, primary, interval=protection.interval, progress=progress))


def _dominated_by_size(table: Margins, axis: int, protection: Protection) -> Flags:
    bands: dict[Cell, dict[str, int]] = defaultdict(dict)
    for cell, count in zip(table.cells, table.values[0].astype(int).tolist(), strict=True):
        if cell[axis] != EVERYTHING:
            bands[*cell[:axis], EVERYTHING, *cell[axis + 1 :]][cell[axis]] = count
            bands[cell] = {cell[axis]: count}
    rule, limits = protection.dominance, protection.bands
    return np.array([dominated_by_bands(bands[cell], limits, rule) for cell in table.cells], dtype=bool)


def _dominated_by_largest(table: Margins, dimensions: Sequence[Dimension], largest: Largest, rule: Dominance) -> Flags:
    found: list[dict[int, tuple[float, ...]]] = [{} for _ in table.values[1:]]
    for leaf, cells in whole_of(dimensions, largest).items():
        for known, some in zip(found, largest[leaf], strict=True):
            for cell in cells:
                number = table.position[cell]
                known[number] = top(known.get(number, ()), some)
    dominated: Flags = np.zeros(len(table.cells), dtype=bool)
    for measure, known in enumerate(found, start=1):
        for number, some in known.items():
            dominated[number] |= rule.holds(table.values[measure, number], some)
    return dominated
