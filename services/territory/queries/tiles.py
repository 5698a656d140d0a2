"""Vector tiles: enterprises as their reader may see them, and the units with the figures she may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from services.territory.models import CopyCell, CopyEnterprise
from services.territory.queries.features import Sight, limited
from services.territory.queries.figures import inside
from services.territory.queries.packed import packed, whole_numbers
from services.territory.queries.placing import in_chain
from services.territory.queries.unit_features import facts_of
from services.territory.rules import vector_tiles as mvt
from services.territory.rules.filtering.deciding import GEOMETRY
from services.territory.rules.locating import Municipalities
from services.territory.rules.tiling import (
    BITS,
    DEEPEST_COUNTED,
    bounds_of_tile,
    level_for,
    on_grid,
    range_of_tile,
)
from shared import places
from shared.places import DEPARTMENT, MUNICIPALITY

Tile = tuple[int, int, int]
"""Zoom, column, row."""
MOST_POINTS = 20_000
"""Enterprises in one tile; of more the tile tells numbers by cell."""
NAMED_FROM = 12
"""From this zoom on an enterprise carries its id, so that its record can be opened."""
MUNICIPALITIES_FROM = 7
BUFFER = 64
"""Grid units around a tile in which boundaries are drawn too, so that no seam shows between tiles."""

_C = CopyCell
_T = CopyEnterprise.__table__.c
KEYS = {"exact": "place_key", "masked": "masked_key"}
_FIRST, _LAST = (bindparam(name, type_=BigInteger) for name in ("first", "last"))
_NO_KEYS = np.empty(0, dtype=">i8")
Units = tuple[str, ...] | None
"""The units that bound what is seen; None where nothing does."""
_Which = tuple[str, Units, str | None]
"""By whose sight, in which units, and of which chain."""


def enterprises(session: Session, sight: Sight, units: Sequence[str], tile: Tile, *, chain: str | None) -> bytes:
    """The tile of the enterprises in `units`: numbers by cell on maps of large areas, below them each enterprise."""
    zoom = tile[0]
    whole = limited(units)
    if zoom > DEEPEST_COUNTED:
        points = _points_in(session, (sight.name, whole, chain), tile)
        if points is not None:
            return mvt.encode([_drawn(points, zoom)])
        return mvt.encode([_counted_now(session, (sight.name, whole, chain), tile, zoom + 6)])
    level = level_for(zoom)
    if chain:
        return mvt.encode([_counted_now(session, (sight.name, whole, chain), tile, level)])
    bounds = dict(zip(("first", "last"), range_of_tile(*tile, bits=level), strict=True))
    rows = whole_numbers(session, _cells(whole), {"sight": sight.name, "level": level, **bounds})
    return mvt.encode([_numbers(rows, zoom, level)])


def units(municipalities: Municipalities, codes: frozenset[str], figures: Mapping[str, Any], tile: Tile) -> bytes:
    """The tile of the units among `codes` with their figures: departments, and municipalities from a zoom on. A
    figure that is withheld is left out.
    """
    levels = {"departments": DEPARTMENT} | ({"municipalities": MUNICIPALITY} if tile[0] >= MUNICIPALITIES_FROM else {})
    layers = []
    for name, level in levels.items():
        layer = mvt.Layer(name)
        for code, geometry in _shapes(municipalities, level, tile):
            if code in codes:
                layer.add(geometry, layer.tags({"code": code, "name": places.name_of(code), **figures.get(code, {})}))
        layers.append(layer)
    return mvt.encode(layers)


def live_figures(session: Session, units_asked: Sequence[str]) -> dict[str, dict[str, int]]:
    """Enterprises and women at work in each municipality and department, at this moment."""
    statement = select(_C.municipality, _C.number, _C.women).where(_C.sight == "exact", _C.level == 0)
    if (whole := limited(units_asked)) is not None:
        statement = statement.where(inside(_C.municipality, whole))
    told: dict[str, dict[str, int]] = {}
    for municipality, number, women in session.execute(statement):
        for code in (municipality, municipality[:4]):
            figures = told.setdefault(code, {"enterprises": 0, "women": 0})
            figures["enterprises"] += number
            figures["women"] += women
    return told


@dataclass(frozen=True)
class _Points:
    """Enterprises of a tile, those with the same chain, state and number of women one after the other."""

    shown: Sequence[tuple[str, str, int]]
    each: Sequence[int]
    """How many there are of each."""
    keys: NDArray[np.int64]
    ids: bytes
    """32 hexadecimal digits of each, where the tile names them."""


def _points_in(session: Session, which: _Which, tile: Tile) -> _Points | None:
    """The enterprises in a tile; None where there are too many."""
    named = tile[0] >= NAMED_FROM
    read = _grouped if session.get_bind().dialect.name == "postgresql" else _row_by_row
    groups = read(session, which, _range(tile), named=named)
    keys = [np.frombuffer(one[3], dtype=">i8") for one in groups]
    each = [len(one) for one in keys]
    if sum(each) > MOST_POINTS:
        return None
    ids = b"".join(one[4] for one in groups).hex().encode() if named else b""
    shown = [(one[0], one[1], one[2]) for one in groups]
    return _Points(shown, each, np.concatenate([_NO_KEYS, *keys]).astype(np.int64), ids)


def _grouped(session: Session, which: _Which, asked: Mapping[str, Any], *, named: bool) -> Sequence[Any]:
    """By what is shown of them the enterprises' keys, eight bytes each, and ids."""
    return session.execute(_groups(*which, named=named), asked).all()


