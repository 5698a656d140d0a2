"""What people go to: given places, or the centres of municipalities; and the roads that lead there, where known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries.views import Selection
from services.territory.rules.analysis.roads import Roads
from shared import places
from shared.kernel import Invalid

MOST = 200


@dataclass(frozen=True)
class Facilities:
    """Places to go to, `(f,)`; `kind`: `given`, or `seats`, the centres of municipalities."""

    kind: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


def facilities(selection: Selection, at: Sequence[str] | None) -> Facilities:
    """The given places (`lon:lat`), or without any the centre of every municipality of the selection. Refuses what is
    not on earth.
    """
    if not at:
        return seats(selection.municipalities)
    lon, lat = (np.array(part, float) for part in zip(*(_degrees(one) for one in at), strict=True))
    return Facilities("given", tuple(at), tuple(one.replace(":", ", ") for one in at), lon, lat)


def seats(municipalities: Sequence[str]) -> Facilities:
    """The centres of these municipalities."""
    known = reference.municipalities()
    return Facilities(
        "seats", tuple(municipalities), tuple(places.full_name(code) for code in municipalities),
        np.array([known[code].lon for code in municipalities]), np.array([known[code].lat for code in municipalities]),
    )  # fmt: skip


def roads(session: Session, selection: Selection) -> Roads | None:
    """The network of the roads uploaded for the selection; None while there are none."""
    del session, selection
    return None


def _degrees(told: str) -> tuple[float, float]:
    try:
        lon, lat = map(float, told.split(":"))
    except ValueError:
        lon, lat = 999.0, 999.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid("analysis.not_on_earth", pointer="/at", place=told[:25])
    return lon, lat
