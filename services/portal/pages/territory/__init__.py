"""The pages of the territory: maps, value chains, plans, reports, boundaries."""

from services.portal.pages.territory import (
    analyses,
    boundaries,
    chains,
    criteria,
    gaps,
    introductions,
    maps,
    plans,
    reports,
)
from services.portal.pages.territory.area import blueprint

__all__ = [
    "analyses",
    "blueprint",
    "boundaries",
    "chains",
    "criteria",
    "gaps",
    "introductions",
    "maps",
    "plans",
    "reports",
]
