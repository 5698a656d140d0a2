"""Counting by cell: a unit, a chain, or a chain in a unit, numbered from 0."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

UNKNOWN = -1
"""Stands for what nobody knows wherever whole numbers from 0 on are expected."""


def whole(name: str, values: ArrayLike, *, least: int = 0, below: int | None = None, rows: int | None = None) -> Ints:
    """The values as int64; refused (ValueError, naming them) are fractions, NaN, another number of `rows`, and values
    outside [`least`, `below`).
    """
    told: NDArray[Any] = np.asarray(values)
    if told.size and told.dtype.kind not in "iub":
        raise ValueError(f"{name}: whole numbers are expected, not {told.dtype}")
    if rows is not None and (told.ndim == 0 or len(told) != rows):
        raise ValueError(f"{name}: {rows} rows are expected, not {told.shape}")
    if told.size and (told.min() < least or (below is not None and told.max() >= below)):
        raise ValueError(f"{name}: a value outside [{least}, {'…' if below is None else below})")
    return told.astype(np.int64)


def flags(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Bools:
    """The values as booleans of this shape; anything else is refused."""
    told: NDArray[Any] = np.asarray(values)
    if told.size == 0:
        told = told.astype(bool)
    if told.dtype.kind != "b" or told.shape != shape:
        raise ValueError(f"{name}: booleans of shape {shape} are expected, not {told.dtype} of {told.shape}")
    return told


def added(cell: Ints, cells: int, values: ArrayLike | None = None) -> Ints:
    """How many rows each cell has, or what their whole-number `values` add up to: [cells]. Exact below 2^53."""
    if values is None:
        return np.bincount(cell, minlength=cells).astype(np.int64)
    return np.rint(np.bincount(cell, weights=np.asarray(values), minlength=cells)).astype(np.int64)


def ratio(part: ArrayLike, all_of: ArrayLike) -> Floats:
    """Part by all; NaN where all is zero."""
    above, below = np.asarray(part, dtype=float), np.asarray(all_of, dtype=float)
    result = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=result, where=below != 0)
    return result
