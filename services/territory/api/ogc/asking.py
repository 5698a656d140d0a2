"""What a request of features asks for: box, time, filter and page."""

import re
from datetime import date, datetime
from typing import Any, cast

from services.territory.api.ogc.answers import Format
from services.territory.rules.filtering import MOST_LETTERS, BadFilter, Node, Properties, read_filter
from shared.incoming import parse_json
from shared.kernel import Invalid
from shared.web import Call, Unfit, fields

MOST_FEATURES = 10_000
FILTER_LANGUAGES = ("cql2-text", "cql2-json")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EDGE = r"-?[0-9]{1,6}(\.[0-9]{1,20})?([eE]-[0-9]{1,3})?"
BOX = rf"{EDGE}(,{EDGE}){{3}}((,{EDGE}){{2}})?"
"""Map programs write every digit of a double."""
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T([0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?)?"
"""A day or a moment as RFC 3339 writes it; GDAL writes a day as `2026-03-01T`."""
Box = tuple[float, float, float, float]


class _Limit(fields.Integer):
    """How many features a page has; who asks for more than there may be gets so many."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        most = min(value, MOST_FEATURES) if type(value) is int else value
        return super()._deserialize(most, attr, data, **kwargs)


class _Items(Format):
    limit = _Limit(minimum=1, maximum=MOST_FEATURES)
    after = fields.String(maximum=200)
    bbox = fields.String(pattern=BOX, maximum=200)
    datetime = fields.String(maximum=60)
    filter = fields.String(maximum=MOST_LETTERS)
    crs = fields.Code([CRS84])


ItemsQuery = cast(
    "type[Format]",
    _Items.from_dict(
        {"filter-lang": fields.Code(FILTER_LANGUAGES), "filter-crs": fields.Code([CRS84])}, name="ItemsQuery"
    ),
)
"""`filter` is CQL2 (OGC 21-065r2); `bbox` west,south,east,north, or with heights west,south,low,east,north,high;
`after` comes from the link to the next page.
"""


def box_of(call: Call) -> Box | None:
    """The box asked for, without its heights; one that crosses the 180th meridian has its west in the east. Refuses one
    that is not on earth or upside down.
    """
    given = call.query.get("bbox")
    if given is None:
        return None
    edges = [float(edge) for edge in given.split(",")]
    west, south, east, north = edges if len(edges) == 4 else (*edges[:2], *edges[3:5])
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise Unfit(400, "features.box", value=given)
    return west, south, east, north


def number_after(call: Call) -> int | None:
    """The number after which a page begins, None for the first one."""
    given = call.query.get("after")
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", given, re.ASCII):
        raise Unfit(400, "query.cursor")
    return int(given)


def days_of(call: Call) -> tuple[date | None, date | None]:
    """First and last day of the time asked for: `2026-03-01`, `2026-03-01/2026-03-31`, `../2026-03-31`."""
    given = call.query.get("datetime")
    if given is None:
        return None, None
    parts = given.split("/")
    days = [_day(part, given, open_=len(parts) == 2) for part in parts]
    begin, end = days[0], days[-1]
    if len(days) > 2 or (begin and end and begin > end):
        raise Unfit(400, "features.time", value=given)
    return begin, end


def filter_of(call: Call, properties: Properties) -> Node | None:
    """The filter, checked against what the caller may name."""
    given = call.query.get("filter")
    if given is None:
        return None
    try:
        return read_filter(_plain(given) if _is_json(call, given) else given, properties)
    except BadFilter as bad:
        raise unfit(bad) from None


def unfit(bad: BadFilter) -> Unfit:
    """A bad filter is a bad request."""
    return Unfit(400, bad.code, **bad.facts)


def _is_json(call: Call, given: str) -> bool:
    language = call.query.get("filter-lang")
    return bool(language == "cql2-json" or (language is None and given.lstrip().startswith("{")))


def _plain(given: str) -> Any:
    try:
        read = parse_json(given.encode())
    except Invalid as invalid:
        raise BadFilter("filter.not_json", position=invalid.pointer or 1, expected="CQL2 JSON") from None
    if not isinstance(read, dict):
        raise BadFilter("filter.not_json", position=1, expected="CQL2 JSON")
    return read


def _day(part: str, given: str, *, open_: bool) -> date | None:
    """The day of a time; of an interval's end that is left open, None."""
    if open_ and part in {"", ".."}:
        return None
    try:
        if re.fullmatch(TIME, part, re.ASCII):
            return datetime.fromisoformat(part.upper().removesuffix("T")).date()
    except ValueError:
        pass
    raise Unfit(400, "features.time", value=given)
