"""The words of the choices that a map has."""

from typing import Any

from services.portal.frame import me
from services.portal.pages.registry.codes import TIERS, VALIDATION
from services.portal.pages.registry.place_names import division_choices
from services.portal.pages.territory.area import LIVE, MEASURES, TECHNICAL

MAP_KINDS = {
    "choropleth": "Colours by class",
    "symbols": "Circles by size",
    "categories": "Categories",
    "hexagons": "Hexagons of points",
    "bivariate": "Two figures together",
    "change": "Change between two days",
    "multiples": "Small maps by year",
    "clusters": "Clusters with their cards",
    "flows": "Linkages between places",
}
OF_POINTS = frozenset({"hexagons", "clusters"})
"""Kinds made of points, for who sees some."""
STAGES = {
    "possible": "Possible ones",
    "made": "Introduced",
    "business": "Led to business",
    "declined": "Declined",
}
MAP_MEASURES = MEASURES | {"open_loans": "Loans under way"}
THEMES = {
    "main_chain": "Main value chain",
    "local_moran": "High and low among neighbours",
    "hot_spots": "Hot and cold spots",
}
SCHEMES = {
    "quantile": "As many places in each",
    "equal_interval": "Equal steps",
    "fisher_jenks": "Natural groups (Fisher-Jenks)",
    "standard_deviation": "Distance from the mean",
}
LEVELS = {
    "municipality": "Municipalities",
    "municipality_2024": "Municipalities since 2024 (El Salvador)",
    "department": "Departments",
}
PER = {
    "enterprises": "Per 100 enterprises",
    "women": "Per 1,000 women",
    "women_15_64": "Per 1,000 women of 15 to 64",
    "population": "Per 1,000 inhabitants",
    "economically_active": "Per 1,000 economically active persons",
    "households": "Per 1,000 households",
    "establishments": "Per 100 establishments",
}
FIGURES = {"live": "Of today, for the centre", "published": "Published, to be shown to others"}
WHICH = (
    *("kind", "measure", "second", "per", "theme", "level", "scheme", "number", "breaks", "since", "until", "cell_km"),
    *("item", "stage"),
    *("chain", "link", "need", "validation", "tier", "recorded_from", "recorded_until"),
)
"""The parameters of `GET /map` that say which map, besides the unit."""


def words() -> dict[str, Any]:
    """What the templates of maps are given: only what this reader can choose."""
    live = me().has(*LIVE)
    offered = MAP_KINDS.keys() - (set() if live else OF_POINTS) - (set() if me().has(*TECHNICAL) else {"flows"})
    return {
        "MAP_KINDS": {code: label for code, label in MAP_KINDS.items() if code in offered},
        "MAP_MEASURES": MAP_MEASURES,
        "THEMES": THEMES,
        "SCHEMES": SCHEMES,
        "LEVELS": LEVELS
        if division_choices()
        else {code: label for code, label in LEVELS.items() if code != "municipality_2024"},
        "PER": PER,
        "STAGES": STAGES,
        "FIGURES": FIGURES,
        "VALIDATION": VALIDATION,
        "TIERS": TIERS,
        "sees_live": live,
    }
