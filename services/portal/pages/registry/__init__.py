"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    agenda,
    imports,
    institutions,
    inventory,
    people,
    plans,
    profiles,
    projects,
    review,
    rubrics,
    sections,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "agenda",
    "blueprint",
    "imports",
    "institutions",
    "inventory",
    "people",
    "plans",
    "profiles",
    "projects",
    "review",
    "rubrics",
    "sections",
    "whole_enterprise",
]
