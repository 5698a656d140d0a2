"""Which rows a filter lets pass, decided in memory: three-valued, as SQL decides it."""

import math
import operator
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import shapely

from services.territory.rules.filtering.tree import Done, Named, Node, Shape, Span, Value, spatial_parts

Row = Mapping[str, Any]
GEOMETRY = "geometry"

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SPATIAL: Mapping[str, Callable[..., Any]] = {
    "s_intersects": shapely.intersects, "s_disjoint": shapely.disjoint, "s_within": shapely.within,
    "s_contains": shapely.contains, "s_equals": shapely.equals, "s_touches": shapely.touches,
    "s_crosses": shapely.crosses, "s_overlaps": shapely.overlaps,
}  # fmt: skip
TEMPORAL: Mapping[str, Sequence[Sequence[tuple[str, str, str]]]] = {
    "t_after": [[("b1", ">", "e2")]],
    "t_before": [[("e1", "<", "b2")]],
    "t_contains": [[("b1", "<", "b2"), ("e1", ">", "e2")]],
    "t_disjoint": [[("b1", ">", "e2")], [("e1", "<", "b2")]],
    "t_during": [[("b1", ">", "b2"), ("e1", "<", "e2")]],
    "t_equals": [[("b1", "=", "b2"), ("e1", "=", "e2")]],
    "t_finishedby": [[("b1", "<", "b2"), ("e1", "=", "e2")]],
    "t_finishes": [[("b1", ">", "b2"), ("e1", "=", "e2")]],
    "t_intersects": [[("b1", "<=", "e2"), ("e1", ">=", "b2")]],
    "t_meets": [[("e1", "=", "b2")]],
    "t_metby": [[("b1", "=", "e2")]],
    "t_overlappedby": [[("b1", ">", "b2"), ("b1", "<", "e2"), ("e1", ">", "e2")]],
    "t_overlaps": [[("b1", "<", "b2"), ("e1", ">", "b2"), ("e1", "<", "e2")]],
    "t_startedby": [[("b1", "=", "b2"), ("e1", ">", "e2")]],
    "t_starts": [[("b1", "=", "b2"), ("e1", "<", "e2")]],
}
"""Each relation of two times as alternatives of comparisons between begin and end of the first and of the second
(CQL2, table 10; a day begins and ends with itself, an open end lies before or after all days).
"""


_PLAIN: Mapping[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_DIVIDED: Mapping[str, Callable[[float, float], float]] = {
    "/": operator.truediv,
    "div": lambda first, second: float(math.trunc(first / second)),
    "%": lambda first, second: first - second * math.trunc(first / second),
}


def passing(node: Node, rows: Sequence[Row]) -> list[bool]:
    """For each row, whether the filter is true of it; `geometry` of a row is a shapely geometry."""
    places = [row.get(GEOMETRY) for row in rows]
    spatial = {id(part): _compared_places(part, places) for part in spatial_parts(node)}
    return [_decide(node, row, spatial, number) is True for number, row in enumerate(rows)]


def folded(text: str, op: str) -> str:
    """The text without its case (`casei`) or without its accents (`accenti`)."""
    if op == "casei":
        return text.lower()
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(letter for letter in parts if not unicodedata.combining(letter)))


def pattern_parts(pattern: str) -> list[str]:
    r"""A pattern of LIKE in its parts: "%", "_", or a letter with "=" before it; `\\` takes the next as it is."""
    found, letters = [], iter(pattern)
    for letter in letters:
        if letter == "\\":
            found.append("=" + next(letters, "\\"))
        else:
            found.append(letter if letter in "%_" else "=" + letter)
    return found


def edges(node: Node) -> tuple[Node | None, Node | None]:
    """Begin and end of a time."""
    return (node.begin, node.end) if isinstance(node, Span) else (node, node)


def _compared_places(part: Done, places: Sequence[Any]) -> list[bool]:
    left, right = part.args
    told = _SPATIAL[part.op]
    if isinstance(left, Shape):
        shapely.prepare(left.geometry)
        return [bool(one) for one in told(left.geometry, places)]
    if not isinstance(right, Shape):
        raise TypeError(right)
    return [bool(one) for one in told(places, right.geometry)]


def _decide(node: Node | None, row: Row, spatial: Mapping[int, Sequence[bool]], number: int) -> Any:
    """The value of a part for one row; None is unknown."""
    if isinstance(node, Done):
        if id(node) in spatial:
            return spatial[id(node)][number]
        return _done(node, lambda arg: _decide(arg, row, spatial, number))
    return row[node.name] if isinstance(node, Named) else node.value if isinstance(node, Value) else None


def _done(node: Done, value: Callable[[Node | None], Any]) -> Any:
    if node.op in TEMPORAL:
        return _related(node, value)
    values = [value(arg) for arg in node.args]
    if node.op == "isnull":
        return values[0] is None
    if node.op in {"and", "or"}:
        return _together(node.op, values)
    if node.op == "in":
        return _together("or", [None if None in {values[0], one} else values[0] == one for one in values[1:]])
    if None in values:
        return None
    return _known(node, values)


def _together(op: str, values: Sequence[bool | None]) -> bool | None:
    settles = op == "or"
    if settles in values:
        return settles
    return None if None in values else not settles


def _known(node: Done, values: Sequence[Any]) -> Any:
    op, first = node.op, values[0]
    if op == "not":
        return not first
    if op in _COMPARE:
        return _COMPARE[op](first, values[1])
    if op == "between":
        return values[1] <= first <= values[2]
    if op == "like":
        return _matches(first, values[1])
    if op in {"casei", "accenti"}:
        return folded(first, op)
    return _computed(op, float(first), float(values[1]))


def _matches(text: str, pattern: str) -> bool:
    """Whether all of the text fits the pattern. Only the last `%` passed is ever stretched: what stands before it fits
    already, and no other way of fitting it would help what stands behind.
    """
    parts, at, part, behind, stretched = pattern_parts(pattern), 0, 0, -1, 0
    while at < len(text):
        if part < len(parts) and parts[part] == "%":
            part += 1
            behind, stretched = part, at
        elif part < len(parts) and parts[part] in {"_", "=" + text[at]}:
            at, part = at + 1, part + 1
        elif behind >= 0:
            stretched += 1
            at, part = stretched, behind
        else:
            return False
    return all(left == "%" for left in parts[part:])


def _computed(op: str, first: float, second: float) -> float | None:
    """Arithmetic in doubles; what is divided by zero, or becomes too large for them, is unknown."""
    if op in _DIVIDED:
        if second == 0 or not math.isfinite(first / second):
            return None
        value = _DIVIDED[op](first, second)
    else:
        value = math.prod([first] * int(second)) if op == "^" else _PLAIN[op](first, second)
    return value if math.isfinite(value) else None


def _related(node: Done, value: Callable[[Node | None], Any]) -> bool | None:
    known: dict[str, date | None] = {}
    for place, arg in enumerate(node.args, 1):
        begin, end = edges(arg)
        known[f"b{place}"] = date.min if begin is None else value(begin)
        known[f"e{place}"] = date.max if end is None else value(end)
    alternatives = [
        _together("and", [
            None if known[left] is None or known[right] is None else _COMPARE[op](known[left], known[right])
            for left, op, right in alternative
        ])
        for alternative in TEMPORAL[node.op]
    ]  # fmt: skip
    return _together("or", alternatives)
