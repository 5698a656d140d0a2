"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    campaigns,
    fairs,
    imports,
    institutions,
    inventory,
    opportunities,
    people,
    sections,
    studies,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "blueprint",
    "campaigns",
    "fairs",
    "imports",
    "institutions",
    "inventory",
    "opportunities",
    "people",
    "sections",
    "studies",
    "whole_enterprise",
]
