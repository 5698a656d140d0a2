"""Filters as SQL on both databases: each true of every row that the filter lets pass.

What compares numbers, text and days, or a point with a box, is decided in SQL. Any other geometry is bounded by its box
there, what computes is not bounded at all, and `rules.filtering.deciding` has the last word on the rows that come.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    SQLColumnExpression,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)

from services.territory.rules.filtering.deciding import TEMPORAL, edges, folded, pattern_parts
from services.territory.rules.filtering.tree import Done, Kind, Named, Node, Shape, Value, is_decided, is_exact_as_box

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The columns of what a filter may name; texts are codes in ASCII, which have neither accents nor a locale."""

    named: Mapping[str, ColumnElement[Any]]
    lon: SQLColumnExpression[Any]
    lat: SQLColumnExpression[Any]
    dialect: str


def may_pass(node: Node, columns: Columns) -> ColumnElement[bool]:
    """True of every row that passes, and of some that do not where a geometry is more than its box."""
    return _Translation(columns).truth(node, upper=True)


class _Translation:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def truth(self, node: Node, *, upper: bool) -> ColumnElement[bool]:
        """The part as a condition that holds at least (`upper`), or at most, where the part does."""
        if not isinstance(node, Done):
            bare: ColumnElement[bool] = self._value(node)
            return bare
        if node.op in {"and", "or"}:
            join = and_ if node.op == "and" else or_
            return join(*(self.truth(arg, upper=upper) for arg in node.args))
        if node.op == "not":
            return not_(self.truth(node.args[0], upper=not upper))
        if node.op.startswith("s_"):
            return self._spatial(node, upper=upper)
        if node.op in TEMPORAL:
            return self._temporal(node)
        return self._plain(node) if is_decided(node) else true() if upper else false()

    def _plain(self, node: Done) -> ColumnElement[bool]:
        if node.op == "isnull":
            unknown: ColumnElement[bool] = self._value(node.args[0]).is_(None)
            return unknown
        if node.op == "like":
            return self._like(node)
        parts = [self._value(arg) for arg in node.args]
        if node.op == "between":
            return and_(self._compared(">=", parts[0], parts[1], node), self._compared("<=", parts[0], parts[2], node))
        if node.op == "in":
            return or_(*(parts[0] == one for one in parts[1:]))
        return self._compared(node.op, parts[0], parts[1], node)

    def _compared(self, op: str, left: Any, right: Any, node: Done) -> ColumnElement[bool]:
        if node.args[0].kind is Kind.TEXT and op not in {"=", "<>"} and self._columns.dialect == "postgresql":
            left, right = left.collate("C"), right.collate("C")
        compared: ColumnElement[bool] = _COMPARE[op](left, right)
        return compared

    def _like(self, node: Done) -> ColumnElement[bool]:
        """LIKE that tells small from capital letters on both databases."""
        value, parts = self._value(node.args[0]), pattern_parts(_folded_text(node.args[1]) or "")
        if self._columns.dialect == "sqlite":
            told = {"%": "*", "_": "?"}
            glob = "".join(told.get(part) or (f"[{part[1:]}]" if part[1:] in "*?[" else part[1:]) for part in parts)
            globbed: ColumnElement[bool] = value.op("GLOB", is_comparison=True)(glob)
            return globbed
        like = "".join(part if len(part) == 1 else ("!" if part[1:] in "%_!" else "") + part[1:] for part in parts)
        matched: ColumnElement[bool] = value.like(like, escape="!")
        return matched

    def _value(self, node: Node) -> Any:
        if isinstance(node, Named):
            column = self._columns.named[node.name]
            return cast(column, Float) if node.kind is Kind.NUMBER else column
        if isinstance(node, Value):
            return _literal(node)
        if not isinstance(node, Done):
            raise TypeError(node)
        if node.kind is Kind.TRUTH:
            return self.truth(node, upper=True)
        return self._folded(node)

    def _folded(self, node: Done) -> Any:
        known = _folded_text(node)
        if known is not None:
            return literal(known, String)
        value = self._value(node.args[0])
        return func.lower(value) if node.op == "casei" else value

    def _temporal(self, node: Done) -> ColumnElement[bool]:
        known: dict[str, Any] = {}
        for place, arg in enumerate(node.args, 1):
            begin, end = edges(arg)
            known[f"b{place}"] = literal(date.min, Date) if begin is None else self._value(begin)
            known[f"e{place}"] = literal(date.max, Date) if end is None else self._value(end)
        return or_(
            *(
                and_(*(_COMPARE[op](known[left], known[right]) for left, op, right in alternative))
                for alternative in TEMPORAL[node.op]
            )
        )

    def _spatial(self, node: Done, *, upper: bool) -> ColumnElement[bool]:
        shape = next(arg for arg in node.args if isinstance(arg, Shape))
        west, south, east, north = shape.bounds
        lon, lat = self._columns.lon, self._columns.lat
        in_box = and_(lon >= west, lon <= east, lat >= south, lat <= north)
        if is_exact_as_box(node):
            return in_box if node.op == "s_intersects" else not_(in_box)
        if node.op == "s_disjoint":
            return true() if upper else not_(in_box)
        return in_box if upper else false()


def _folded_text(node: Node) -> str | None:
    """A text that stands in the filter, folded as it says; None for a property."""
    if isinstance(node, Done):
        inner = _folded_text(node.args[0])
        return None if inner is None else folded(inner, node.op)
    return str(node.value) if isinstance(node, Value) else None


def _literal(node: Value) -> Any:
    if node.kind is Kind.TRUTH:
        return true() if node.value else false()
    kinds: Mapping[Kind, Any] = {Kind.TEXT: String, Kind.NUMBER: Float, Kind.DAY: Date}
    return literal(node.value, kinds[node.kind])
