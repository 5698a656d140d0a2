"""Pages of enterprises as they stand ready: asked for by place alone, they are read as one text.

Same order, same cursors and same sights as `queries.features`, which answers whatever else is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, String, Uuid, bindparam, cast, column, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from services.territory.models import CopyFeature
from services.territory.queries.features import ID, Sight, Wanted, limited, ranges_of
from services.territory.queries.figures import inside
from services.territory.rules.features import BETWEEN, last_of
from services.territory.rules.tiling import tile_key
from shared.web.paging import cursor_of, cursor_values

_F = CopyFeature.__table__.c
_FIRST = -1, UUID(int=0)
"""What stands before every place."""


@dataclass(frozen=True)
class ReadyPage:
    """Features as text, with `BETWEEN` between them, how many, and the cursor that the next page begins after."""

    texts: str
    number: int
    next: str | None


def is_ready(wanted: Wanted) -> bool:
    """Whether units and a box are all that is asked for; one across the date line is not."""
    return wanted == Wanted(wanted.units, box=wanted.box) and (wanted.box is None or wanted.box[0] <= wanted.box[2])


def page_of(session: Session, sight: Sight, wanted: Wanted, *, limit: int, after: str | None) -> ReadyPage:
    """The next enterprises after a cursor."""
    keys = [sight.key, ID]
    key, this = cursor_values(after, keys) if after else _FIRST
    ranges = [(max(first, key), last) for first, last in ranges_of(wanted) if last >= key]
    units = limited(wanted.units)
    asked = {"sight": sight.name, "key": key, "this": this}
    if wanted.box:
        asked |= dict(zip(("west", "south", "east", "north"), wanted.box, strict=True))
    texts, number = _read(session, units, ranges, asked, limit + 1)
    if number <= limit:
        return ReadyPage(texts, number, None)
    texts = texts.rpartition(BETWEEN)[0]
    lon, lat, last = last_of(texts)
    return ReadyPage(texts, limit, cursor_of({"key": tile_key(lon, lat), "id": UUID(last)}, keys))


def _read(
    session: Session,
    units: tuple[str, ...] | None,
    ranges: Sequence[tuple[int, int]],
    asked: Mapping[str, Any],
    most: int,
) -> tuple[str, int]:
    """The first texts in the ranges, at most so many. PostgreSQL goes from one range to the next by itself; SQLite,
    which is no journey away, is asked for each.
    """
    boxed, dialect = "west" in asked, session.get_bind().dialect.name
    if len(ranges) > 1 and dialect == "postgresql":
        firsts, lasts = (f"{{{','.join(map(str, ends))}}}" for ends in zip(*ranges, strict=True))
        given = {**asked, "firsts": firsts, "lasts": lasts, "most": most}
        texts, number = session.execute(_through_all(units, boxed=boxed), given).one()
        return texts or "", number
    parts, left = [], most
    for first, last in ranges:
        given = {**asked, "first": first, "last": last, "most": left}
        texts, number = session.execute(_through_one(units, dialect, boxed=boxed), given).one()
        if number:
            parts.append(texts)
        left -= number
        if not left:
            break
    return BETWEEN.join(parts), most - left


@lru_cache(maxsize=256)
def _through_all(units: tuple[str, ...] | None, *, boxed: bool) -> Select[str, int]:
    """From range to range in their order, no further than needed; those of a range come in its own order."""
    firsts, lasts = (cast(bindparam(name, type_=String), ARRAY(BigInteger)) for name in ("firsts", "lasts"))
    ranges = (
        func.unnest(firsts, lasts)
        .table_valued(column("first", BigInteger), column("last", BigInteger), with_ordinality="turn")
        .render_derived("ranges")
    )
    here = _features(units, ranges.c.first, ranges.c.last, boxed=boxed).lateral("here")
    found = select(here.c.told).select_from(ranges.join(here, true()))
    found = found.order_by(ranges.c.turn).limit(bindparam("most", type_=Integer))
    return _as_one(found, "postgresql")


@lru_cache(maxsize=256)
def _through_one(units: tuple[str, ...] | None, dialect: str, *, boxed: bool) -> Select[str, int]:
    first, last = (bindparam(name, type_=BigInteger) for name in ("first", "last"))
    return _as_one(_features(units, first, last, boxed=boxed).with_only_columns(_F.told), dialect)


def _features(units: tuple[str, ...] | None, first: Any, last: Any, *, boxed: bool) -> Select[Any]:
    """The features of a range that are asked for, in the order of pages; no range begins before the cursor's place."""
    is_after = or_(_F.key > bindparam("key", type_=BigInteger), _F.id > bindparam("this", type_=Uuid()))
    found = select(_F.key, _F.id, _F.told).where(_F.sight == bindparam("sight"), _F.key.between(first, last), is_after)
    if units is not None:
        found = found.where(inside(_F.municipality, units))
    if boxed:
        found = found.where(
            _F.lon >= bindparam("west"), _F.lon <= bindparam("east"),
            _F.lat >= bindparam("south"), _F.lat <= bindparam("north"),
        )  # fmt: skip
    return found.order_by(_F.key, _F.id).limit(bindparam("most", type_=Integer))


def _as_one(found: Select[Any], dialect: str) -> Select[str, int]:
    """The texts of rows that come in order, in that order, and how many."""
    told = found.subquery().c.told
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    return select(joined(told, BETWEEN), func.count())
