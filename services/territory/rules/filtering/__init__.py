"""Filters in CQL2 (OGC 21-065r2): read, checked against what a caller may name, and decided on plain rows."""

from services.territory.rules.filtering.reading import MOST_LETTERS, read_filter
from services.territory.rules.filtering.tree import BadFilter, Kind, Node, Properties

__all__ = ["MOST_LETTERS", "BadFilter", "Kind", "Node", "Properties", "read_filter"]
