"""The pages of the territory: maps, value chains, analyses, plans, councils, reports, and the data they stand on."""

from services.portal.pages.territory import (
    analyses,
    boundaries,
    chains,
    councils,
    criteria,
    data,
    dialogues,
    explore,
    influence,
    introductions,
    layers,
    map_links,
    maps,
    plans,
    proposals,
    reports,
    tables,
)
from services.portal.pages.territory.area import blueprint

__all__ = [
    "analyses",
    "blueprint",
    "boundaries",
    "chains",
    "councils",
    "criteria",
    "data",
    "dialogues",
    "explore",
    "influence",
    "introductions",
    "layers",
    "map_links",
    "maps",
    "plans",
    "proposals",
    "reports",
    "tables",
]
