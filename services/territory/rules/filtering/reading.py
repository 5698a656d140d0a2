"""Filters as they come, in CQL2 text or JSON, read into a checked tree."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import cql2
import shapely
from shapely import Geometry

from services.territory.rules.filtering.tree import BadFilter, Done, Kind, Named, Node, Properties, Shape, Span, Value

MOST_LETTERS = 8_000
MOST_BRACKETS = 6
"""The grammar of the `cql2` wheel doubles its work with each bracket that is left open: 20 of them take seconds."""
MOST_LEVELS = 24
MOST_PARTS = 500
MOST_CORNERS = 2_000
LARGEST = 1e12
"""Numbers beyond it are no figures of a territory, and what is computed from them leaves the range of a double."""
MOST_POWER = 4

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "div", "^"})
SPATIAL = frozenset({"s_intersects", "s_disjoint", "s_within", "s_contains", "s_equals", "s_touches", "s_crosses",
                     "s_overlaps"})  # fmt: skip
TEMPORAL = frozenset({"t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedby",
                      "t_finishes", "t_intersects", "t_meets", "t_metby", "t_overlappedby", "t_overlaps",
                      "t_startedby", "t_starts"})  # fmt: skip
GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
COLLECTION = "GeometryCollection"
_ORDERED = (Kind.TEXT, Kind.NUMBER, Kind.DAY)
_QUOTED = re.compile(r"'(?:[^']|'')*'?|\"[^\"]*\"?")
_POSITION = re.compile(r"--> ([0-9]+):([0-9]+)")
_EXPECTED = re.compile(r"= (expected .+)", re.DOTALL)


def read_filter(given: str | Mapping[str, Any], properties: Properties) -> Node:
    """The filter as a checked tree: from CQL2 text, or from the JSON object of CQL2 JSON. It names nothing but
    `properties`; what cannot be read, compared or computed is a `BadFilter` with its place.
    """
    text = given if isinstance(given, str) else None
    plain = _parsed(text) if text is not None else given
    reader = _Reader(properties, text)
    node = reader.node(plain, "", 0)
    if node.kind is not Kind.TRUTH:
        raise reader.bad("filter.kind", "", "boolean")
    return node


def _parsed(text: str) -> Any:
    if len(text) > MOST_LETTERS:
        raise BadFilter("filter.too_long", position=MOST_LETTERS, most=MOST_LETTERS)
    depth = 0
    for position, letter in enumerate(_QUOTED.sub(lambda quoted: " " * len(quoted[0]), text), 1):
        depth += (letter == "(") - (letter == ")")
        if depth > MOST_BRACKETS:
            raise BadFilter("filter.too_deep", position=position, most=MOST_BRACKETS)
    try:
        return cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
        told = str(error)
        place, expected = _POSITION.search(told), _EXPECTED.search(told)
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        position = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column
        raise BadFilter(
            "filter.syntax", position=position, expected=(expected[1] if expected else "expected CQL2")[9:300]
        ) from None


class _Reader:
    """Checks a parsed filter part by part; `text` is what it was written as, for telling where something stands."""

    def __init__(self, properties: Properties, text: str | None) -> None:
        self._properties, self._text, self._parts = properties, text, 0

    def node(self, plain: Any, pointer: str, depth: int) -> Node:
        """The part as a node; `pointer` leads to it from the root of the JSON."""
        self._parts += 1
        if depth > MOST_LEVELS or self._parts > MOST_PARTS:
            raise BadFilter("filter.too_deep", position=pointer or 1, most=MOST_LEVELS)
        if isinstance(plain, Mapping):
            return self._object(plain, pointer, depth)
        if isinstance(plain, bool):
            return Value(Kind.TRUTH, plain)
        if isinstance(plain, int | float):
            if not math.isfinite(plain) or abs(plain) > LARGEST:
                raise self.bad("filter.value", pointer, f"-{LARGEST:.0f} … {LARGEST:.0f}", plain)
            return Value(Kind.NUMBER, float(plain))
        if isinstance(plain, str):
            return Value(Kind.TEXT, plain)
        raise self.bad(
            "filter.value", pointer, "a value, a property or an operation", "NULL" if plain is None else "[]"
        )

    def bad(self, code: str, pointer: str, expected: str, given: object = None) -> BadFilter:
        """The refusal of what stands at `pointer`: in text, its first place there; in JSON, the pointer itself."""
        told = "" if given is None else f"{given:g}" if isinstance(given, float) else str(given)[:60]
        place: object = pointer or "/"
        if self._text is not None:
            found = re.search(rf"(?<![\w]){re.escape(told)}(?![\w])", self._text, re.IGNORECASE) if told else None
            place = (found.start() if found else 0) + 1
        return BadFilter(code, position=place, expected=expected, given=told)

    def _object(self, plain: Mapping[str, Any], pointer: str, depth: int) -> Node:
        keys = set(plain)
        if keys == {"op", "args"} and isinstance(plain["op"], str) and isinstance(plain["args"], list):
            return self._operation(plain["op"], plain["args"], f"{pointer}/args", depth)
        if keys == {"property"} and isinstance(plain["property"], str):
            kind = self._properties.get(plain["property"])
            if kind is None:
                raise self.bad("filter.property", pointer, ", ".join(sorted(self._properties)), plain["property"])
            return Named(kind, plain["property"])
        if keys in ({"date"}, {"timestamp"}):
            return Value(Kind.DAY, self._day(next(iter(plain.values())), pointer))
        if keys == {"interval"} and isinstance(plain["interval"], list) and len(plain["interval"]) == 2:
            begin, end = (self._edge(one, f"{pointer}/interval", depth) for one in plain["interval"])
            self._in_order(begin, end, pointer)
            return Span(begin, end)
        if keys == {"bbox"} or ("type" in keys and not keys.isdisjoint({"coordinates", "geometries"})):
            return self._shape(plain, pointer)
        raise self.bad("filter.value", pointer, "op and args, property, date, timestamp, interval, bbox or a geometry",
                       "/".join(sorted(map(str, keys))))  # fmt: skip

    def _operation(self, name: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        op = name.lower()
        read = self._READERS.get(op)
        if read is None:
            raise self.bad("filter.operator", pointer, ", ".join(sorted(self._READERS)), name)
        return read(self, op, plain, pointer, depth + 1)

    def _nodes(self, op: str, plain: Sequence[Any], pointer: str, depth: int, number: int) -> list[Node]:
        if len(plain) != number:
            raise self.bad("filter.arguments", pointer, str(number), op)
        return [self.node(one, f"{pointer}/{place}", depth) for place, one in enumerate(plain)]

    def _require(self, node: Node, pointer: str, *kinds: Kind) -> None:
        if node.kind not in kinds:
            given = node.name if isinstance(node, Named) else node.value if isinstance(node, Value) else None
            raise self.bad("filter.kind", pointer, " | ".join(kind.value for kind in kinds), given)

    def _logic(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        if len(plain) < 2:
            raise self.bad("filter.arguments", pointer, "2", op)
        nodes = [self.node(one, f"{pointer}/{place}", depth) for place, one in enumerate(plain)]
        for node in nodes:
            self._require(node, pointer, Kind.TRUTH)
        return Done(op, tuple(nodes))

    def _not(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        (inner,) = self._nodes(op, plain, pointer, depth, 1)
        self._require(inner, pointer, Kind.TRUTH)
        return Done(op, (inner,))

    def _comparison(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        nodes = self._nodes(op, plain, pointer, depth, 2)
        kinds = (*_ORDERED, Kind.TRUTH) if op in {"=", "<>"} else _ORDERED
        self._require(nodes[0], f"{pointer}/0", *kinds)
        self._require(nodes[1], f"{pointer}/1", nodes[0].kind)
        return Done(op, tuple(nodes))

    def _between(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        nodes = self._nodes(op, plain, pointer, depth, 3)
        self._require(nodes[0], f"{pointer}/0", *_ORDERED)
        for place in (1, 2):
            self._require(nodes[place], f"{pointer}/{place}", nodes[0].kind)
        return Done(op, tuple(nodes))

    def _like(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        nodes = self._nodes(op, plain, pointer, depth, 2)
        self._require(nodes[0], f"{pointer}/0", Kind.TEXT)
        pattern = nodes[1]
        while isinstance(pattern, Done) and pattern.op in {"casei", "accenti"}:
            pattern = pattern.args[0]
        if not isinstance(pattern, Value) or pattern.kind is not Kind.TEXT:
            raise self.bad("filter.kind", f"{pointer}/1", "'…%'")
        return Done(op, tuple(nodes))

    def _in(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        if len(plain) != 2 or not isinstance(plain[1], list) or not plain[1]:
            raise self.bad("filter.arguments", pointer, "(…, …)", op)
        sought = self.node(plain[0], f"{pointer}/0", depth)
        self._require(sought, f"{pointer}/0", *_ORDERED)
        among = [self.node(one, f"{pointer}/1/{place}", depth) for place, one in enumerate(plain[1])]
        for node in among:
            self._require(node, f"{pointer}/1", sought.kind)
        return Done(op, (sought, *among))

    def _is_null(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        (inner,) = self._nodes(op, plain, pointer, depth, 1)
        if not isinstance(inner, Named):
            raise self.bad("filter.value", pointer, "a property")
        return Done(op, (inner,))

    def _folded(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        (inner,) = self._nodes(op, plain, pointer, depth, 1)
        self._require(inner, pointer, Kind.TEXT)
        return Done(op, (inner,), Kind.TEXT)

    def _arithmetic(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        nodes = self._nodes(op, plain, pointer, depth, 2)
        for place, node in enumerate(nodes):
            self._require(node, f"{pointer}/{place}", Kind.NUMBER)
        power = nodes[1]
        if op == "^" and not (isinstance(power, Value) and power.value in range(MOST_POWER + 1)):
            raise self.bad("filter.value", f"{pointer}/1", f"0 … {MOST_POWER}", "^")
        return Done(op, tuple(nodes), Kind.NUMBER)

    def _temporal(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        told = [{"date": one} if isinstance(one, str) else one for one in plain]
        nodes = self._nodes(op, told, pointer, depth, 2)
        for place, node in enumerate(nodes):
            self._require(node, f"{pointer}/{place}", Kind.DAY, Kind.SPAN)
        return Done(op, tuple(nodes))

    def _spatial(self, op: str, plain: Sequence[Any], pointer: str, depth: int) -> Node:
        nodes = self._nodes(op, plain, pointer, depth, 2)
        for place, node in enumerate(nodes):
            self._require(node, f"{pointer}/{place}", Kind.SHAPE)
        if sum(isinstance(node, Named) for node in nodes) != 1:
            raise self.bad("filter.arguments", pointer, "geometry, POLYGON(…)", op)
        return Done(op, tuple(nodes))

    def _shape(self, plain: Mapping[str, Any], pointer: str) -> Shape:
        if "bbox" in plain:
            box = plain["bbox"]
            if not _are_numbers(box) or len(box) != 4 or not _on_earth([box[:2], box[2:]]):
                raise self.bad("filter.geometry", pointer, "BBOX(west, south, east, north)", "bbox")
            if box[0] > box[2] or box[1] > box[3]:
                raise self.bad("filter.geometry", pointer, "BBOX(west, south, east, north)", "bbox")
            return Shape(shapely.box(*box), is_box=True)
        if plain["type"] != COLLECTION:
            return Shape(self._drawn(plain, pointer, MOST_CORNERS), is_box=False)
        members = plain.get("geometries")
        if not isinstance(members, list) or not 0 < len(members) <= MOST_PARTS:
            raise self.bad("filter.geometry", pointer, f"1 … {MOST_PARTS} geometries", COLLECTION)
        drawn: list[Geometry] = []
        left = MOST_CORNERS
        for place, member in enumerate(members):
            drawn.append(self._drawn(member, f"{pointer}/geometries/{place}", left))
            left -= int(shapely.get_num_coordinates(drawn[-1]))
        return Shape(shapely.GeometryCollection(drawn), is_box=False)

    def _drawn(self, plain: Any, pointer: str, most: int) -> Geometry:
        """A geometry that is no collection of others, with at most so many corners."""
        kind = plain.get("type") if isinstance(plain, Mapping) else None
        if kind not in GEOMETRIES:
            raise self.bad("filter.geometry", pointer, ", ".join(GEOMETRIES), kind)
        corners = _corners(plain.get("coordinates"), 0)
        if corners is None or len(corners) > most or not _on_earth(corners):
            raise self.bad("filter.geometry", pointer, f"lon -180 … 180, lat -90 … 90, <= {MOST_CORNERS}", kind)
        try:
            geometry = _drawn(str(kind), plain["coordinates"])
        except (ValueError, TypeError, IndexError, shapely.errors.GEOSException):
            geometry = None
        if geometry is None or shapely.is_empty(geometry) or not shapely.is_valid(geometry):
            raise self.bad("filter.geometry", pointer, "a valid geometry", kind)
        return geometry

    def _day(self, given: Any, pointer: str) -> date:
        """The day of a date or of a moment; a moment stands for its day."""
        try:
            if isinstance(given, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
                return date.fromisoformat(given)
            if isinstance(given, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)?", given):
                return datetime.fromisoformat(given).date()
        except ValueError:
            pass
        raise self.bad("filter.value", pointer, "DATE('2026-01-31')", given)

    def _edge(self, given: Any, pointer: str, depth: int) -> Node | None:
        if given == "..":
            return None
        node = Value(Kind.DAY, self._day(given, pointer)) if isinstance(given, str) else self.node(
            given, pointer, depth + 1)  # fmt: skip
        self._require(node, pointer, Kind.DAY)
        return node

    def _in_order(self, begin: Node | None, end: Node | None, pointer: str) -> None:
        days = [edge.value for edge in (begin, end) if isinstance(edge, Value) and isinstance(edge.value, date)]
        if len(days) == 2 and days[0] > days[1]:
            raise self.bad("filter.value", pointer, "INTERVAL(begin, end)", days[0])

    _READERS: Mapping[str, Callable[["_Reader", str, Sequence[Any], str, int], Node]] = {
        "and": _logic,
        "or": _logic,
        "not": _not,
        **dict.fromkeys(COMPARISONS, _comparison),
        "between": _between,
        "like": _like,
        "in": _in,
        "isnull": _is_null,
        "casei": _folded,
        "accenti": _folded,
        **dict.fromkeys(ARITHMETIC, _arithmetic),
        **dict.fromkeys(TEMPORAL, _temporal),
        **dict.fromkeys(SPATIAL, _spatial),
    }  # fmt: skip


def _are_numbers(given: Any) -> bool:
    return isinstance(given, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in given
    )


def _corners(given: Any, depth: int) -> list[list[float]] | None:
    """All positions of GeoJSON coordinates; None where they are none."""
    if _are_numbers(given) and len(given) == 2:
        return [given]
    if not isinstance(given, list) or not given or depth > 3:
        return None
    found: list[list[float]] = []
    for one in given:
        inner = _corners(one, depth + 1)
        if inner is None:
            return None
        found += inner
    return found


def _on_earth(positions: Sequence[Sequence[float]]) -> bool:
    return all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in positions)


def _drawn(kind: str, coordinates: Any) -> Geometry:
    makers: Mapping[str, Callable[[Any], Geometry]] = {
        "Point": shapely.Point,
        "MultiPoint": shapely.MultiPoint,
        "LineString": shapely.LineString,
        "MultiLineString": shapely.MultiLineString,
        "Polygon": lambda rings: shapely.Polygon(rings[0], rings[1:]),
        "MultiPolygon": lambda parts: shapely.MultiPolygon([(rings[0], rings[1:]) for rings in parts]),
    }
    return makers[kind](coordinates)
