"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    exports,
    imports,
    institutions,
    inventory,
    people,
    sections,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "blueprint",
    "exports",
    "imports",
    "institutions",
    "inventory",
    "people",
    "sections",
    "whole_enterprise",
]
