"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    imports,
    institutions,
    inventory,
    people,
    profiles,
    review,
    rubrics,
    sections,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "blueprint",
    "imports",
    "institutions",
    "inventory",
    "people",
    "profiles",
    "review",
    "rubrics",
    "sections",
    "whole_enterprise",
]
