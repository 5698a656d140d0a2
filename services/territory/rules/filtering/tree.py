"""What a filter says once it is checked: properties, values and operations of known kinds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import shapely
from shapely import Geometry

from shared.kernel import Refused


class Kind(Enum):
    """What a part of a filter is."""

    TRUTH = "boolean"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    SPAN = "interval"
    SHAPE = "geometry"


Properties = Mapping[str, Kind]
"""What a filter may name: the properties that its caller reads, and what each of them is."""


class BadFilter(Refused):
    """A filter that cannot be followed; the facts tell where (`position`) and what was `expected` there."""


@dataclass(frozen=True)
class Value:
    """Something that stands in the filter itself."""

    kind: Kind
    value: str | float | bool | date


@dataclass(frozen=True)
class Named:
    """A property of the rows."""

    kind: Kind
    name: str


@dataclass(frozen=True)
class Span:
    """A time from a day to a day, both in it; None is open."""

    begin: "Node | None"
    end: "Node | None"
    kind: Kind = Kind.SPAN


@dataclass(frozen=True)
class Shape:
    """A geometry in degrees, west of and below which its box begins. `is_box`: it is nothing but its box."""

    geometry: Geometry
    is_box: bool
    kind: Kind = Kind.SHAPE

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        west, south, east, north = (float(edge) for edge in shapely.bounds(self.geometry))
        return west, south, east, north


@dataclass(frozen=True)
class Done:
    """An operation on its parts."""

    op: str
    args: tuple["Node", ...]
    kind: Kind = field(default=Kind.TRUTH)


Node = Value | Named | Span | Shape | Done


def parts_in(node: Node) -> int:
    """How many operations, properties and values there are in it."""
    if isinstance(node, Span):
        return 1 + sum(parts_in(edge) for edge in (node.begin, node.end) if edge is not None)
    return 1 + (sum(parts_in(arg) for arg in node.args) if isinstance(node, Done) else 0)


def is_decided(node: Node) -> bool:
    """Whether SQL alone decides it: no geometry in it is more than its box, and nothing is computed, which databases do
    each in its way where numbers become too large.
    """
    if not isinstance(node, Done):
        return True
    if node.op.startswith("s_"):
        return is_exact_as_box(node)
    return node.kind is not Kind.NUMBER and all(map(is_decided, node.args))


def spatial_parts(node: Node) -> Iterator[Done]:
    """The spatial comparisons in a filter."""
    if isinstance(node, Done):
        if node.op.startswith("s_"):
            yield node
        else:
            for arg in node.args:
                yield from spatial_parts(arg)


def is_exact_as_box(node: Done) -> bool:
    """Whether a spatial comparison of a point is decided by comparing its coordinates."""
    return node.op in {"s_intersects", "s_disjoint"} and any(isinstance(arg, Shape) and arg.is_box for arg in node.args)
