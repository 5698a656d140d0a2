"""Which of many shapes covers a point first: a grid of cells that say it at once, and exact tests where they cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, STRtree

NOTHING = -1
UNDECIDED = -2
CELLS = 100_000
"""Cells of a grid, about: with twice as many a million points gain nothing that their making does not cost."""
BESIDE = 2_000
"""Cells beside each other at most, about, where shapes lie in a long row."""
HALVINGS = 4
"""From the largest cells to the smallest."""
HAIR = 1e-9
"""Degrees by which a cell is tested larger than it is, so that no rounding puts a point outside of its own cell."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Cells and the shapes that touch them, by cell and then in the order of the shapes; `inside`: the whole cell lies
    in the shape, and in none that comes before it.
    """

    row: Places
    column: Places
    rank: Places
    inside: NDArray[np.bool_]

    def only(self, which: NDArray[np.bool_]) -> "_Pairs":
        return _Pairs(self.row[which], self.column[which], self.rank[which], self.inside[which])

    def quartered(self) -> "_Pairs":
        """The same shapes with the four quarters of their cells."""
        down, right = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
        row, column = (self.row[:, None] * 2 + down).ravel(), (self.column[:, None] * 2 + right).ravel()
        return _Pairs(row, column, self.rank.repeat(4), self.inside.repeat(4))


class LabelGrid:
    """Shapes in an order; a point belongs to the first that covers it, its border included.

    A cell that lies wholly inside one shape, and touches none that comes before it, gives that shape to every point
    in it; a cell that no shape touches gives none. Large cells are decided first, and only those that could not be are
    divided. Points in the smallest that are still undecided are tested against the shapes that touch their cell.
    """

    def __init__(self, shapes: Sequence[Geometry], *, cells: int = CELLS) -> None:
        self._shapes = np.array(shapes, dtype=object)
        bounds = shapely.bounds(self._shapes)
        there = ~np.isnan(bounds).any(axis=1)
        least, most = (
            (bounds[there, :2].min(axis=0), bounds[there, 2:].max(axis=0)) if there.any() else np.zeros((2, 2))
        )
        width, height = most - least
        self._size = max((width * height / cells) ** 0.5, width / BESIDE, height / BESIDE, HAIR)
        largest = self._size * 2**HALVINGS
        # All around lies a ring of cells that no shape touches, for the points outside.
        self._west, self._south = least - largest
        self._rows, self._columns = (int(extent / largest) + 3 for extent in (height, width))
        shapely.prepare(self._shapes)
        # A prepared shape makes its index when it is asked first: threads that ask together find it made.
        shapely.intersects_xy(self._shapes[there], bounds[there, 0], bounds[there, 1])
        self._labels, left = self._decided(largest)
        self._cell, self._rank, self._inside = left.row * self._columns + left.column, left.rank, left.inside

    def first(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> Places:
        """For each point the place in the order of the first shape that covers it, `NOTHING` where none does."""
        columns = np.clip((lons - self._west) / self._size, 0, self._columns - 1).astype(np.int64)
        rows = np.clip((lats - self._south) / self._size, 0, self._rows - 1).astype(np.int64)
        cells = rows * self._columns + columns
        found: Places = self._labels.ravel()[cells]
        open_ = np.flatnonzero(found == UNDECIDED)
        if len(open_):
            found[open_] = self._tested(cells[open_], lons[open_], lats[open_])
        return found

    def _tested(self, cells: Places, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> Places:
        """The same of points in undecided cells: each is asked of the shapes of its cell in turn, until one has it."""
        found = np.full(len(cells), NOTHING, dtype=np.int64)
        left, pair = np.arange(len(cells)), np.searchsorted(self._cell, cells)
        while len(left):
            covers = self._inside[pair]
            asked = np.flatnonzero(~covers)
            which = left[asked]
            covers[asked] = shapely.intersects_xy(self._shapes[self._rank[pair[asked]]], lons[which], lats[which])
            found[left[covers]] = self._rank[pair[covers]]
            left, pair = left[~covers], pair[~covers] + 1
            more = pair < len(self._cell)
            more[more] = self._cell[pair[more]] == cells[left[more]]
            left, pair = left[more], pair[more]
        return found

    def _decided(self, size: float) -> tuple[Places, _Pairs]:
        """What the smallest cells say, and the shapes of those that say nothing; the largest are of `size`."""
        labels = np.full((self._rows, self._columns), UNDECIDED, dtype=np.int64)
        pairs = self._of_largest(size)
        for halving in range(HALVINGS + 1):
            if halving:
                labels = labels.repeat(2, axis=0).repeat(2, axis=1)
                self._rows, self._columns, size = self._rows * 2, self._columns * 2, size / 2
                pairs = pairs.quartered()
            pairs, told = self._judged(pairs, size)
            labels = np.where(labels == UNDECIDED, told, labels)
            pairs = pairs.only(labels[pairs.row, pairs.column] == UNDECIDED)
        order = np.lexsort((pairs.rank, pairs.column, pairs.row))
        return labels, _Pairs(pairs.row[order], pairs.column[order], pairs.rank[order], pairs.inside[order])

    def _of_largest(self, size: float) -> _Pairs:
        row, column = (one.ravel() for one in np.indices((self._rows, self._columns)))
        cell, rank = STRtree(self._shapes).query(self._boxes(row, column, size))
        return _Pairs(row[cell], column[cell], rank, np.zeros(len(cell), dtype=bool))

    def _judged(self, pairs: _Pairs, size: float) -> tuple[_Pairs, Places]:
        """The pairs whose shapes do touch and can be the first, and what cells say that need no more than them."""
        touched, inside = np.ones(len(pairs.rank), dtype=bool), pairs.inside.copy()
        asked = np.flatnonzero(~inside)
        boxes, shapes = self._boxes(pairs.row[asked], pairs.column[asked], size), self._shapes[pairs.rank[asked]]
        touched[asked] = shapely.intersects(shapes, boxes)
        near = touched[asked]
        inside[asked[near]] = shapely.contains_properly(shapes[near], boxes[near])
        last, first = (np.full((self._rows, self._columns), len(self._shapes)) for _ in range(2))
        np.minimum.at(last, (pairs.row[inside], pairs.column[inside]), pairs.rank[inside])
        may = touched & (pairs.rank <= last[pairs.row, pairs.column])
        left = _Pairs(pairs.row, pairs.column, pairs.rank, inside).only(may)
        np.minimum.at(first, (left.row, left.column), left.rank)
        told = np.where(first == last, first, UNDECIDED)
        return left, np.where(first == len(self._shapes), NOTHING, told)

    def _boxes(self, row: Places, column: Places, size: float) -> NDArray[np.object_]:
        x, y = self._west + column * size, self._south + row * size
        return np.asarray(shapely.box(x - HAIR, y - HAIR, x + size + HAIR, y + size + HAIR))
