"""What a request of features asks for: box, time, filter and page."""

from datetime import date, datetime
from typing import Any, cast

from services.territory.api.ogc.answers import Format
from services.territory.rules.filtering import MOST_LETTERS, BadFilter, Node, Properties, read_filter
from shared.kernel import Invalid
from shared.web import Call, Unfit, fields
from shared.web.body import parse_json

MOST_FEATURES = 10_000
FILTER_LANGUAGES = ("cql2-text", "cql2-json")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
BOX = r"-?[0-9]{1,3}(\.[0-9]{1,15})?(,-?[0-9]{1,3}(\.[0-9]{1,15})?){3}"
Box = tuple[float, float, float, float]


class _Items(Format):
    limit = fields.Integer(minimum=1, maximum=MOST_FEATURES)
    after = fields.String(maximum=200)
    bbox = fields.String(pattern=BOX, maximum=90)
    filter = fields.String(maximum=MOST_LETTERS)
    crs = fields.Code([CRS84])


ItemsQuery = cast(
    "type[Format]",
    _Items.from_dict(
        {"filter-lang": fields.Code(FILTER_LANGUAGES), "filter-crs": fields.Code([CRS84])}, name="ItemsQuery"
    ),
)
"""`filter` is CQL2 (OGC 21-065r2); `bbox` west,south,east,north; `after` comes from the link to the next page."""


def box_of(call: Call) -> Box | None:
    """The box asked for; refuses one that is not on earth or turned inside out."""
    given = call.query.get("bbox")
    if given is None:
        return None
    west, south, east, north = map(float, given.split(","))
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Unfit(400, "features.box", value=given)
    return west, south, east, north


def days_of(call: Call) -> tuple[date | None, date | None]:
    """First and last day of the time asked for: `2026-03-01`, `2026-03-01/2026-03-31`, `../2026-03-31`."""
    given = call.query.get("datetime")
    if given is None:
        return None, None
    parts = given.split("/")
    begin, end = (_day(part, given) for part in (parts if len(parts) > 1 else parts * 2))
    if begin and end and begin > end:
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


def _day(part: str, given: str) -> date | None:
    if part in {"", ".."}:
        return None
    try:
        return date.fromisoformat(part) if len(part) == 10 else datetime.fromisoformat(part).date()
    except ValueError:
        raise Unfit(400, "features.time", value=given) from None
