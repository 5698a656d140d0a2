"""Where a record is shown to those who may not know its exact point."""

import hashlib
import math
from uuid import UUID

CELL_DEGREES = 0.02
"""Side of a cell: about 2.2 km, wide enough to hide a home among its neighbours."""


def masked_point(record: UUID, lon: float, lat: float) -> tuple[float, float]:
    """A longitude and latitude in the same cell of the grid, at a place in it that depends on the record alone.

    It tells the cell and nothing more: no key protects it and none can leak, the same record has the same mask in
    every service and every release, so masks do not average out.
    """
    digest = hashlib.sha256(record.bytes).digest()
    across = int.from_bytes(digest[:4]) / 2**32
    up = int.from_bytes(digest[4:8]) / 2**32
    return _placed(lon, across), _placed(lat, up)


def _placed(degrees: float, share: float) -> float:
    # A tiny push keeps a point on the border of two cells in the same cell after rounding.
    cell = math.floor(degrees / CELL_DEGREES + 1e-9)
    return round((cell + share) * CELL_DEGREES, 4)
