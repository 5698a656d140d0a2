"""The pages of the territory: maps, value chains, plans, proposals, councils, reports, boundaries."""

from services.portal.pages.territory import (
    boundaries,
    chains,
    councils,
    dialogues,
    influence,
    maps,
    plans,
    proposals,
    reports,
)
from services.portal.pages.territory.area import blueprint

__all__ = [
    "blueprint",
    "boundaries",
    "chains",
    "councils",
    "dialogues",
    "influence",
    "maps",
    "plans",
    "proposals",
    "reports",
]
