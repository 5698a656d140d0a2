"""Which of many shapes covers a point first: a grid of cells that say it at once, and exact tests where they cannot."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry, STRtree

NOTHING = -1
UNDECIDED = -2
CELLS = 400_000
"""Cells of a grid, about: with twice as many a million points gain nothing that their making does not cost."""
HAIR = 1e-9
"""Degrees by which a cell is tested larger than it is, so that no rounding puts a point outside of its own cell."""


class LabelGrid:
    """Shapes in an order; a point belongs to the first that covers it, its border included.

    A cell that lies wholly inside one shape, and touches none that comes before it, gives that shape to every point
    in it; a cell that no shape touches gives none. Points in other cells are tested exactly.
    """

    def __init__(self, shapes: Sequence[Geometry], tree: STRtree, *, cells: int = CELLS) -> None:
        self._tree, self._number = tree, len(shapes)
        bounds = shapely.bounds(np.array(shapes, dtype=object))
        self._west, self._south = (float(edge) for edge in np.nanmin(bounds[:, :2], axis=0))
        east, north = (float(edge) for edge in np.nanmax(bounds[:, 2:], axis=0))
        self._size = max(((east - self._west) * (north - self._south) / cells) ** 0.5, HAIR)
        self._columns = int((east - self._west) / self._size) + 1
        self._rows = int((north - self._south) / self._size) + 1
        self._labels = np.full((self._rows, self._columns), NOTHING, dtype=np.int32)
        for rank in range(len(shapes) - 1, -1, -1):
            self._enter(shapes[rank], rank, bounds[rank])

    def first(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.int64]:
        """For each point the place in the order of the first shape that covers it, `NOTHING` where none does."""
        columns = np.floor((lons - self._west) / self._size).astype(np.int64)
        rows = np.floor((lats - self._south) / self._size).astype(np.int64)
        outside = (columns < 0) | (rows < 0) | (columns >= self._columns) | (rows >= self._rows)
        found: NDArray[np.int64] = self._labels[
            np.clip(rows, 0, self._rows - 1), np.clip(columns, 0, self._columns - 1)
        ].astype(np.int64)
        found[outside] = UNDECIDED
        open_ = np.flatnonzero(found == UNDECIDED)
        if len(open_):
            places, ranks = self._tree.query(shapely.points(lons[open_], lats[open_]), predicate="intersects")
            exact = np.full(len(open_), self._number, dtype=np.int64)
            np.minimum.at(exact, places, ranks)
            found[open_] = np.where(exact == self._number, NOTHING, exact)
        return found

    def _enter(self, shape: Geometry, rank: int, bounds: NDArray[np.float64]) -> None:
        """Shapes are entered from the last to the first: what lies wholly inside one needs none of those after it."""
        if np.isnan(bounds).any():
            return
        left, low = (int((edge - origin) / self._size) for edge, origin in zip(
            bounds[:2], (self._west, self._south), strict=True))  # fmt: skip
        right, high = (int((edge - origin) / self._size) for edge, origin in zip(
            bounds[2:], (self._west, self._south), strict=True))  # fmt: skip
        columns, rows = np.arange(max(left - 1, 0), min(right + 2, self._columns)), np.arange(
            max(low - 1, 0), min(high + 2, self._rows))  # fmt: skip
        x, y = np.meshgrid(self._west + columns * self._size, self._south + rows * self._size)
        boxes = shapely.box(x - HAIR, y - HAIR, x + self._size + HAIR, y + self._size + HAIR)
        shapely.prepare(shape)
        touched = shapely.intersects(shape, boxes)
        inside = shapely.contains_properly(shape, boxes)
        block = self._labels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        block[touched] = UNDECIDED
        block[inside] = rank
