"""Enterprises as features, page by page along the curve that runs through all places (`rules.tiling`).

Whoever sees masked places asks masked places: no box and no filter of hers is ever held against a true point, so that
a filter tells nothing but what the answers show anyway.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import ColumnElement, Label, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.territory.models import CopyEnterprise
from services.territory.queries.figures import inside, standing
from services.territory.queries.filtering import Columns, may_pass
from services.territory.rules.features import PROPERTIES
from services.territory.rules.filtering import Kind, Node, Properties
from services.territory.rules.filtering.deciding import GEOMETRY, passing
from services.territory.rules.filtering.tree import is_decided, parts_in
from services.territory.rules.tiling import WORLD, ranges_of_box
from shared.kernel import Refused
from shared.web.paging import Page, cursor_of, cursor_values, keyset_page

MOST_LOOKED_AT = 100_000
"""Rows that one page looks at to find those that pass where SQL does not decide; the page after it goes on there."""
MOST_DECIDED = 500_000
"""Parts of filters that one page decides, all its rows together: a long filter looks at fewer rows."""
MOST_OF_A_FILE = 4_000_000
"""Parts of filters that are decided for one file."""
PART = 2_000
EVERYWHERE = frozenset({"GT", "HN", "SV"})

_E = CopyEnterprise


@dataclass(frozen=True)
class Sight:
    """How somebody sees enterprises: which columns say where they are, and what of them she reads."""

    name: str
    key: Label[Any]
    lon: InstrumentedAttribute[float | None]
    lat: InstrumentedAttribute[float | None]
    properties: Properties


SIGHTS: Mapping[str, Sight] = {
    "exact": Sight("exact", _E.place_key.label("key"), _E.lon, _E.lat, PROPERTIES["exact"]),
    "masked": Sight("masked", _E.masked_key.label("key"), _E.masked_lon, _E.masked_lat, PROPERTIES["masked"]),
}
ID = _E.id.label("id")


@dataclass(frozen=True)
class Wanted:
    """Which enterprises are asked for; `units` bound what the caller may see at all."""

    units: Sequence[str]
    equal: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None
    need: str | None = None
    box: tuple[float, float, float, float] | None = None
    days: tuple[date | None, date | None] = (None, None)
    passing: Node | None = None


def filterable(sight: Sight) -> Properties:
    """What a filter may name: what is shown, and the place it is shown at."""
    return {**sight.properties, GEOMETRY: Kind.SHAPE}


def limited(units: Sequence[str]) -> tuple[str, ...] | None:
    """The units that bound what is seen; None where they are everywhere."""
    return None if set(units) >= EVERYWHERE else tuple(units)


def page_of(session: Session, sight: Sight, wanted: Wanted, *, limit: int, after: str | None) -> Page:
    """The next enterprises after a cursor; a page may be shorter than `limit` though there are more."""
    return _page(session, sight, wanted, limit=limit, after=after)[0]


def every(session: Session, sight: Sight, wanted: Wanted, *, most: int) -> Iterator[Mapping[str, Any]]:
    """All of them in order, at most so many; refuses a filter too long for all the rows it would have to decide."""
    after, left, decided = None, most, 0
    while left > 0:
        page, seen = _page(session, sight, wanted, limit=min(left, 10_000), after=after)
        decided += seen * _undecided_parts(wanted)
        if decided > MOST_OF_A_FILE:
            raise Refused("features.too_much_to_decide")
        yield from page.rows
        left -= len(page.rows)
        after = page.next
        if after is None:
            return


def one(session: Session, sight: Sight, units: Sequence[str], enterprise_id: UUID) -> Mapping[str, Any] | None:
    """One enterprise, where the caller sees it."""
    statement = _statement(session, sight, Wanted(units)).where(_E.id == enterprise_id, sight.key.element.is_not(None))
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def conditions(session: Session, sight: Sight, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What SQL decides of who is asked for."""
    units = limited(wanted.units)
    found: list[ColumnElement[bool]] = [] if units is None else [inside(_E.municipality, units)]
    found += [getattr(_E, name) == value for name, value in wanted.equal.items()]
    found += standing(wanted.link, wanted.need)
    if wanted.box:
        west, south, east, north = wanted.box
        between = and_ if west <= east else or_
        found += [between(sight.lon >= west, sight.lon <= east), sight.lat >= south, sight.lat <= north]
    begin, end = wanted.days
    found += [_E.recorded_on >= begin] if begin else []
    found += [_E.recorded_on <= end] if end else []
    if wanted.passing is not None:
        named = {name: getattr(_E, name) for name in sight.properties}
        dialect = session.get_bind().dialect.name
        found.append(may_pass(wanted.passing, Columns(named, sight.lon, sight.lat, dialect)))
    return found


def _statement(session: Session, sight: Sight, wanted: Wanted) -> Select[Any]:
    shown = (getattr(_E, name).label(name) for name in sight.properties)
    columns = (ID, sight.key, sight.lon.label("lon"), sight.lat.label("lat"), *shown)
    return select(*columns).where(*conditions(session, sight, wanted))


def _undecided_parts(wanted: Wanted) -> int:
    """How many parts of the filter have to be decided of every row that SQL gives; 0 where it decides alone."""
    return 0 if wanted.passing is None or is_decided(wanted.passing) else parts_in(wanted.passing)


def _page(session: Session, sight: Sight, wanted: Wanted, *, limit: int, after: str | None) -> tuple[Page, int]:
    """The page, and how many rows it looked at."""
    statement = _statement(session, sight, wanted)
    keys = [sight.key, ID]
    begin = cursor_values(after, keys)[0] if after else 0
    undecided = _undecided_parts(wanted)
    most = min(MOST_LOOKED_AT, MOST_DECIDED // undecided) if undecided else 0
    rows: list[Any] = []
    seen, cursor = 0, after
    for first, last in ranges_of(wanted):
        if last < begin:
            continue
        here = statement.where(sight.key.element.between(first, last))
        while len(rows) <= limit:
            size = max(1, min(PART, most - seen)) if undecided else limit + 1 - len(rows)
            part = keyset_page(session, here, keys=keys, limit=size, after=cursor)
            rows += _decided(wanted.passing, part.rows) if undecided else part.rows
            seen += len(part.rows)
            if part.rows:
                cursor = cursor_of(part.rows[-1], keys)
            if part.next is None:
                break
            if undecided and seen >= most and len(rows) <= limit:
                return Page(rows, cursor), seen
    if len(rows) <= limit:
        return Page(rows), seen
    return Page(rows[:limit], cursor_of(rows[limit - 1], keys)), seen


def ranges_of(wanted: Wanted) -> Sequence[tuple[int, int]]:
    if wanted.box is None:
        return [(0, WORLD * WORLD - 1)]
    west, south, east, north = wanted.box
    return ranges_of_box(west, south, east, north) if west <= east else ranges_of_box(-180, south, 180, north)


def _decided(node: Node | None, rows: Sequence[Any]) -> list[Any]:
    """The rows that pass."""
    if node is None or not rows:
        return list(rows)
    places = shapely.points([row["lon"] for row in rows], [row["lat"] for row in rows])
    told = [{**row, GEOMETRY: place} for row, place in zip(rows, places, strict=True)]
    return [row for row, passes in zip(rows, passing(node, told), strict=True) if passes]
