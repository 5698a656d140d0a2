"""The kinds of map: each made in a module of its own, and entered here."""

from collections.abc import Callable, Mapping

from services.territory.queries.map_kinds.categories import by_category
from services.territory.queries.map_kinds.change import change, multiples
from services.territory.queries.map_kinds.clusters import by_cluster
from services.territory.queries.map_kinds.flows import by_flow
from services.territory.queries.map_kinds.hexagons import by_hexagon
from services.territory.queries.map_kinds.making import PER, THEMES, Made, Making, Wanted
from services.territory.queries.map_kinds.single import bivariate, choropleth, symbols

__all__ = ["KINDS", "PER", "THEMES", "Made", "Making", "Wanted", "made"]

_MAKERS: Mapping[str, Callable[[Making], Made]] = {
    "choropleth": choropleth,
    "symbols": symbols,
    "categories": by_category,
    "hexagons": by_hexagon,
    "bivariate": bivariate,
    "change": change,
    "multiples": multiples,
    "clusters": by_cluster,
    "flows": by_flow,
}
KINDS = tuple(_MAKERS)


def made(making: Making) -> Made:
    """The kind that is wanted."""
    return _MAKERS[making.wanted.kind](making)
