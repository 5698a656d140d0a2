"""What people go to: given places, those of a layer, or municipal centres; and the roads that lead there, if known."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models.layers import KINDS, ROADS
from services.territory.queries import layers
from services.territory.queries.views import Selection
from services.territory.rules.analysis import roads as networks
from services.territory.rules.analysis.roads import Roads
from shared import places
from shared.kernel import Invalid, Refused

MOST = 200
TO = tuple(kind for kind in KINDS if kind != ROADS)
"""The kinds of layer whose places one can go to."""
_KEPT = 4
_kept: OrderedDict[tuple[Any, ...], Roads] = OrderedDict()
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Facilities:
    """Places to go to, `(f,)`; `kind`: `given`, `layer` (with the titles of the layers in `sources`), or `seats`, the
    centres of municipalities.
    """

    kind: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    sources: tuple[str, ...] = ()


def facilities(session: Session, selection: Selection, at: Sequence[str] | None, to: str | None) -> Facilities:
    """The given places (`lon:lat`), else those of the layers of the kind `to`, or without either the centre of every
    municipality of the selection. Refuses what is not on earth, and a kind of which nobody sent a layer.
    """
    if not at:
        return of_layers(session, selection, to) if to else seats(selection.municipalities)
    lon, lat = (np.array(part, float) for part in zip(*(_degrees(one) for one in at), strict=True))
    return Facilities("given", tuple(at), tuple(one.replace(":", ", ") for one in at), lon, lat)


def of_layers(session: Session, selection: Selection, kind: str) -> Facilities:
    """The places of the layers of this kind that are of the selection; refuses a kind of which there are none."""
    found = layers.facilities(session, kind, selection.units)
    if not len(found):
        raise Refused("analysis.no_layer", place=selection.title)
    places_of = zip(found.lon.tolist(), found.lat.tolist(), strict=True)
    codes = tuple(f"{lon:.5f}, {lat:.5f}" for lon, lat in places_of)
    names = tuple(name or code for name, code in zip(found.names, codes, strict=True))
    return Facilities("layer", codes, names, found.lon, found.lat, found.sources)


def seats(municipalities: Sequence[str]) -> Facilities:
    """The centres of these municipalities."""
    known = reference.municipalities()
    return Facilities(
        "seats", tuple(municipalities), tuple(places.full_name(code) for code in municipalities),
        np.array([known[code].lon for code in municipalities]), np.array([known[code].lat for code in municipalities]),
    )  # fmt: skip


def roads(session: Session, selection: Selection) -> Roads | None:
    """The network of the roads sent for the selection, kept until another layer is; None while there are none."""
    sent = layers.sent(session, ROADS, selection.units)
    if not sent:
        return None
    judged = layers.limits(session, selection.units)
    key = (str(session.get_bind().engine.url), selection.units, sent, judged["around_degrees"], judged["fastest_kmh"])
    with _one_at_a_time:
        if key not in _kept:
            lines = layers.roads(session, selection.units).lines
            if not lines:
                return None
            _kept[key] = networks.roads(lines)
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _degrees(told: str) -> tuple[float, float]:
    try:
        lon, lat = map(float, told.split(":"))
    except ValueError:
        lon, lat = 999.0, 999.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid("analysis.not_on_earth", pointer="/at", place=told[:25])
    return lon, lat
