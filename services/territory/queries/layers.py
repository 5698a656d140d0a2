"""Reference layers: which there are, what is in them, and what analyses take from them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from services.territory.intake.features import MEMORY_MB, SECONDS, as_geopackage
from services.territory.models import LayerFeature, LayerUnit, ReferenceLayer
from services.territory.models.layers import DELETED, READY, ROADS
from services.territory.queries import boundaries, criteria
from shared import places
from shared.identity import EVERYWHERE, Caller
from shared.kernel import NotFound
from shared.sandbox import run_limited

_L, _F = ReferenceLayer, LayerFeature
LAYER_ID = _L.id.label("id")
NUMBER = _F.number.label("number")
_SHOWN = ("kind", "title", "source", "licence", "state", "shape", "features", "sent_by_name", "sent_at", "version")
_SPEED = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)\s*(km/?h|mph)?", re.IGNORECASE)
_MILE = 1.609344
_DIGITS = 6
"""Decimals of a degree: about ten centimetres."""


@dataclass(frozen=True)
class Facilities:
    """Places of one kind: degrees of each, its name (or None), and the titles of the layers they are from. An area is
    represented by a point inside it, a line by one on it.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    names: tuple[str | None, ...]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class RoadLines:
    """Roads as `rules.analysis.roads.roads` takes them: lines in degrees, and km/h of each, NaN where none is told."""

    lines: tuple[Geometry, ...]
    kmh: NDArray[np.float64]
    sources: tuple[str, ...]


def facilities(session: Session, kind: str, units: Sequence[str]) -> Facilities:
    """The markets, banks, schools… of the layers that are of these units, in and just around them; none where nobody
    sent any.
    """
    rows = _around(session, kind, units)
    if not rows:
        return Facilities(np.zeros(0), np.zeros(0), (), ())
    shapes = shapely.from_wkb([row.wkb for row in rows])
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    titles = tuple(dict.fromkeys(row.title for row in rows))
    return Facilities(points[:, 0], points[:, 1], tuple(row.name for row in rows), titles)


def sent(session: Session, kind: str, units: Sequence[str]) -> tuple[UUID, ...]:
    """Which layers of a kind are of these units; what is in a layer never changes."""
    return tuple(session.scalars(select(_L.id).where(_L.kind == kind, _L.state == READY, _of(units)).order_by(_L.id)))


def roads(session: Session, units: Sequence[str]) -> RoadLines:
    """The roads of the layers that are of these units, in and just around them; none where nobody sent any. Speeds are
    those of the column that tells them ("50", "50 km/h", "30 mph"); none beyond what the criteria take for one.
    """
    rows = _around(session, ROADS, units)
    lines = tuple(shapely.from_wkb([row.wkb for row in rows])) if rows else ()
    fastest = limits(session, units)["fastest_kmh"]
    kmh = np.array([_speed(row.properties.get(row.report.get("speed")), fastest) for row in rows], dtype=float)
    return RoadLines(lines, kmh, tuple(dict.fromkeys(row.title for row in rows)))


def limits(session: Session, units: Sequence[str]) -> Mapping[str, Any]:
    """What the criteria of ways say of these units: how far around them facilities and roads are still theirs (the next
    market may be across the border), and which speed is none.
    """
    return criteria.judging(session, "reach", units).values


def _speed(value: object, fastest: float) -> float:
    found = _SPEED.fullmatch(str(value).strip()) if value is not None else None
    if found is None:
        return np.nan
    kmh = float(found[1]) * (_MILE if (found[2] or "").lower() == "mph" else 1.0)
    return kmh if 0 < kmh <= fastest else np.nan


def _around(session: Session, kind: str, units: Sequence[str]) -> Sequence[Any]:
    if not units:
        return []
    west, south, east, north = boundaries.box(boundaries.in_force(session), tuple(units))
    around = limits(session, units)["around_degrees"]
    statement = (
        select(_F.name, _F.wkb, _F.properties, _L.title, _L.report)
        .join(_L, _L.id == _F.layer_id)
        .where(
            _L.kind == kind,
            _L.state == READY,
            _of(units),
            _F.west <= east + around,
            _F.east >= west - around,
            _F.south <= north + around,
            _F.north >= south - around,
        )
        .order_by(_L.id, _F.number)
    )
    return session.execute(statement).all()