def _row_by_row(session: Session, which: _Which, asked: Mapping[str, Any], *, named: bool) -> Sequence[Any]:
    """The same of a database that does not pack bytes."""
    groups: dict[tuple[str, str, int], tuple[list[int], list[bytes]]] = {}
    for key, chain, validation, women, one in session.execute(_points(*which), asked):
        keys, ids = groups.setdefault((chain, validation, women), ([], []))
        keys.append(key)
        ids.append(one.bytes if named else b"")
    return [(*shown, np.array(keys, dtype=">i8").tobytes(), b"".join(ids)) for shown, (keys, ids) in groups.items()]


@lru_cache(maxsize=256)
def _groups(sight: str, units_asked: Units, chain: str | None, *, named: bool) -> Select[Any]:
    rows = _points(sight, units_asked, chain).subquery().c
    shown = rows.chain, rows.validation, rows.jobs_women
    ids = (packed(func.uuid_send(rows.id)),) if named else ()
    return select(*shown, packed(func.int8send(rows.key)), *ids).group_by(*shown)


@lru_cache(maxsize=256)
def _points(sight: str, units_asked: Units, chain: str | None) -> Select[Any]:
    statement = select(_T[KEYS[sight]].label("key"), _T.chain, _T.validation, _T.jobs_women, _T.id)
    return _where(statement, sight, units_asked, chain).limit(MOST_POINTS + 1)


def _counted_now(session: Session, which: _Which, tile: Tile, level: int) -> mvt.Layer:
    """Numbers by cell, counted now."""
    below = {"below": 2 * (BITS - level)}
    rows = whole_numbers(session, _counted(*which), {**_range(tile), **below})
    return _numbers(rows, tile[0], level)


@lru_cache(maxsize=256)
def _counted(sight: str, units_asked: Units, chain: str | None) -> Select[Any]:
    cells = _T[KEYS[sight]].op(">>")(bindparam("below", type_=Integer)).label("cell")
    found = _where(select(cells, _T.jobs_women), sight, units_asked, chain).subquery().c
    return select(found.cell, func.count(), func.sum(found.jobs_women)).group_by(found.cell)


def _where(statement: Select[Any], sight: str, units_asked: Units, chain: str | None) -> Select[Any]:
    statement = statement.where(_T[KEYS[sight]].between(_FIRST, _LAST))
    if units_asked is not None:
        statement = statement.where(inside(_T.municipality, units_asked))
    return statement.where(in_chain(chain)) if chain else statement


def _range(tile: Tile) -> dict[str, int]:
    return dict(zip(("first", "last"), range_of_tile(*tile), strict=True))


@lru_cache(maxsize=256)
def _cells(units_asked: Units) -> Select[Any]:
    """Numbers by cell as they are kept."""
    told: list[Any] = [_C.cell, func.sum(_C.number), func.sum(_C.women)]
    statement = select(*told).where(
        _C.sight == bindparam("sight"), _C.level == bindparam("level"), _C.cell.between(_FIRST, _LAST)
    )
    if units_asked is not None:
        statement = statement.where(inside(_C.municipality, units_asked))
    return statement.group_by(_C.cell)


def _drawn(points: _Points, zoom: int) -> mvt.Layer:
    layer = mvt.Layer("enterprises")
    which = np.repeat(np.arange(len(points.each)), points.each)
    properties = {
        name: np.array([layer.number_of(one[place]) for one in points.shown], dtype=np.int64)[which]
        for place, name in enumerate(("chain", "validation", "women"))
    }
    if zoom >= NAMED_FROM:
        properties["id"] = layer.numbers_of_ids(points.ids)
    x, y = on_grid(points.keys, zoom, mvt.EXTENT)
    layer.add_points(x, y, properties)
    return layer


def _numbers(rows: NDArray[np.int64], zoom: int, level: int) -> mvt.Layer:
    """Each cell as a point in its middle."""
    layer = mvt.Layer("enterprises")
    properties = {name: layer.numbers_of(rows[:, place]) for place, name in enumerate(("number", "women"), 1)}
    x, y = on_grid(rows[:, 0], zoom, mvt.EXTENT, bits=level)
    layer.add_points(x, y, properties)
    return layer


@lru_cache(maxsize=1_024)
def _shapes(municipalities: Municipalities, level: str, tile: Tile) -> list[tuple[str, bytes]]:
    """The boundaries in a tile, generalised to its grid and clipped to it."""
    zoom, column, row = tile
    bounds_here = bounds_of_tile(zoom, column, row)
    found = []
    for code, shape in _outlines(municipalities, level, zoom):
        west, south, east, north = shapely.bounds(shape)
        beyond = (bounds_here[2] - bounds_here[0]) / 16
        if west > bounds_here[2] + beyond or east < bounds_here[0] - beyond:
            continue
        if south > bounds_here[3] + beyond or north < bounds_here[1] - beyond:
            continue
        (drawn,) = mvt.grid([shape], bounds_here)
        cut = shapely.clip_by_rect(drawn, -BUFFER, -BUFFER, mvt.EXTENT + BUFFER, mvt.EXTENT + BUFFER)
        if geometry := mvt.polygon_commands(cut):
            found.append((code, geometry))
    return found


@lru_cache(maxsize=48)
def _outlines(municipalities: Municipalities, level: str, zoom: int) -> list[tuple[str, Any]]:
    """All boundaries of a level, with no more corners than a zoom shows; neighbours keep a common border."""
    codes = sorted({places.unit_at(boundary.code, level) for boundary in municipalities.under("")})
    shapes = [facts_of(municipalities, code)[GEOMETRY] for code in codes]
    simple = shapely.coverage_simplify(shapes, 360 / (mvt.EXTENT << zoom) * 4)
    return list(zip(codes, simple, strict=True))
