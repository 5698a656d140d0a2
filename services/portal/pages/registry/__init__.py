"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    agenda,
    campaigns,
    fairs,
    imports,
    institutions,
    inventory,
    opportunities,
    people,
    plans,
    profiles,
    projects,
    review,
    rubrics,
    sections,
    studies,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "agenda",
    "blueprint",
    "campaigns",
    "fairs",
    "imports",
    "institutions",
    "inventory",
    "opportunities",
    "people",
    "plans",
    "profiles",
    "projects",
    "review",
    "rubrics",
    "sections",
    "studies",
    "whole_enterprise",
]