def _of(units: Iterable[str]) -> ColumnElement[bool]:
    """Whether a layer is of one of these units, of a part of one, or of what one lies in."""
    asked = sorted(set(units))
    inside = [LayerUnit.unit.startswith(unit, autoescape=True) for unit in asked]
    return _L.id.in_(select(LayerUnit.layer_id).where(or_(LayerUnit.unit.in_(places.around(*asked)), *inside)))


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Whether a layer is of the caller's territory, of a part of it, or of what it lies in."""
    if EVERYWHERE in caller.scope.units:
        return _L.state != DELETED
    if not caller.scope.units:
        return false()
    return and_(_L.state != DELETED, _of(caller.scope.units))


def list_layers(caller: Caller, kind: str | None) -> Select[Any]:
    """The layers that the caller may read."""
    statement = select(LAYER_ID, *(getattr(_L, name).label(name) for name in _SHOWN)).where(seen_by(caller))
    return statement.where(_L.kind == kind) if kind else statement


def layer_for(session: Session, caller: Caller, layer_id: UUID) -> ReferenceLayer:
    """One layer; there is none outside the caller's territory."""
    found = session.scalar(select(_L).where(_L.id == layer_id, seen_by(caller)))
    if found is None:
        raise NotFound("layers.unknown")
    return found


def layer_row(layer: ReferenceLayer) -> dict[str, Any]:
    """A layer as it is listed, with its units."""
    return {"id": layer.id, "units": [one.unit for one in layer.units],
            **{name: getattr(layer, name) for name in _SHOWN}}  # fmt: skip


def units_of(session: Session, layers: Iterable[UUID]) -> Mapping[UUID, list[str]]:
    """The units of some layers."""
    found: dict[UUID, list[str]] = {layer: [] for layer in layers}
    rows = session.execute(select(LayerUnit.layer_id, LayerUnit.unit).where(LayerUnit.layer_id.in_(list(found))))
    for layer, unit in sorted(rows.all()):
        found[layer].append(unit)
    return found


def features_of(layer_id: UUID) -> Select[Any]:
    """The features of a layer, without their shapes."""
    box = [getattr(_F, name).label(name) for name in ("west", "south", "east", "north")]
    return select(NUMBER, _F.name.label("name"), _F.properties.label("properties"), *box).where(_F.layer_id == layer_id)


def shapes_of(session: Session, layer_id: UUID) -> list[Geometry]:
    """The shapes of a layer, in order."""
    rows = session.scalars(select(_F.wkb).where(_F.layer_id == layer_id).order_by(_F.number)).all()
    return list(shapely.from_wkb(rows)) if rows else []


def as_geojson(session: Session, layer: ReferenceLayer) -> bytes:
    """The layer as a FeatureCollection (RFC 7946), with its title, source and licence."""
    rows = session.execute(_whole(layer.id)).all()
    shapes = [shapely.to_geojson(shapely.from_wkb(row.wkb)) for row in rows]
    about = {"name": layer.title, "source": layer.source, "licence": layer.licence}
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)[:-1]
    features = (
        f'{{"type":"Feature","id":{row.number},"properties":{json.dumps(row.properties, ensure_ascii=False)},'
        f'"geometry":{shape}}}'
        for row, shape in zip(rows, shapes, strict=True)
    )
    return "".join((head, ',"features":[\n', ",\n".join(features), "\n]}\n")).encode()


def table_of(session: Session, layer: ReferenceLayer) -> tuple[list[str], list[list[Any]]]:
    """The columns of the layer's file, and of each feature its number, what stands in them, and the longitude and
    latitude of a point that represents it, as `facilities` does.
    """
    columns = list(layer.report.get("columns", ()))
    rows = session.execute(_whole(layer.id)).all()
    points = shapely.get_coordinates(shapely.point_on_surface(shapely.from_wkb([row.wkb for row in rows])))
    told = zip(rows, np.round(points, _DIGITS).tolist(), strict=True)
    return columns, [[row.number, *map(row.properties.get, columns), lon, lat] for row, (lon, lat) in told]


def geopackage_of(session: Session, layer: ReferenceLayer) -> bytes:
    """The layer as a GeoPackage, written in a child process: GDAL stays out of the service's own."""
    rows = [[row.name, row.wkb, dict(row.properties)] for row in session.execute(_whole(layer.id))]
    columns = list(layer.report.get("columns", ()))
    return run_limited(as_geopackage, layer.title, rows, columns, seconds=SECONDS, memory_mb=MEMORY_MB)


def _whole(layer_id: UUID) -> Select[Any]:
    return select(_F.number, _F.name, _F.wkb, _F.properties).where(_F.layer_id == layer_id).order_by(_F.number)
