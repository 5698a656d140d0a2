"""A large table of several dimensions with every total of each: its cells, and the lines along which they add up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Cell: TypeAlias = tuple[str, ...]
Numbers: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

EVERYTHING = ""
"""The code of a dimension's whole."""


@dataclass(frozen=True)
class Dimension:
    """What a table is divided by. `parents` names for each code the one that it is a part of; a code without a parent
    is a part of everything.
    """

    parents: Mapping[str, str]

    def above(self, code: str) -> list[str]:
        """A code, what it is a part of, and so on up to everything; refuses a circle."""
        found = [code]
        while found[-1] != EVERYTHING:
            found.append(self.parents.get(found[-1], EVERYTHING))
            if found[-1] in found[:-1]:
                raise ValueError(f"{code} is a part of itself")
        return found


@dataclass(frozen=True)
class Margins:
    """A table with all its totals: only the cells that count somebody. `values` has a row for each measure (the counts
    first) and a column for each cell; `leaves` is how many leaves of each cell count somebody; in `lines` every row is
    a total (1) and the parts that it is the sum of (-1).
    """

    cells: tuple[Cell, ...]
    values: Numbers
    leaves: Numbers
    lines: csr_array

    @cached_property
    def position(self) -> Mapping[Cell, int]:
        """Where each cell stands."""
        return {cell: number for number, cell in enumerate(self.cells)}

    @cached_property
    def same(self) -> Whole:
        """For each cell the number of its figure. A total that has one single part is that part: who hides the one and
        shows the other hides nothing, so both are one figure.
        """
        if not self.cells:
            return np.zeros(0, dtype=np.int64)
        alone = np.flatnonzero(np.diff(self.lines.indptr) == 2)
        starts = self.lines.indptr[alone]
        ends = (self.lines.indices[starts], self.lines.indices[starts + 1])
        joined = csr_array((np.ones(len(alone)), ends), shape=(len(self.cells),) * 2)
        numbers: Whole = connected_components(joined, directed=False)[1].astype(np.int64)
        return numbers


def with_totals(dimensions: Sequence[Dimension], leaves: Mapping[Cell, Sequence[float]]) -> Margins:
    """The table of these leaves and of every total of them. Each leaf has its count and, after it, its magnitudes; one
    that counts nobody is no cell. Refuses a leaf of too few codes, and values of different numbers or below zero.
    """
    if len({len(values) for values in leaves.values()}) > 1 or any(len(leaf) != len(dimensions) for leaf in leaves):
        raise ValueError("every leaf has one code of each dimension and the same number of values")
    if any(not 0 <= value < inf for values in leaves.values() for value in values):
        raise ValueError("counts and magnitudes are not below zero")
    counted = {leaf: values for leaf, values in leaves.items() if values[0]}
    whole = whole_of(dimensions, counted)
    cells = tuple(sorted({cell for above in whole.values() for cell in above}))
    position = {cell: number for number, cell in enumerate(cells)}
    rows = np.array([position[cell] for above in whole.values() for cell in above], dtype=np.int64)
    which = np.repeat(np.arange(len(counted)), [len(above) for above in whole.values()])
    measures = max(map(len, leaves.values()), default=1)
    told = np.array(list(counted.values()), dtype=float).reshape(len(counted), measures)
    sums = [np.bincount(rows, weights=measure[which], minlength=len(cells)) for measure in told.T]
    return Margins(
        cells, np.array(sums), np.bincount(rows, minlength=len(cells)).astype(float), _lines(cells, dimensions)
    )


def whole_of(dimensions: Sequence[Dimension], leaves: Iterable[Cell]) -> dict[Cell, tuple[Cell, ...]]:
    """Of each leaf all cells that it is counted in, itself among them."""
    known: list[dict[str, list[str]]] = [{} for _ in dimensions]
    for leaf in (found := list(leaves)):
        for axis, code in enumerate(leaf):
            if code not in known[axis]:
                known[axis][code] = dimensions[axis].above(code)
    return {leaf: tuple(product(*(known[axis][code] for axis, code in enumerate(leaf)))) for leaf in found}


def _lines(cells: Sequence[Cell], dimensions: Sequence[Dimension]) -> csr_array:
    """Each total with its parts one step below it, along every dimension."""
    position = {cell: number for number, cell in enumerate(cells)}
    parts: dict[tuple[int, int], list[int]] = {}
    for number, cell in enumerate(cells):
        for axis, dimension in enumerate(dimensions):
            if cell[axis] != EVERYTHING:
                parent = dimension.parents.get(cell[axis], EVERYTHING)
                total = position[*cell[:axis], parent, *cell[axis + 1 :]]
                parts.setdefault((total, axis), []).append(number)
    return matrix_of((([total], below) for (total, _), below in parts.items()), len(cells))


def matrix_of(lines: Iterable[tuple[Sequence[int], Sequence[int]]], width: int) -> csr_array:
    """A matrix of lines: 1 for what stands first, -1 for what stands second."""
    columns: list[int] = []
    signs: list[float] = []
    starts = [0]
    for totals, parts in lines:
        columns += [*totals, *parts]
        signs += [1.0] * len(totals) + [-1.0] * len(parts)
        starts.append(len(columns))
    return csr_array(
        (np.array(signs), np.array(columns, dtype=np.int64), np.array(starts)), shape=(len(starts) - 1, width)
    )
