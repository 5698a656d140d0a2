"""The features of an uploaded layer as the standard doors show them: pages, filters and tiles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from shapely import Geometry
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from services.territory.models import LayerFeature, ReferenceLayer
from services.territory.models.layers import POINT, READY
from services.territory.queries.features import MOST_DECIDED, MOST_OF_A_FILE
from services.territory.queries.tiles import BUFFER, Tile
from services.territory.rules import vector_tiles as mvt
from services.territory.rules.filtering import Kind, Node, Properties
from services.territory.rules.filtering.deciding import GEOMETRY, passing
from services.territory.rules.filtering.tree import parts_in
from services.territory.rules.tiling import Box, bounds_of_tile, boxes_of, frame_of
from shared.kernel import Refused

_F = LayerFeature
_LOOKED_INTO = 200
"""Features by which the kind of a column is told."""
_PART = 1_000
MOST_IN_A_TILE = 20_000


@dataclass(frozen=True)
class Asked:
    """Which features of a layer are asked for."""

    layer: ReferenceLayer
    kinds: Properties
    box: Box | None = None
    node: Node | None = None


def kinds_of(session: Session, layer: ReferenceLayer) -> Properties:
    """The columns of a layer and what stands in them, by its first features: a number, a truth, else text."""
    statement = select(_F.properties).where(_F.layer_id == layer.id).order_by(_F.number).limit(_LOOKED_INTO)
    rows = session.scalars(statement).all()
    found = {}
    for name in layer.report.get("columns", ()):
        values = [row[name] for row in rows if row.get(name) is not None]
        found[name] = _kind(values)
    return {name: kind for name, kind in found.items() if name != GEOMETRY}


def filterable(kinds: Properties) -> Properties:
    """What a filter may name: the columns, and the shape."""
    return {**kinds, GEOMETRY: Kind.SHAPE}


def kinds_of_file(rows: Sequence[Mapping[str, Any]], kinds: Properties) -> Properties:
    """What the columns of a file hold, so that nothing that is shown is lost: text where a value is of another kind."""
    return {
        name: Kind.TEXT
        if any(row["decided"][name] is None and row["properties"].get(name) is not None for row in rows)
        else kind
        for name, kind in kinds.items()
    }


def page_of(session: Session, asked: Asked, *, limit: int, after: int) -> tuple[list[dict[str, Any]], int | None]:
    """The next features after a number, in order, and the number after which the next page begins (None: this is the
    last). A page may be shorter than `limit` though there are more.
    """
    rows: list[dict[str, Any]] = []
    last, looked_at = after, 0
    most = max(_PART, MOST_DECIDED // parts_in(asked.node)) if asked.node else MOST_OF_A_FILE
    while len(rows) <= limit:
        part = _part(session, asked, last)
        rows += _passing(asked, part)
        looked_at += len(part)
        if len(part) < _PART:
            break
        last = part[-1]["number"]
        if looked_at >= most and len(rows) <= limit:
            return rows, last
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], rows[limit - 1]["number"]


def every(session: Session, asked: Asked) -> Iterator[dict[str, Any]]:
    """All of them in order; refuses a filter too long for all that it would have to decide."""
    if asked.node and asked.layer.features * parts_in(asked.node) > MOST_OF_A_FILE:
        raise Refused("features.too_much_to_decide")
    after: int | None = -1
    while after is not None:
        rows, after = page_of(session, asked, limit=_PART, after=after)
        yield from rows


def one(session: Session, asked: Asked, number: int) -> dict[str, Any] | None:
    """One feature by its number."""
    row = session.execute(_statement(asked).where(_F.number == number)).mappings().one_or_none()
    return None if row is None else _row(dict(row), shapely.from_wkb(row["wkb"]), asked.kinds)


def tile_of(session: Session, layer: ReferenceLayer, tile: Tile) -> bytes:
    """The tile of a layer: each feature with its number and name, of very many those that come first in the file."""
    bounds = bounds_of_tile(*tile)
    beyond = (bounds[2] - bounds[0]) * BUFFER / mvt.EXTENT
    box = (bounds[0] - beyond, bounds[1] - beyond, bounds[2] + beyond, bounds[3] + beyond)
    rows = session.execute(_inside(_statement(Asked(layer, {})), box).limit(MOST_IN_A_TILE)).all()
    made = mvt.Layer("features")
    if rows:
        placed = mvt.grid(list(shapely.from_wkb([row.wkb for row in rows])), bounds)
        tags = [made.tags({"number": row.number, "name": row.name}) for row in rows]
        (_add_points if layer.shape == POINT else _add_shapes)(made, placed, tags)
    return mvt.encode([made])


def _add_points(made: mvt.Layer, placed: Any, tags: Sequence[bytes]) -> None:
    corners, which = shapely.get_coordinates(placed, return_index=True)
    here = np.all((corners >= 0) & (corners < mvt.EXTENT), axis=1)
    for (x, y), number in zip(np.floor(corners[here]).astype(int).tolist(), which[here].tolist(), strict=True):
        made.add(mvt.point_commands(x, y), tags[number], kind=mvt.POINT)


def _add_shapes(made: mvt.Layer, placed: Any, tags: Sequence[bytes]) -> None:
    cut = shapely.clip_by_rect(placed, -BUFFER, -BUFFER, mvt.EXTENT + BUFFER, mvt.EXTENT + BUFFER)
    for shape, told in zip(cut, tags, strict=True):
        kind, commands = _commands(shape)
        if commands:
            made.add(commands, told, kind=kind)


def _commands(shape: Geometry) -> tuple[int, bytes]:
    if shapely.get_dimensions(shape) == 2:
        return mvt.POLYGON, mvt.polygon_commands(shape)
    return mvt.LINE, mvt.line_commands(shape)


def _kind(values: Sequence[object]) -> Kind:
    if values and all(isinstance(value, bool) for value in values):
        return Kind.TRUTH
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return Kind.NUMBER
    return Kind.TEXT


def _statement(asked: Asked) -> Select[Any]:
    columns = (_F.number.label("number"), _F.name.label("name"), _F.wkb.label("wkb"), _F.properties.label("properties"))
    return select(*columns).where(_F.layer_id == asked.layer.id).order_by(_F.number)


def _inside(statement: Select[Any], box: Box | None) -> Select[Any]:
    if box is None:
        return statement
    parts = (
        and_(_F.west <= east, _F.east >= west, _F.south <= north, _F.north >= south)
        for west, south, east, north in boxes_of(box)
    )
    return statement.where(or_(*parts))


def _part(session: Session, asked: Asked, after: int) -> list[dict[str, Any]]:
    statement = _inside(_statement(asked), asked.box).where(_F.number > after).limit(_PART)
    rows = session.execute(statement).mappings().all()
    shapes: list[Geometry] = list(shapely.from_wkb([row["wkb"] for row in rows])) if rows else []
    return [_row(dict(row), shape, asked.kinds) for row, shape in zip(rows, shapes, strict=True)]


def _row(row: dict[str, Any], shape: Geometry, kinds: Properties) -> dict[str, Any]:
    """The feature with its columns as their kinds are; a value of another kind is unknown to a filter."""
    told: Mapping[str, Any] = row["properties"]
    return {
        "number": row["number"],
        "shape": shape,
        "properties": dict(told),
        "decided": {name: as_kind(kind, told.get(name)) for name, kind in kinds.items()},
    }


def as_kind(kind: Kind, value: Any) -> Any:
    """The value as a column of this kind holds it; None where it is of another one."""
    if value is None or kind is Kind.TEXT:
        return None if value is None else str(value)
    if kind is Kind.TRUTH:
        return value if isinstance(value, bool) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _passing(asked: Asked, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if asked.box is not None:
        frame = frame_of(asked.box)
        rows = [row for row in rows if shapely.intersects(row["shape"], frame)]
    if asked.node is None or not rows:
        return rows
    told = [{**row["decided"], GEOMETRY: row["shape"]} for row in rows]
    return [row for row, passes in zip(rows, passing(asked.node, told), strict=True) if passes]


def seen_layers(session: Session, condition: Any) -> list[ReferenceLayer]:
    """The layers that can be shown, the latest first."""
    statement = select(ReferenceLayer).where(condition, ReferenceLayer.state == READY)
    return list(session.scalars(statement.order_by(ReferenceLayer.id.desc())))


def layer_of(session: Session, condition: Any, layer_id: UUID) -> ReferenceLayer | None:
    """One of them."""
    statement = select(ReferenceLayer).where(condition, ReferenceLayer.state == READY, ReferenceLayer.id == layer_id)
    return session.scalar(statement)
